import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { base64Content, plainText } from "./base64-content.js";
import { maxCertificateOctets } from "./limits.js";
import { attributeNames, dsNames } from "./names.js";
import { isNcName } from "./nc-name.js";
import { refuseShape } from "./refusals.js";
import { base64Binary, tokenType, valueTypes, wsseNames, wsuId } from "./token-names.js";
import { maxKeyIdentifierOctets, parseX509Data, type X509DataSyntax } from "./x509-data.js";

/** How a SecurityTokenReference names its token: SOAP Message Security 1.1 section 7. */
export type TokenReferenceTarget =
  /** `uri` is "#id", or the URI of a token that is not in the message. */
  | { readonly kind: "direct"; readonly uri: string; readonly valueType: string | undefined }
  /** The token stands in the reference itself. */
  | { readonly kind: "embedded"; readonly token: number; readonly valueType: string | undefined }
  | { readonly kind: "subjectKeyIdentifier"; readonly value: Buffer }
  | { readonly kind: "thumbprintSha1"; readonly value: Buffer }
  /** SHA-1 of the octets of an EncryptedKey's CipherValue: a key that both sides know from an earlier message. */
  | { readonly kind: "encryptedKeySha1"; readonly value: Buffer }
  | { readonly kind: "samlAssertionId"; readonly version: "1.1" | "2.0"; readonly id: string }
  | { readonly kind: "x509Data"; readonly x509Data: X509DataSyntax };

/** A wsse:SecurityTokenReference as read: nothing is resolved. */
export interface TokenReferenceSyntax {
  readonly element: number;
  /** Its own wsu:Id. */
  readonly id: string | undefined;
  /** The wsse11:TokenType attribute. */
  readonly tokenType: string | undefined;
  readonly target: TokenReferenceTarget;
}

/**
 * Reads a wsse:SecurityTokenReference that refers in exactly one way (BSP R3061).
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure; a reference inside a reference is refused (BSP R3056, R3057).
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for a KeyIdentifier of another ValueType.
 */
export function parseTokenReference(doc: XmlDocument, element: number): TokenReferenceSyntax {
  const child = doc.firstChild(element);
  if (child < 0) refuseShape(doc, element, "the reference to a token is empty", "BSP R3061");
  const second = doc.nextSibling(child);
  if (second >= 0) refuseShape(doc, second, "there is more than one way of reference to a token", "BSP R3061");
  return {
    element,
    id: doc.attribute(element, wsuId),
    tokenType: doc.attribute(element, tokenType),
    target: parseTarget(doc, child),
  };
}

function parseTarget(doc: XmlDocument, child: number): TokenReferenceTarget {
  switch (doc.name(child)) {
    case wsseNames.reference: {
      const uri = doc.attribute(child, attributeNames.uri);
      if (uri === undefined || uri === "") refuseShape(doc, child, "wsse:Reference has no URI", "BSP R3062");
      if (doc.firstChild(child) >= 0) refuseShape(doc, child, "wsse:Reference has no content", "BSP R3062");
      return { kind: "direct", uri, valueType: doc.attribute(child, attributeNames.valueType) };
    }
    case wsseNames.embedded:
      return parseEmbedded(doc, child);
    case wsseNames.keyIdentifier:
      return parseKeyIdentifier(doc, child);
    case dsNames.x509Data:
      return { kind: "x509Data", x509Data: parseX509Data(doc, child) };
    default: {
      const rule = doc.name(child) === dsNames.keyName ? "BSP R3027" : "BSP R3061";
      return refuseShape(doc, child, `${doc.qualifiedName(child)} is no way of reference to a token`, rule);
    }
  }
}

function parseEmbedded(doc: XmlDocument, element: number): TokenReferenceTarget {
  const token = doc.firstChild(element);
  if (token < 0 || doc.nextSibling(token) >= 0) {
    refuseShape(doc, element, "wsse:Embedded holds exactly one token", "BSP R3060");
  }
  if (doc.name(token) === wsseNames.securityTokenReference) {
    refuseShape(doc, token, "a reference to a token is embedded in another", "BSP R3056");
  }
  return { kind: "embedded", token, valueType: doc.attribute(element, attributeNames.valueType) };
}

function parseKeyIdentifier(doc: XmlDocument, element: number): TokenReferenceTarget {
  const valueType = doc.attribute(element, attributeNames.valueType);
  if (valueType === undefined) refuseShape(doc, element, "wsse:KeyIdentifier has no ValueType", "BSP R3054");
  const encoding = doc.attribute(element, attributeNames.encodingType);
  switch (valueType) {
    case valueTypes.x509SubjectKeyIdentifier:
      requireBase64(doc, element, encoding);
      return { kind: "subjectKeyIdentifier", value: base64Content(doc, element, 1, maxKeyIdentifierOctets) };
    case valueTypes.thumbprintSha1:
      requireBase64(doc, element, encoding);
      return { kind: "thumbprintSha1", value: base64Content(doc, element, 20, 20) };
    case valueTypes.encryptedKeySha1:
      requireBase64(doc, element, encoding);
      return { kind: "encryptedKeySha1", value: base64Content(doc, element, 20, 20) };
    case valueTypes.x509v3:
      // Against BSP R5206, but a setting of WSS4J's: the identifier is the certificate itself.
      requireBase64(doc, element, encoding);
      return { kind: "x509Data", x509Data: onlyCertificate(doc, element) };
    case valueTypes.saml11AssertionId:
      return assertionId(doc, element, encoding, "1.1");
    case valueTypes.saml20AssertionId:
      return assertionId(doc, element, encoding, "2.0");
    default:
      return refuse("ERR_WSS_UNSUPPORTED_TOKEN", `a KeyIdentifier of type ${valueType} is not supported`, {
        place: () => doc.place(element),
        remedy: `Use ${valueTypes.x509SubjectKeyIdentifier} or ${valueTypes.thumbprintSha1}`,
      });
  }
}

function onlyCertificate(doc: XmlDocument, element: number): X509DataSyntax {
  const certificates = [base64Content(doc, element, 1, maxCertificateOctets)];
  return { element, issuerSerial: undefined, subjectKeyIdentifier: undefined, subjectName: undefined, certificates };
}

/**
 * SOAP Message Security 1.1 section 7.3 makes Base64Binary the default of EncodingType. BSP R3070 wants it spelled out,
 * which .NET does not do for thumbprints: absent is taken, anything else is refused (BSP R3071).
 */
function requireBase64(doc: XmlDocument, element: number, encoding: string | undefined): void {
  if (encoding !== undefined && encoding !== base64Binary) {
    refuseShape(doc, element, `the EncodingType is ${encoding}, not Base64Binary`, "BSP R3071");
  }
}

/** SAML Token Profile 1.1 section 3.4: the identifier is the assertion's ID itself, so there is no encoding to name (BSP R6604). */
function assertionId(
  doc: XmlDocument,
  element: number,
  encoding: string | undefined,
  version: "1.1" | "2.0",
): TokenReferenceTarget {
  if (encoding !== undefined) refuseShape(doc, element, "a SAML assertion id has no EncodingType", "BSP R6604");
  const id = plainText(doc, element).trim();
  if (!isNcName(id))
    refuseShape(doc, element, "the SAML assertion id is no NCName", "SAML Token Profile 1.1 section 3.4");
  return { kind: "samlAssertionId", version, id };
}
