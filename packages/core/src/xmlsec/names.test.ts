import { describe, expect, it } from "vitest";
import * as encryptionNames from "./encryption-names.js";
import * as names from "./names.js";
import * as tokenNames from "./token-names.js";

// A second list, typed from the standards and not from the source: a slip in one of the two shows.
const independent: Readonly<Record<string, string>> = {
  dsNamespace: "http://www.w3.org/2000/09/xmldsig#",
  dsig11Namespace: "http://www.w3.org/2009/xmldsig11#",
  xmldsigMore2001Namespace: "http://www.w3.org/2001/04/xmldsig-more#",
  xmldsigMore2007Namespace: "http://www.w3.org/2007/05/xmldsig-more#",
  excC14nNamespace: "http://www.w3.org/2001/10/xml-exc-c14n#",
  xencNamespace: "http://www.w3.org/2001/04/xmlenc#",
  xenc11Namespace: "http://www.w3.org/2009/xmlenc11#",
  xmldsigMore2021Namespace: "http://www.w3.org/2021/04/xmldsig-more#",
  encryptedElementType: "http://www.w3.org/2001/04/xmlenc#Element",
  encryptedContentType: "http://www.w3.org/2001/04/xmlenc#Content",
  exclusiveC14n: "http://www.w3.org/2001/10/xml-exc-c14n#",
  exclusiveC14nWithComments: "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
  c14n10: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
  c14n10WithComments: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
  c14n11: "http://www.w3.org/2006/12/xml-c14n11",
  c14n11WithComments: "http://www.w3.org/2006/12/xml-c14n11#WithComments",
  envelopedSignature: "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
  attachmentContentTransform:
    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform",
  attachmentCompleteTransform:
    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Complete-Signature-Transform",
  strTransform: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
  manifestType: "http://www.w3.org/2000/09/xmldsig#Manifest",
  wsseNamespace: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
  wsse11Namespace: "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd",
  wsuNamespace: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
  saml11Namespace: "urn:oasis:names:tc:SAML:1.0:assertion",
  saml20Namespace: "urn:oasis:names:tc:SAML:2.0:assertion",
  base64Binary: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary",
};

const independentValueTypes: Readonly<Record<string, string>> = {
  x509v3: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3",
  x509PkiPath: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509PKIPathv1",
  x509Pkcs7: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#PKCS7",
  x509SubjectKeyIdentifier:
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509SubjectKeyIdentifier",
  thumbprintSha1: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1",
  encryptedKey: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey",
  encryptedKeySha1: "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKeySHA1",
  saml11AssertionId: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID",
  saml20AssertionId: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLID",
  saml11Token: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1",
  saml20Token: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
};

describe("names", () => {
  const uris = Object.entries({ ...names, ...tokenNames, ...encryptionNames }).filter(
    ([, value]) => typeof value === "string",
  );

  it("are those of the standards, and all of them are listed", () => {
    expect(Object.fromEntries(uris)).toEqual(independent);
    expect(tokenNames.valueTypes).toEqual(independentValueTypes);
  });

  it("give every element and attribute its own NameId", () => {
    const ids = [
      names.dsNames,
      names.dsig11Names,
      names.pssNames,
      names.attributeNames,
      encryptionNames.xencNames,
      encryptionNames.xenc11Names,
      encryptionNames.hkdfNames,
      encryptionNames.encryptionAttributes,
      tokenNames.wsseNames,
      tokenNames.samlNames,
    ]
      .flatMap((group) => Object.values(group))
      .concat(names.inclusiveNamespaces, tokenNames.wsuId, tokenNames.tokenType);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
