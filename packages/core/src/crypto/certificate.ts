import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { LRUCache } from "lru-cache";
import { ConfigurationError, isCountersignError, refuse } from "../errors/index.js";
import { type CertificateExtensions, noExtensions, readExtensions } from "./certificate-extensions.js";
import { certificateSignatureAlgorithm, verifyCertificateSignature } from "./certificate-signature.js";
import {
  DerReader,
  derTag,
  integer,
  malformed,
  objectIdentifier,
  readWhole,
  smallInteger,
  time,
  wholeBits,
} from "./der.js";
import { sha1, sha256Hex } from "./digest.js";
import { DistinguishedName } from "./distinguished-name.js";
import { examineKey } from "./key-facts.js";

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
  readonly #signed: Buffer;
  readonly #signatureAlgorithm: Buffer;
  readonly #signature: Buffer;
  readonly #publicKeyInfo: Buffer;
  #publicKey: KeyObject | undefined;
  #thumbprintSha1: Buffer | undefined;

  private constructor(der: Buffer, fingerprint256: string) {
    this.der = der;
    this.fingerprint256 = fingerprint256;
    const outer = new DerReader(readWhole(der, derTag.sequence).content);
    const signed = outer.read(derTag.sequence);
    this.#signed = signed.encoded;
    this.#signatureAlgorithm = outer.read(derTag.sequence).encoded;
    this.#signature = wholeBits(outer.read(derTag.bitString));
    outer.end();

    const reader = new DerReader(signed.content);
    const version = reader.optional(0xa0);
    this.version = version === undefined ? 1 : smallInteger(readWhole(version.content, derTag.integer), 2) + 1;
    this.serialNumber = integer(reader.read(derTag.integer), 21);
    if (this.serialNumber < 0n) malformed("the serial number is negative");
    if (!reader.read(derTag.sequence).encoded.equals(this.#signatureAlgorithm)) {
      malformed("the two signature algorithms differ");
    }
    this.issuerName = DistinguishedName.fromDer(reader.read(derTag.sequence).encoded);
    const validity = reader.enter(derTag.sequence);
    this.notBefore = time(validity.read());
    this.notAfter = time(validity.read()) + 999;
    validity.end();
    this.subjectName = DistinguishedName.fromDer(reader.read(derTag.sequence).encoded);
    this.#publicKeyInfo = reader.read(derTag.sequence).encoded;
    reader.optional(0x81);
    reader.optional(0x82);
    const extensions = reader.optional(0xa3);
    reader.end();
    if (extensions && this.version !== 3) malformed("extensions stand in a certificate that is not version 3");
    this.extensions = extensions ? readExtensions(extensions.content) : noExtensions;
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

  /** As {@link Certificate.load}, for PEM text that may hold several certificates, one behind the other. */
  static loadAll(given: CertificateInput, option: string): readonly Certificate[] {
    const found =
      given instanceof Certificate ? [given] : derOf(given, option).map((der) => parseConfigured(der, option));
    for (const certificate of found) {
      const fault = examineKey(keyOrFault(certificate, option));
      if ("reason" in fault) {
        throw new ConfigurationError(
          fault.weak ? "ERR_CONFIG_INSECURE" : "ERR_CONFIG_INVALID",
          option,
          `The key of ${certificate.subject} cannot be used: ${fault.reason}.`,
          "Use a certificate for RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519.",
        );
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

  /**
   * The subject's public key, imported once.
   * @throws ERR_WSS_INVALID_TOKEN where it is no key that can be used at all
   */
  get publicKey(): KeyObject {
    this.#publicKey ??= importPublicKey(this.#publicKeyInfo);
    return this.#publicKey;
  }

  /** Whether subject and issuer are the same name. */
  get selfIssued(): boolean {
    return sameOctets(this.subjectDer, this.issuerDer);
  }

  /** Whether the certificate is signed with an algorithm that proves something: SHA-256 or better. */
  get stronglySigned(): boolean {
    return certificateSignatureAlgorithm(this.#signatureAlgorithm) !== undefined;
  }

  /**
   * Whether `issuer` names the issuer (its subject, compared in DER, and its key identifier where both have one) and its key
   * made the signature. Says nothing about whether it was allowed to.
   */
  isSignedBy(issuer: Certificate): boolean {
    if (!sameOctets(this.issuerDer, issuer.subjectDer)) return false;
    const wanted = this.extensions.authorityKeyIdentifier;
    const identifier = issuer.subjectKeyIdentifier;
    if (wanted && identifier && !wanted.equals(identifier)) return false;
    const algorithm = certificateSignatureAlgorithm(this.#signatureAlgorithm);
    return (
      algorithm !== undefined && verifyCertificateSignature(algorithm, issuer.publicKey, this.#signed, this.#signature)
    );
  }

  /** Whether `at` lies within the validity, `skew` milliseconds allowed at both ends. */
  isValidAt(at: number, skew = 0): boolean {
    return at >= this.notBefore - skew && at <= this.notAfter + skew;
  }
}

function importPublicKey(info: Buffer): KeyObject {
  const reader = new DerReader(readWhole(info, derTag.sequence).content);
  const algorithm = reader.enter(derTag.sequence);
  // Curves are named: parameters written out can describe a curve that looks like a known one and is not (CVE-2020-0601).
  if (objectIdentifier(algorithm.read(derTag.objectIdentifier)) === ecPublicKey)
    algorithm.read(derTag.objectIdentifier);
  try {
    return createPublicKey({ key: info, format: "der", type: "spki" });
  } catch (cause) {
    return refuse("ERR_WSS_INVALID_TOKEN", "the certificate's public key cannot be read", { cause });
  }
}

const ecPublicKey = "1.2.840.10045.2.1";

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function derOf(given: string | Uint8Array | X509Certificate, option: string): readonly Uint8Array[] {
  if (given instanceof X509Certificate) return [given.raw];
  if (typeof given !== "string" && !(given instanceof Uint8Array)) {
    return invalid(option, "No certificate is given.", "Give it as PEM text or DER octets.");
  }
  const text = typeof given === "string" ? given : Buffer.from(given).toString("latin1");
  if (text.includes("PRIVATE KEY-----") && !text.includes(pemBegin)) {
    throw new ConfigurationError("ERR_CONFIG_INSECURE", option, "This is a private key.", "Give the certificate.");
  }
  if (!text.includes(pemBegin)) {
    return typeof given === "string"
      ? invalid(option, "This is not PEM text.", "Give PEM text or DER octets.")
      : [given];
  }
  const blocks = text.split(pemBegin).slice(1);
  return blocks.map((block) => Buffer.from(block.slice(0, Math.max(block.indexOf(pemEnd), 0)), "base64"));
}

const pemBegin = "-----BEGIN CERTIFICATE-----";
const pemEnd = "-----END CERTIFICATE-----";

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

function keyOrFault(certificate: Certificate, option: string): KeyObject {
  try {
    return certificate.publicKey;
  } catch {
    return invalid(
      option,
      `The key of ${certificate.subject} cannot be read.`,
      "Use a certificate with a supported key.",
    );
  }
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
