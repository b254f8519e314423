import { type KeyObject, X509Certificate } from "node:crypto";
import { ObjectIdentifier } from "asn1js";
import { LRUCache } from "lru-cache";
import { Certificate as PkijsCertificate } from "pkijs";
import { ConfigurationError, isCountersignError } from "../errors/index.js";
import { CertificateExtensions } from "./certificate-extensions.js";
import { certificateOctets } from "./certificate-pem.js";
import type { CertificateReference } from "./certificate-reference.js";
import { derHeader, malformed, readDer, splitSequence } from "./der.js";
import { sha1, sha256Hex } from "./digest.js";
import { DistinguishedName } from "./distinguished-name.js";
import { encryptionKeyFault } from "./encryption-key.js";
import { examineKey, type KeyFault } from "./key-facts.js";
import { isStrongSignature } from "./signature-strength.js";

/** A certificate as configuration gives it: PEM text, PEM or DER octets, or an `X509Certificate` of node:crypto. */
export type CertificateInput = string | Uint8Array | X509Certificate | Certificate;

/** Largest certificate in octets. */
export const maxCertificateOctets: number = 16 * 1024;

/** Parsed certificates that are kept: at most this many, by SHA-256 of their DER. */
const cache = new LRUCache<string, Certificate>({ max: 500 });

/** An X.509 certificate (RFC 5280), read strictly and unchanging. Being read says nothing about being trusted. */
export class Certificate {
  /** The whole certificate in DER: a private copy. */
  readonly der: Buffer;
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly fingerprint256: string;
  /** 1 or 3. */
  readonly version: number;
  readonly serialNumber: bigint;
  readonly subjectName: DistinguishedName;
  readonly issuerName: DistinguishedName;
  /** First moment of validity, milliseconds since 1970. */
  readonly notBefore: number;
  /** Last moment of validity, milliseconds since 1970; the whole second counts. */
  readonly notAfter: number;
  readonly extensions: CertificateExtensions;
  /** Whether the certificate is signed with SHA-256 or better: other signatures prove nothing. */
  readonly stronglySigned: boolean;
  /** The subject's public key. */
  readonly publicKey: KeyObject;
  readonly #x509: X509Certificate;
  #thumbprintSha1: Buffer | undefined;
  #keyHash: Buffer | undefined;

  private constructor(der: Buffer, fingerprint256: string) {
    this.der = der;
    this.fingerprint256 = fingerprint256;
    const { x509, publicKey, syntax } = readSyntax(der);
    this.#x509 = x509;
    this.publicKey = publicKey;
    this.version = syntax.version + 1;
    this.serialNumber = syntax.serialNumber.toBigInt();
    this.subjectName = DistinguishedName.fromDer(new Uint8Array(syntax.subject.valueBeforeDecode));
    this.issuerName = DistinguishedName.fromDer(new Uint8Array(syntax.issuer.valueBeforeDecode));
    this.notBefore = syntax.notBefore.value.getTime();
    this.notAfter = syntax.notAfter.value.getTime() + 999;
    this.extensions = new CertificateExtensions(syntax.extensions ?? []);
    this.stronglySigned = isStrongSignature(syntax.signatureAlgorithm);
    if (this.version > 3 || this.serialNumber < 0n || this.serialNumber >= 1n << 160n) {
      malformed("the version or the serial number is out of range");
    }
    if (syntax.extensions && this.version !== 3) malformed("extensions stand in a certificate that is not version 3");
    if (!syntax.signature.isEqual(syntax.signatureAlgorithm)) malformed("the two signature algorithms differ");
    // Curves are named: parameters written out can describe one that looks like a known curve and is not (CVE-2020-0601).
    const { algorithmId, algorithmParams } = syntax.subjectPublicKeyInfo.algorithm;
    if (algorithmId === ecPublicKey && !(algorithmParams instanceof ObjectIdentifier))
      malformed("the curve has no name");
  }

  /**
   * Reads a certificate in DER. A certificate that was read before comes from a cache (keyed by SHA-256, bounded).
   * @throws ERR_WSS_INVALID_TOKEN for malformed DER, or more than 16 KiB
   */
  static parse(der: Uint8Array): Certificate {
    if (der.length > maxCertificateOctets) malformed(`it has more than ${maxCertificateOctets} octets`);
    const fingerprint = sha256Hex(der);
    let certificate = cache.get(fingerprint);
    if (certificate === undefined) {
      certificate = new Certificate(Buffer.from(der), fingerprint);
      cache.set(fingerprint, certificate);
    }
    return certificate;
  }

  /**
   * Loads one certificate from configuration, and checks that its key can be used.
   * @param option Path of the option, for the error.
   * @throws ConfigurationError ERR_CONFIG_INVALID where it is no certificate, or several; ERR_CONFIG_INSECURE for a weak key.
   */
  static load(given: CertificateInput, option: string): Certificate {
    const [certificate, ...others] = Certificate.loadAll(given, option);
    if (certificate && others.length === 0) return certificate;
    return invalid(option, `There are ${others.length + 1} certificates.`, "Give one.");
  }

  /**
   * As {@link Certificate.load}, for a certificate that something is encrypted for: its key must be one for that, X25519
   * included, see {@link encryptionKeyFault}.
   */
  static loadRecipient(given: CertificateInput, option: string): Certificate {
    const [certificate, ...others] = configured(given, option);
    if (certificate === undefined || others.length > 0) {
      return invalid(option, `There are ${others.length + 1} certificates.`, "Give one.");
    }
    const fault = encryptionKeyFault(certificate.publicKey);
    if (fault === undefined) return certificate;
    throw unusable(certificate, fault, option, "RSA of 2048 to 8192 bits, P-256, P-384, P-521 or X25519");
  }

