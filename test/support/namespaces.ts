/**
 * The prefixes and namespaces of the messages this folder writes. One prefix stands for one namespace everywhere, so that an
 * element is named by its prefixed name alone. A list of its own: a wrong constant in the product would show here.
 */
export const namespaces: Readonly<Record<string, string>> = {
  soap: "http://schemas.xmlsoap.org/soap/envelope/",
  env: "http://www.w3.org/2003/05/soap-envelope",
  wsse: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
  wsu: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
  wsse11: "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd",
  ds: "http://www.w3.org/2000/09/xmldsig#",
  ec: "http://www.w3.org/2001/10/xml-exc-c14n#",
  saml: "urn:oasis:names:tc:SAML:1.0:assertion",
  saml2: "urn:oasis:names:tc:SAML:2.0:assertion",
  wsa: "http://www.w3.org/2005/08/addressing",
  wsc: "http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512",
  xs: "http://www.w3.org/2001/XMLSchema",
  xsi: "http://www.w3.org/2001/XMLSchema-instance",
  o: "urn:example:orders",
};

const wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss";

/** `ValueType`, `EncodingType`, `Type` and confirmation URIs of the token profiles. */
export const profile = {
  base64Binary: `${wss}-soap-message-security-1.0#Base64Binary`,
  attachmentContent: "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform",
  attachmentComplete: "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Complete-Signature-Transform",
  strTransform: `${wss}-soap-message-security-1.0#STR-Transform`,
  x509v3: `${wss}-x509-token-profile-1.0#X509v3`,
  x509SubjectKeyIdentifier: `${wss}-x509-token-profile-1.0#X509SubjectKeyIdentifier`,
  thumbprintSha1: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1",
  passwordText: `${wss}-username-token-profile-1.0#PasswordText`,
  passwordDigest: `${wss}-username-token-profile-1.0#PasswordDigest`,
  saml2Token: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
  samlId: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLID",
  saml11Token: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1",
  samlAssertionId: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID",
  bearer: "urn:oasis:names:tc:SAML:2.0:cm:bearer",
  holderOfKey: "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
  senderVouches: "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
} as const;
