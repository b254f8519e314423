import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { BitString, Null } from "asn1js";
import { AlgorithmIdentifier } from "pkijs";
import type { HashName } from "./algorithms.js";
import { Certificate } from "./certificate.js";
import { certificatePem } from "./certificate-pem.js";
import { type CertificateTemplate, fillTemplate } from "./certificate-template.js";
import { examineKey } from "./key-facts.js";

/** The kinds of key pair that {@link generateKeyPair} makes. */
export type KeyPairType = "ec" | "ec-p384" | "ec-p521" | "rsa" | "rsa-4096" | "ed25519";

/** A private key and its public key. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What a certificate is asked for. */
export interface CertificateRequest extends CertificateTemplate {
  /** Default `"ec"`: P-256. */
  readonly keyType?: KeyPairType | undefined;
  /** A key pair to use instead of a new one. */
  readonly keyPair?: KeyPair | undefined;
  /** Digest of the issuer's signature. Default: that of the issuer's key. Trust accepts no SHA-1: it is there to test that. */
  readonly hash?: HashName | undefined;
}

/** A certificate and the private key that belongs to it. */
export interface IssuedCertificate {
  /** PEM text. */
  readonly certificate: string;
  readonly der: Buffer;
  /** PKCS#8 PEM text. */
  readonly privateKey: string;
  readonly keyPair: KeyPair;
}

/** A certificate authority: enough of one for tests, demonstrations and private deployments. Keeps no records. */
export interface CertificateAuthority extends IssuedCertificate {
  /** Issues an end entity's certificate. */
  issue(request: CertificateRequest): IssuedCertificate;
  /** Issues the certificate of an authority below this one. */
  subordinate(request: CertificateRequest): CertificateAuthority;
}

/** A new key pair. RSA takes some tenths of a second, the others a millisecond. */
export function generateKeyPair(type: KeyPairType): KeyPair {
  switch (type) {
    case "ec":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "ec-p384":
      return generateKeyPairSync("ec", { namedCurve: "P-384" });
    case "ec-p521":
      return generateKeyPairSync("ec", { namedCurve: "P-521" });
    case "rsa":
      return generateKeyPairSync("rsa", { modulusLength: 2048 });
    case "rsa-4096":
      return generateKeyPairSync("rsa", { modulusLength: 4096 });
    case "ed25519":
      return generateKeyPairSync("ed25519");
  }
}

/** Makes an authority with a self-signed certificate. */
export function createAuthority(request: CertificateRequest): CertificateAuthority {
  return authorityOf(issueCertificate(asAuthority(request)));
}

/** Makes a certificate that is signed with its own key, for a service or client that is trusted by being listed. */
export function selfSigned(request: CertificateRequest): IssuedCertificate {
  return issueCertificate(request);
}

function authorityOf(own: IssuedCertificate): CertificateAuthority {
  return {
    ...own,
    issue: (request) => issueCertificate(request, own),
    subordinate: (request) => authorityOf(issueCertificate(asAuthority(request), own)),
  };
}

function asAuthority(request: CertificateRequest): CertificateRequest {
  return { keyUsage: ["keyCertSign", "cRLSign"], authority: true, ...request };
}

/** Issues a certificate, by `issuer` or self-signed. */
function issueCertificate(request: CertificateRequest, issuer?: IssuedCertificate): IssuedCertificate {
  const keyPair = request.keyPair ?? generateKeyPair(request.keyType ?? "ec");
  const signer = issuer?.keyPair.privateKey ?? keyPair.privateKey;
  const signature = structureSigner(signer, request.hash);
  const certificate = fillTemplate(request, {
    publicKey: keyPair.publicKey,
    issuer: issuer && Certificate.parse(issuer.der),
    signatureAlgorithm: signature.algorithm,
  });
  const signed = Buffer.from(certificate.encodeTBS().toBER());
  certificate.signatureValue = new BitString({ valueHex: signature.sign(signed) });
  const der = Buffer.from(certificate.toSchema(true).toBER());
  return {
    certificate: certificatePem(der),
    der,
    privateKey: keyPair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    keyPair,
  };
}

/** Signs what is signed as certificates are. */
export interface StructureSigner {
  readonly algorithm: AlgorithmIdentifier;
  sign(octets: Uint8Array): Buffer;
}

/** How a key signs certificates, and what is signed as they are: unless asked otherwise, as strongly as the key itself is. */
export function structureSigner(key: KeyObject, wanted?: HashName): StructureSigner {
  const { hash, algorithm } = signatureOf(key, wanted);
  return { algorithm, sign: (octets) => sign(hash, octets, key) };
}

function signatureOf(
  key: KeyObject,
  wanted: HashName | undefined,
): { hash: HashName | undefined; algorithm: AlgorithmIdentifier } {
  const facts = examineKey(key);
  const bits = "reason" in facts ? 0 : facts.bits;
  if (key.asymmetricKeyType === "ed25519") {
    return { hash: undefined, algorithm: new AlgorithmIdentifier({ algorithmId: "1.3.101.112" }) };
  }
  if (key.asymmetricKeyType === "ec") {
    const hash = wanted ?? (bits > 384 ? "sha512" : bits > 256 ? "sha384" : "sha256");
    return { hash, algorithm: new AlgorithmIdentifier({ algorithmId: ecdsaWith[hash] }) };
  }
  const hash = wanted ?? "sha256";
  return { hash, algorithm: new AlgorithmIdentifier({ algorithmId: rsaWith[hash], algorithmParams: new Null() }) };
}

const ecdsaWith: Readonly<Record<HashName, string>> = {
  sha1: "1.2.840.10045.4.1",
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
  sha512: "1.2.840.10045.4.3.4",
};

const rsaWith: Readonly<Record<HashName, string>> = {
  sha1: "1.2.840.113549.1.1.5",
  sha256: "1.2.840.113549.1.1.11",
  sha384: "1.2.840.113549.1.1.12",
  sha512: "1.2.840.113549.1.1.13",
};
