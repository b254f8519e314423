import type { KeyObject } from "node:crypto";
import {
  Set as Asn1Set,
  type BaseBlock,
  BitString,
  fromBER,
  IA5String,
  Integer,
  ObjectIdentifier,
  OctetString,
  PrintableString,
  Sequence,
  Utf8String,
} from "asn1js";
import {
  type AlgorithmIdentifier,
  AltName,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralSubtree,
  NameConstraints,
  Certificate as PkijsCertificate,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Time,
  TimeType,
} from "pkijs";
import { ConfigurationError } from "../errors/index.js";
import { systemClock } from "../time/index.js";
import type { Certificate } from "./certificate.js";
import { keyUsageBit } from "./certificate-extensions.js";
import { sha1 } from "./digest.js";
import type { WrittenAttribute } from "./name-attribute.js";
import { parseNameText } from "./name-text.js";
import { randomOctets } from "./random.js";

/** A name beside the subject, or a base of name constraints. An IP base has its mask behind it: `10.0.0.0/255.0.0.0`. */
export type AlternativeName =
  | { readonly dns: string }
  | { readonly email: string }
  | { readonly uri: string }
  | { readonly ip: string }
  | { readonly directory: string };

/** An extension given in DER. */
export interface RawExtension {
  /** Dotted object identifier. */
  readonly id: string;
  readonly critical?: boolean | undefined;
  readonly value: Uint8Array;
}

/** What a certificate is to say. */
export interface CertificateTemplate {
  /** RFC 4514 text, for example `CN=orders,O=Example,C=DE`. */
  readonly subject: string;
  /** Milliseconds since 1970. Default: an hour ago. */
  readonly notBefore?: number | undefined;
  /** Milliseconds since 1970. Default: 365 days after `notBefore`. */
  readonly notAfter?: number | undefined;
  /** Whether the subject may issue certificates. Default false. */
  readonly authority?: boolean | undefined;
  /** The most intermediates below an authority. Default: no limit. */
  readonly pathLength?: number | undefined;
  /** Default: digitalSignature; for an authority keyCertSign and cRLSign. An empty list leaves the extension out. */
  readonly keyUsage?: readonly (keyof typeof keyUsageBit)[] | undefined;
  /** Dotted object identifiers. Default: none, and no extension. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
  readonly alternativeNames?: readonly AlternativeName[] | undefined;
  readonly nameConstraints?:
    | {
        readonly permitted?: readonly AlternativeName[] | undefined;
        readonly excluded?: readonly AlternativeName[] | undefined;
      }
    | undefined;
  /** Further extensions. */
  readonly extensions?: readonly RawExtension[] | undefined;
  /** Default: random, 127 bits. */
  readonly serialNumber?: bigint | undefined;
  /** 1 writes a certificate without extensions. Default 3. */
  readonly version?: 1 | 3 | undefined;
}

/** What the issuer adds to a template. */
export interface IssuingFacts {
  readonly publicKey: KeyObject;
  /** The issuer's certificate; undefined for a self-signed one. */
  readonly issuer: Certificate | undefined;
  readonly signatureAlgorithm: AlgorithmIdentifier;
}

const hour = 3_600_000;
const year = 365 * 24 * hour;

/**
 * Fills in a certificate (RFC 5280 section 4.1.2), all but its signature.
 * @throws ConfigurationError where a name is not RFC 4514 text
 */
export function fillTemplate(template: CertificateTemplate, facts: IssuingFacts): PkijsCertificate {
  const notBefore = template.notBefore ?? systemClock.now() - hour;
  const subject = encodeName(template.subject);
  const keyInfo = PublicKeyInfo.fromBER(facts.publicKey.export({ type: "spki", format: "der" }));
  const keyIdentifier = sha1(keyInfo.subjectPublicKey.valueBlock.valueHexView);
  const certificate = new PkijsCertificate({
    version: (template.version ?? 3) - 1,
    serialNumber: Integer.fromBigInt(template.serialNumber ?? BigInt(`0x40${randomOctets(15).toString("hex")}`)),
    signature: facts.signatureAlgorithm,
    signatureAlgorithm: facts.signatureAlgorithm,
    issuer: name(facts.issuer?.subjectDer ?? subject),
    subject: name(subject),
    notBefore: time(notBefore),
    notAfter: time(template.notAfter ?? notBefore + year),
    subjectPublicKeyInfo: keyInfo,
  });
  if (template.version !== 1) {
    const issuerIdentifier = facts.issuer ? facts.issuer.subjectKeyIdentifier : keyIdentifier;
    certificate.extensions = writeExtensions(template, keyIdentifier, issuerIdentifier);
  }
  return certificate;
}

/** Writes a name given as RFC 4514 text, in DER. */
function encodeName(text: string): Uint8Array {
  const parts = parseNameText(text);
  if (!parts) {
    const reason = `${JSON.stringify(text)} is not a name.`;
    throw new ConfigurationError("ERR_CONFIG_INVALID", "subject", reason, "Write it as CN=orders,O=Example,C=DE.");
  }
  // DER sorts what stands side by side.
  const sets = parts.map((part) => new Asn1Set({ value: sorted(part.map(writeAttribute)) }));
  return new Uint8Array(new Sequence({ value: sets }).toBER());
}

