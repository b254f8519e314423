import type { NameId, XmlDocument } from "../../xml/index.js";
import type { AttributeSyntax, AuthnStatementSyntax, StatementsSyntax, SubjectSyntax } from "./assertion.js";
import { coreSection } from "./core-section.js";
import { claimTypeOf } from "./saml11-attribute-name.js";
import { attributes11, names11 } from "./saml11-names.js";
import { isSameSubject, parseSaml11Subject } from "./saml11-subject.js";
import { readAttributes, refuseShape, Sequence, textOf, timeOf } from "./schema-reader.js";

/** Statements of one assertion: each has a Subject with a key to be read. */
const maxStatements = 16;

const none: readonly NameId[] = [];
const ofAuthentication = [attributes11.authenticationMethod, attributes11.authenticationInstant];
const ofSubjectLocality = [attributes11.ipAddress, attributes11.dnsAddress];
const ofAuthorityBinding = [attributes11.authorityKind, attributes11.location, attributes11.binding];
const ofAttribute = [attributes11.attributeName, attributes11.attributeNamespace];
const open = { type: true, foreign: true };
// Issuers say there, in namespaces of their own, where an attribute came from (ADFS: OriginalIssuer). It changes nothing here.
const foreign = { foreign: true };

/** The statements of a SAML 1.1 assertion, and the one subject that they all speak of. */
export interface Saml11StatementsSyntax extends StatementsSyntax {
  readonly subject: SubjectSyntax;
}

/**
 * Reads the statements of a SAML 1.1 assertion (core section 2.4), in any order, up to its signature.
 * @param children The children of the Assertion, read up to its first statement.
 * @throws ERR_TOKEN_MALFORMED where there is no statement, for more than 16, for other kinds, for attribute values with
 * elements in them, and where two statements have different Subjects: what one says would be held to be of the other
 */
export function parseSaml11Statements(document: XmlDocument, children: Sequence): Saml11StatementsSyntax {
  const authn: AuthnStatementSyntax[] = [];
  const attributes: AttributeSyntax[] = [];
  let subject: SubjectSyntax | undefined;
  let count = 0;
  do {
    const authentication = children.optional(names11.authenticationStatement);
    const statement =
      authentication === -1
        ? children.required(names11.attributeStatement, "AuthenticationStatement or AttributeStatement")
        : authentication;
    if (++count > maxStatements) {
      refuseShape(document, statement, `the assertion has more than ${maxStatements} statements`, "limits");
    }
    const content = new Sequence(document, statement);
    const found = parseSaml11Subject(document, content.required(names11.subject, "Subject"));
    subject ??= found;
    if (!isSameSubject(subject, found)) {
      const rule = coreSection("1.1", "subject");
      refuseShape(document, statement, "the statements are about different Subjects", rule);
    }
    if (authentication === -1) attributes.push(...parseAttributes(document, statement, content));
    else authn.push(parseAuthentication(document, statement, content));
  } while (!children.done && children.nextName !== names11.signature);
  return { subject, authn, attributes };
}

/** @param content The children of the statement behind its Subject. */
function parseAuthentication(document: XmlDocument, element: number, content: Sequence): AuthnStatementSyntax {
  const [method, authenticated] = readAttributes(document, element, ofAuthentication);
  const rule = coreSection("1.1", "authentication");
  if (method === undefined || method === "") refuseShape(document, element, "AuthenticationMethod is missing", rule);
  const instant = timeOf(document, element, authenticated, "AuthenticationInstant");
  if (instant === undefined) refuseShape(document, element, "AuthenticationInstant is missing", rule);
  const locality = content.optional(names11.subjectLocality);
  if (locality !== -1) requireEmpty(document, locality, ofSubjectLocality);
  for (const binding of content.all(names11.authorityBinding)) requireEmpty(document, binding, ofAuthorityBinding);
  content.end();
  return { element, instant, sessionIndex: undefined, sessionNotOnOrAfter: undefined, contextClass: method };
}

function requireEmpty(document: XmlDocument, element: number, known: readonly NameId[]): void {
  readAttributes(document, element, known);
  new Sequence(document, element).end();
}

/** @param content The children of the statement behind its Subject. */
function parseAttributes(document: XmlDocument, element: number, content: Sequence): readonly AttributeSyntax[] {
  readAttributes(document, element, none);
  const found = content.all(names11.attribute).map((attribute) => parseAttribute(document, attribute));
  content.end();
  return found.length === 0
    ? refuseShape(document, element, "AttributeStatement is empty", "SAML 1.1 core section 2.4.4")
    : found;
}

function parseAttribute(document: XmlDocument, element: number): AttributeSyntax {
  const [name, namespace] = readAttributes(document, element, ofAttribute, foreign);
  const rule = "SAML 1.1 core section 2.4.4.1";
  if (name === undefined || name === "") refuseShape(document, element, "the Attribute has no AttributeName", rule);
  if (namespace === undefined) refuseShape(document, element, "the Attribute has no AttributeNamespace", rule);
  const children = new Sequence(document, element);
  const values = children.all(names11.attributeValue).map((value) => {
    // Any type goes: the value is the text. xsi:nil is refused with everything else.
    readAttributes(document, value, none, open);
    return textOf(document, value);
  });
  children.end();
  if (values.length === 0) refuseShape(document, element, "the Attribute has no AttributeValue", rule);
  return { name: claimTypeOf({ name, namespace }), values };
}
