/** The digests that a signature or Reference may use; the names are Node's. */
export type HashName = "sha256" | "sha384" | "sha512" | "sha1";

/** The kinds of signature; each takes exactly one type of key. */
export type SignatureFamily = "rsa" | "rsa-pss" | "ecdsa" | "eddsa" | "hmac";

/** The types of key that Countersign signs and verifies with. */
export type KeyType = "rsa" | "ec" | "ed25519" | "secret";

/** A signature algorithm of XML Signature, known by its URI. */
export interface SignatureAlgorithm {
  readonly uri: string;
  readonly family: SignatureFamily;
  /** The digest inside the signature; Ed25519 fixes its own (SHA-512) and has none here. */
  readonly hash: HashName | undefined;
  /** Whether it rests on SHA-1: only a suite whose name says "legacy" holds it. */
  readonly legacy: boolean;
}

/** A digest algorithm of XML Signature, known by its URI. */
export interface DigestAlgorithm {
  readonly uri: string;
  readonly hash: HashName;
  /** Length of the value in octets. */
  readonly length: number;
  /** Whether it is SHA-1: only a suite whose name says "legacy" holds it. */
  readonly legacy: boolean;
}

/** The parameters of `RSAPSSParams` (RFC 9231 section 2.3.9) as read from a message; what is absent takes the default of the RFC. */
export interface RsaPssParameters {
  /** URI of `ds:DigestMethod`; default SHA-256. */
  readonly digest?: string | undefined;
  /** `Algorithm` of `MaskGenerationFunction`; default MGF1. */
  readonly maskFunction?: string | undefined;
  /** URI of `ds:DigestMethod` inside `MaskGenerationFunction`; default SHA-256. */
  readonly maskDigest?: string | undefined;
  /** `SaltLength` in octets; default the length of the digest. */
  readonly saltLength?: number | undefined;
  /** `TrailerField`; default 1, the only value defined. */
  readonly trailerField?: number | undefined;
}

const dsig = "http://www.w3.org/2000/09/xmldsig#";
const more2001 = "http://www.w3.org/2001/04/xmldsig-more#";
const more2007 = "http://www.w3.org/2007/05/xmldsig-more#";
const more2021 = "http://www.w3.org/2021/04/xmldsig-more#";
const xmlenc = "http://www.w3.org/2001/04/xmlenc#";

/** Digest URIs, by the names of the standards (XML Signature 1.1 section 6.2, RFC 9231 section 2.1). */
export const digestUri = Object.freeze({
  sha1: `${dsig}sha1`,
  sha256: `${xmlenc}sha256`,
  sha384: `${more2001}sha384`,
  sha512: `${xmlenc}sha512`,
});

/** Signature URIs, by the names of the standards (XML Signature 1.1 sections 6.3 and 6.4, RFC 9231 sections 2.2 and 2.3). */
export const signatureUri = Object.freeze({
  rsaSha1: `${dsig}rsa-sha1`,
  rsaSha256: `${more2001}rsa-sha256`,
  rsaSha384: `${more2001}rsa-sha384`,
  rsaSha512: `${more2001}rsa-sha512`,
  rsaPss: `${more2007}rsa-pss`,
  rsaPssSha256: `${more2007}sha256-rsa-MGF1`,
  rsaPssSha384: `${more2007}sha384-rsa-MGF1`,
  rsaPssSha512: `${more2007}sha512-rsa-MGF1`,
  ecdsaSha1: `${more2001}ecdsa-sha1`,
  ecdsaSha256: `${more2001}ecdsa-sha256`,
  ecdsaSha384: `${more2001}ecdsa-sha384`,
  ecdsaSha512: `${more2001}ecdsa-sha512`,
  ed25519: `${more2021}eddsa-ed25519`,
  hmacSha1: `${dsig}hmac-sha1`,
  hmacSha256: `${more2001}hmac-sha256`,
  hmacSha384: `${more2001}hmac-sha384`,
  hmacSha512: `${more2001}hmac-sha512`,
});

/** The mask generation function of RSASSA-PSS (RFC 9231 section 2.3.9). */
export const mgf1Uri: string = `${more2007}MGF1`;

