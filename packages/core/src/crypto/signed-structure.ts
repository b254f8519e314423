import { constants, type KeyObject, verify } from "node:crypto";
import { AlgorithmIdentifier, RSASSAPSSParams } from "pkijs";
import { type HashName, hashLength, type KeyType } from "./algorithms.js";
import { readDer } from "./der.js";
import { examineKey } from "./key-facts.js";
import { isStrongSignature } from "./signature-strength.js";

/** Something signed as certificates are: a revocation list (RFC 5280 section 5.1), an answer about revocation (RFC 6960). */
export interface SignedStructure {
  /** What is signed, in DER. */
  readonly signed: Uint8Array;
  /** The AlgorithmIdentifier, in DER. */
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

interface SignatureMethod {
  readonly type: KeyType;
  readonly hash: HashName | undefined;
  /** Length of the salt, for RSASSA-PSS. */
  readonly salt?: number;
}

const methods: Readonly<Record<string, SignatureMethod>> = Object.freeze({
  "1.2.840.113549.1.1.11": { type: "rsa", hash: "sha256" },
  "1.2.840.113549.1.1.12": { type: "rsa", hash: "sha384" },
  "1.2.840.113549.1.1.13": { type: "rsa", hash: "sha512" },
  "1.2.840.10045.4.3.2": { type: "ec", hash: "sha256" },
  "1.2.840.10045.4.3.3": { type: "ec", hash: "sha384" },
  "1.2.840.10045.4.3.4": { type: "ec", hash: "sha512" },
  "1.3.101.112": { type: "ed25519", hash: undefined },
});

const pssHashes: Readonly<Record<string, HashName>> = Object.freeze({
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
});

/**
 * Whether the key, which must be fit for use and of the kind that the algorithm wants, made the signature, with SHA-256 or
 * better. Never throws: what cannot be read is not signed.
 */
export function isStructureSignedBy({ signed, algorithm, signature }: SignedStructure, key: KeyObject): boolean {
  try {
    const method = methodOf(new AlgorithmIdentifier({ schema: readDer(algorithm) }));
    const facts = examineKey(key);
    if (method === undefined || "reason" in facts || facts.type !== method.type) return false;
    const { hash, salt } = method;
    if (facts.pssOnly !== undefined && (salt === undefined || (facts.pssOnly !== "any" && facts.pssOnly !== hash))) {
      return false;
    }
    const padding = salt === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt };
    return verify(hash, signed, { key, ...padding }, signature);
  } catch {
    return false;
  }
}

function methodOf(identifier: AlgorithmIdentifier): SignatureMethod | undefined {
  if (!isStrongSignature(identifier)) return undefined;
  const method = methods[identifier.algorithmId];
  if (method !== undefined) return method;
  // What is strong and not in the table is RSASSA-PSS, with one digest throughout.
  const { hashAlgorithm, saltLength } = new RSASSAPSSParams({ schema: identifier.algorithmParams });
  const hash = pssHashes[hashAlgorithm.algorithmId];
  return hash && saltLength === hashLength[hash] ? { type: "rsa", hash, salt: saltLength } : undefined;
}
