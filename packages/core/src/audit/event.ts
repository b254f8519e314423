import type { ErrorCode, Place, WssVerdict } from "../errors/index.js";
import type { RevocationFinding, TokenKind } from "../identity/index.js";

/**
 * One record per decision. Text that a request determines is cut to 256 characters and unprintable characters are escaped;
 * it never holds a secret.
 */
export interface AuditEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Correlation id: the same as on the answer. */
  readonly id: string;
  readonly outcome: "admitted" | "anonymous" | "refused";
  readonly origin: string;
  readonly remoteAddress?: string | undefined;
  /** Milliseconds from request to verdict. */
  readonly milliseconds: number;
  readonly principal?: string | undefined;
  /** Who sent the message, where that is not the principal. */
  readonly requestor?: string | undefined;
  readonly issuer?: string | undefined;
  readonly token?: { readonly kind: TokenKind; readonly digest: string; readonly id?: string | undefined } | undefined;
  readonly proof?: string | undefined;
  /** What came of asking whether the certificate was revoked; a reason where nobody could tell. */
  readonly revocation?: RevocationFinding | undefined;
  /** Names of the parts that came encrypted; absent where none did. */
  readonly encrypted?: readonly string[] | undefined;
  /** Index of the accepted alternative. */
  readonly alternative?: number | undefined;
  /** What was asked about a security context: SHA-256, hex, of its identifier. */
  readonly conversation?: { readonly operation: string; readonly context: string } | undefined;
  /** What a policy server was asked and decided. */
  readonly decision?:
    | {
        readonly realm: string;
        /** The scheme by which credentials came; `"session"` for a session cookie. */
        readonly scheme?: string | undefined;
        /** The policy that permitted it. */
        readonly policy?: string | undefined;
        /** Id of the session; it opens nothing. */
        readonly session?: string | undefined;
        /** What was added to the request: kinds and names, never values. */
        readonly responses?: readonly string[] | undefined;
      }
    | undefined;
  /** Why it was refused. */
  readonly error?:
    | {
        readonly code: ErrorCode;
        readonly verdict?: WssVerdict | undefined;
        readonly reason: string;
        readonly rule?: string | undefined;
        readonly remedy?: string | undefined;
        readonly place?: Place | undefined;
      }
    | undefined;
}

/** Receives audit records. Where audit is mandatory, a rejected promise or a throw turns the answer into 503. */
export type AuditSink = (event: AuditEvent) => void | Promise<void>;
