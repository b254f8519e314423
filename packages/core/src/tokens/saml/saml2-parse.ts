import type { XmlDocument } from "../../xml/index.js";
import { isNcName } from "../../xmlsec/index.js";
import type { AssertionSyntax } from "./assertion.js";
import { parseOwnSignature } from "./own-signature.js";
import { parseSaml2Conditions } from "./saml2-conditions.js";
import { attributes, nameIdFormat, names } from "./saml2-names.js";
import { parseSaml2Statements } from "./saml2-statements.js";
import { parseSaml2Subject } from "./saml2-subject.js";
import { readAttributes, refuseShape, requiredText, Sequence, timeOf } from "./schema-reader.js";

const own = [attributes.version, attributes.id, attributes.issueInstant];
const ofIssuer = [attributes.format];

/**
 * Reads a saml2:Assertion (SAML 2.0 core section 2.3.3) whose version number was checked.
 * @throws As `parseAssertion`.
 */
export function parseSaml2(document: XmlDocument, element: number): AssertionSyntax {
  const [, id = "", instant] = readAttributes(document, element, own);
  if (!isNcName(id)) refuseShape(document, element, "the ID is missing or not an xs:ID");
  const issueInstant = timeOf(document, element, instant, "IssueInstant");
  if (issueInstant === undefined) refuseShape(document, element, "IssueInstant is missing");
  const children = new Sequence(document, element);
  const issuer = parseIssuer(document, children.required(names.issuer, "Issuer"));
  const signature = children.optional(names.signature);
  const subject = children.optional(names.subject);
  const conditions = children.optional(names.conditions);
  children.optional(names.advice);
  const statements = parseSaml2Statements(document, children);
  return {
    version: "2.0",
    document,
    element,
    id,
    issueInstant,
    issuer,
    signature: parseOwnSignature(document, signature),
    subject: subject === -1 ? undefined : parseSaml2Subject(document, subject),
    conditions: conditions === -1 ? undefined : parseSaml2Conditions(document, conditions),
    authnStatements: statements.authn,
    attributes: statements.attributes,
  };
}

/** saml-core section 2.2.5: an entity's name, without qualifiers. */
function parseIssuer(document: XmlDocument, element: number): string {
  const [format = nameIdFormat.entity] = readAttributes(document, element, ofIssuer);
  if (format !== nameIdFormat.entity && format !== nameIdFormat.unspecified) {
    refuseShape(document, element, "the Issuer is named in another Format than entity", "SAML 2.0 core section 2.2.5");
  }
  return requiredText(document, element);
}
