import { type AlgorithmIdentifier, RSASSAPSSParams } from "pkijs";

/** RFC 4055, RFC 5758, RFC 8410: SHA-256, SHA-384 and SHA-512 with RSA and ECDSA, and Ed25519. */
const strongSignatures: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.10045.4.3.4",
  "1.3.101.112",
]);

const strongDigests: ReadonlySet<string> = new Set([
  "2.16.840.1.101.3.4.2.1",
  "2.16.840.1.101.3.4.2.2",
  "2.16.840.1.101.3.4.2.3",
]);

const rsaPss = "1.2.840.113549.1.1.10";

/** Whether a certificate's signature algorithm proves anything: a digest of SHA-256 or better, RSASSA-PSS included. */
export function isStrongSignature({ algorithmId, algorithmParams }: AlgorithmIdentifier): boolean {
  if (algorithmId !== rsaPss) return strongSignatures.has(algorithmId);
  try {
    const { hashAlgorithm, maskGenAlgorithm } = new RSASSAPSSParams({ schema: algorithmParams });
    // The digest of MGF1 is no matter of strength, but nobody mixes them honestly.
    const maskDigest: unknown = maskGenAlgorithm.algorithmParams?.valueBlock?.value?.[0]?.getValue?.();
    return strongDigests.has(hashAlgorithm.algorithmId) && maskDigest === hashAlgorithm.algorithmId;
  } catch {
    return false;
  }
}
