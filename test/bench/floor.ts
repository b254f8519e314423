import { constants, createDecipheriv, createHash, createHmac, privateDecrypt } from "node:crypto";
import { digestAlgorithms, verifyWith } from "../support/algorithms.js";
import { derivedKey, type HeldContext } from "../support/conversation.js";
import type { Signer } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";

/** A message, and what stands between it and the keys of its signatures. */
export interface BenchMessage extends SoapMessage {
  /** Cipher text of the Body and of its key. */
  readonly sealed?: { readonly recipient: Signer; readonly key: Uint8Array; readonly content: Uint8Array };
  /** What the key of the signature is derived from. */
  readonly derived?: { readonly context: HeldContext; readonly nonce: Uint8Array };
}

/**
 * What nobody can do without: hashing the exact canonical octets behind every reference, and one public-key operation with a held
 * key per signature; where the message is encrypted, RSA-OAEP and AES-GCM; where its key is derived, P_SHA1 and HMAC. No
 * parsing, no canonicalisation, no decisions.
 */
export function floor({ signatures, sealed, derived }: BenchMessage): () => void {
  const work = signatures.map((signature) => ({
    ...signature,
    key: signature.signer.publicKey,
    hash: digestAlgorithms[signature.digest].hash,
  }));
  return () => {
    if (sealed !== undefined) open(sealed);
    const secret = derived === undefined ? undefined : derivedKey(derived.context, derived.nonce);
    for (const { algorithm, key, hash, references, signedInfo, value } of work) {
      for (const { octets } of references) createHash(hash).update(octets).digest();
      const genuine =
        secret === undefined
          ? verifyWith(algorithm, key, signedInfo, value)
          : createHmac("sha256", secret).update(signedInfo).digest().equals(value);
      if (!genuine) throw new TypeError("the message is not genuine");
    }
  };
}

/** AES-256-GCM under a key that came by RSA-OAEP with SHA-256. */
function open({ recipient, key, content }: NonNullable<BenchMessage["sealed"]>): void {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const secret = privateDecrypt({ key: recipient.privateKey, padding, oaepHash: "sha256" }, key);
  const decipher = createDecipheriv("aes-256-gcm", secret, content.subarray(0, 12));
  decipher.setAuthTag(content.subarray(-16));
  decipher.update(content.subarray(12, -16));
  decipher.final();
}
