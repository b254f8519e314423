import type { AuditEvent } from "@countersign/core/sts";
import type { IssuedTokenType } from "./relying-party.js";

/** One record for each operation of an authenticated requestor. Text fields are cut and escaped; it never holds a token. */
export interface IssuanceEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Correlation id: the same as on the answer and in the guard's record of the request. */
  readonly id: string;
  readonly operation: "issue";
  readonly outcome: "issued" | "refused";
  /** Milliseconds from request to answer. */
  readonly milliseconds: number;
  /** Subject of the token. */
  readonly principal: string;
  readonly appliesTo?: string | undefined;
  readonly keyType?: string | undefined;
  /** What was issued: its kind, its id, the SHA-256 of its octets, and the end of its life (ISO 8601). */
  readonly token?:
    | { readonly kind: IssuedTokenType; readonly id: string; readonly digest: string; readonly expires: string }
    | undefined;
  /** Why it was refused. */
  readonly error?: AuditEvent["error"];
}

/** Receives the guard's record of each request and the broker's record of each issuance. */
export type BrokerAuditSink = (event: AuditEvent | IssuanceEvent) => void | Promise<void>;
