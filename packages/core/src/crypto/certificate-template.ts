import type { KeyObject } from "node:crypto";
import { ConfigurationError } from "../errors/index.js";
import { systemClock } from "../time/index.js";
import type { Certificate } from "./certificate.js";
import { keyUsageBit } from "./certificate-extensions.js";
import { DerReader, derTag, readWhole, wholeBits } from "./der.js";
import {
  writeDer,
  writeInteger,
  writeNamedBits,
  writeObjectIdentifier,
  writeSequence,
  writeSetOf,
  writeTime,
  writeTrue,
} from "./der-writer.js";
import { sha1 } from "./digest.js";
import type { WrittenAttribute } from "./name-attribute.js";
import { parseNameText } from "./name-text.js";

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
  /** AlgorithmIdentifier in DER. */
  readonly signatureAlgorithm: Buffer;
  /** Undefined for a self-signed certificate. */
  readonly issuer: Certificate | undefined;
  readonly serialNumber: bigint;
}

const hour = 3_600_000;
const year = 365 * 24 * hour;

/**
 * Writes the part of a certificate that is signed (RFC 5280 section 4.1.2).
 * @throws ConfigurationError where a name is not RFC 4514 text
 */
export function writeTemplate(template: CertificateTemplate, facts: IssuingFacts): Buffer {
  const notBefore = template.notBefore ?? systemClock.now() - hour;
  const subject = writeName(template.subject);
  const keyInfo = facts.publicKey.export({ type: "spki", format: "der" });
  const keyIdentifier = sha1(keyBits(keyInfo));
  const fields = [
    writeInteger(facts.serialNumber),
    facts.signatureAlgorithm,
    facts.issuer?.subjectDer ?? subject,
    writeSequence(writeTime(notBefore), writeTime(template.notAfter ?? notBefore + year)),
    subject,
    keyInfo,
  ];
  if (template.version === 1) return writeSequence(...fields);
  const issuerIdentifier = facts.issuer ? facts.issuer.subjectKeyIdentifier : keyIdentifier;
  const extensions = writeSequence(...writeExtensions(template, keyIdentifier, issuerIdentifier));
  return writeSequence(writeDer(0xa0, writeInteger(2n)), ...fields, writeDer(0xa3, extensions));
}

function writeExtensions(
  template: CertificateTemplate,
  keyIdentifier: Buffer,
  issuerIdentifier: Buffer | undefined,
): readonly Buffer[] {
  const { authority = false, pathLength, extendedKeyUsage = [], alternativeNames = [], nameConstraints } = template;
  const keyUsage = template.keyUsage ?? (authority ? ["keyCertSign", "cRLSign"] : ["digitalSignature"]);
  const found: RawExtension[] = [
    { id: "2.5.29.14", value: writeDer(derTag.octetString, keyIdentifier) },
    { id: "2.5.29.19", critical: true, value: basicConstraints(authority, pathLength) },
    ...(template.extensions ?? []),
  ];
  if (issuerIdentifier) found.push({ id: "2.5.29.35", value: writeSequence(writeDer(0x80, issuerIdentifier)) });
  if (keyUsage.length > 0) {
    const value = writeNamedBits(keyUsage.map((usage) => keyUsageBit[usage]));
    found.push({ id: "2.5.29.15", critical: true, value });
  }
  if (extendedKeyUsage.length > 0) {
    found.push({ id: "2.5.29.37", value: writeSequence(...extendedKeyUsage.map(writeObjectIdentifier)) });
  }
  if (alternativeNames.length > 0) {
    found.push({ id: "2.5.29.17", value: writeSequence(...alternativeNames.map(writeAlternativeName)) });
  }
  if (nameConstraints) {
    const subtrees = (tag: number, names: readonly AlternativeName[] = []) =>
      names.length === 0 ? [] : [writeDer(tag, ...names.map((name) => writeSequence(writeAlternativeName(name))))];
    const value = writeSequence(
      ...subtrees(0xa0, nameConstraints.permitted),
      ...subtrees(0xa1, nameConstraints.excluded),
    );
    found.push({ id: "2.5.29.30", critical: true, value });
  }
  return found.map(({ id, critical = false, value }) =>
    writeSequence(writeObjectIdentifier(id), ...(critical ? [writeTrue()] : []), writeDer(derTag.octetString, value)),
  );
}

function basicConstraints(authority: boolean, pathLength: number | undefined): Buffer {
  if (!authority) return writeSequence();
  return writeSequence(writeTrue(), ...(pathLength === undefined ? [] : [writeInteger(BigInt(pathLength))]));
}

function writeAlternativeName(name: AlternativeName): Buffer {
  if ("dns" in name) return writeDer(0x82, Buffer.from(name.dns));
  if ("email" in name) return writeDer(0x81, Buffer.from(name.email));
  if ("uri" in name) return writeDer(0x86, Buffer.from(name.uri));
  if ("ip" in name) return writeDer(0x87, Buffer.from(name.ip.split(/[./]/).map(Number)));
  return writeDer(0xa4, writeName(name.directory));
}

/**
 * Writes a name given as RFC 4514 text.
 * @throws ConfigurationError where it is not such text
 */
function writeName(text: string): Buffer {
  const parts = parseNameText(text);
  if (!parts) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "subject",
      `${JSON.stringify(text)} is not a name.`,
      "Write it as CN=orders,O=Example,C=DE.",
    );
  }
  return writeSequence(...parts.map((part) => writeSetOf(...part.map(writeAttribute))));
}

/** RFC 5280 appendix A.1: countries and serial numbers are PrintableString, mail addresses and domain labels IA5String. */
const stringTags: Readonly<Record<string, number>> = {
  "2.5.4.6": derTag.printableString,
  "2.5.4.5": derTag.printableString,
  "1.2.840.113549.1.9.1": derTag.ia5String,
  "0.9.2342.19200300.100.1.25": derTag.ia5String,
};

function writeAttribute({ type, text, der }: WrittenAttribute): Buffer {
  const value = der ?? writeDer(stringTags[type] ?? derTag.utf8String, Buffer.from(text ?? ""));
  return writeSequence(writeObjectIdentifier(type), value);
}

function keyBits(keyInfo: Buffer): Buffer {
  const reader = new DerReader(readWhole(keyInfo, derTag.sequence).content);
  reader.read(derTag.sequence);
  return wholeBits(reader.read(derTag.bitString));
}
