import { createHash, randomBytes } from "node:crypto";

/** The digests of RSAES-OAEP; the names are Node's. */
export type OaepHash = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** What RSAES-OAEP is made with (RFC 8017 section 7.1). */
export interface OaepScheme {
  readonly hash: OaepHash;
  readonly maskHash: OaepHash;
  readonly label: Uint8Array;
}

/**
 * EME-OAEP encoding (RFC 8017 section 7.1.1 step 2) to the length of the modulus. Own code, since node:crypto uses one
 * digest for both purposes.
 */
export function encodeOaep(message: Uint8Array, length: number, { hash, maskHash, label }: OaepScheme): Buffer {
  const labelHash = createHash(hash).update(label).digest();
  const encoded = Buffer.alloc(length);
  const seed = encoded.subarray(1, 1 + labelHash.length);
  const block = encoded.subarray(1 + labelHash.length);
  labelHash.copy(block);
  block[block.length - message.length - 1] = 1;
  block.set(message, block.length - message.length);
  randomBytes(seed.length).copy(seed);
  mask(block, seed, maskHash);
  mask(seed, block, maskHash);
  return encoded;
}

/** The longest message that fits: RFC 8017 section 7.1.1 step 1b. */
export function maxOaepMessage(length: number, hash: OaepHash): number {
  return length - 2 * createHash(hash).digest().length - 2;
}

/**
 * EME-OAEP decoding (RFC 8017 section 7.1.2 step 3) into a key of one of the given lengths. Every octet is looked at and
 * every length is tried, whatever the others said; there is no branch, index or exception that depends on the content. So
 * neither time nor result says which check failed (Manger's attack lives on the first octet), nor that one did: where one
 * did, the key is random, of the first length.
 *
 * @param encoded As long as the modulus, raw from the RSA operation; changed in place.
 * @param lengths Each fits, see {@link maxOaepMessage}.
 * @param refused 0; other than 0 where `encoded` is known to be none, and only the same work is to be done.
 */
export function decodeOaep(
  encoded: Buffer,
  { hash, maskHash, label }: OaepScheme,
  lengths: readonly number[],
  refused: number,
): Buffer {
  const labelHash = createHash(hash).update(label).digest();
  const seed = encoded.subarray(1, 1 + labelHash.length);
  const block = encoded.subarray(1 + labelHash.length);
  mask(seed, block, maskHash);
  mask(block, seed, maskHash);
  let fault = refused | (encoded[0] as number);
  for (let i = 0; i < labelHash.length; i++) fault |= (block[i] as number) ^ (labelHash[i] as number);
  const key = randomBytes(Math.max(...lengths));
  let keyLength = lengths[0] as number;
  for (const length of lengths) {
    const separator = block.length - length - 1;
    let wrong = fault | ((block[separator] as number) ^ 1);
    for (let i = labelHash.length; i < separator; i++) wrong |= block[i] as number;
    // All ones where nothing is wrong, else zero: `wrong` is from 0 to 255.
    const right = (wrong - 1) >> 31;
    keyLength ^= (keyLength ^ length) & right;
    for (let i = 0; i < length; i++) {
      const random = key[i] as number;
      key[i] = random ^ ((random ^ (block[separator + 1 + i] as number)) & right);
    }
  }
  return key.subarray(0, keyLength);
}

/** XORs MGF1 of the seed (RFC 8017 appendix B.2.1) into the target. */
function mask(target: Buffer, seed: Buffer, hash: OaepHash): void {
  const counter = Buffer.alloc(4);
  for (let at = 0, n = 0; at < target.length; n++) {
    counter.writeUInt32BE(n);
    const piece = createHash(hash).update(seed).update(counter).digest();
    const end = Math.min(at + piece.length, target.length);
    for (let i = 0; at < end; at++, i++) target[at] = (target[at] as number) ^ (piece[i] as number);
  }
}
