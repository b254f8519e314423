import { registerName } from "../xml/index.js";

/** XML Signature 1.0 and 2nd edition: https://www.w3.org/TR/xmldsig-core/#sec-Versions */
export const dsNamespace = "http://www.w3.org/2000/09/xmldsig#";
/** XML Signature 1.1: https://www.w3.org/TR/xmldsig-core1/#sec-Namespaces */
export const dsig11Namespace = "http://www.w3.org/2009/xmldsig11#";
/** RFC 9231, 2001 algorithms: https://www.rfc-editor.org/rfc/rfc9231#section-1.2 */
export const xmldsigMore2001Namespace = "http://www.w3.org/2001/04/xmldsig-more#";
/** RFC 9231, 2007 algorithms and RSAPSSParams: https://www.rfc-editor.org/rfc/rfc9231#section-2.3.9 */
export const xmldsigMore2007Namespace = "http://www.w3.org/2007/05/xmldsig-more#";
/** Exclusive canonicalization, element InclusiveNamespaces: https://www.w3.org/TR/xml-exc-c14n/#def-InclusiveNamespaces-PrefixList */
export const excC14nNamespace = "http://www.w3.org/2001/10/xml-exc-c14n#";
/** XML Encryption 1.0: https://www.w3.org/TR/xmlenc-core/#sec-Versions */
export const xencNamespace = "http://www.w3.org/2001/04/xmlenc#";
/** XML Encryption 1.1: https://www.w3.org/TR/xmlenc-core1/#sec-Versions */
export const xenc11Namespace = "http://www.w3.org/2009/xmlenc11#";

/** Exclusive XML Canonicalization without comments: https://www.w3.org/TR/xml-exc-c14n/#sec-Use */
export const exclusiveC14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
/** Exclusive XML Canonicalization with comments: https://www.w3.org/TR/xml-exc-c14n/#sec-Use */
export const exclusiveC14nWithComments = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
/** Canonical XML 1.0 without comments: https://www.w3.org/TR/2001/REC-xml-c14n-20010315 */
export const c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
/** Canonical XML 1.0 with comments: https://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments */
export const c14n10WithComments = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
/** Canonical XML 1.1 without comments: https://www.w3.org/TR/xml-c14n11/#Example-Title */
export const c14n11 = "http://www.w3.org/2006/12/xml-c14n11";
/** Canonical XML 1.1 with comments: https://www.w3.org/TR/xml-c14n11/#Example-Title */
export const c14n11WithComments = "http://www.w3.org/2006/12/xml-c14n11#WithComments";
/** The enveloped signature transform: https://www.w3.org/TR/xmldsig-core1/#sec-EnvelopedSignature */
export const envelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/** STR Dereference Transform: https://docs.oasis-open.org/wss/v1.1/wss-v1.1-spec-os-SOAPMessageSecurity.pdf section 8.3 */
export const strTransform =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform";
/** Digests an attachment's content: https://docs.oasis-open.org/wss/v1.1/wss-v1.1-spec-os-SwAProfile.pdf section 5.3 */
export const attachmentContentTransform =
  "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform";
/** Digests an attachment's MIME headers and content: the same section */
export const attachmentCompleteTransform =
  "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Complete-Signature-Transform";
/** Type of a Reference to a ds:Manifest: https://www.w3.org/TR/xmldsig-core1/#sec-Manifest */
export const manifestType = "http://www.w3.org/2000/09/xmldsig#Manifest";

const ds = (localName: string) => registerName(dsNamespace, localName);
const dsig11 = (localName: string) => registerName(dsig11Namespace, localName);
const pss = (localName: string) => registerName(xmldsigMore2007Namespace, localName);

/** Elements of XML Signature: https://www.w3.org/TR/xmldsig-core1/#sec-CoreSyntax */
export const dsNames = Object.freeze({
  signature: ds("Signature"),
  signedInfo: ds("SignedInfo"),
  canonicalizationMethod: ds("CanonicalizationMethod"),
  signatureMethod: ds("SignatureMethod"),
  hmacOutputLength: ds("HMACOutputLength"),
  reference: ds("Reference"),
  transforms: ds("Transforms"),
  transform: ds("Transform"),
  digestMethod: ds("DigestMethod"),
  digestValue: ds("DigestValue"),
  signatureValue: ds("SignatureValue"),
  object: ds("Object"),
  manifest: ds("Manifest"),
  keyInfo: ds("KeyInfo"),
  keyName: ds("KeyName"),
  keyValue: ds("KeyValue"),
  rsaKeyValue: ds("RSAKeyValue"),
  modulus: ds("Modulus"),
  exponent: ds("Exponent"),
  retrievalMethod: ds("RetrievalMethod"),
  x509Data: ds("X509Data"),
  x509IssuerSerial: ds("X509IssuerSerial"),
  x509IssuerName: ds("X509IssuerName"),
  x509SerialNumber: ds("X509SerialNumber"),
  x509Ski: ds("X509SKI"),
  x509SubjectName: ds("X509SubjectName"),
  x509Certificate: ds("X509Certificate"),
});

/** Elements of XML Signature 1.1: https://www.w3.org/TR/xmldsig-core1/#sec-KeyInfo */
export const dsig11Names = Object.freeze({
  ecKeyValue: dsig11("ECKeyValue"),
  namedCurve: dsig11("NamedCurve"),
  publicKey: dsig11("PublicKey"),
  derEncodedKeyValue: dsig11("DEREncodedKeyValue"),
  keyInfoReference: dsig11("KeyInfoReference"),
});

/** Elements of RSASSA-PSS parameters: https://www.rfc-editor.org/rfc/rfc9231#section-2.3.9 */
export const pssNames = Object.freeze({
  rsaPssParams: pss("RSAPSSParams"),
  maskGenerationFunction: pss("MaskGenerationFunction"),
  saltLength: pss("SaltLength"),
  trailerField: pss("TrailerField"),
});

/** The PrefixList element of exclusive canonicalization: https://www.w3.org/TR/xml-exc-c14n/#def-InclusiveNamespaces-PrefixList */
export const inclusiveNamespaces: number = registerName(excC14nNamespace, "InclusiveNamespaces");

/** Attributes without a namespace, as XML Signature and WS-Security use them. */
export const attributeNames = Object.freeze({
  algorithm: registerName("", "Algorithm"),
  uri: registerName("", "URI"),
  type: registerName("", "Type"),
  prefixList: registerName("", "PrefixList"),
  valueType: registerName("", "ValueType"),
  encodingType: registerName("", "EncodingType"),
  /** ID of ds and xenc elements. */
  id: registerName("", "Id"),
  /** ID of a SAML 2.0 assertion. */
  samlId: registerName("", "ID"),
  /** ID of a SAML 1.1 assertion. */
  assertionId: registerName("", "AssertionID"),
});