  /** As {@link Certificate.load}, for PEM text that may hold several certificates, one behind the other. */
  static loadAll(given: CertificateInput, option: string): readonly Certificate[] {
    const found = configured(given, option);
    for (const certificate of found) {
      const fault = examineKey(certificate.publicKey);
      if ("reason" in fault) {
        throw unusable(certificate, fault, option, "RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519");
      }
    }
    return found;
  }

  /** The subject as RFC 4514 text. For display and as a name: decisions compare {@link Certificate.subjectName}. */
  get subject(): string {
    return this.subjectName.text;
  }

  /** The issuer as RFC 4514 text. */
  get issuer(): string {
    return this.issuerName.text;
  }

  get subjectDer(): Uint8Array {
    return this.subjectName.der;
  }

  get issuerDer(): Uint8Array {
    return this.issuerName.der;
  }

  /** The subject key identifier extension, where there is one (RFC 5280 section 4.2.1.2). */
  get subjectKeyIdentifier(): Buffer | undefined {
    return this.extensions.subjectKeyIdentifier;
  }

  /** SHA-1 of the DER: the ThumbprintSHA1 key identifier of WS-Security 1.1 section 7.3. */
  get thumbprintSha1(): Buffer {
    this.#thumbprintSha1 ??= sha1(this.der);
    return this.#thumbprintSha1;
  }

  /** SHA-1 of the subject's public key, its bits alone: the KeyHash of RFC 6960 section 4.2.1. */
  get keyHash(): Buffer {
    this.#keyHash ??= sha1(publicKeyBits(this.der, this.version));
    return this.#keyHash;
  }

  /** Whether subject and issuer are the same name. */
  get selfIssued(): boolean {
    return sameOctets(this.subjectDer, this.issuerDer);
  }

  /**
   * Whether `issuer` may be the issuer by name: its subject, compared in DER, and its key identifier where both have one.
   */
  names(issuer: Certificate): boolean {
    const wanted = this.extensions.authorityKeyIdentifier;
    const identifier = issuer.subjectKeyIdentifier;
    return sameOctets(this.issuerDer, issuer.subjectDer) && (!wanted || !identifier || wanted.equals(identifier));
  }

  /**
   * Whether `issuer` is named as the issuer and its key, which must be fit for use, made the signature with SHA-256 or better.
   * Says nothing about whether it was allowed to.
   */
  isSignedBy(issuer: Certificate): boolean {
    if (!this.stronglySigned || !this.names(issuer)) return false;
    try {
      return !("reason" in examineKey(issuer.publicKey)) && this.#x509.verify(issuer.publicKey);
    } catch {
      return false;
    }
  }

  /** Whether this is the certificate that a reference in a message means. */
  matches(reference: CertificateReference): boolean {
    if ("thumbprintSha1" in reference) return sameOctets(this.thumbprintSha1, reference.thumbprintSha1);
    if ("subjectKeyIdentifier" in reference) {
      return (
        this.subjectKeyIdentifier !== undefined && sameOctets(this.subjectKeyIdentifier, reference.subjectKeyIdentifier)
      );
    }
    return this.serialNumber === reference.serialNumber && this.issuerName.equals(reference.issuer);
  }

  /** Whether `at` lies within the validity, `skew` milliseconds allowed at both ends. */
  isValidAt(at: number, skew = 0): boolean {
    return at >= this.notBefore - skew && at <= this.notAfter + skew;
  }
}

/**
 * Both readers must take it: pkijs passes over values that do not belong, OpenSSL says nothing about extensions. OpenSSL comes
 * first, with the key, so that pkijs is never given a key that is none.
 */
function readSyntax(der: Buffer): { x509: X509Certificate; publicKey: KeyObject; syntax: PkijsCertificate } {
  const schema = readDer(der);
  try {
    const x509 = new X509Certificate(der);
    return { x509, publicKey: x509.publicKey, syntax: new PkijsCertificate({ schema }) };
  } catch (cause) {
    return malformed("it does not have the shape of a certificate, or its key cannot be read", cause);
  }
}

/** The octets of subjectPublicKey as they stand in the certificate (RFC 5280 section 4.1). */
function publicKeyBits(der: Uint8Array, version: number): Uint8Array {
  const [body = der] = splitSequence(der, 3);
  // Version 1 leaves the version out.
  const keyInfo = splitSequence(body, 10)[version === 1 ? 5 : 6] ?? malformed("it has no public key");
  const bits = splitSequence(keyInfo, 2)[1] ?? malformed("it has no public key");
  const header = derHeader(bits, 0, bits.length) ?? malformed("it has no public key");
  return bits.subarray(header.start + 1, header.end);
}

const ecPublicKey = "1.2.840.10045.2.1";

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function configured(given: CertificateInput, option: string): readonly Certificate[] {
  return given instanceof Certificate
    ? [given]
    : certificateOctets(given, option).map((der) => parseConfigured(der, option));
}

function unusable({ subject }: Certificate, fault: KeyFault, option: string, usable: string): ConfigurationError {
  return new ConfigurationError(
    fault.weak ? "ERR_CONFIG_INSECURE" : "ERR_CONFIG_INVALID",
    option,
    `The key of ${subject} cannot be used: ${fault.reason}.`,
    `Use a certificate for ${usable}.`,
  );
}

function parseConfigured(der: Uint8Array, option: string): Certificate {
  try {
    return Certificate.parse(der);
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return invalid(
      option,
      `The certificate cannot be read: ${error.detail.reason}.`,
      "Give an X.509 certificate as PEM text or DER octets.",
    );
  }
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
