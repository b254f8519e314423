import { createHash, hash, timingSafeEqual } from "node:crypto";
import type { DigestAlgorithm } from "./algorithms.js";

/** A digest being computed piece by piece. */
export interface Digester {
  update(octets: Uint8Array): unknown;
  /** The value; the digester cannot be used afterwards. */
  digest(): Buffer;
}

/** The digest of `octets` in one call: the fastest way for what lies in one piece. */
export function digest(algorithm: DigestAlgorithm, octets: Uint8Array): Buffer {
  return hash(algorithm.hash, octets, "buffer");
}

/** A digest over octets that arrive in pieces. */
export function createDigest(algorithm: DigestAlgorithm): Digester {
  return createHash(algorithm.hash);
}

/** SHA-256 for fingerprints and keys of caches. Text is hashed as UTF-8. */
export function sha256(octets: Uint8Array | string): Buffer {
  return hash("sha256", octets, "buffer");
}

/** SHA-256 as lower-case hexadecimal text. */
export function sha256Hex(octets: Uint8Array | string): string {
  return hash("sha256", octets, "hex");
}

/**
 * SHA-1, only where a standard fixes it: ThumbprintSHA1 key identifiers (WS-Security 1.1), PasswordDigest (UsernameToken
 * profile) and key identifiers of RFC 5280 section 4.2.1.2. Signatures and Reference digests never come here.
 */
export function sha1(octets: Uint8Array | string): Buffer {
  return hash("sha1", octets, "buffer");
}

/** Whether two values are equal, in a time that depends on their lengths only. For digests, MACs and tickets: their length is public. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether two secrets are equal, in a time that depends on neither content nor length of the expected one. For passwords. Text is compared as UTF-8. */
export function equalSecrets(expected: Uint8Array | string, given: Uint8Array | string): boolean {
  return timingSafeEqual(sha256(expected), sha256(given));
}
