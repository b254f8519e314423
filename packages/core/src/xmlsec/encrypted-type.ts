import type { XmlDocument } from "../xml/index.js";
import { base64Content } from "./base64-content.js";
import { maxHintCharacters } from "./encryption-limits.js";
import { type EncryptionMethodSyntax, parseEncryptionMethod } from "./encryption-method.js";
import { encryptionAttributes, xencNames } from "./encryption-names.js";
import { attributeNames, dsNames } from "./names.js";
import { refuseAlgorithm, refuseShape } from "./refusals.js";

/** What EncryptedData and EncryptedKey have in common (XML Encryption 1.1 section 3.1). */
export interface EncryptedTypeSyntax {
  readonly element: number;
  /** The Id attribute. */
  readonly id: string | undefined;
  /** The Type attribute: what the plaintext is. */
  readonly type: string | undefined;
  /** The MimeType attribute. */
  readonly mimeType: string | undefined;
  /** The Encoding attribute: how the plaintext is encoded once more. */
  readonly encoding: string | undefined;
  readonly method: EncryptionMethodSyntax;
  /** Octets of the CipherValue; may be empty, which no decryption survives. */
  readonly cipherValue: Buffer;
}

const rule = "XML Encryption 1.1 section 3.1";

/**
 * Reads the common part of an encrypted type: EncryptionMethod (BSP R5601, R5603: always there), KeyInfo, CipherData with
 * CipherValue, EncryptionProperties, which nobody reads.
 * @param most The most octets that the CipherValue may have.
 * @returns The handle of the ds:KeyInfo, -1 for none, and of the first child behind the common part, -1 for none.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure; ERR_WSS_UNSUPPORTED_ALGORITHM for a CipherReference: nothing is
 * fetched.
 */
export function parseEncryptedType(
  doc: XmlDocument,
  element: number,
  most: number,
): EncryptedTypeSyntax & { readonly keyInfo: number; readonly next: number } {
  const method = doc.firstChild(element);
  if (method < 0 || doc.name(method) !== xencNames.encryptionMethod) {
    refuseShape(doc, element, "xenc:EncryptionMethod is missing", "BSP R5601");
  }
  let child = doc.nextSibling(method);
  let keyInfo = -1;
  if (child >= 0 && doc.name(child) === dsNames.keyInfo) {
    keyInfo = child;
    child = doc.nextSibling(child);
  }
  if (child < 0 || doc.name(child) !== xencNames.cipherData) {
    refuseShape(doc, element, "xenc:CipherData is missing, or not in its place", rule);
  }
  const value = doc.firstChild(child);
  if (value >= 0 && doc.name(value) === xencNames.cipherReference) {
    refuseAlgorithm(
      doc,
      value,
      "the ciphertext is not in the message, and nothing is fetched",
      "XML Encryption 1.1 section 3.3.1",
      "Send the ciphertext as xenc:CipherValue",
    );
  }
  if (value < 0 || doc.name(value) !== xencNames.cipherValue || doc.nextSibling(value) >= 0) {
    refuseShape(doc, child, "xenc:CipherData holds one xenc:CipherValue", "XML Encryption 1.1 section 3.3");
  }
  let next = doc.nextSibling(child);
  if (next >= 0 && doc.name(next) === xencNames.encryptionProperties) next = doc.nextSibling(next);
  return {
    element,
    id: doc.attribute(element, attributeNames.id),
    type: hint(doc, element, attributeNames.type),
    mimeType: hint(doc, element, encryptionAttributes.mimeType),
    encoding: hint(doc, element, encryptionAttributes.encoding),
    method: parseEncryptionMethod(doc, method),
    cipherValue: base64Content(doc, value, 0, most),
    keyInfo,
    next,
  };
}

/**
 * An attribute that only says something about what is encrypted.
 * @throws ERR_WSS_INVALID_SECURITY for more than 1,024 characters.
 */
export function hint(doc: XmlDocument, element: number, name: number): string | undefined {
  const value = doc.attribute(element, name);
  if (value !== undefined && value.length > maxHintCharacters) {
    refuseShape(doc, element, `an attribute has more than ${maxHintCharacters} characters`);
  }
  return value;
}
