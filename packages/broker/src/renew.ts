import { keyDigest, refuse, tokenTypes, type UseKey } from "@countersign/core/sts";
import { grant, sameAgain } from "./issue.js";
import type { IssuedTerms, RememberedToken } from "./issued-tokens.js";
import { isWhole } from "./key.js";
import type { Asked, BrokerParts, Done } from "./operation.js";
import { requireTarget } from "./target.js";

/**
 * The Renew operation (WS-Trust 1.4 section 5): a token like the one meant, with a new life, for the requestor that it was
 * issued to. What the requestor and the relying party are today counts, as with Issue. The old token lives on to its end.
 * @throws ERR_TRUST_UNABLE_TO_RENEW for a token of somebody else, one that is not renewable, over for too long, revoked or
 * unknown, and where possession of its key is not proved
 */
export async function renew(asked: Asked, parts: BrokerParts): Promise<Done> {
  const id = parts.ownTokens.idOf(requireTarget(asked.request, "5"));
  const known = requireRenewable(await parts.tokens.find(id), asked);
  const { appliesTo, keyType, kind } = known;
  const key = keyType === "bearer" ? undefined : provenAgain(known, asked);
  const request = sameAgain(asked.request, { appliesTo, keyType, tokenType: tokenTypes[kind] });
  const party = parts.relyingParties.find(appliesTo);
  const claims = request.claims ?? known.claims;
  const renewing = asked.request.renewing ?? { allow: true, afterExpiry: known.renewableUntil !== known.expires };
  const delegatable = known.delegatable && (request.delegatable ?? true);
  const { response, record } = await grant(
    { ...asked, request: { ...request, claims, renewing, delegatable } },
    parts,
    {
      party,
      key,
    },
  );
  return { response, record: { ...record, target: id } };
}

function requireRenewable(known: RememberedToken | undefined, { identity, now }: Asked): RememberedToken {
  if (known === undefined) unable("nothing is known of the token");
  if (known.owner !== identity.name) unable("the token was issued to somebody else");
  if (known.revoked) unable("the token was revoked");
  if (known.renewableUntil === undefined) unable("the token was not issued to be renewed");
  if (!(now < known.renewableUntil)) unable("the time in which the token could be renewed is over");
  return known;
}

/** The key of the token, which must have signed the request to renew it too. */
function provenAgain({ keyDigest: digest }: IssuedTerms, { request, possession }: Asked): UseKey {
  const proof = possession.find((one) => keyDigest(one.publicKey).toString("hex") === digest && isWhole(one));
  if (proof === undefined) unable("the requestor did not prove to hold the token's key");
  const { useKey } = request;
  return useKey?.publicKey.equals(proof.publicKey) ? useKey : { publicKey: proof.publicKey };
}

function unable(reason: string): never {
  refuse("ERR_TRUST_UNABLE_TO_RENEW", reason, {
    rule: "WS-Trust 1.4, 5",
    remedy: "Ask for a new token; ask with Renewing where it shall be renewable.",
  });
}
