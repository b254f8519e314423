import {
  auditError,
  auditText,
  type Clock,
  type CountersignError,
  type Lifetime,
  type RequestSecurityToken,
  refuse,
  type TokenStatus,
  type TrustOperation,
} from "@countersign/core/sts";
import type { IssuanceEvent } from "./issuance-event.js";
import type { BrokerOptions } from "./options.js";
import type { IssuedKeyType, IssuedTokenType } from "./relying-party.js";

/** What is known of an operation when it ends. */
export interface Outcome {
  readonly id: string;
  /** Monotonic milliseconds at which the request came in. */
  readonly started: number;
  readonly operation: TrustOperation;
  readonly principal: string;
  readonly request?: RequestSecurityToken | undefined;
  readonly issued?:
    | {
        readonly kind: IssuedTokenType;
        readonly keyType: IssuedKeyType;
        readonly id: string;
        readonly digest: string;
        readonly lifetime: Lifetime;
      }
    | undefined;
  readonly status?: TokenStatus | undefined;
  readonly delegation?: IssuanceEvent["delegation"];
  /** Id of the token that is meant. */
  readonly target?: string | undefined;
  readonly error?: CountersignError | undefined;
}

const outcomes = { issue: "issued", renew: "renewed", validate: "validated", cancel: "cancelled" } as const;

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

function toEvent(outcome: Outcome, clock: Clock): IssuanceEvent {
  const { id, started, operation, principal, request, issued, status, delegation, target, error } = outcome;
  return {
    time: new Date(clock.now()).toISOString(),
    id,
    operation,
    outcome: error === undefined ? outcomes[operation] : "refused",
    milliseconds: performance.now() - started,
    principal: auditText(principal),
    delegation: delegation && {
      kind: delegation.kind,
      subject: auditText(delegation.subject),
      actors: delegation.actors.map(auditText),
    },
    appliesTo: request?.appliesTo && auditText(request.appliesTo),
    keyType: issued?.keyType ?? request?.keyType,
    target: target && auditText(target),
    status: status && (status.valid ? "valid" : "invalid"),
    token: issued && {
      kind: issued.kind,
      id: issued.id,
      digest: issued.digest,
      expires: new Date(issued.lifetime.expires).toISOString(),
    },
    error: error && auditError(error),
  };
}