/** Length of each digest in octets. */
export const hashLength: Readonly<Record<HashName, number>> = Object.freeze({
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
});

/** The key type that each family takes. */
export const keyTypeOf: Readonly<Record<SignatureFamily, KeyType>> = Object.freeze({
  rsa: "rsa",
  "rsa-pss": "rsa",
  ecdsa: "ec",
  eddsa: "ed25519",
  hmac: "secret",
});

const digests = new Map<string, DigestAlgorithm>(
  (["sha1", "sha256", "sha384", "sha512"] as const).map((hash) => [
    digestUri[hash],
    Object.freeze({ uri: digestUri[hash], hash, length: hashLength[hash], legacy: hash === "sha1" }),
  ]),
);

const signature = (uri: string, family: SignatureFamily, hash: HashName | undefined): SignatureAlgorithm =>
  Object.freeze({ uri, family, hash, legacy: hash === "sha1" });

const signatures = new Map<string, SignatureAlgorithm>(
  [
    signature(signatureUri.rsaSha1, "rsa", "sha1"),
    signature(signatureUri.rsaSha256, "rsa", "sha256"),
    signature(signatureUri.rsaSha384, "rsa", "sha384"),
    signature(signatureUri.rsaSha512, "rsa", "sha512"),
    signature(signatureUri.rsaPssSha256, "rsa-pss", "sha256"),
    signature(signatureUri.rsaPssSha384, "rsa-pss", "sha384"),
    signature(signatureUri.rsaPssSha512, "rsa-pss", "sha512"),
    signature(signatureUri.ecdsaSha1, "ecdsa", "sha1"),
    signature(signatureUri.ecdsaSha256, "ecdsa", "sha256"),
    signature(signatureUri.ecdsaSha384, "ecdsa", "sha384"),
    signature(signatureUri.ecdsaSha512, "ecdsa", "sha512"),
    signature(signatureUri.ed25519, "eddsa", undefined),
    signature(signatureUri.hmacSha1, "hmac", "sha1"),
    signature(signatureUri.hmacSha256, "hmac", "sha256"),
    signature(signatureUri.hmacSha384, "hmac", "sha384"),
    signature(signatureUri.hmacSha512, "hmac", "sha512"),
  ].map((algorithm) => [algorithm.uri, algorithm]),
);

/** RFC 9231 section 2.3.9: one algorithm per digest, all under the generic URI. */
const genericPss = new Map<string, SignatureAlgorithm>(
  (["sha256", "sha384", "sha512"] as const).map((hash) => [
    digestUri[hash],
    signature(signatureUri.rsaPss, "rsa-pss", hash),
  ]),
);

/** The digest algorithm with that URI; undefined where Countersign knows none. */
export function digestAlgorithm(uri: string): DigestAlgorithm | undefined {
  return digests.get(uri);
}

/**
 * The signature algorithm with that URI; undefined where Countersign knows none. Whether a route allows it is the
 * suite's decision.
 *
 * The generic `#rsa-pss` takes its digest from `parameters` (absent ones have the defaults of RFC 9231 section 2.3.9).
 * Only MGF1 with the same digest, a salt as long as the digest and trailer 1 are known: anything else is undefined.
 * Parameters on any other URI are undefined too.
 */
export function signatureAlgorithm(uri: string, parameters?: RsaPssParameters): SignatureAlgorithm | undefined {
  if (uri === signatureUri.rsaPss) return rsaPssAlgorithm(parameters ?? {});
  return parameters === undefined ? signatures.get(uri) : undefined;
}

function rsaPssAlgorithm(parameters: RsaPssParameters): SignatureAlgorithm | undefined {
  const digest = parameters.digest ?? digestUri.sha256;
  const algorithm = genericPss.get(digest);
  if (algorithm?.hash === undefined) return undefined;
  const fits =
    (parameters.maskFunction ?? mgf1Uri) === mgf1Uri &&
    (parameters.maskDigest ?? digestUri.sha256) === digest &&
    (parameters.saltLength ?? hashLength[algorithm.hash]) === hashLength[algorithm.hash] &&
    (parameters.trailerField ?? 1) === 1;
  return fits ? algorithm : undefined;
}
