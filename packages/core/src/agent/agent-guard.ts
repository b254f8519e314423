import { type AuditEvent, auditError, auditText } from "../audit/index.js";
import { CountersignError, refuse } from "../errors/index.js";
import {
  beginExchange,
  checkAction,
  checkHeaderLines,
  type Guard,
  headerLines,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
  toCountersignError,
  type Verdict,
} from "../guard/index.js";
import type { ProtectedResource, ResourceQuery } from "../identity/index.js";
import { checkMustUnderstand } from "../soap/index.js";
import { authenticateCaller, type Caller } from "./authenticate-caller.js";
import { type AgentExchange, type CompiledAgent, compileAgent } from "./compile.js";
import { Cookies } from "./cookies.js";
import { buildInjection, securityOf, stripper } from "./inject.js";
import type { AgentGuardOptions } from "./options.js";
import { plainPath } from "./plain-path.js";
import { type RequestDocument, readDocument } from "./request-document.js";
import { respond } from "./respond.js";
import { resolveVariables } from "./variables.js";

/** Largest reply that would be protected; agents protect none. */
const noReply = 0;

/**
 * A guard that asks a policy server about every request: is it protected, who is this, may they, and what is added to the
 * request. Nothing that is sent is believed before the policy server has said so.
 */
export class AgentGuard implements Guard {
  readonly securesReplies = false;
  readonly maxReply = noReply;
  readonly #agent: CompiledAgent;

  /** @param options Of a checked shape. */
  constructor(options: AgentGuardOptions) {
    this.#agent = compileAgent(options);
  }

  async admit(request: ServerRequest): Promise<Verdict> {
    const begun = beginExchange(this.#agent.base.limits.deadlineMilliseconds);
    const exchange: AgentExchange = { ...begun, basic: false, bearer: false };
    try {
      return await this.#decide(request, exchange);
    } catch (error) {
      return this.#refusal(request, exchange, toCountersignError(error));
    }
  }

  async #decide(request: ServerRequest, exchange: AgentExchange): Promise<Verdict> {
    const { base, decisions, name } = this.#agent;
    checkHeaderLines(request.headers);
    const resource: ResourceQuery = { agent: name, path: plainPath(request.target), method: request.method };
    const protection = await decisions.isProtected(resource, exchange.until);
    const cookies = new Cookies(request.headers);
    if (protection.kind === "unknown") {
      refuse("ERR_POLICY_DENIED", "no realm of the policy server has this resource", {
        rule: "realms[].resources",
        remedy: "Put it into a realm, or into `open`.",
      });
    }
    if (protection.kind === "open") {
      await base.recorder.record(request, exchange, { outcome: "anonymous" });
      const { headers, cookie } = buildInjection(this.#agent, cookies, protection.reserved);
      const strips = stripper(this.#agent, protection.reserved, cookie);
      return { kind: "anonymous", id: exchange.id, inject: { strips, headers } };
    }
    decisions.requireUp();
    exchange.basic = protection.schemes.some(({ kind }) => kind === "basic");
    exchange.bearer = protection.schemes.some(({ kind }) => kind === "bearer");
    return this.#decideProtected(request, exchange, resource, protection, cookies);
  }

  async #decideProtected(
    request: ServerRequest,
    exchange: AgentExchange,
    resource: ResourceQuery,
    protection: ProtectedResource,
    cookies: Cookies,
  ): Promise<Verdict> {
    const agent = this.#agent;
    const { decisions } = agent;
    const read = await this.#readDocument(request, exchange, protection);
    const caller = await authenticateCaller(agent, { request, exchange, resource, protection, cookies, read });
    try {
      return await this.#admitCaller(request, exchange, resource, protection, cookies, caller);
    } catch (error) {
      // A session that began with this request leads nowhere: nobody was given its ticket.
      if (caller.began) decisions.forget(caller.ticket);
      throw error;
    }
  }

  /** The document, where some scheme, variable or response reads one. */
  async #readDocument(
    request: ServerRequest,
    exchange: AgentExchange,
    { schemes, variables, soapOnly }: ProtectedResource,
  ): Promise<RequestDocument | undefined> {
    const { base, xmlTypes } = this.#agent;
    const reads =
      soapOnly ||
      schemes.some(({ kind }) => kind.startsWith("xml-") || kind === "ws-security" || kind === "session-ticket") ||
      variables.some(readsDocument);
    if (!reads) return undefined;
    const read = await readDocument(request, exchange, { limits: base.limits, xmlTypes, soapOnly });
    if (read === undefined && variables.some(readsDocument) && hasBody(request)) {
      refuse("ERR_HTTP_MEDIA_TYPE", "variables are read from the document, and the body is none", {
        rule: "variables",
        remedy: "Post the document with a media type of XML.",
      });
    }
    return read;
  }

