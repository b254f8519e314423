import { type PossessionProof, refuse, type UseKey } from "@countersign/core/sts";

/**
 * The key that a token is tied to: the one that the request names, and only where a signature of the same message, over
 * Body and Timestamp, was made with it. Otherwise a requestor could have a token tied to somebody else's key.
 * @throws ERR_TRUST_INVALID_REQUEST where none is named, ERR_TRUST_FAILED_AUTHENTICATION where it is not proved
 */
export function provenKey(useKey: UseKey | undefined, possession: readonly PossessionProof[]): UseKey {
  if (useKey === undefined) {
    refuse("ERR_TRUST_INVALID_REQUEST", "a token with a public key is asked for, and no key is named", {
      rule: "WS-Trust 1.4, 9.2",
      remedy: "Name the key in UseKey.",
    });
  }
  if (possession.some((proof) => proof.publicKey.equals(useKey.publicKey) && isWhole(proof))) return useKey;
  refuse("ERR_TRUST_FAILED_AUTHENTICATION", "the requestor did not prove to hold the key in UseKey", {
    rule: "WS-Trust 1.4, 9.2",
    remedy: "Sign Body and Timestamp of the request with that key.",
  });
}

/** @throws ERR_TRUST_INVALID_REQUEST where a key is named that the token would not be tied to */
export function refuseStrayKey(useKey: UseKey | undefined): undefined {
  if (useKey === undefined) return undefined;
  refuse("ERR_TRUST_INVALID_REQUEST", "a bearer token is asked for, and a key is named", {
    rule: "WS-Trust 1.4, 9.2",
    remedy: "Ask for the key type PublicKey, or leave UseKey out.",
  });
}

/** Whether a signature covers what makes it a proof for this very request: Body and Timestamp. */
export const isWhole = ({ parts }: PossessionProof): boolean => parts.has("body") && parts.has("timestamp");
