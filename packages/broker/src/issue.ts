import {
  type Lifetime,
  type PossessionProof,
  type RequestSecurityToken,
  type RequestSecurityTokenResponse,
  refuse,
  tokenTypes,
  type UseKey,
} from "@countersign/core/sts";
import { chooseClaims } from "./claims.js";
import type { Identity } from "./identity-provider.js";
import { grantLifetime } from "./lifetime.js";
import { chooseKeyType, chooseTokenType, type IssuedTokenType, type RelyingParties } from "./relying-party.js";
import type { IssuedToken, TokenProviders } from "./token-provider.js";

/** What an Issue request is decided on. Everything here was verified, but for what `request` asks. */
export interface IssueContext {
  readonly request: RequestSecurityToken;
  /** The authenticated requestor. */
  readonly identity: Identity;
  /** Keys that the requestor proved to hold in this message. */
  readonly possession: readonly PossessionProof[];
  readonly relyingParties: RelyingParties;
  readonly providers: TokenProviders;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An issued token with the response that carries it. */
export interface Issued {
  readonly response: RequestSecurityTokenResponse;
  readonly kind: IssuedTokenType;
  readonly token: IssuedToken;
  readonly lifetime: Lifetime;
}

/**
 * The Issue operation (WS-Trust 1.4 section 4): decides on a request and issues the token.
 * @throws the ERR_TRUST_ code that the authenticated requestor is told
 */
export function issue({ request, identity, possession, relyingParties, providers, now }: IssueContext): Issued {
  const party = relyingParties.find(request.appliesTo);
  const kind = chooseTokenType(party, request.tokenType);
  const keyType = chooseKeyType(party, request.keyType, request.useKey !== undefined);
  const lifetime = grantLifetime(request.lifetime, party, now);
  const claims = chooseClaims(identity, party, request.claims);
  const key = keyType === "public-key" ? provenKey(request.useKey, possession) : refuseStrayKey(request.useKey);
  const appliesTo = request.appliesTo ?? "";
  const token = providers[kind].issue({ identity, audience: party.audience ?? appliesTo, claims, key, lifetime, now });
  const response: RequestSecurityTokenResponse = {
    context: request.context,
    tokenType: request.tokenType ?? tokenTypes[kind],
    keyType,
    appliesTo,
    lifetime,
    requestedSecurityToken: token.xml,
    attachedReference: token.reference,
    unattachedReference: token.reference,
    ...(request.renewing !== undefined && { renewing: { allow: false } }),
  };
  return { response, kind, token, lifetime };
}

/**
 * The key that a token is tied to: the one that the request names, and only where a signature of the same message, over
 * Body and Timestamp, was made with it. Otherwise a requestor could have a token tied to somebody else's key.
 */
function provenKey(useKey: UseKey | undefined, possession: readonly PossessionProof[]): UseKey {
  if (useKey === undefined) {
    refuse("ERR_TRUST_INVALID_REQUEST", "a token with a public key is asked for, and no key is named", {
      rule: "WS-Trust 1.4, 9.2",
      remedy: "Name the key in UseKey.",
    });
  }
  for (const { publicKey, parts } of possession) {
    if (publicKey.equals(useKey.publicKey) && parts.has("body") && parts.has("timestamp")) return useKey;
  }
  refuse("ERR_TRUST_FAILED_AUTHENTICATION", "the requestor did not prove to hold the key in UseKey", {
    rule: "WS-Trust 1.4, 9.2",
    remedy: "Sign Body and Timestamp of the request with that key.",
  });
}

function refuseStrayKey(useKey: UseKey | undefined): undefined {
  if (useKey === undefined) return undefined;
  refuse("ERR_TRUST_INVALID_REQUEST", "a bearer token is asked for, and a key is named", {
    rule: "WS-Trust 1.4, 9.2",
    remedy: "Ask for the key type PublicKey, or leave UseKey out.",
  });
}
