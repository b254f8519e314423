import {
  auditError,
  auditText,
  type Clock,
  type CountersignError,
  type Lifetime,
  type RequestSecurityToken,
  refuse,
} from "@countersign/core/sts";
import type { IssuanceEvent } from "./issuance-event.js";
import type { BrokerOptions } from "./options.js";
import type { IssuedTokenType } from "./relying-party.js";

/** What is known of an operation when it ends. */
export interface Outcome {
  readonly id: string;
  /** Monotonic milliseconds at which the request came in. */
  readonly started: number;
  readonly principal: string;
  readonly request?: RequestSecurityToken | undefined;
  readonly issued?:
    | {
        readonly kind: IssuedTokenType;
        readonly id: string;
        readonly digest: string;
        readonly lifetime: Lifetime;
      }
    | undefined;
  readonly error?: CountersignError | undefined;
}

/** Writes the record of an operation; rejects with ERR_UNAVAILABLE where audit is mandatory and the sink fails. */
export function createRecorder(audit: BrokerOptions["audit"], clock: Clock): (outcome: Outcome) => Promise<void> {
  if (audit === undefined) return async () => undefined;
  const { sink, mandatory = false } = typeof audit === "function" ? { sink: audit } : audit;
  return async (outcome) => {
    try {
      await sink(toEvent(outcome, clock));
    } catch (cause) {
      if (mandatory)
        refuse("ERR_UNAVAILABLE", "the audit sink did not take the record", { rule: "audit.mandatory", cause });
    }
  };
}

function toEvent({ id, started, principal, request, issued, error }: Outcome, clock: Clock): IssuanceEvent {
  return {
    time: new Date(clock.now()).toISOString(),
    id,
    operation: "issue",
    outcome: error === undefined ? "issued" : "refused",
    milliseconds: performance.now() - started,
    principal: auditText(principal),
    appliesTo: request?.appliesTo && auditText(request.appliesTo),
    keyType: request?.keyType,
    token: issued && {
      kind: issued.kind,
      id: issued.id,
      digest: issued.digest,
      expires: new Date(issued.lifetime.expires).toISOString(),
    },
    error: error && auditError(error),
  };
}
