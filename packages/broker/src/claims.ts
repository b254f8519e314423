import { type RequestedClaim, refuse } from "@countersign/core/sts";
import type { Identity } from "./identity-provider.js";
import type { RegisteredRelyingParty } from "./relying-party.js";

/**
 * The claim that lists who acts for the subject of a delegated token, the latest first. Only the broker gives it: an identity
 * that has one of this type gets a token without.
 */
export const actorClaim = "http://schemas.xmlsoap.org/ws/2009/09/identity/claims/actor";

/** A claim that goes into a token. */
export interface IssuedClaim {
  readonly type: string;
  readonly values: readonly string[];
}

/**
 * Chooses the claims of a token: of those that the identity has, the ones that the relying party may get, and of these the
 * ones that the request asks for, where it asks for some.
 * @throws ERR_TRUST_REQUEST_FAILED where a claim that is not optional cannot be given. Whether the identity lacks it or the
 * relying party must not see it is not told apart: the requestor need not learn which.
 */
export function chooseClaims(
  identity: Pick<Identity, "claims">,
  party: RegisteredRelyingParty,
  asked: readonly RequestedClaim[] | undefined,
): readonly IssuedClaim[] {
  const available = new Map<string, IssuedClaim>();
  for (const [type, given] of Object.entries(identity.claims ?? {})) {
    const values = [given].flat();
    if (type !== actorClaim && party.claims.has(type) && values.length > 0) available.set(type, { type, values });
  }
  if (asked === undefined || asked.length === 0) return [...available.values()];
  const chosen = new Map<string, IssuedClaim>();
  for (const { type, optional, values } of asked) {
    const claim = available.get(type);
    if (claim !== undefined && (values === undefined || values.some((value) => claim.values.includes(value)))) {
      chosen.set(type, claim);
    } else if (!optional) {
      refuse("ERR_TRUST_REQUEST_FAILED", `the claim ${type} cannot be given`, {
        rule: "relyingParties[].claims",
        remedy: "Ask for it as optional, or list it for the relying party.",
      });
    }
  }
  return [...chosen.values()];
}
