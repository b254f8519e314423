import { constants, type KeyObject, verify } from "node:crypto";
import { type HashName, hashLength } from "./algorithms.js";
import { DerReader, type DerValue, derTag, objectIdentifier, readWhole, smallInteger } from "./der.js";
import { examineKey, type KeyType } from "./key-facts.js";

/** How a certificate is signed. */
export interface CertificateSignatureAlgorithm {
  readonly keyType: KeyType;
  readonly hash: HashName | undefined;
  /** Whether the padding is RSASSA-PSS. */
  readonly pss: boolean;
}

/** RFC 4055, RFC 5758, RFC 8410. SHA-1 and MD5 are left out: a certificate signed with them proves nothing. */
const algorithms: ReadonlyMap<string, CertificateSignatureAlgorithm> = new Map<string, CertificateSignatureAlgorithm>([
  ["1.2.840.113549.1.1.11", { keyType: "rsa", hash: "sha256", pss: false }],
  ["1.2.840.113549.1.1.12", { keyType: "rsa", hash: "sha384", pss: false }],
  ["1.2.840.113549.1.1.13", { keyType: "rsa", hash: "sha512", pss: false }],
  ["1.2.840.10045.4.3.2", { keyType: "ec", hash: "sha256", pss: false }],
  ["1.2.840.10045.4.3.3", { keyType: "ec", hash: "sha384", pss: false }],
  ["1.2.840.10045.4.3.4", { keyType: "ec", hash: "sha512", pss: false }],
  ["1.3.101.112", { keyType: "ed25519", hash: undefined, pss: false }],
]);

const digests: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

const rsaPss = "1.2.840.113549.1.1.10";
const mgf1 = "1.2.840.113549.1.1.8";

/** The algorithm that an AlgorithmIdentifier names; undefined where it is unknown, or too weak to prove anything. */
export function certificateSignatureAlgorithm(identifier: Buffer): CertificateSignatureAlgorithm | undefined {
  const reader = new DerReader(readWhole(identifier, derTag.sequence).content);
  const name = objectIdentifier(reader.read(derTag.objectIdentifier));
  if (name !== rsaPss) return algorithms.get(name);
  const hash = pssHash(reader.read(derTag.sequence).content);
  return hash && { keyType: "rsa", hash, pss: true };
}

/** The digest of RSASSA-PSS parameters (RFC 4055 section 3.1) that use one digest throughout and a salt of its length. */
function pssHash(parameters: Buffer): HashName | undefined {
  const reader = new DerReader(parameters);
  const hash = digestOf(reader.optional(0xa0)?.content);
  const mask = reader.optional(0xa1)?.content;
  const salt = reader.optional(0xa2)?.content;
  const trailer = reader.optional(0xa3)?.content;
  reader.end();
  // Defaults are SHA-1, so that each of the first three must be there.
  if (hash === undefined || mask === undefined || salt === undefined) return undefined;
  const maskReader = new DerReader(readWhole(mask, derTag.sequence).content);
  if (objectIdentifier(maskReader.read(derTag.objectIdentifier)) !== mgf1) return undefined;
  if (digestOf(maskReader.read(derTag.sequence).encoded) !== hash) return undefined;
  if (smallInteger(readWhole(salt, derTag.integer), 1024) !== hashLength[hash]) return undefined;
  return trailer === undefined || smallInteger(readWhole(trailer, derTag.integer), 255) === 1 ? hash : undefined;
}

function digestOf(identifier: Buffer | undefined): HashName | undefined {
  if (identifier === undefined) return undefined;
  const value: DerValue = readWhole(identifier, derTag.sequence);
  return digests.get(objectIdentifier(new DerReader(value.content).read(derTag.objectIdentifier)));
}

/** Whether `signature` over `signed` is the key's. False for a key that does not fit or is too weak. */
export function verifyCertificateSignature(
  algorithm: CertificateSignatureAlgorithm,
  key: KeyObject,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const facts = examineKey(key);
  if ("reason" in facts || facts.type !== algorithm.keyType) return false;
  if (
    facts.pssOnly !== undefined &&
    (!algorithm.pss || (facts.pssOnly !== "any" && facts.pssOnly !== algorithm.hash))
  ) {
    return false;
  }
  try {
    if (algorithm.hash === undefined || !algorithm.pss) return verify(algorithm.hash, signed, key, signature);
    const saltLength = hashLength[algorithm.hash];
    return verify(algorithm.hash, signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
  } catch {
    return false;
  }
}