function sorted(values: readonly Sequence[]): Sequence[] {
  const encoded = values.map((value) => ({ value, der: Buffer.from(value.toBER()) }));
  return encoded.sort((a, b) => Buffer.compare(a.der, b.der)).map(({ value }) => value);
}

function writeAttribute({ type, text = "", der }: WrittenAttribute): Sequence {
  const identifier = new ObjectIdentifier({ value: type });
  if (der) return new Sequence({ value: [identifier, fromBER(der).result] });
  // RFC 5280 appendix A.1: countries and serial numbers are PrintableString, mail addresses and domain labels IA5String.
  const StringType = printable.has(type) ? PrintableString : ia5.has(type) ? IA5String : Utf8String;
  return new Sequence({ value: [identifier, new StringType({ value: text })] });
}

const printable: ReadonlySet<string> = new Set(["2.5.4.6", "2.5.4.5"]);
const ia5: ReadonlySet<string> = new Set(["1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"]);

/** pkijs writes the attributes of a name as one part; given in DER, the name stays as it is. */
function name(der: Uint8Array): RelativeDistinguishedNames {
  return new RelativeDistinguishedNames({ valueBeforeDecode: new Uint8Array(der).buffer });
}

/** RFC 5280 section 4.1.2.5: UTCTime from 1950 to 2049, GeneralizedTime otherwise. */
function time(milliseconds: number): Time {
  const value = new Date(milliseconds);
  const twoDigits = value.getUTCFullYear() >= 1950 && value.getUTCFullYear() < 2050;
  return new Time({ type: twoDigits ? TimeType.UTCTime : TimeType.GeneralizedTime, value });
}

function writeExtensions(
  template: CertificateTemplate,
  keyIdentifier: Buffer,
  issuerIdentifier: Buffer | undefined,
): Extension[] {
  const { authority = false, pathLength, extendedKeyUsage = [], alternativeNames = [], nameConstraints } = template;
  const keyUsage = template.keyUsage ?? (authority ? ["keyCertSign", "cRLSign"] : ["digitalSignature"]);
  const constraints = new BasicConstraints({
    cA: authority,
    ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }),
  });
  const found = [
    extension("2.5.29.14", false, new OctetString({ valueHex: keyIdentifier })),
    extension("2.5.29.19", true, constraints.toSchema()),
  ];
  if (issuerIdentifier) {
    const identifier = new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: issuerIdentifier }) });
    found.push(extension("2.5.29.35", false, identifier.toSchema()));
  }
  if (keyUsage.length > 0)
    found.push(extension("2.5.29.15", true, namedBits(keyUsage.map((usage) => keyUsageBit[usage]))));
  if (extendedKeyUsage.length > 0) {
    found.push(extension("2.5.29.37", false, new ExtKeyUsage({ keyPurposes: [...extendedKeyUsage] }).toSchema()));
  }
  if (alternativeNames.length > 0) {
    found.push(extension("2.5.29.17", false, new AltName({ altNames: alternativeNames.map(generalName) }).toSchema()));
  }
  if (nameConstraints) {
    const { permitted = [], excluded = [] } = nameConstraints;
    const subtrees = new NameConstraints({
      ...(permitted.length > 0 ? { permittedSubtrees: permitted.map(subtree) } : {}),
      ...(excluded.length > 0 ? { excludedSubtrees: excluded.map(subtree) } : {}),
    });
    found.push(extension("2.5.29.30", true, subtrees.toSchema()));
  }
  const raw = template.extensions ?? [];
  return [...found, ...raw.map(({ id, critical = false, value }) => rawExtension(id, critical, value))];
}

function extension(id: string, critical: boolean, value: BaseBlock): Extension {
  return rawExtension(id, critical, new Uint8Array(value.toBER()));
}

function rawExtension(extnID: string, critical: boolean, value: Uint8Array): Extension {
  return new Extension({ extnID, critical, extnValue: new Uint8Array(value).buffer });
}

/** Trailing zero bits are left out. */
function namedBits(bits: readonly number[]): BitString {
  const highest = Math.max(...bits);
  const octets = Buffer.alloc((highest >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return new BitString({ valueHex: octets, unusedBits: 7 - (highest & 7) });
}

function subtree(base: AlternativeName): GeneralSubtree {
  return new GeneralSubtree({ base: generalName(base) });
}

function generalName(given: AlternativeName): GeneralName {
  if ("email" in given) return new GeneralName({ type: 1, value: given.email });
  if ("dns" in given) return new GeneralName({ type: 2, value: given.dns });
  if ("directory" in given) return new GeneralName({ type: 4, value: name(encodeName(given.directory)) });
  if ("uri" in given) return new GeneralName({ type: 6, value: given.uri });
  return new GeneralName({
    type: 7,
    value: new OctetString({ valueHex: Buffer.from(given.ip.split(/[./]/).map(Number)) }),
  });
}
