import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";
import { refuse } from "../errors/index.js";
import { hashLength, type SignatureAlgorithm } from "./algorithms.js";
import { requireFittingKey } from "./key-facts.js";

/**
 * Whether `signature` is the algorithm's value over `octets` under `key`. A value of the wrong length or shape is false,
 * never an exception (XML Signature 1.1 section 6.4: ECDSA values are r and s side by side, not DER).
 * @param minimumRsaBits The suite's own minimum where it is above 2048.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where the key's type does not fit the algorithm.
 * @throws ERR_WSS_INVALID_TOKEN where the key is too weak or too large.
 */
export function verifySignatureValue(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  octets: Uint8Array,
  signature: Uint8Array,
  minimumRsaBits?: number,
): boolean {
  const facts = requireFittingKey(algorithm, key, minimumRsaBits);
  if (algorithm.family === "hmac") return verifyMac(algorithm, key, octets, signature);
  if (key.type !== "public") {
    refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", "a signature is verified with a public key, and this one is private");
  }
  if (signature.length !== facts.signatureLength) return false;
  try {
    switch (algorithm.family) {
      case "rsa":
        return verify(algorithm.hash, octets, key, signature);
      case "rsa-pss":
        return verify(algorithm.hash, octets, pss(key, algorithm), signature);
      case "ecdsa":
        return (
          bothHalvesSet(signature) && verify(algorithm.hash, octets, { key, dsaEncoding: "ieee-p1363" }, signature)
        );
      case "eddsa":
        return verify(null, octets, key, signature);
    }
  } catch {
    // OpenSSL reports some impossible values by an error instead of "false"; for the sender both are a failed check.
    return false;
  }
}

/**
 * The signature value over `octets`.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where the key's type does not fit the algorithm, or the key is public.
 * @throws ERR_WSS_INVALID_TOKEN where the key is too weak or too large.
 */
export function signOctets(algorithm: SignatureAlgorithm, key: KeyObject, octets: Uint8Array): Buffer {
  requireFittingKey(algorithm, key);
  if (algorithm.family === "hmac")
    return createHmac(algorithm.hash ?? "sha256", key)
      .update(octets)
      .digest();
  if (key.type !== "private")
    refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", "signing needs a private key, and this one is public");
  switch (algorithm.family) {
    case "rsa":
      return sign(algorithm.hash, octets, key);
    case "rsa-pss":
      return sign(algorithm.hash, octets, pss(key, algorithm));
    case "ecdsa":
      return sign(algorithm.hash, octets, { key, dsaEncoding: "ieee-p1363" });
    case "eddsa":
      return sign(null, octets, key);
  }
}

function verifyMac(algorithm: SignatureAlgorithm, key: KeyObject, octets: Uint8Array, value: Uint8Array): boolean {
  const expected = createHmac(algorithm.hash ?? "sha256", key)
    .update(octets)
    .digest();
  // The whole value, never a truncated one (CVE-2009-0217); its length is public.
  return value.length === expected.length && timingSafeEqual(expected, value);
}

function pss(key: KeyObject, algorithm: SignatureAlgorithm) {
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    // Without it Node takes any salt length on verification.
    saltLength: hashLength[algorithm.hash ?? "sha256"],
  };
}

/** r = 0 or s = 0 would verify under any key in a naive implementation (CVE-2022-21449). */
function bothHalvesSet(signature: Uint8Array): boolean {
  const half = signature.length / 2;
  return signature.subarray(0, half).some(isSet) && signature.subarray(half).some(isSet);
}

function isSet(octet: number): boolean {
  return octet !== 0;
}
