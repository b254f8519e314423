import type { KeyRing } from "../crypto/index.js";
import type { AuthenticatedSubject, SessionInfo } from "../identity/index.js";
import type { XmlDocument } from "../xml/index.js";
import type { AffiliateOptions, ResponseKeys } from "./keys.js";
import type { PathCache } from "./path-cache.js";

/** What responses are generated from, besides their own data. */
export interface ResponseContext {
  readonly subject: AuthenticatedSubject;
  /** Nothing that is made lives longer. */
  readonly session: SessionInfo;
  /** The message as it is to be forwarded; undefined where the request has none. Header blocks that nobody vouches for are taken out before. */
  readonly document: XmlDocument | undefined;
  /** The actor that the agent consumes headers for; undefined for the ultimate receiver. */
  readonly actor: string | undefined;
  /** Actors for which some policy makes headers: none that came in for them passes. Default: those of the responses alone. */
  readonly reserved?: readonly (string | undefined)[] | undefined;
  /** With what the agent signs. Default: it cannot. */
  readonly keys: ResponseKeys | undefined;
  /** Settings for assertions by the affiliate that a response names. Default: none are known. */
  readonly affiliates?: ReadonlyMap<string, AffiliateOptions> | undefined;
  /** Compiled location paths; one for each agent. */
  readonly paths: PathCache;
  /** Whether the request came over TLS. */
  readonly encrypted: boolean;
  /** Whether passwords may be handed on in clear text: asked for expressly, and TLS (or this process) is between agent and service. */
  readonly passwordsInClear: boolean;
  /** The session's ticket, and under what its assertions are sealed. Default: none are made. */
  readonly ticket?: string | undefined;
  readonly tickets?: TicketSealing | undefined;
  /** Whether the caller showed credentials with this request, and did not come by its session alone. Default false. */
  readonly began?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Under what session ticket assertions are sealed. */
export interface TicketSealing {
  readonly ring: KeyRing;
  /** Also the audience of assertions that name none: every service of the tenant. */
  readonly tenant: string;
}

/** What was generated, for the audit record: holds no response data, and nothing that opens anything. */
export interface ResponseNote {
  readonly response: "ws-security" | "saml-session-ticket" | "header" | "cookie" | "removed";
  /** Which token, header or cookie; an assertion by its ID, a key by its SHA-256. */
  readonly detail: string;
  /** Set where the response was left out, or the operator should look. */
  readonly warning?: boolean | undefined;
}
