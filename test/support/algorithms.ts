import { constants, createHash, createHmac, type KeyObject, sign, verify } from "node:crypto";

const dsig = "http://www.w3.org/2000/09/xmldsig#";
const more = "http://www.w3.org/2001/04/xmldsig-more#";
const more2007 = "http://www.w3.org/2007/05/xmldsig-more#";
const more2021 = "http://www.w3.org/2021/04/xmldsig-more#";

/** Signature algorithms by short name: the URI and what node:crypto needs for it. */
export const signatureAlgorithms = {
  "rsa-sha1": { uri: `${dsig}rsa-sha1`, key: "rsa", hash: "sha1" },
  "rsa-sha256": { uri: `${more}rsa-sha256`, key: "rsa", hash: "sha256" },
  "rsa-sha384": { uri: `${more}rsa-sha384`, key: "rsa", hash: "sha384" },
  "rsa-sha512": { uri: `${more}rsa-sha512`, key: "rsa", hash: "sha512" },
  "rsa-pss-sha256": { uri: `${more2007}sha256-rsa-MGF1`, key: "rsa", hash: "sha256", pss: true },
  "ecdsa-sha256": { uri: `${more}ecdsa-sha256`, key: "ec", hash: "sha256" },
  "ecdsa-sha384": { uri: `${more}ecdsa-sha384`, key: "ec", hash: "sha384" },
  ed25519: { uri: `${more2021}eddsa-ed25519`, key: "ed25519", hash: undefined },
  "hmac-sha1": { uri: `${dsig}hmac-sha1`, key: "secret", hash: "sha1" },
  "hmac-sha256": { uri: `${more}hmac-sha256`, key: "secret", hash: "sha256" },
} as const satisfies Record<string, AlgorithmFacts>;

/** Digest algorithms by short name: the URI and the hash of node:crypto. */
export const digestAlgorithms = {
  sha1: { uri: `${dsig}sha1`, hash: "sha1" },
  sha256: { uri: "http://www.w3.org/2001/04/xmlenc#sha256", hash: "sha256" },
  sha384: { uri: `${more}sha384`, hash: "sha384" },
  sha512: { uri: "http://www.w3.org/2001/04/xmlenc#sha512", hash: "sha512" },
} as const;

/** URIs of the transforms and canonicalisation methods. */
export const transforms = {
  enveloped: `${dsig}enveloped-signature`,
  exclusive: "http://www.w3.org/2001/10/xml-exc-c14n#",
  inclusive: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
} as const;

/** Short name of a signature algorithm. */
export type SignatureAlgorithmName = keyof typeof signatureAlgorithms;
/** Short name of a digest algorithm. */
export type DigestAlgorithmName = keyof typeof digestAlgorithms;

interface AlgorithmFacts {
  readonly uri: string;
  readonly key: "rsa" | "ec" | "ed25519" | "secret";
  readonly hash: string | undefined;
  readonly pss?: boolean;
}

/** Hashes octets. */
export function hashOf(name: DigestAlgorithmName, octets: Uint8Array): Buffer {
  return createHash(digestAlgorithms[name].hash).update(octets).digest();
}

/** Signs octets as XML Signature wants the value: ECDSA as r and s side by side. */
export function signWith(name: SignatureAlgorithmName, key: KeyObject, octets: Uint8Array): Buffer {
  const facts: AlgorithmFacts = signatureAlgorithms[name];
  if (facts.key === "secret")
    return createHmac(facts.hash ?? "", key)
      .update(octets)
      .digest();
  return sign(facts.hash, octets, input(facts, key));
}

/** The bare public-key operation of a verification, with a held key: what the floor of the benchmark counts. */
export function verifyWith(
  name: SignatureAlgorithmName,
  key: KeyObject,
  octets: Uint8Array,
  value: Uint8Array,
): boolean {
  const facts: AlgorithmFacts = signatureAlgorithms[name];
  if (facts.key === "secret")
    return createHmac(facts.hash ?? "", key)
      .update(octets)
      .digest()
      .equals(value);
  return verify(facts.hash, octets, input(facts, key), value);
}

function input(facts: AlgorithmFacts, key: KeyObject) {
  if (facts.key === "ec") return { key, dsaEncoding: "ieee-p1363" as const };
  if (facts.pss) return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return { key };
}
