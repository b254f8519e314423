import { derHeader, type SignedStructure, splitSequence } from "../crypto/index.js";
import { unusable } from "./source-error.js";

const bitString = 0x03;

/**
 * Splits what is signed as certificates are: the signed part, its algorithm, the signature, and what may stand behind it.
 * @throws RevocationSourceError for another shape, ERR_WSS_INVALID_TOKEN for what is not DER
 */
export function readSigned(der: Uint8Array): { structure: SignedStructure; behind: readonly Uint8Array[] } {
  const [signed, algorithm, bits, ...behind] = splitSequence(der, 4);
  const header = bits && derHeader(bits, 0, bits.length);
  if (!signed || !algorithm || !bits || header?.tag !== bitString || bits[header.start] !== 0) {
    unusable("the answer is not a signed structure");
  }
  return { structure: { signed, algorithm, signature: bits.subarray(header.start + 1, header.end) }, behind };
}
