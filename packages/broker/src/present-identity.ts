import { CountersignError, isCountersignError, refuse } from "@countersign/core/sts";
import type { IdentityProvider } from "./identity-provider.js";
import type { OwnToken } from "./own-tokens.js";

/**
 * Asks the identity provider whether what a token says of its subject still holds: the account, and every claim.
 * @throws ERR_TRUST_INVALID_SECURITY_TOKEN where it does not, ERR_UNAVAILABLE where the provider cannot say
 */
export async function requireCurrent(find: IdentityProvider["find"], { subject, claims }: OwnToken): Promise<void> {
  if (find === undefined) return;
  const identity = await ask(find, subject);
  if (identity === undefined) refuseStale("the subject's account is gone or disabled");
  for (const [type, values] of claims) {
    const held = [identity.claims?.[type] ?? []].flat();
    if (!values.every((value) => held.includes(value))) refuseStale(`the subject no longer has what ${type} says`);
  }
}

async function ask(find: NonNullable<IdentityProvider["find"]>, subject: string) {
  try {
    return await find(subject);
  } catch (cause) {
    throw new CountersignError("ERR_UNAVAILABLE", {
      reason: "the identity provider does not answer",
      rule: "identityProvider.find",
      cause: isCountersignError(cause) ? cause.cause : cause,
    });
  }
}

function refuseStale(reason: string): never {
  refuse("ERR_TRUST_INVALID_SECURITY_TOKEN", reason, {
    rule: "identityProvider.find",
    remedy: "Have the subject authenticate again.",
  });
}
