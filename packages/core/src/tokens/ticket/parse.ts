import { decodeBase64 } from "../../crypto/index.js";
import { refuse } from "../../errors/index.js";
import { scan, type XmlDocument } from "../../xml/index.js";
import { type AssertionSyntax, isTicketAttribute, parseAssertion } from "../saml/index.js";
import { names, sealedConfirmation, ticketAttribute } from "./names.js";
import { decodeText } from "./sealed-members.js";

/** A session ticket assertion as it was sent. Nothing in it has been opened or verified. */
export interface TicketAssertionSyntax {
  readonly assertion: AssertionSyntax;
  /** The sealed part. */
  readonly sealed: Buffer;
}

/** Octets of an assertion in an HTTP header or a cookie; Node takes no more than 16 KiB of headers. */
const maxEncodedOctets = 12_288;
/** Octets of the sealed part. */
const maxSealedOctets = 8_192;

/**
 * Whether an Assertion is a session ticket assertion, of whatever version: by the name of its one attribute. It grants
 * nothing.
 */
export function isTicketAssertion(document: XmlDocument, element: number): boolean {
  const statement = document.child(element, names.attributeStatement);
  const attribute = statement < 0 ? -1 : document.child(statement, names.attribute);
  return attribute >= 0 && isTicketAttribute(document.attribute(attribute, names.name) ?? "");
}

/**
 * Reads a session ticket assertion: structure only, no trust.
 * @param element The Assertion element.
 * @throws As `parseAssertion`
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for an assertion that is none, and for another version of the format
 * @throws ERR_TOKEN_MALFORMED for whatever the format does not have: an Advice, another statement, attribute or confirmation
 */
export function parseTicketAssertion(document: XmlDocument, element: number): TicketAssertionSyntax {
  const assertion = parseAssertion(document, element);
  const { version, subject, conditions, authnStatements, attributes } = assertion;
  const [attribute, ...others] = attributes;
  if (version !== "2.0" || attribute?.name !== ticketAttribute) {
    refuse("ERR_WSS_UNSUPPORTED_TOKEN", `the assertion has no attribute ${ticketAttribute}`, {
      place: () => document.place(element),
      rule,
      remedy: "Send a session ticket assertion of version 1.",
    });
  }
  const malformed = (reason: string): never =>
    refuse("ERR_TOKEN_MALFORMED", reason, {
      place: () => document.place(element),
      rule,
      remedy: "Send the assertion as the agent made it.",
    });
  if (others.length > 0 || authnStatements.length > 0) malformed("it makes other statements than the ticket");
  if (document.child(element, names.advice) >= 0) malformed("it holds an Advice");
  if (subject?.nameId === undefined) malformed("it names no subject");
  const [confirmation, ...more] = subject?.confirmations ?? [];
  if (confirmation === undefined || more.length > 0) malformed("it has not exactly one SubjectConfirmation");
  if (confirmation?.method !== sealedConfirmation && confirmation?.keys.length !== 1) {
    malformed(`it is confirmed neither by one key nor by ${sealedConfirmation}`);
  }
  if (conditions === undefined || conditions.audienceRestrictions.length !== 1) malformed("it is for no audience");
  const value = attribute?.values.length === 1 ? attribute.values[0] : undefined;
  const sealed = value === undefined ? undefined : decodeBase64(value, { maxOctets: maxSealedOctets });
  return { assertion, sealed: sealed ?? malformed("the sealed part is not one value in base64") };
}

/**
 * Reads what stands in an HTTP header or a cookie.
 * @throws As {@link parseTicketAssertion}; ERR_TOKEN_MALFORMED for text that is not base64url of at most 12,288 octets,
 * ERR_XML_MALFORMED, ERR_XML_FORBIDDEN and ERR_XML_LIMIT for octets that are no document
 */
export function parseEncodedTicketAssertion(text: string): TicketAssertionSyntax {
  const octets = text.length > maxEncodedOctets * 2 ? undefined : decodeText(text, maxEncodedOctets);
  if (octets === undefined) {
    refuse("ERR_TOKEN_MALFORMED", `the text is not base64url of at most ${maxEncodedOctets} octets`, {
      rule,
      remedy: "Send the value as the agent made it.",
    });
  }
  return parseTicketAssertion(scan(octets), 0);
}

const rule = "session ticket assertion, version 1";
