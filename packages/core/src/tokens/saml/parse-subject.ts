import { Certificate, type KeyObject } from "../../crypto/index.js";
import type { NameId, XmlDocument } from "../../xml/index.js";
import { parseKeyInfo } from "../../xmlsec/index.js";
import { attributes, confirmationUri, names } from "./names.js";
import { readAttributes, refuseShape, refuseUnsupported, requiredText, Sequence, timeOf } from "./schema-reader.js";

/** A NameID (SAML 2.0 core section 2.2.3). */
export interface NameIdSyntax {
  /** The exact text. */
  readonly value: string;
  readonly format: string | undefined;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
}

/** A key that a confirmation names. */
export interface ConfirmationKey {
  readonly key: KeyObject;
  readonly certificate: Certificate | undefined;
}

/** A SubjectConfirmation with its data (SAML 2.0 core sections 2.4.1.1 to 2.4.1.3). */
export interface SubjectConfirmationSyntax {
  readonly element: number;
  /** URI of the method. */
  readonly method: string;
  /** Who must confirm, where that is somebody else than the subject. */
  readonly nameId: NameIdSyntax | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number | undefined;
  /** Milliseconds since 1970, exclusive. */
  readonly notOnOrAfter: number | undefined;
  readonly recipient: string | undefined;
  readonly inResponseTo: string | undefined;
  readonly address: string | undefined;
  /** The keys of a holder-of-key confirmation, at least one there; empty for other methods, whatever they carry. */
  readonly keys: readonly ConfirmationKey[];
}

/** A Subject (SAML 2.0 core section 2.4.1). */
export interface SubjectSyntax {
  /** undefined where the subject is only who can confirm to be it. */
  readonly nameId: NameIdSyntax | undefined;
  readonly confirmations: readonly SubjectConfirmationSyntax[];
}

/** SubjectConfirmations of one Subject. */
const maxConfirmations = 8;

type DataSyntax = Omit<SubjectConfirmationSyntax, "element" | "method" | "nameId" | "keys">;

const noData: DataSyntax = Object.freeze({
  notBefore: undefined,
  notOnOrAfter: undefined,
  recipient: undefined,
  inResponseTo: undefined,
  address: undefined,
});

const { format, nameQualifier, spNameQualifier, spProvidedId, method, recipient, inResponseTo, address } = attributes;
const none: readonly NameId[] = [];
const ofNameId = [format, nameQualifier, spNameQualifier, spProvidedId];
const ofConfirmation = [method];
const ofData = [attributes.notBefore, attributes.notOnOrAfter, recipient, inResponseTo, address];
const open = { type: true, foreign: true };

/**
 * Reads a saml2:Subject.
 * @throws ERR_TOKEN_MALFORMED, ERR_WSS_UNSUPPORTED_TOKEN, ERR_WSS_INVALID_TOKEN for a certificate that cannot be read
 */
export function parseSubject(document: XmlDocument, element: number): SubjectSyntax {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const nameId = parseIdentifier(document, children);
  const confirmations = children.all(names.subjectConfirmation);
  children.end();
  if (nameId === undefined && confirmations.length === 0) refuseShape(document, element, "the Subject is empty");
  if (confirmations.length > maxConfirmations) {
    refuseShape(document, element, `the Subject has more than ${maxConfirmations} SubjectConfirmations`, "limits");
  }
  return { nameId, confirmations: confirmations.map((confirmation) => parseConfirmation(document, confirmation)) };
}

function parseIdentifier(document: XmlDocument, children: Sequence): NameIdSyntax | undefined {
  const element = children.optional(names.nameId);
  if (element !== -1) return parseNameId(document, element);
  if (children.nextName === names.encryptedId || children.nextName === names.baseId) {
    const other = children.any();
    refuseUnsupported(
      document,
      other,
      `${document.qualifiedName(other)} is not supported`,
      "Have the issuer name the subject by a NameID.",
    );
  }
  return undefined;
}

function parseNameId(document: XmlDocument, element: number): NameIdSyntax {
  const [format, nameQualifier, spNameQualifier] = readAttributes(document, element, ofNameId);
  return { value: requiredText(document, element), format, nameQualifier, spNameQualifier };
}

function parseConfirmation(document: XmlDocument, element: number): SubjectConfirmationSyntax {
  const [method] = readAttributes(document, element, ofConfirmation);
  if (method === undefined || method === "") refuseShape(document, element, "SubjectConfirmation has no Method");
  const children = new Sequence(document, element);
  const nameId = parseIdentifier(document, children);
  const data = children.optional(names.subjectConfirmationData);
  children.end();
  const holder = method === confirmationUri["holder-of-key"];
  const keys = holder && data !== -1 ? parseKeys(document, data) : [];
  if (holder && keys.length === 0) {
    refuseShape(document, element, "holder-of-key is confirmed by no ds:KeyInfo", "SAML 2.0 profiles section 3.1");
  }
  return { element, method, nameId, keys, ...parseData(document, data) };
}

function parseData(document: XmlDocument, element: number): DataSyntax {
  if (element === -1) return noData;
  const [notBefore, notOnOrAfter, recipient, inResponseTo, address] = readAttributes(document, element, ofData, open);
  const children = new Sequence(document, element);
  children.all(names.keyInfo);
  children.end();
  return {
    notBefore: timeOf(document, element, notBefore, "NotBefore"),
    notOnOrAfter: timeOf(document, element, notOnOrAfter, "NotOnOrAfter"),
    recipient,
    inResponseTo,
    address,
  };
}

function parseKeys(document: XmlDocument, data: number): readonly ConfirmationKey[] {
  return new Sequence(document, data).all(names.keyInfo).map((keyInfo) => parseKey(document, keyInfo));
}

function parseKey(document: XmlDocument, element: number): ConfirmationKey {
  const { x509Data, keyValue } = parseKeyInfo(document, element);
  const ders = x509Data.flatMap(({ certificates }) => certificates);
  if (ders.length > 1) {
    refuseUnsupported(
      document,
      element,
      "the KeyInfo holds several certificates",
      "Have the issuer put only the subject's certificate there.",
    );
  }
  const certificate = ders[0] && Certificate.parse(ders[0]);
  const key = certificate?.publicKey ?? keyValue?.key;
  if (key === undefined) {
    refuseUnsupported(
      document,
      element,
      "the KeyInfo holds neither certificate nor key",
      "Have the issuer put the subject's certificate or public key there.",
    );
  }
  if (keyValue !== undefined && !keyValue.key.equals(key)) {
    refuseShape(
      document,
      element,
      "the KeyInfo holds a key that is not its certificate's",
      "XML Signature 1.1 section 4.5",
    );
  }
  return { key, certificate };
}
