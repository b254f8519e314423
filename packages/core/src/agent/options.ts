import type { KeyRing } from "../crypto/index.js";
import type { GuardOptions, PemOrDer } from "../guard/index.js";
import type { DecisionPoint } from "../identity/index.js";
import type { JwtOptions } from "../policy/index.js";
import type { AffiliateOptions, DirectoryFacts, IdentityHeaderOptions, ResponseKeyOptions } from "../response/index.js";

/** How an agent asks its policy server, and what it does with the answers. */
export interface AgentOptions {
  /** Whom it asks: `policyServer(...)` in this process, or a remote one. It is not closed with the guard. */
  readonly decisionPoint: DecisionPoint;
  /** What the policy server knows this agent by. Default: the origin. */
  readonly name?: string | undefined;
  /** Whether a session cookie authenticates. Default false: it is taken off the request and ignored. */
  readonly acceptSessionCookie?: boolean | undefined;
  /** The session cookie that every authorised request carries when the service sees it. */
  readonly sessionCookie?:
    | {
        /** Default `"SMSESSION"`. */
        readonly name?: string | undefined;
        /** Whether the caller gets it too, by Set-Cookie. Default false. */
        readonly reply?: boolean | undefined;
      }
    | undefined;
  /** Identity headers (`sm_user` and others) for the service. Default: all, with underscores. `false`: none; received ones are stripped all the same. */
  readonly identityHeaders?: false | IdentityHeaderOptions | undefined;
  /** What `sm_authdirnamespace` and the like say. */
  readonly directory?: DirectoryFacts | undefined;
  /** With what it signs the tokens and headers that policies make it add. Default: it cannot. */
  readonly sign?: ResponseKeyOptions | undefined;
  /**
   * Seals the session ticket assertions that policies make it add; services under the same ring and tenant can open them.
   * Default: it makes none. `tenant` is `"countersign"` unless given.
   */
  readonly tickets?: { readonly keys: KeyRing; readonly tenant?: string | undefined } | undefined;
  /** Settings of assertions by affiliate name. */
  readonly affiliates?: Readonly<Record<string, AffiliateOptions>> | undefined;
  /** Lets policies put passwords into forwarded messages in clear text, where the request came over TLS. Default false. */
  readonly forwardPasswords?: boolean | undefined;
  /** Issuers of JWTs, for realms that take bearer tokens. */
  readonly bearer?: readonly JwtOptions[] | undefined;
  /** Certificates that may vouch for subjects of sender-vouches assertions. */
  readonly attesters?: readonly PemOrDer[] | undefined;
  /** Media types of documents that are no SOAP. Default `["text/xml", "application/xml"]`. */
  readonly xmlTypes?: readonly string[] | undefined;
  /** Facts about this server that policies may ask for, such as `ServerProductName`. */
  readonly facts?: Readonly<Record<string, string>> | undefined;
  /**
   * Remembers decisions about sessions: for so long nobody is asked again, and a session that was ended meanwhile still
   * counts here. Default: nothing is remembered.
   */
  readonly cache?:
    | { readonly seconds: number /** Default 10,000. */; readonly entries?: number | undefined }
    | undefined;
  /** For how long a document without Timestamp that was signed (`xmlSignature()`) is accepted only once. Default 3,600. */
  readonly signatureReplaySeconds?: number | undefined;
}

/** Options of a guard that asks a policy server. */
export interface AgentGuardOptions
  extends Omit<GuardOptions, "accept" | "conversation" | "require" | "reply" | "anonymous" | "validation"> {
  /** Asks a policy server about every request. Takes the place of `accept`. */
  readonly agent: AgentOptions;
}
