import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { refuse } from "../errors/index.js";

/** What one derivation may ask for. P_SHA1 has no end of its own, so that a message could ask for any amount of work. */
export const derivedKeyLimits = Object.freeze({
  /** Octets of a derived key. */
  maxLength: 64,
  /** Octets of the key stream in front of it. */
  maxOffset: 1024,
});

/**
 * P_SHA-1 of RFC 2246 section 5: the octets `offset` to `offset + length` of its stream. SHA-1 is what the standards fix
 * here; HMAC does not rest on its collision resistance.
 * @throws ERR_WSS_INVALID_SECURITY for more than {@link derivedKeyLimits} or what is no whole number
 */
export function pSha1(secret: Uint8Array, seed: Uint8Array, length: number, offset = 0): Buffer {
  const { maxLength, maxOffset } = derivedKeyLimits;
  if (!isWithin(length, 1, maxLength) || !isWithin(offset, 0, maxOffset)) {
    refuse("ERR_WSS_INVALID_SECURITY", `a derived key of ${length} octets behind ${offset} is asked for`, {
      rule: "limits",
      remedy: `Derive at most ${maxLength} octets, at most ${maxOffset} octets into the stream.`,
    });
  }
  const hmac = (...parts: readonly Uint8Array[]) => {
    const computing = createHmac("sha1", secret);
    for (const part of parts) computing.update(part);
    return computing.digest();
  };
  const blocks: Buffer[] = [];
  let link: Uint8Array = seed;
  for (let made = 0; made < offset + length; made += 20) {
    link = hmac(link);
    blocks.push(hmac(link, seed));
  }
  return Buffer.from(Buffer.concat(blocks).subarray(offset, offset + length));
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most;

/** What a key is derived by (WS-SecureConversation 1.4 section 7). */
export interface Derivation {
  /** Label and nonce, one behind the other: where one ends and the other begins makes no difference to the key. */
  readonly seed: Uint8Array;
  /** Octets of the key stream in front of the key. */
  readonly offset: number;
  /** Octets of the key. */
  readonly length: number;
}

/**
 * Derives a key: P_SHA1 over the secret and the seed (WS-SecureConversation 1.4 section 7).
 * @throws as {@link pSha1}
 */
export function deriveKey(secret: Uint8Array, { seed, offset, length }: Derivation): KeyObject {
  return createSecretKey(pSha1(secret, seed, length, offset));
}

/**
 * The key that requestor and issuer make together, `CK/PSHA1` of WS-Trust 1.4 section 9.3: neither alone can choose it.
 * @param octets Its length; at most 64.
 */
export function computedKey(requestorEntropy: Uint8Array, issuerEntropy: Uint8Array, octets: number): Buffer {
  return pSha1(requestorEntropy, issuerEntropy, octets);
}
