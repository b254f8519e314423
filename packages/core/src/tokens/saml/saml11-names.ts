import { registerName } from "../../xml/index.js";
import { dsNames, saml11Namespace } from "../../xmlsec/index.js";
import type { ConfirmationMethod } from "./assertion.js";

const saml = (localName: string) => registerName(saml11Namespace, localName);
const plain = (localName: string) => registerName("", localName);

/**
 * Elements of SAML 1.1 assertions:
 * https://www.oasis-open.org/committees/download.php/3406/oasis-sstc-saml-core-1.1.pdf section 2
 */
export const names11 = Object.freeze({
  conditions: saml("Conditions"),
  audienceRestrictionCondition: saml("AudienceRestrictionCondition"),
  audience: saml("Audience"),
  doNotCacheCondition: saml("DoNotCacheCondition"),
  advice: saml("Advice"),
  authenticationStatement: saml("AuthenticationStatement"),
  subject: saml("Subject"),
  nameIdentifier: saml("NameIdentifier"),
  subjectConfirmation: saml("SubjectConfirmation"),
  confirmationMethod: saml("ConfirmationMethod"),
  subjectConfirmationData: saml("SubjectConfirmationData"),
  keyInfo: dsNames.keyInfo,
  subjectLocality: saml("SubjectLocality"),
  authorityBinding: saml("AuthorityBinding"),
  attributeStatement: saml("AttributeStatement"),
  attribute: saml("Attribute"),
  attributeValue: saml("AttributeValue"),
  signature: dsNames.signature,
});

/** Attributes of those elements: the same, section 2 */
export const attributes11 = Object.freeze({
  majorVersion: plain("MajorVersion"),
  minorVersion: plain("MinorVersion"),
  assertionId: plain("AssertionID"),
  issuer: plain("Issuer"),
  issueInstant: plain("IssueInstant"),
  notBefore: plain("NotBefore"),
  notOnOrAfter: plain("NotOnOrAfter"),
  nameQualifier: plain("NameQualifier"),
  format: plain("Format"),
  authenticationMethod: plain("AuthenticationMethod"),
  authenticationInstant: plain("AuthenticationInstant"),
  ipAddress: plain("IPAddress"),
  dnsAddress: plain("DNSAddress"),
  authorityKind: plain("AuthorityKind"),
  location: plain("Location"),
  binding: plain("Binding"),
  attributeName: plain("AttributeName"),
  attributeNamespace: plain("AttributeNamespace"),
});

/**
 * URIs of the confirmation methods:
 * https://www.oasis-open.org/committees/download.php/3405/oasis-sstc-saml-bindings-1.1.pdf section 5
 */
export const confirmationUri11: Readonly<Record<ConfirmationMethod, string>> = Object.freeze({
  bearer: "urn:oasis:names:tc:SAML:1.0:cm:bearer",
  "holder-of-key": "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key",
  "sender-vouches": "urn:oasis:names:tc:SAML:1.0:cm:sender-vouches",
});

/** How a subject was authenticated: saml-core-1.1 section 7.1 */
export const authenticationMethod = Object.freeze({
  unspecified: "urn:oasis:names:tc:SAML:1.0:am:unspecified",
  password: "urn:oasis:names:tc:SAML:1.0:am:password",
  x509: "urn:oasis:names:tc:SAML:1.0:am:X509-PKI",
  tlsClient: "urn:ietf:rfc:2246",
});
