import { createHash } from "node:crypto";
import { digestAlgorithms, verifyWith } from "../support/algorithms.js";
import type { SoapMessage } from "../support/messages.js";

/**
 * What nobody can do without: hashing the exact canonical octets behind every reference, and one public-key operation with a held
 * key per signature. No parsing, no canonicalisation, no decisions.
 */
export function floor(message: SoapMessage): () => void {
  const work = message.signatures.map((signature) => ({
    ...signature,
    key: signature.signer.publicKey,
    hash: digestAlgorithms[signature.digest].hash,
  }));
  return () => {
    for (const { algorithm, key, hash, references, signedInfo, value } of work) {
      for (const { octets } of references) createHash(hash).update(octets).digest();
      if (!verifyWith(algorithm, key, signedInfo, value)) throw new TypeError("the message is not genuine");
    }
  };
}
