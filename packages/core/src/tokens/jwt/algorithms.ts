/** A JWS algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864 section 2.2) and the key it goes with. */
export interface JwsAlgorithm {
  /** The value of `alg`. */
  readonly name: string;
  /** `kty` of its keys (RFC 7518 section 6.1). */
  readonly keyType: "RSA" | "EC" | "OKP" | "oct";
  /** The one curve that goes with it: RFC 7518 section 3.4 ties ES256 to P-256 and so on. */
  readonly curve?: string;
  /** The least octets of a shared secret: as many as the digest has (RFC 7518 section 3.2). */
  readonly secretOctets?: number;
}

const algorithms: ReadonlyMap<string, JwsAlgorithm> = new Map(
  [
    ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((name) => ({ name, keyType: "RSA" as const })),
    { name: "ES256", keyType: "EC" as const, curve: "P-256" },
    { name: "ES384", keyType: "EC" as const, curve: "P-384" },
    { name: "ES512", keyType: "EC" as const, curve: "P-521" },
    { name: "EdDSA", keyType: "OKP" as const, curve: "Ed25519" },
    { name: "Ed25519", keyType: "OKP" as const, curve: "Ed25519" },
    { name: "HS256", keyType: "oct" as const, secretOctets: 32 },
    { name: "HS384", keyType: "oct" as const, secretOctets: 48 },
    { name: "HS512", keyType: "oct" as const, secretOctets: 64 },
  ].map((algorithm) => [algorithm.name, Object.freeze(algorithm)]),
);

/** The algorithm of that name; undefined where Countersign knows none. `none` is not known. */
export function jwsAlgorithm(name: string): JwsAlgorithm | undefined {
  return algorithms.get(name);
}

/** The names of all algorithms. */
export const jwsAlgorithmNames: readonly string[] = [...algorithms.keys()];

/** The names of the algorithms that a route takes unless it names its own: those with a public key. */
export const defaultJwsAlgorithms: readonly string[] = jwsAlgorithmNames.filter((name) => !isSymmetric(name));

/** Whether an algorithm takes a shared secret. */
export function isSymmetric(name: string): boolean {
  return algorithms.get(name)?.keyType === "oct";
}
