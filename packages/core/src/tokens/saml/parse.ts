import { isCountersignError, refuse } from "../../errors/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { isNcName, parseSignature, type SignatureSyntax } from "../../xmlsec/index.js";
import { attributes, nameIdFormat, names } from "./names.js";
import { type ConditionsSyntax, parseConditions } from "./parse-conditions.js";
import { type AttributeSyntax, type AuthnStatementSyntax, parseStatements } from "./parse-statements.js";
import { parseSubject, type SubjectSyntax } from "./parse-subject.js";
import { readAttributes, refuseShape, refuseUnsupported, requiredText, Sequence, timeOf } from "./schema-reader.js";

/** Octets of one assertion. */
const maxAssertionOctets = 262_144;

const own = [attributes.version, attributes.id, attributes.issueInstant];
const ofIssuer = [attributes.format];

/** A SAML 2.0 assertion as it was sent. Nothing in it has been verified. */
export interface AssertionSyntax {
  readonly document: XmlDocument;
  readonly element: number;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly issueInstant: number;
  /** The exact text of Issuer. */
  readonly issuer: string;
  readonly signature: SignatureSyntax | undefined;
  readonly subject: SubjectSyntax | undefined;
  readonly conditions: ConditionsSyntax | undefined;
  readonly authnStatements: readonly AuthnStatementSyntax[];
  /** The attributes of all AttributeStatements, in order; a name may stand there more than once. */
  readonly attributes: readonly AttributeSyntax[];
}

/**
 * Reads a saml2:Assertion (SAML 2.0 core section 2.3.3): structure only, in the order and number of the schema, no trust.
 * Only what stands directly in this element is read: an Advice is passed over, and assertions inside are nobody's.
 * @param element The Assertion element: a direct child of the Security header.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for other versions, and for encrypted identifiers and attributes
 * @throws ERR_WSS_INVALID_SECURITY for an assertion of more than 256 KiB
 * @throws ERR_TOKEN_SIGNATURE for a malformed ds:Signature, ERR_WSS_UNSUPPORTED_ALGORITHM for its unknown transforms
 * @throws ERR_TOKEN_MALFORMED for every other departure from the schema
 */
export function parseAssertion(document: XmlDocument, element: number): AssertionSyntax {
  requireVersion(document, element);
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
  const statements = parseStatements(document, children);
  return {
    document,
    element,
    id,
    issueInstant,
    issuer,
    signature: signature === -1 ? undefined : parseOwnSignature(document, signature),
    subject: subject === -1 ? undefined : parseSubject(document, subject),
    conditions: conditions === -1 ? undefined : parseConditions(document, conditions),
    authnStatements: statements.authn,
    attributes: statements.attributes,
  };
}

function requireVersion(document: XmlDocument, element: number): void {
  const of11 =
    document.attribute(element, attributes.majorVersion) ?? document.attribute(element, attributes.minorVersion);
  if (
    document.name(element) !== names.assertion ||
    document.attribute(element, attributes.version) !== "2.0" ||
    of11 !== undefined
  ) {
    refuseUnsupported(document, element, "this is not an assertion of SAML version 2.0", "Send a SAML 2.0 assertion.");
  }
  if (document.end(element) - document.start(element) > maxAssertionOctets) {
    refuse("ERR_WSS_INVALID_SECURITY", `the assertion has more than ${maxAssertionOctets} octets`, {
      place: () => document.place(element),
      rule: "limits",
      remedy: "Have the issuer put less into the assertion.",
    });
  }
}

/** saml-core section 2.2.5: an entity's name, without qualifiers. */
function parseIssuer(document: XmlDocument, element: number): string {
  const [format = nameIdFormat.entity] = readAttributes(document, element, ofIssuer);
  if (format !== nameIdFormat.entity && format !== nameIdFormat.unspecified) {
    refuseShape(document, element, "the Issuer is named in another Format than entity", "SAML 2.0 core section 2.2.5");
  }
  return requiredText(document, element);
}

/** In an assertion a malformed signature is a fault of the token, not of the header around it. */
function parseOwnSignature(document: XmlDocument, element: number): SignatureSyntax {
  try {
    return parseSignature(document, element);
  } catch (error) {
    if (!isCountersignError(error) || error.code !== "ERR_WSS_INVALID_SECURITY") throw error;
    const { reason, ...more } = error.detail;
    refuse("ERR_TOKEN_SIGNATURE", reason, { ...more, cause: error });
  }
}
