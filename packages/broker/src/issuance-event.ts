import type { AuditEvent, TrustOperation } from "@countersign/core/sts";
import type { DelegationKind } from "./delegation-rule.js";
import type { IssuedTokenType } from "./relying-party.js";

/** One record for each operation of an authenticated requestor. Text fields are cut and escaped; it never holds a token. */
export interface IssuanceEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Correlation id: the same as on the answer and in the guard's record of the request. */
  readonly id: string;
  readonly operation: TrustOperation;
  /** What was done: `validated` says nothing of the verdict, which is `status`. */
  readonly outcome: "issued" | "renewed" | "validated" | "cancelled" | "refused";
  /** Milliseconds from request to answer. */
  readonly milliseconds: number;
  /** Who asked. */
  readonly principal: string;
  /** Where the token is for somebody else: who, and who acts for them, the latest first. Impersonation is recorded too. */
  readonly delegation?:
    | { readonly kind: DelegationKind; readonly subject: string; readonly actors: readonly string[] }
    | undefined;
  readonly appliesTo?: string | undefined;
  readonly keyType?: string | undefined;
  /** Id of the token that was to be renewed, validated or cancelled. */
  readonly target?: string | undefined;
  /** What Validate found. */
  readonly status?: "valid" | "invalid" | undefined;
  /** What was issued: its kind, its id, the SHA-256 of its octets, and the end of its life (ISO 8601). */
  readonly token?:
    | { readonly kind: IssuedTokenType; readonly id: string; readonly digest: string; readonly expires: string }
    | undefined;
  /** Why it was refused. */
  readonly error?: AuditEvent["error"];
}

/** Receives the guard's record of each request and the broker's record of each operation. */
export type BrokerAuditSink = (event: AuditEvent | IssuanceEvent) => void | Promise<void>;
