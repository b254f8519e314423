import { registerName } from "../xml/index.js";

/** WS-Security 1.0 elements: https://docs.oasis-open.org/wss/v1.1/wss-v1.1-spec-os-SOAPMessageSecurity.pdf section 2.2 */
export const wsseNamespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/** WS-Security 1.1 additions: the same, section 2.2 */
export const wsse11Namespace = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
/** WS-Security utility (wsu:Id, wsu:Timestamp): the same, section 2.2 */
export const wsuNamespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/** SAML 1.1 assertions: https://docs.oasis-open.org/security/saml/v1.1 */
export const saml11Namespace = "urn:oasis:names:tc:SAML:1.0:assertion";
/** SAML 2.0 assertions: https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf section 1.2 */
export const saml20Namespace = "urn:oasis:names:tc:SAML:2.0:assertion";

/** The one encoding of binary values: SOAP Message Security 1.1 section 6.3 */
export const base64Binary =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/** What a token or key identifier is (ValueType, TokenType): X.509 1.1 section 3.1, SOAP Message Security 1.1 section 7.3, SAML 1.1 profile section 3.4 */
export const valueTypes = Object.freeze({
  x509v3: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3",
  x509PkiPath: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509PKIPathv1",
  x509Pkcs7: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#PKCS7",
  x509SubjectKeyIdentifier:
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509SubjectKeyIdentifier",
  thumbprintSha1: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1",
  /** Direct reference to an EncryptedKey of the message: SOAP Message Security 1.1 section 7.7. */
  encryptedKey: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey",
  /** KeyIdentifier that holds the SHA-1 of an EncryptedKey's CipherValue octets: the same section. */
  encryptedKeySha1: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKeySHA1",
  /** KeyIdentifier that holds the AssertionID of a SAML 1.1 assertion. */
  saml11AssertionId: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID",
  /** KeyIdentifier that holds the ID of a SAML 2.0 assertion. */
  saml20AssertionId: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLID",
  saml11Token: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1",
  saml20Token: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
});

const wsse = (localName: string) => registerName(wsseNamespace, localName);

/** Elements of WS-Security that refer to tokens. */
export const wsseNames = Object.freeze({
  securityTokenReference: wsse("SecurityTokenReference"),
  reference: wsse("Reference"),
  keyIdentifier: wsse("KeyIdentifier"),
  embedded: wsse("Embedded"),
  transformationParameters: wsse("TransformationParameters"),
  /** The Usage attribute of a SecurityTokenReference. */
  usage: wsse("Usage"),
});

/** The attribute wsu:Id. */
export const wsuId: number = registerName(wsuNamespace, "Id");
/** The attribute wsse11:TokenType of a SecurityTokenReference. */
export const tokenType: number = registerName(wsse11Namespace, "TokenType");

/** Assertion elements. */
export const samlNames = Object.freeze({
  assertion11: registerName(saml11Namespace, "Assertion"),
  assertion20: registerName(saml20Namespace, "Assertion"),
});
