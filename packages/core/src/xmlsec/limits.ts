/** Bounds on one ds:Signature, applied while its structure is read and before anything is computed. */
export interface SignatureLimits {
  /** References in one SignedInfo. Default 30. */
  readonly maxReferences: number;
  /** Transforms in one Reference. Default 5. */
  readonly maxTransforms: number;
  /** Prefixes in one PrefixList. Default 100. */
  readonly maxPrefixes: number;
  /** Characters in one PrefixList. Default 4,096. */
  readonly maxPrefixList: number;
  /**
   * Octets that the References of one signature may cover together, as a multiple of the document's length. Default 4:
   * References to nested elements would otherwise multiply the work.
   */
  readonly maxCoverage: number;
}

/** The defaults of {@link SignatureLimits}. */
export const defaultSignatureLimits: SignatureLimits = Object.freeze({
  maxReferences: 30,
  maxTransforms: 5,
  maxPrefixes: 100,
  maxPrefixList: 4096,
  maxCoverage: 4,
});

/** Decoded octets of a SignatureValue: RSA with 8,192 bits. */
export const maxSignatureOctets = 1024;
/** Decoded octets of a DigestValue whose algorithm is not known: SHA-512. */
export const maxDigestOctets = 64;
/** Decoded octets of one X509Certificate in a KeyInfo. */
export const maxCertificateOctets = 16384;
/** Certificates in one KeyInfo. */
export const maxCertificates = 10;
/** Characters of a name in a KeyInfo: KeyName, issuer or subject. */
export const maxNameCharacters = 4096;
