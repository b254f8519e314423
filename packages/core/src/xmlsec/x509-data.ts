import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { base64Content, plainText } from "./base64-content.js";
import { maxCertificateOctets, maxCertificates, maxNameCharacters } from "./limits.js";
import { dsNames } from "./names.js";
import { refuseShape } from "./refusals.js";

/** A certificate named by its issuer and serial number. */
export interface IssuerSerial {
  /** The issuer's name as written: RFC 4514 text, in one of its many spellings. */
  readonly issuer: string;
  readonly serialNumber: bigint;
}

/** One ds:X509Data as read. */
export interface X509DataSyntax {
  readonly element: number;
  readonly issuerSerial: IssuerSerial | undefined;
  readonly subjectKeyIdentifier: Buffer | undefined;
  readonly subjectName: string | undefined;
  /** DER, in message order; the first one need not be the signer's. */
  readonly certificates: readonly Buffer[];
}

/**
 * Reads a ds:X509Data (XML Signature 1.1 section 4.5.4): IssuerSerial, SKI and SubjectName at most once.
 * @param before Certificates already met in this KeyInfo: the cap counts them together.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure.
 * @throws ERR_WSS_INVALID_TOKEN for a serial number that no certificate can have.
 */
export function parseX509Data(doc: XmlDocument, element: number, before = 0): X509DataSyntax {
  let issuerSerial: IssuerSerial | undefined;
  let subjectKeyIdentifier: Buffer | undefined;
  let subjectName: string | undefined;
  const certificates: Buffer[] = [];
  let child = doc.firstChild(element);
  if (child < 0) refuseShape(doc, element, "ds:X509Data is empty", "XML Signature 1.1 section 4.5.4");
  for (; child >= 0; child = doc.nextSibling(child)) {
    switch (doc.name(child)) {
      case dsNames.x509IssuerSerial:
        if (issuerSerial !== undefined) refuseTwice(doc, child);
        issuerSerial = parseIssuerSerial(doc, child);
        break;
      case dsNames.x509Ski:
        if (subjectKeyIdentifier !== undefined) refuseTwice(doc, child);
        subjectKeyIdentifier = base64Content(doc, child, 1, maxKeyIdentifierOctets);
        break;
      case dsNames.x509SubjectName:
        if (subjectName !== undefined) refuseTwice(doc, child);
        subjectName = boundedName(doc, child);
        break;
      case dsNames.x509Certificate:
        if (before + certificates.length === maxCertificates) {
          refuseShape(doc, element, `there are more than ${maxCertificates} certificates`);
        }
        certificates.push(base64Content(doc, child, 1, maxCertificateOctets));
        break;
      default:
        refuseShape(
          doc,
          child,
          `${doc.qualifiedName(child)} is not read in ds:X509Data`,
          "XML Signature 1.1 section 4.5.4",
        );
    }
  }
  return { element, issuerSerial, subjectKeyIdentifier, subjectName, certificates };
}

/** The most octets that a subject key identifier may have: RFC 5280 section 4.2.1.2 makes 20 or 8 of them. */
export const maxKeyIdentifierOctets = 64;

function refuseTwice(doc: XmlDocument, element: number): never {
  return refuseShape(doc, element, `${doc.qualifiedName(element)} stands twice`, "XML Signature 1.1 section 4.5.4");
}

function boundedName(doc: XmlDocument, element: number): string {
  const name = plainText(doc, element).trim();
  if (name.length > maxNameCharacters)
    refuseShape(doc, element, `a name has more than ${maxNameCharacters} characters`);
  return name;
}

function parseIssuerSerial(doc: XmlDocument, element: number): IssuerSerial {
  const name = doc.firstChild(element);
  const serial = name < 0 ? -1 : doc.nextSibling(name);
  if (
    serial < 0 ||
    doc.name(name) !== dsNames.x509IssuerName ||
    doc.name(serial) !== dsNames.x509SerialNumber ||
    doc.nextSibling(serial) >= 0
  ) {
    refuseShape(
      doc,
      element,
      "X509IssuerSerial holds one X509IssuerName, then one X509SerialNumber",
      "XML Signature 1.1 section 4.5.4.1",
    );
  }
  const digits = plainText(doc, serial).trim();
  // RFC 5280 section 4.1.2.2: positive, at most 20 octets, which is 49 decimal digits.
  if (!/^[0-9]{1,49}$/.test(digits)) {
    refuse("ERR_WSS_INVALID_TOKEN", "the serial number is no whole number of at most 20 octets", {
      place: () => doc.place(serial),
      rule: "RFC 5280 section 4.1.2.2",
    });
  }
  return { issuer: boundedName(doc, name), serialNumber: BigInt(digits) };
}
