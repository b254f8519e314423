import type { XmlDocument } from "../xml/index.js";
import { type AgreementMethodSyntax, parseAgreementMethod } from "./agreement-method.js";
import { plainText } from "./base64-content.js";
import { type EncryptedTypeSyntax, hint, parseEncryptedType } from "./encrypted-type.js";
import {
  defaultEncryptionLimits,
  type EncryptionLimits,
  maxEncryptedKeyOctets,
  maxHintCharacters,
} from "./encryption-limits.js";
import { encryptionAttributes, xencNames } from "./encryption-names.js";
import { type KeyInfoSyntax, parseKeyInfo } from "./key-info.js";
import { parseReferenceList, type ReferenceListSyntax } from "./reference-list.js";
import { refuseShape } from "./refusals.js";

/** The ds:KeyInfo of an EncryptedKey: which of our keys opens it. */
export interface WrappingKeyInfoSyntax extends KeyInfoSyntax {
  /** Where the wrapping key is agreed upon. */
  readonly agreement: AgreementMethodSyntax | undefined;
}

/** An xenc:EncryptedKey, read and not yet decrypted: nothing in it is trusted. */
export interface EncryptedKeySyntax extends EncryptedTypeSyntax {
  readonly kind: "key";
  /** Undefined where it is absent: only the context then says which key opens it. */
  readonly keyInfo: WrappingKeyInfoSyntax | undefined;
  /** What was encrypted under this key, as its sender says. */
  readonly references: ReferenceListSyntax | undefined;
  /** The name by which an EncryptedData may refer to this key. */
  readonly carriedKeyName: string | undefined;
  /** The Recipient attribute, which BSP R5602 does not allow in a Security header. */
  readonly recipient: string | undefined;
}

const rule = "XML Encryption 1.1 section 3.5.1";

/**
 * Reads an xenc:EncryptedKey: structure only, each child once and in the order of the schema, all limits applied. Attributes
 * that BSP R3209, R5602, R5622 and R5623 forbid in a Security header (Type, Recipient, MimeType, Encoding) are handed on.
 * @throws ERR_WSS_INVALID_SECURITY for every wrong structure, ERR_WSS_UNSUPPORTED_ALGORITHM for a CipherReference and unknown
 * parameters, ERR_WSS_UNSUPPORTED_TOKEN for a key that is wrapped by another EncryptedKey in its own KeyInfo.
 */
export function parseEncryptedKey(
  doc: XmlDocument,
  element: number,
  limits: EncryptionLimits = defaultEncryptionLimits,
): EncryptedKeySyntax {
  if (doc.name(element) !== xencNames.encryptedKey) refuseShape(doc, element, "this is no xenc:EncryptedKey", rule);
  const { keyInfo: keyInfoElement, next: after, ...type } = parseEncryptedType(doc, element, maxEncryptedKeyOctets);
  let next = after;
  let references: ReferenceListSyntax | undefined;
  let carriedKeyName: string | undefined;
  if (next >= 0 && doc.name(next) === xencNames.referenceList) {
    references = parseReferenceList(doc, next, limits);
    next = doc.nextSibling(next);
  }
  if (next >= 0 && doc.name(next) === xencNames.carriedKeyName) {
    carriedKeyName = plainText(doc, next).trim();
    if (carriedKeyName.length > maxHintCharacters) {
      refuseShape(doc, next, `the name of a key has more than ${maxHintCharacters} characters`);
    }
    next = doc.nextSibling(next);
  }
  if (next >= 0) refuseShape(doc, next, `${doc.qualifiedName(next)} does not belong into an EncryptedKey here`, rule);
  return {
    ...type,
    kind: "key",
    keyInfo: keyInfoElement < 0 ? undefined : parseWrappingKeyInfo(doc, keyInfoElement),
    references,
    carriedKeyName,
    recipient: hint(doc, element, encryptionAttributes.recipient),
  };
}

function parseWrappingKeyInfo(doc: XmlDocument, element: number): WrappingKeyInfoSyntax {
  let agreement: AgreementMethodSyntax | undefined;
  const keyInfo = parseKeyInfo(doc, element, (child) => {
    if (doc.name(child) !== xencNames.agreementMethod) return false;
    if (agreement !== undefined) refuseShape(doc, child, "there are two key agreements", rule);
    agreement = parseAgreementMethod(doc, child);
    return true;
  });
  return { ...keyInfo, agreement };
}
