import type { Injection, SecurityContext } from "../guard/index.js";
import { headerSpelling } from "../http/index.js";
import { noClaims, type ReservedNames, type ValidatedToken } from "../identity/index.js";
import { identityHeaders, isIdentityHeader, setCookieLine } from "../response/index.js";
import { createVerifiedMessage, type Protection, transportPart, wsse } from "../wss/index.js";
import type { Caller } from "./authenticate-caller.js";
import type { AgentExchange, CompiledAgent } from "./compile.js";
import type { Cookies } from "./cookies.js";
import type { Responses } from "./respond.js";

/** The cookie that carries a session ticket assertion. */
const assertionCookie = "tmsamlsession";

/** An admitted request, as far as injection reads it. */
export interface Admitted {
  readonly caller: Caller;
  readonly responses: Responses;
  readonly security: SecurityContext;
}

/**
 * The headers of a request as its handler sees it, and the cookies of its reply.
 * @param admitted Undefined where nobody authenticated: then only what was received is taken off.
 */
export function buildInjection(
  { base, options, cookieName }: CompiledAgent,
  cookies: Cookies,
  reserved: ReservedNames,
  admitted?: Admitted,
): { readonly headers: Injection["headers"]; readonly setCookies: readonly string[]; readonly cookie: boolean } {
  const names = new Set([cookieName, assertionCookie, ...reserved.cookies]);
  if (admitted === undefined) {
    const replaced = cookies.replaced(names, []);
    const headers: Injection["headers"] = replaced?.value === undefined ? [] : [["cookie", replaced.value]];
    return { headers, setCookies: [], cookie: replaced !== undefined };
  }
  const { caller, responses, security } = admitted;
  const identity =
    options.identityHeaders === false
      ? []
      : identityHeaders(caller.subject, caller.collected?.scheme, options.identityHeaders, options.directory);
  const added = [[cookieName, caller.ticket] as const, ...responses.cookies];
  const replaced = cookies.replaced(new Set([...names, ...responses.cookies.map(([name]) => name)]), added);
  const headers: (readonly [string, string])[] = [
    ...identity,
    ...responses.headers,
    ...base.injector.headersFor(security),
    ["cookie", replaced?.value ?? ""],
  ];
  const reply = options.sessionCookie?.reply === true && caller.began;
  const own = reply ? [setCookieLine([cookieName, caller.ticket], caller.encrypted)] : [];
  return { headers, setCookies: [...own, ...responses.setCookies], cookie: true };
}

/** Which received headers must go: whatever could pass for something that the agent says. */
export function stripper({ base }: CompiledAgent, reserved: ReservedNames, cookie: boolean): Injection["strips"] {
  const names = new Set(reserved.headers.map(headerSpelling));
  return (name) =>
    isIdentityHeader(name) ||
    base.injector.strips(name) ||
    names.has(headerSpelling(name)) ||
    (cookie && name.toLowerCase() === "cookie");
}

/** What the handler is told. */
export function securityOf(caller: Caller, { id }: AgentExchange): SecurityContext {
  const { collected, session, subject, encrypted, document } = caller;
  const message = collected?.message ?? (encrypted ? transportMessage(document) : undefined);
  const token: ValidatedToken = {
    kind: collected?.token.kind ?? "session",
    principal: { name: subject.name, kind: collected?.token.kind ?? "session" },
    claims: collected?.token.claims ?? noClaims,
    issuer: collected?.token.issuer ?? subject.directory,
    id: collected?.token.id ?? session.id,
    expires: collected?.token.expires,
    digest: collected?.token.digest ?? session.id,
    replay: [],
    revocation: collected?.token.revocation,
  };
  return {
    principal: token.principal,
    claims: token.claims,
    issuer: token.issuer,
    evidence: {
      token,
      proof: collected?.proof ?? "session",
      alternative: 0,
      parts: message?.parts ?? new Map(),
      encrypted: collected?.message?.encrypted,
    },
    message: message?.verified,
    session,
    id,
  };
}

/** A SOAP message that TLS alone protects, without Security headers: nobody verified those. */
function transportMessage(read: Caller["document"]) {
  if (read?.envelope === undefined) return undefined;
  const { document, envelope } = read;
  const blocks: number[] = [];
  for (let block = envelope.header === -1 ? -1 : document.firstChild(envelope.header); block !== -1; ) {
    if (document.name(block) !== wsse.Security) blocks.push(block);
    block = document.nextSibling(block);
  }
  const verified = createVerifiedMessage(envelope, transportPart(envelope.body), blocks.map(transportPart));
  const parts = new Map<string, Protection>([["body", { by: "transport" }]]);
  return { verified, parts };
}
