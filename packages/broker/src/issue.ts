import { keyDigest, type RequestSecurityToken, refuse, tokenTypes, type UseKey } from "@countersign/core/sts";
import { chooseClaims } from "./claims.js";
import { type AllowedDelegation, allowDelegation, askedDelegation, chainClaims } from "./delegation.js";
import type { DelegationKind } from "./delegation-rule.js";
import type { Identity } from "./identity-provider.js";
import { provenKey, refuseStrayKey } from "./key.js";
import { grantLifetime } from "./lifetime.js";
import type { Asked, BrokerParts, Done } from "./operation.js";
import { requireCurrent } from "./present-identity.js";
import { chooseKeyType, chooseTokenType, type IssuedKeyType, type RegisteredRelyingParty } from "./relying-party.js";

/** The Issue operation (WS-Trust 1.4 section 4): decides on a request and issues the token. */
export async function issue(asked: Asked, parts: BrokerParts): Promise<Done> {
  const { request } = asked;
  if (request.target !== undefined) {
    refuse("ERR_TRUST_INVALID_REQUEST", "Issue has no target", { rule: "WS-Trust 1.4, 4.1" });
  }
  refuseStrayShare(request);
  const party = parts.relyingParties.find(request.appliesTo);
  const delegation = await delegationOf(asked, parts);
  return grant(asked, parts, { party, delegation });
}

/** A share of a key says that one is wanted: to leave it out would change what is asked for. */
function refuseStrayShare({ keyType, entropy, computedKeyAlgorithm }: RequestSecurityToken): void {
  if (keyType === "symmetric-key" || (entropy ?? computedKeyAlgorithm) === undefined) return;
  refuse("ERR_TRUST_BAD_REQUEST", "a share of a symmetric key is sent for a token without one", {
    rule: "WS-Trust 1.4, 9.2",
    remedy: "Leave Entropy and ComputedKeyAlgorithm out.",
  });
}

/** What was decided of a token before it is made. */
export interface Grounds {
  readonly party: RegisteredRelyingParty;
  readonly delegation?: AllowedDelegation | undefined;
  /** The key, where it was proved otherwise than by UseKey. */
  readonly key?: UseKey | undefined;
}

/**
 * Makes a token and remembers it: the part that Issue, Renew and a Validate that asks for a token have in common.
 * @throws the ERR_TRUST_ code that the authenticated requestor is told; ERR_UNAVAILABLE where it cannot be remembered
 */
export async function grant(
  { request, identity: requestor, possession, now }: Asked,
  { providers, tokens }: BrokerParts,
  { party, delegation, key: proven }: Grounds,
): Promise<Done> {
  const { useKey, appliesTo = "" } = request;
  const kind = chooseTokenType(party, request.tokenType);
  const keyType = chooseKeyType(party, request.keyType, useKey !== undefined);
  const key = proven ?? (keyType === "public-key" ? provenKey(useKey, possession) : refuseStrayKey(useKey));
  const granted = grantLifetime(request.lifetime, party, now);
  const { created } = granted;
  const expires = Math.min(granted.expires, delegation?.until ?? Number.POSITIVE_INFINITY);
  if (!(created < expires)) {
    refuse("ERR_TRUST_INVALID_TIME_RANGE", "the token would end before it begins", { rule: "WS-Trust 1.4, 4.4" });
  }
  const lifetime = { created, expires };
  const subject: Identity = delegation?.subject ?? requestor;
  const claims = [...chooseClaims(subject, party, request.claims), ...chainClaims(delegation?.actors ?? [])];
  const audience = party.audience ?? appliesTo;
  const authenticated = delegation === undefined;
  const token = providers[kind].issue({ identity: subject, audience, claims, key, lifetime, authenticated, now });
  // A token for somebody else is asked for again, so that every rule is looked at again.
  const renewing = delegation === undefined && request.renewing?.allow === true ? request.renewing : undefined;
  const window = renewing?.afterExpiry ? party.renewAfterExpirySeconds * 1000 : 0;
  await tokens.remember(token.id, {
    owner: requestor.name,
    subject: subject.name,
    appliesTo,
    kind,
    keyType,
    keyDigest: key && keyDigest(key.publicKey).toString("hex"),
    claims: request.claims,
    expires,
    renewableUntil: renewing && expires + window,
    depth: delegation?.depth ?? 0,
    delegatable: request.delegatable ?? true,
  });
  return {
    response: {
      context: request.context,
      tokenType: request.tokenType ?? tokenTypes[kind],
      keyType,
      appliesTo,
      lifetime,
      requestedSecurityToken: token.xml,
      attachedReference: token.reference,
      unattachedReference: token.reference,
      ...(request.renewing !== undefined && { renewing: { allow: renewing !== undefined } }),
    },
    record: {
      issued: { kind, keyType, id: token.id, digest: token.digest, lifetime },
      delegation: delegation && { kind: delegation.kind, subject: subject.name, actors: chain(requestor, delegation) },
    },
  };
}

/** Who acts, the latest first: in the record also where the token does not say it. */
const chain = ({ name }: Identity, { kind, actors }: AllowedDelegation): readonly string[] =>
  kind === "act-as" ? actors : [name, ...actors];

/** The delegation that a request asks for, where a rule allows it; undefined where it asks for none. */
async function delegationOf(asked: Asked, parts: BrokerParts): Promise<AllowedDelegation | undefined> {
  const wanted = askedDelegation(asked.request);
  return wanted && delegate(asked, parts, wanted);
}

/**
 * Decides on a delegation, with everything that is known of the token presented and of its subject.
 * @throws ERR_TRUST_DELEGATION_DENIED, ERR_TRUST_INVALID_SECURITY_TOKEN, ERR_UNAVAILABLE
 */
export async function delegate(
  { request, identity, now }: Asked,
  { ownTokens, tokens, delegation, find }: BrokerParts,
  { kind, xml }: { readonly kind: DelegationKind; readonly xml: string },
): Promise<AllowedDelegation> {
  const token = ownTokens.verify(xml);
  const known = await tokens.find(token.id);
  const { appliesTo = "" } = request;
  const allowed = allowDelegation(delegation, kind, identity, { token, known }, { appliesTo, now });
  await requireCurrent(find, token);
  return allowed;
}

/** The request that a token is granted by anew: what it was issued for counts, and not what is asked now. */
export function sameAgain(
  request: RequestSecurityToken,
  terms: { readonly appliesTo: string; readonly keyType: IssuedKeyType; readonly tokenType: string },
): RequestSecurityToken {
  const { appliesTo, keyType, tokenType } = terms;
  for (const [name, asked, issued] of [
    ["AppliesTo", request.appliesTo, appliesTo],
    ["KeyType", request.keyType, keyType],
    ["TokenType", request.tokenType, tokenType],
  ] as const) {
    if (asked === undefined || asked === issued) continue;
    refuse("ERR_TRUST_UNABLE_TO_RENEW", `the ${name} is another one than that of the token`, {
      rule: "WS-Trust 1.4, 5",
      remedy: "Leave it out, or ask for a new token.",
    });
  }
  return { ...request, appliesTo, keyType, tokenType, useKey: undefined };
}
