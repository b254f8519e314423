import type { ClaimSet, Principal, SessionInfo } from "../identity/index.js";
import type { SecurityEvidence, VerifiedMessage } from "../wss/index.js";

/** What a handler gets: only what was verified. */
export interface SecurityContext {
  /** The subject: who is asking. */
  readonly principal: Principal;
  /** Who sent the message, where that is not the subject: the attester of a sender-vouches assertion. */
  readonly requestor?: Principal | undefined;
  readonly claims: ClaimSet;
  /** Who vouched for the principal: the configured name of the issuer. */
  readonly issuer: string;
  /** Which token, which proof, and what was protected by whom. */
  readonly evidence: SecurityEvidence;
  /** The verified message; absent on routes whose credential is not in a message (bearer). */
  readonly message?: VerifiedMessage | undefined;
  /** The session at the policy server, where one decided. */
  readonly session?: SessionInfo | undefined;
  /** Correlation id: on the answer as a response header and in every audit record. */
  readonly id: string;
}
