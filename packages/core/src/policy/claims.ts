import { isCountersignError, refuse } from "../errors/index.js";
import type { ClaimSet, Principal } from "../identity/index.js";
import { disregard } from "../time/index.js";

/** A rule over the verified claims of a request. */
export interface ClaimRule {
  /** What audit and a proven caller are told when the rule fails, for example `role = clerk`. */
  readonly description: string;
  readonly holds: (claims: ClaimSet, principal: Principal) => boolean;
}

/** Demands a claim, with one of the given values where some are given. */
export const has = (type: string, ...values: readonly string[]): ClaimRule => ({
  description: values.length === 0 ? type : `${type} = ${values.join(" | ")}`,
  holds: (claims) => (values.length === 0 ? claims.has(type) : values.some((value) => claims.has(type, value))),
});

/**
 * Demands that every rule holds. A rule that answers anything but true or false, a promise for example, is a defect: it must
 * not count as true.
 * @throws ERR_POLICY_CLAIM for the first rule that does not hold, ERR_INTERNAL for one that does not answer or throws
 */
export function requireClaims(rules: readonly ClaimRule[], claims: ClaimSet, principal: Principal): void {
  for (const rule of rules) {
    const { description } = rule;
    const answer = answerOf(rule, claims, principal);
    if (answer === true) continue;
    if (answer !== false) {
      disregard(answer);
      refuse("ERR_INTERNAL", `the claim rule ${description} answered ${typeof answer}, not true or false`, {
        rule: "require.claims",
        remedy: "Answer true or false, at once: rules cannot wait.",
      });
    }
    refuse("ERR_POLICY_CLAIM", `The claim ${description} is required.`, {
      rule: "require.claims",
      remedy: "Get a token with this claim from the issuer.",
    });
  }
}

function answerOf({ description, holds }: ClaimRule, claims: ClaimSet, principal: Principal): unknown {
  try {
    return holds(claims, principal);
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", `the claim rule ${description} failed`, { rule: "require.claims", cause });
  }
}
