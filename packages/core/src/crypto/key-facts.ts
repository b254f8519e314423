import type { KeyObject } from "node:crypto";
import { refuse } from "../errors/index.js";
import { hashLength, type KeyType, keyTypeOf, type SignatureAlgorithm } from "./algorithms.js";

/** What a key is, as far as algorithms care. */
export interface KeyFacts {
  readonly type: KeyType;
  /** Size in bits: modulus, field of the curve, or length of the secret. */
  readonly bits: number;
  /** Length of a signature made with the key, in octets; 0 for secrets, whose length the digest decides. */
  readonly signatureLength: number;
  /** For keys that are bound to RSASSA-PSS with one digest (OID id-RSASSA-PSS): that digest, or "any" for no such bound. */
  readonly pssOnly: string | undefined;
}

/** RSA modulus in bits: shorter ones can be factored, longer ones cost a stranger's message too much of our time. */
export const rsaBits: Readonly<{ minimum: number; maximum: number }> = Object.freeze({ minimum: 2048, maximum: 8192 });

/** The least RSA public exponent; small ones make forgery of sloppily padded signatures easy. */
export const minimumRsaExponent = 65537n;

/** The least length of an HMAC secret in octets. */
export const minimumSecretOctets = 16;

const curves: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

/** Why a key cannot be used at all, and whether that is a matter of strength or of kind. */
export interface KeyFault {
  readonly reason: string;
  readonly weak: boolean;
}

const cache = new WeakMap<KeyObject, KeyFacts | KeyFault>();

/** What the key is, or why it cannot be used with any algorithm. Computed once per key. */
export function examineKey(key: KeyObject): KeyFacts | KeyFault {
  let result = cache.get(key);
  if (result === undefined) {
    result = examine(key);
    cache.set(key, result);
  }
  return result;
}

function examine(key: KeyObject): KeyFacts | KeyFault {
  if (key.type === "secret") {
    const octets = key.symmetricKeySize ?? 0;
    if (octets < minimumSecretOctets)
      return { reason: `the secret has ${octets} octets, fewer than ${minimumSecretOctets}`, weak: true };
    return { type: "secret", bits: octets * 8, signatureLength: 0, pssOnly: undefined };
  }
  const details = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "rsa-pss": {
      const bits = details.modulusLength ?? 0;
      const exponent = details.publicExponent ?? 0n;
      if (bits < rsaBits.minimum || bits > rsaBits.maximum) {
        return {
          reason: `the RSA modulus has ${bits} bits, outside ${rsaBits.minimum} to ${rsaBits.maximum}`,
          weak: true,
        };
      }
      if (exponent < minimumRsaExponent || exponent % 2n === 0n || exponent >= 1n << 64n) {
        return { reason: "the RSA exponent is not an odd number from 65537 to 2^64", weak: true };
      }
      const pssOnly = key.asymmetricKeyType === "rsa" ? undefined : pssDigest(details);
      if (pssOnly === "")
        return { reason: "the key's RSASSA-PSS parameters do not use one digest throughout", weak: false };
      return { type: "rsa", bits, signatureLength: Math.ceil(bits / 8), pssOnly };
    }
    case "ec": {
      const bits = curves[details.namedCurve ?? ""];
      if (bits === undefined)
        return {
          reason: `the curve ${details.namedCurve ?? "without a name"} is not P-256, P-384 or P-521`,
          weak: false,
        };
      return { type: "ec", bits, signatureLength: 2 * Math.ceil(bits / 8), pssOnly: undefined };
    }
    case "ed25519":
      return { type: "ed25519", bits: 256, signatureLength: 64, pssOnly: undefined };
    default:
      return { reason: `${key.asymmetricKeyType ?? "unknown"} keys are not supported`, weak: false };
  }
}

/** "any", the one digest that the key demands, or "" where its parameters fit none of our algorithms. */
function pssDigest(details: { hashAlgorithm?: string; mgf1HashAlgorithm?: string; saltLength?: number }): string {
  const hash = details.hashAlgorithm;
  if (hash === undefined) return "any";
  const length = hash in hashLength ? hashLength[hash as keyof typeof hashLength] : 0;
  return details.mgf1HashAlgorithm === hash && (details.saltLength ?? 0) <= length ? hash : "";
}

/**
 * The facts of a key that may be used with the algorithm.
 * @param minimumRsaBits The suite's own minimum where it is above 2048.
 * @throws ERR_WSS_INVALID_TOKEN for a key that is too weak or too large.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for a key of another type, or a curve we do not take: a public key never serves as
 * an HMAC secret, nor a secret as a public key.
 */
export function requireFittingKey(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  minimumRsaBits: number = rsaBits.minimum,
): KeyFacts {
  const facts = examineKey(key);
  if ("reason" in facts) {
    refuse(facts.weak ? "ERR_WSS_INVALID_TOKEN" : "ERR_WSS_UNSUPPORTED_ALGORITHM", facts.reason, {
      rule: "XML Signature 1.1 section 6.4",
      remedy: "Sign with RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519.",
    });
  }
  const wanted = keyTypeOf[algorithm.family];
  if (facts.type !== wanted || (facts.pssOnly !== undefined && !pssFits(algorithm, facts.pssOnly))) {
    refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `${algorithm.uri} does not go with the signer's ${facts.type} key`, {
      remedy: `Use a signature method for ${facts.type} keys.`,
    });
  }
  if (wanted === "rsa" && facts.bits < minimumRsaBits) {
    refuse("ERR_WSS_INVALID_TOKEN", `the RSA modulus has ${facts.bits} bits, the suite asks for ${minimumRsaBits}`);
  }
  return facts;
}

function pssFits(algorithm: SignatureAlgorithm, digest: string): boolean {
  return algorithm.family === "rsa-pss" && (digest === "any" || digest === algorithm.hash);
}
