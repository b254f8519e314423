import type { NameId, XmlDocument } from "../../xml/index.js";
import {
  type ConfirmationMethod,
  maxConfirmations,
  type NameIdSyntax,
  type SubjectConfirmationSyntax,
  type SubjectSyntax,
} from "./assertion.js";
import { type ConfirmationKeys, noKeys, parseConfirmationKeys } from "./confirmation-key.js";
import { attributes, confirmationUri20, names } from "./saml2-names.js";
import { readAttributes, refuseShape, refuseUnsupported, requiredText, Sequence, timeOf } from "./schema-reader.js";

const methods: ReadonlyMap<string, ConfirmationMethod> = new Map(
  (Object.keys(confirmationUri20) as ConfirmationMethod[]).map((method) => [confirmationUri20[method], method]),
);

type DataSyntax = Omit<SubjectConfirmationSyntax, "element" | "method" | "confirm" | "nameId" | "keys" | "secrets">;

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
export function parseSaml2Subject(document: XmlDocument, element: number): SubjectSyntax {
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
  const confirm = methods.get(method);
  const holder = confirm === "holder-of-key";
  const { keys, secrets } = holder && data !== -1 ? parseKeys(document, data) : noKeys;
  if (holder && keys.length + secrets.length === 0) {
    refuseShape(document, element, "holder-of-key is confirmed by no ds:KeyInfo", "SAML 2.0 profiles section 3.1");
  }
  return { element, method, confirm, nameId, keys, secrets, ...parseData(document, data) };
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

function parseKeys(document: XmlDocument, data: number): ConfirmationKeys {
  return parseConfirmationKeys(document, new Sequence(document, data).all(names.keyInfo));
}
