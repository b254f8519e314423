import type { XmlDocument } from "../../xml/index.js";
import { isNcName } from "../../xmlsec/index.js";
import type { AssertionSyntax } from "./assertion.js";
import { coreSection } from "./core-section.js";
import { parseOwnSignature } from "./own-signature.js";
import { parseSaml11Conditions } from "./saml11-conditions.js";
import { attributes11, names11 } from "./saml11-names.js";
import { parseSaml11Statements } from "./saml11-statements.js";
import { readAttributes, refuseShape, Sequence, timeOf } from "./schema-reader.js";

const { majorVersion, minorVersion, assertionId, issueInstant, issuer } = attributes11;
const own = [majorVersion, minorVersion, assertionId, issueInstant, issuer];

/**
 * Reads a saml:Assertion of SAML 1.1 (core section 2.3.2) whose version number was checked. The Subject stands in every
 * statement there: it must be the same in all of them, and becomes the assertion's.
 * @throws As `parseAssertion`.
 */
export function parseSaml11(document: XmlDocument, element: number): AssertionSyntax {
  const rule = coreSection("1.1", "assertion");
  const [, , id = "", instant, by = ""] = readAttributes(document, element, own);
  if (!isNcName(id)) refuseShape(document, element, "the AssertionID is missing or not an xs:ID", rule);
  if (by.trim() === "") refuseShape(document, element, "the Issuer is missing or empty", rule);
  const issued = timeOf(document, element, instant, "IssueInstant");
  if (issued === undefined) refuseShape(document, element, "IssueInstant is missing", rule);
  const children = new Sequence(document, element);
  const conditions = children.optional(names11.conditions);
  children.optional(names11.advice);
  const { subject, authn, attributes } = parseSaml11Statements(document, children);
  const signature = children.optional(names11.signature);
  children.end();
  return {
    version: "1.1",
    document,
    element,
    id,
    issueInstant: issued,
    issuer: by,
    signature: parseOwnSignature(document, signature),
    subject,
    conditions: conditions === -1 ? undefined : parseSaml11Conditions(document, conditions),
    authnStatements: authn,
    attributes,
  };
}
