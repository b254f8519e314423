import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { signatureUri } from "./algorithms.js";
import { sha256 } from "./digest.js";
import { examineKey } from "./key-facts.js";

/** A public key as SubjectPublicKeyInfo, DER (RFC 5280 section 4.1.2.7); of a private key its public half. */
export function publicKeyInfo(key: KeyObject): Buffer {
  return (key.type === "private" ? createPublicKey(key) : key).export({ type: "spki", format: "der" });
}

const digests = new WeakMap<KeyObject, Buffer>();

/** What a key is recognised by: SHA-256 of its SubjectPublicKeyInfo, of a secret key SHA-256 of its octets. Computed once per key object. */
export function keyDigest(key: KeyObject): Buffer {
  let digest = digests.get(key);
  if (digest === undefined) {
    digest = sha256(key.type === "secret" ? key.export() : publicKeyInfo(key));
    digests.set(key, digest);
  }
  return digest;
}

/** Whether two keys are halves of one pair, or the same key. */
export function isSameKeyPair(one: KeyObject, other: KeyObject): boolean {
  return keyDigest(one).equals(keyDigest(other));
}

/** The public key of a JSON Web Key's public members; undefined where it is no key that can be used. */
export function publicKeyFromJwk(jwk: {
  readonly kty: string;
  readonly crv?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
}): KeyObject | undefined {
  try {
    const { kty, crv, n, e, x, y } = jwk;
    const key = createPublicKey({ key: { kty, crv, n, e, x, y } as JsonWebKey, format: "jwk" });
    return "reason" in examineKey(key) ? undefined : key;
  } catch {
    return undefined;
  }
}

const byCurve: Readonly<Record<string, string>> = {
  prime256v1: signatureUri.ecdsaSha256,
  secp384r1: signatureUri.ecdsaSha384,
  secp521r1: signatureUri.ecdsaSha512,
};

/** The signature method that a key makes unless another is asked for: RSA-SHA256, ECDSA with the curve's hash, Ed25519, HMAC-SHA256. */
export function signatureUriFor(key: KeyObject): string {
  if (key.type === "secret") return signatureUri.hmacSha256;
  if (key.asymmetricKeyType === "ec")
    return byCurve[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? signatureUri.ecdsaSha256;
  return key.asymmetricKeyType === "ed25519" ? signatureUri.ed25519 : signatureUri.rsaSha256;
}
