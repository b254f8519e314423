import { registerName } from "../../xml/index.js";
import { dsNames, saml20Namespace } from "../../xmlsec/index.js";
import type { ConfirmationMethod } from "./assertion.js";

const saml = (localName: string) => registerName(saml20Namespace, localName);
const plain = (localName: string) => registerName("", localName);

/** Elements of SAML 2.0 assertions: https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf section 2 */
export const names = Object.freeze({
  assertion: saml("Assertion"),
  issuer: saml("Issuer"),
  signature: dsNames.signature,
  subject: saml("Subject"),
  baseId: saml("BaseID"),
  nameId: saml("NameID"),
  encryptedId: saml("EncryptedID"),
  subjectConfirmation: saml("SubjectConfirmation"),
  subjectConfirmationData: saml("SubjectConfirmationData"),
  keyInfo: dsNames.keyInfo,
  conditions: saml("Conditions"),
  audienceRestriction: saml("AudienceRestriction"),
  audience: saml("Audience"),
  oneTimeUse: saml("OneTimeUse"),
  proxyRestriction: saml("ProxyRestriction"),
  advice: saml("Advice"),
  authnStatement: saml("AuthnStatement"),
  subjectLocality: saml("SubjectLocality"),
  authnContext: saml("AuthnContext"),
  authnContextClassRef: saml("AuthnContextClassRef"),
  authnContextDecl: saml("AuthnContextDecl"),
  authnContextDeclRef: saml("AuthnContextDeclRef"),
  authenticatingAuthority: saml("AuthenticatingAuthority"),
  attributeStatement: saml("AttributeStatement"),
  attribute: saml("Attribute"),
  attributeValue: saml("AttributeValue"),
  encryptedAttribute: saml("EncryptedAttribute"),
});

/** Attributes of those elements: the same, section 2 */
export const attributes = Object.freeze({
  version: plain("Version"),
  id: plain("ID"),
  issueInstant: plain("IssueInstant"),
  format: plain("Format"),
  nameQualifier: plain("NameQualifier"),
  spNameQualifier: plain("SPNameQualifier"),
  spProvidedId: plain("SPProvidedID"),
  method: plain("Method"),
  notBefore: plain("NotBefore"),
  notOnOrAfter: plain("NotOnOrAfter"),
  recipient: plain("Recipient"),
  inResponseTo: plain("InResponseTo"),
  address: plain("Address"),
  dnsName: plain("DNSName"),
  count: plain("Count"),
  authnInstant: plain("AuthnInstant"),
  sessionIndex: plain("SessionIndex"),
  sessionNotOnOrAfter: plain("SessionNotOnOrAfter"),
  name: plain("Name"),
});

/** URIs of the confirmation methods: https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf section 3 */
export const confirmationUri20: Readonly<Record<ConfirmationMethod, string>> = Object.freeze({
  bearer: "urn:oasis:names:tc:SAML:2.0:cm:bearer",
  "holder-of-key": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
  "sender-vouches": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
});

/** Formats of a name identifier, of both versions: saml-core-2.0-os section 8.3 */
export const nameIdFormat = Object.freeze({
  unspecified: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
  emailAddress: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
  x509SubjectName: "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
  persistent: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  transient: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
  entity: "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
});

/** Formats of an attribute's name: saml-core-2.0-os section 8.2 */
export const attributeNameFormat = Object.freeze({
  unspecified: "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
  uri: "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
  basic: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
});

/** How a subject was authenticated: https://docs.oasis-open.org/security/saml/v2.0/saml-authn-context-2.0-os.pdf section 3.4 */
export const authnContextClass = Object.freeze({
  unspecified: "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
  password: "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
  passwordProtectedTransport: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
  x509: "urn:oasis:names:tc:SAML:2.0:ac:classes:X509",
  tlsClient: "urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient",
});

/**
 * Whether an attribute makes its assertion a session ticket assertion, of whatever version. Such an assertion says nothing
 * by itself: its session may have ended. It is opened as what it is, and no route takes it as an assertion of SAML.
 */
export const isTicketAttribute = (name: string): boolean => name.startsWith("urn:countersign:session-ticket:");
