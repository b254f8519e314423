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
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What was generated, for the audit record: holds no response data, and nothing that opens anything. */
export interface ResponseNote {
  readonly response: "ws-security" | "saml-session-ticket" | "header" | "cookie" | "removed";
  /** Which token, header or cookie; an assertion by its ID, a key by its SHA-256. */
  readonly detail: string;
  /** Set where the response was left out, or the operator should look. */
  readonly warning?: boolean | undefined;
}
