import { refuse } from "../errors/index.js";
import type { ServerRequest } from "../guard/index.js";
import type {
  AuthenticatedSubject,
  ProtectedResource,
  ReplayEntry,
  ResourceQuery,
  SessionInfo,
} from "../identity/index.js";
import { parseEnvelope } from "../soap/index.js";
import { scan } from "../xml/index.js";
import type { Collected } from "./collected.js";
import type { AgentExchange, CompiledAgent } from "./compile.js";
import type { Cookies } from "./cookies.js";
import type { RequestDocument } from "./request-document.js";

/** A caller whom the policy server knows. */
export interface Caller {
  readonly session: SessionInfo;
  readonly ticket: string;
  readonly subject: AuthenticatedSubject;
  /** Whether the session began with this request. */
  readonly began: boolean;
  /** The credentials; undefined for a session cookie. */
  readonly collected: Collected | undefined;
  /** The document to go on with: of a message that was verified only what was. */
  readonly document: RequestDocument | undefined;
  /** What must be reserved before the handler runs. */
  readonly replay: readonly ReplayEntry[];
  /** Whether the connection is TLS, or counts as such. */
  readonly encrypted: boolean;
}

/** A request on its way to a protected resource. */
export interface Approach {
  readonly request: ServerRequest;
  readonly exchange: AgentExchange;
  readonly resource: ResourceQuery;
  readonly protection: ProtectedResource;
  readonly cookies: Cookies;
  readonly read: RequestDocument | undefined;
}

/**
 * Finds out who is calling: by credentials that the request presents, else by the session cookie where that is accepted
 * and came over TLS. Credentials that do not hold are refused; a cookie does not mend them.
 * @throws CountersignError
 */
export async function authenticateCaller(agent: CompiledAgent, approach: Approach): Promise<Caller> {
  const { base, collectors, decisions, cookieName, options } = agent;
  const { request, exchange, resource, protection, cookies, read } = approach;
  const encrypted = request.transport.encrypted || agent.insecureTransport;
  const now = base.clock.now();
  const cookie = cookies.value(cookieName);
  const presented = { request, exchange, document: read, encrypted, now };
  const collected = await collectors.collect(protection.schemes, presented);
  if (collected === undefined) {
    if (cookie === undefined || !options.acceptSessionCookie) refuseNothing(protection);
    return bySession(agent, approach, cookie, encrypted);
  }
  const { scheme, credentials } = collected;
  const ticket = options.acceptSessionCookie ? cookie : undefined;
  const asked = { resource, realm: protection.realm, scheme, credentials, ticket };
  const result = await decisions.authenticate(asked, exchange.until);
  if (result.outcome !== "authenticated") {
    refuse("ERR_WSS_FAILED_AUTHENTICATION", result.reason, {
      rule: `realm ${protection.realm}`,
      remedy: "Show the credentials of a user that the directory knows.",
    });
  }
  const { session, subject } = result;
  return {
    session,
    ticket: result.ticket,
    subject,
    began: true,
    collected,
    document: verifiedDocument(collected, read, base.limits),
    replay: collected.replay,
    encrypted,
  };
}

async function bySession(
  { decisions }: CompiledAgent,
  { exchange, resource, protection, read }: Approach,
  cookie: string,
  encrypted: boolean,
): Promise<Caller> {
  if (!encrypted) {
    refuse("ERR_WSS_INVALID_SECURITY", "the session cookie came over a connection that is not encrypted", {
      rule: "RFC 6265, 8.3",
      remedy: "Use TLS; where a proxy ends it, name that proxy as trusted. Whoever listened holds the session.",
    });
  }
  const result = await decisions.validateSession(cookie, resource, exchange.until);
  if (result.outcome !== "valid") {
    const { why, reason } = result;
    const detail = { rule: "agent.acceptSessionCookie", remedy: "Authenticate again." };
    if (why === "level") {
      const remedy = `Authenticate by a scheme of level ${protection.level} or more.`;
      refuse("ERR_TOKEN_MISSING", reason, { ...detail, remedy });
    }
    refuse(sessionCodes[why] ?? "ERR_SESSION_INVALID", reason, detail);
  }
  const { session, subject, ticket } = result;
  return { session, ticket, subject, began: false, collected: undefined, document: read, replay: [], encrypted };
}

const sessionCodes = {
  invalid: "ERR_SESSION_INVALID",
  expired: "ERR_SESSION_EXPIRED",
  revoked: "ERR_SESSION_REVOKED",
} as const;

/** What a message was not verified for must not decide anything. */
function verifiedDocument(
  { message, scheme }: Collected,
  read: RequestDocument | undefined,
  limits: CompiledAgent["base"]["limits"],
): RequestDocument | undefined {
  if (message === undefined || scheme === "xml-document") return read;
  const document = scan(message.verified.envelope, limits);
  return { document, envelope: parseEnvelope(document), contentType: message.contentType, action: read?.action };
}

function refuseNothing({ schemes, realm }: ProtectedResource): never {
  const words = schemes.map((one) => (one.kind === "ws-security" ? `${one.kind} ${one.token}` : one.kind));
  refuse("ERR_TOKEN_MISSING", "the request presents no credentials that this resource takes", {
    rule: `realm ${realm}`,
    remedy: `Show credentials by ${words.join(", or ")}.`,
  });
}
