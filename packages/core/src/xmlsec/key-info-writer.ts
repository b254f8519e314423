import { encodeBase64 } from "../crypto/index.js";
import { element, escapeText } from "../xml/index.js";
import { dsig11Namespace, dsNamespace } from "./names.js";
import { base64Binary, valueTypes, wsse11Namespace, wsseNamespace, wsuNamespace } from "./token-names.js";
import type { IssuerSerial } from "./x509-data.js";

/** What a written SecurityTokenReference says besides the reference itself. */
export interface TokenReferenceOptions {
  /** Its own wsu:Id, needed where it is signed through an STR-Transform. */
  readonly id?: string | undefined;
  /** wsse11:TokenType: BSP R6611 and R6617 demand it for SAML, R5215 for certificate paths. */
  readonly tokenType?: string | undefined;
}

/** A reference to a token of the same message by its ID; `valueType` is left out for SAML 2.0 (BSP R6614). */
export function writeDirectReference(id: string, valueType?: string, options: TokenReferenceOptions = {}): string {
  return writeTokenReference(
    element("wsse:Reference", { URI: `#${id}`, ...(valueType === undefined ? {} : { ValueType: valueType }) }),
    options,
  );
}

/** A token that stands in the reference itself; `token` is XML. */
export function writeEmbeddedToken(token: string, valueType?: string, options: TokenReferenceOptions = {}): string {
  return writeTokenReference(
    element("wsse:Embedded", valueType === undefined ? {} : { ValueType: valueType }, token),
    options,
  );
}

/** A certificate by its subject key identifier extension (X.509 profile section 3.2.1). */
export function writeSubjectKeyIdentifier(value: Uint8Array, options?: TokenReferenceOptions): string {
  return writeBinaryIdentifier(valueTypes.x509SubjectKeyIdentifier, value, options);
}

/** A certificate by the SHA-1 of its DER (SOAP Message Security 1.1 section 7.3). */
export function writeThumbprint(value: Uint8Array, options?: TokenReferenceOptions): string {
  return writeBinaryIdentifier(valueTypes.thumbprintSha1, value, options);
}

/**
 * An EncryptedKey of an earlier message by the SHA-1 of its CipherValue octets (SOAP Message Security 1.1 section 7.7); names
 * the token type by itself.
 */
export function writeEncryptedKeySha1(value: Uint8Array, options: TokenReferenceOptions = {}): string {
  return writeBinaryIdentifier(valueTypes.encryptedKeySha1, value, { tokenType: valueTypes.encryptedKey, ...options });
}

/** A SAML assertion by its ID (SAML Token Profile 1.1 section 3.4); names the token type by itself. */
export function writeAssertionReference(
  version: "1.1" | "2.0",
  id: string,
  options: TokenReferenceOptions = {},
): string {
  const two = version === "2.0";
  const ValueType = two ? valueTypes.saml20AssertionId : valueTypes.saml11AssertionId;
  return writeTokenReference(element("wsse:KeyIdentifier", { ValueType }, escapeText(id)), {
    tokenType: two ? valueTypes.saml20Token : valueTypes.saml11Token,
    ...options,
  });
}

/** A certificate by issuer and serial number. */
export function writeIssuerSerialReference(issuerSerial: IssuerSerial, options: TokenReferenceOptions = {}): string {
  return writeTokenReference(writeX509Data({ issuerSerial }), options);
}

/** A ds:X509Data: what is given, in the order of the schema's examples. */
export function writeX509Data(content: {
  readonly issuerSerial?: IssuerSerial | undefined;
  readonly subjectKeyIdentifier?: Uint8Array | undefined;
  /** DER, the signer's first. */
  readonly certificates?: readonly Uint8Array[] | undefined;
}): string {
  const { issuerSerial, subjectKeyIdentifier, certificates = [] } = content;
  const children: string[] = [];
  if (issuerSerial !== undefined) {
    children.push(
      element(
        "ds:X509IssuerSerial",
        {},
        element("ds:X509IssuerName", {}, escapeText(issuerSerial.issuer)),
        element("ds:X509SerialNumber", {}, issuerSerial.serialNumber.toString()),
      ),
    );
  }
  if (subjectKeyIdentifier !== undefined) children.push(element("ds:X509SKI", {}, encodeBase64(subjectKeyIdentifier)));
  for (const der of certificates) children.push(element("ds:X509Certificate", {}, encodeBase64(der)));
  return element("ds:X509Data", { "xmlns:ds": dsNamespace }, ...children);
}

/** A ds:KeyName: a hint for a receiver that knows keys by name. */
export function writeKeyName(name: string): string {
  return element("ds:KeyName", { "xmlns:ds": dsNamespace }, escapeText(name));
}

/** A ds:KeyValue with an RSA key: modulus and exponent, big-endian, without leading zero octets. */
export function writeRsaKeyValue(modulus: Uint8Array, exponent: Uint8Array): string {
  return element(
    "ds:KeyValue",
    { "xmlns:ds": dsNamespace },
    element(
      "ds:RSAKeyValue",
      {},
      element("ds:Modulus", {}, encodeBase64(modulus)),
      element("ds:Exponent", {}, encodeBase64(exponent)),
    ),
  );
}

/** A dsig11:DEREncodedKeyValue: any public key as SubjectPublicKeyInfo. */
export function writeDerKeyValue(spki: Uint8Array): string {
  return element("dsig11:DEREncodedKeyValue", { "xmlns:dsig11": dsig11Namespace }, encodeBase64(spki));
}

/** A ds:KeyInfo around one of the above. */
export function writeKeyInfo(...content: readonly string[]): string {
  return element("ds:KeyInfo", { "xmlns:ds": dsNamespace }, ...content);
}

function writeBinaryIdentifier(ValueType: string, value: Uint8Array, options: TokenReferenceOptions = {}): string {
  return writeTokenReference(
    element("wsse:KeyIdentifier", { EncodingType: base64Binary, ValueType }, encodeBase64(value)),
    options,
  );
}

function writeTokenReference(reference: string, { id, tokenType }: TokenReferenceOptions): string {
  return element(
    "wsse:SecurityTokenReference",
    {
      "xmlns:wsse": wsseNamespace,
      ...(tokenType === undefined ? {} : { "xmlns:wsse11": wsse11Namespace }),
      ...(id === undefined ? {} : { "xmlns:wsu": wsuNamespace }),
      ...(tokenType === undefined ? {} : { "wsse11:TokenType": tokenType }),
      ...(id === undefined ? {} : { "wsu:Id": id }),
    },
    reference,
  );
}
