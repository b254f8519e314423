import { examineKey, type KeyObject, type KeyType } from "../../crypto/index.js";

/** A JWS algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864 section 2.2) and the keys that go with it. */
interface JwsAlgorithm {
  readonly keyType: KeyType;
  /** The size of the one curve that goes with it, in bits: RFC 7518 section 3.4 ties ES256 to P-256 and so on. */
  readonly curveBits?: number;
  /** The least size of a shared secret, in bits: that of the digest (RFC 7518 section 3.2). */
  readonly secretBits?: number;
}

const algorithms: ReadonlyMap<string, JwsAlgorithm> = new Map<string, JwsAlgorithm>([
  ["RS256", { keyType: "rsa" }],
  ["RS384", { keyType: "rsa" }],
  ["RS512", { keyType: "rsa" }],
  ["PS256", { keyType: "rsa" }],
  ["PS384", { keyType: "rsa" }],
  ["PS512", { keyType: "rsa" }],
  ["ES256", { keyType: "ec", curveBits: 256 }],
  ["ES384", { keyType: "ec", curveBits: 384 }],
  ["ES512", { keyType: "ec", curveBits: 521 }],
  ["EdDSA", { keyType: "ed25519" }],
  ["Ed25519", { keyType: "ed25519" }],
  ["HS256", { keyType: "secret", secretBits: 256 }],
  ["HS384", { keyType: "secret", secretBits: 384 }],
  ["HS512", { keyType: "secret", secretBits: 512 }],
]);

/** The names of all algorithms that Countersign knows. `none` is not among them. */
export const jwsAlgorithmNames: readonly string[] = [...algorithms.keys()];

/** The names of the algorithms that a route takes unless it names its own: those with a public key. */
export const defaultJwsAlgorithms: readonly string[] = jwsAlgorithmNames.filter((name) => !isSymmetric(name));

/** Whether Countersign knows an algorithm. */
export function isJwsAlgorithm(name: string): boolean {
  return algorithms.has(name);
}

/** Whether an algorithm takes a shared secret. */
export function isSymmetric(name: string): boolean {
  return algorithms.get(name)?.keyType === "secret";
}

/** Whether a key goes with an algorithm: by its type, its curve, and for a shared secret its length. */
export function fits(name: string, key: KeyObject): boolean {
  const algorithm = algorithms.get(name);
  const facts = examineKey(key);
  // A key bound to RSASSA-PSS has no JWK form, in which keys are imported for verification.
  if (algorithm === undefined || "reason" in facts || facts.pssOnly !== undefined) return false;
  const { keyType, curveBits = facts.bits, secretBits = 0 } = algorithm;
  return facts.type === keyType && facts.bits === curveBits && facts.bits >= secretBits;
}