  async #admitCaller(
    request: ServerRequest,
    exchange: AgentExchange,
    asked: ResourceQuery,
    protection: ProtectedResource,
    cookies: Cookies,
    caller: Caller,
  ): Promise<Verdict> {
    const agent = this.#agent;
    const { base, decisions, paths, options } = agent;
    const { document } = caller;
    if (document?.envelope !== undefined && caller.collected?.scheme !== "ws-security") {
      checkAction(document.envelope, document.action, base.actions);
      checkMustUnderstand(document.envelope, base.actor, -1, base.understands);
    }
    const resource = { ...asked, operation: operationOf(document) };
    const sources = { headers: request.headers, document, facts: options.facts ?? {}, paths };
    const variables = resolveVariables(protection.variables, sources);
    const authorization = { resource, realm: protection.realm, ticket: caller.ticket, variables };
    const authorized = await decisions.authorize(authorization, exchange.until);
    if (authorized.outcome !== "permitted") {
      refuse("ERR_POLICY_DENIED", authorized.reason, {
        rule: "policies",
        remedy: "Add a policy that permits it, or correct the user's attributes.",
      });
    }
    const responses = respond(agent, authorized.responses, protection.reserved, caller, request, base.clock.now());
    const security = securityOf(caller, exchange);
    const injection = buildInjection(agent, cookies, protection.reserved, { caller, responses, security });
    if (caller.replay.length > 0) await base.reservations.reserve(caller.replay, exchange.until - performance.now());
    if (base.recorder.records) {
      const decision = {
        realm: protection.realm,
        scheme: caller.collected?.scheme ?? "session",
        policy: authorized.policy,
        session: caller.session.id,
        responses: responses.notes.map(({ response, detail }) => auditText(`${response} ${detail}`)),
      };
      await base.recorder.record(request, exchange, { ...admitted(security), decision });
    }
    const strips = stripper(agent, protection.reserved, injection.cookie);
    return {
      kind: "admitted",
      id: exchange.id,
      inject: { strips, headers: injection.headers, body: responses.body, setCookies: injection.setCookies },
      security,
    };
  }

  async #refusal(request: ServerRequest, exchange: AgentExchange, error: CountersignError): Promise<Verdict> {
    const { answer, base } = this.#agent;
    let answered = error;
    try {
      if (base.recorder.records) {
        await base.recorder.record(request, exchange, { outcome: "refused", error: auditError(error) });
      }
    } catch (unrecorded) {
      answered = toCountersignError(unrecorded);
    }
    return { kind: "answered", id: exchange.id, reply: answer(answered, exchange), error };
  }

  async secureReply(_security: SecurityContext, reply: ServerReply): Promise<ServerReply> {
    return reply;
  }

  failure(): ServerReply {
    const error = new CountersignError("ERR_INTERNAL", { reason: "a defect" });
    return this.#agent.answer(error, { ...beginExchange(0), basic: false, bearer: false });
  }

  async close(): Promise<void> {
    await this.#agent.base.workers.close();
  }
}

/** Whether a variable is read from the body of a request. */
const readsDocument = ({ of }: ProtectedResource["variables"][number]): boolean => of === "body" || of === "header";

/** Whether a request says that it has a body (RFC 9112 section 6). */
function hasBody({ headers }: ServerRequest): boolean {
  const [length = "0"] = headerLines(headers, "content-length");
  return headerLines(headers, "transfer-encoding").length > 0 || Number(length) !== 0;
}

/** The SOAP operation that a policy may name. */
function operationOf(read: RequestDocument | undefined): string | undefined {
  if (read?.envelope === undefined) return undefined;
  const { document, envelope } = read;
  const first = document.firstChild(envelope.body);
  const second = first === -1 ? -1 : document.nextSibling(first);
  if (second !== -1) {
    refuse("ERR_SOAP_INVALID", "the Body has a second element, which no policy was asked about", {
      place: () => document.place(second),
      rule: "WS-I BP 1.1, R9981",
      remedy: "Send one element in the Body.",
    });
  }
  return first === -1 ? undefined : `{${document.namespace(first)}}${document.localName(first)}`;
}

function admitted({
  principal,
  requestor,
  issuer,
  evidence,
}: SecurityContext): Pick<AuditEvent, "outcome"> & Partial<AuditEvent> {
  const { token, proof, encrypted } = evidence;
  return {
    outcome: "admitted",
    principal: auditText(principal.name),
    requestor: requestor && auditText(requestor.name),
    issuer: auditText(issuer),
    token: { kind: token.kind, digest: token.digest, id: token.id && auditText(token.id) },
    proof,
    encrypted: encrypted?.size ? [...encrypted].map(auditText) : undefined,
  };
}
