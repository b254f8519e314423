import type { NameId, XmlDocument } from "../../xml/index.js";
import type { AttributeSyntax, AuthnStatementSyntax, StatementsSyntax } from "./assertion.js";
import { attributes, names } from "./saml2-names.js";
import {
  readAttributes,
  refuseShape,
  refuseUnsupported,
  requiredText,
  Sequence,
  textOf,
  timeOf,
} from "./schema-reader.js";

const none: readonly NameId[] = [];
const ofAuthnStatement = [attributes.authnInstant, attributes.sessionIndex, attributes.sessionNotOnOrAfter];
const ofSubjectLocality = [attributes.address, attributes.dnsName];
const open = { type: true, foreign: true };

/**
 * Reads the statements that end an assertion, in any order.
 * @param children The children of the Assertion, read up to its first statement.
 * @throws ERR_TOKEN_MALFORMED for other elements and for attribute values with elements in them
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for EncryptedAttribute
 */
export function parseSaml2Statements(document: XmlDocument, children: Sequence): StatementsSyntax {
  const authn: AuthnStatementSyntax[] = [];
  const found: AttributeSyntax[] = [];
  while (!children.done) {
    const authnStatement = children.optional(names.authnStatement);
    if (authnStatement !== -1) {
      authn.push(parseAuthnStatement(document, authnStatement));
    } else {
      const statement = children.required(names.attributeStatement, "AuthnStatement or AttributeStatement");
      found.push(...parseAttributeStatement(document, statement));
    }
  }
  return { authn, attributes: found };
}

function parseAuthnStatement(document: XmlDocument, element: number): AuthnStatementSyntax {
  const [authnInstant, sessionIndex, sessionEnd] = readAttributes(document, element, ofAuthnStatement);
  const instant = timeOf(document, element, authnInstant, "AuthnInstant");
  if (instant === undefined) refuseShape(document, element, "AuthnInstant is missing", "SAML 2.0 core section 2.7.2");
  const children = new Sequence(document, element);
  const locality = children.optional(names.subjectLocality);
  if (locality !== -1) {
    readAttributes(document, locality, ofSubjectLocality);
    new Sequence(document, locality).end();
  }
  const contextClass = parseAuthnContext(document, children.required(names.authnContext, "AuthnContext"));
  children.end();
  return {
    element,
    instant,
    sessionIndex,
    sessionNotOnOrAfter: timeOf(document, element, sessionEnd, "SessionNotOnOrAfter"),
    contextClass,
  };
}

/** saml-core section 2.7.2.2: a class, a declaration (which is passed over), or both; then who else took part. */
function parseAuthnContext(document: XmlDocument, element: number): string | undefined {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const contextClass = children.optional(names.authnContextClassRef);
  const declaration =
    children.optional(names.authnContextDecl) !== -1 || children.optional(names.authnContextDeclRef) !== -1;
  if (contextClass === -1 && !declaration) {
    refuseShape(document, element, "AuthnContext is empty", "SAML 2.0 core section 2.7.2.2");
  }
  children.all(names.authenticatingAuthority);
  children.end();
  return contextClass === -1 ? undefined : requiredText(document, contextClass);
}

function parseAttributeStatement(document: XmlDocument, element: number): readonly AttributeSyntax[] {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const found = children.all(names.attribute).map((attribute) => parseAttribute(document, attribute));
  if (children.nextName === names.encryptedAttribute) {
    refuseUnsupported(
      document,
      children.any(),
      "EncryptedAttribute is not supported",
      "Have the issuer send attributes in clear, over TLS.",
    );
  }
  children.end();
  return found.length === 0
    ? refuseShape(document, element, "AttributeStatement is empty", "SAML 2.0 core section 2.7.3")
    : found;
}

function parseAttribute(document: XmlDocument, element: number): AttributeSyntax {
  // NameFormat, FriendlyName and attributes of other namespaces say nothing here; there are many, and none is even read.
  const name = document.attribute(element, attributes.name);
  if (name === undefined || name === "") {
    refuseShape(document, element, "the Attribute has no Name", "SAML 2.0 core section 2.7.3.1");
  }
  const children = new Sequence(document, element);
  const values = children.all(names.attributeValue).map((value) => parseAttributeValue(document, value));
  children.end();
  return { name, values };
}

function parseAttributeValue(document: XmlDocument, element: number): string {
  // Any type goes: the value is the text. xsi:nil is refused with everything else.
  readAttributes(document, element, none, open);
  return textOf(document, element);
}
