import type { XmlDocument } from "../xml/index.js";
import { type AgreementMethodSyntax, parseAgreementMethod } from "./agreement-method.js";
import { type EncryptedKeySyntax, parseEncryptedKey } from "./encrypted-key.js";
import { type EncryptedTypeSyntax, parseEncryptedType } from "./encrypted-type.js";
import { defaultEncryptionLimits, type EncryptionLimits } from "./encryption-limits.js";
import { xencNames } from "./encryption-names.js";
import { type KeyInfoSyntax, parseKeyInfo } from "./key-info.js";
import { refuseShape } from "./refusals.js";

/** The ds:KeyInfo of an EncryptedData: which key encrypted it. */
export interface ContentKeyInfoSyntax extends KeyInfoSyntax {
  /** EncryptedKeys that stand here: the same key for one recipient each. */
  readonly encryptedKeys: readonly EncryptedKeySyntax[];
  /** Where the content key itself is agreed upon. */
  readonly agreement: AgreementMethodSyntax | undefined;
}

/** An xenc:EncryptedData, read and not yet decrypted: nothing in it is trusted. */
export interface EncryptedDataSyntax extends EncryptedTypeSyntax {
  readonly kind: "data";
  /** Undefined where it is absent: an EncryptedKey elsewhere then refers to this EncryptedData. */
  readonly keyInfo: ContentKeyInfoSyntax | undefined;
}

const rule = "XML Encryption 1.1 section 3.4";

/**
 * Reads an xenc:EncryptedData: structure only, each child once and in the order of the schema, all limits applied.
 * @throws ERR_WSS_INVALID_SECURITY for every wrong structure, ERR_WSS_UNSUPPORTED_ALGORITHM for a CipherReference and unknown
 * parameters.
 */
export function parseEncryptedData(
  doc: XmlDocument,
  element: number,
  limits: EncryptionLimits = defaultEncryptionLimits,
): EncryptedDataSyntax {
  if (doc.name(element) !== xencNames.encryptedData) refuseShape(doc, element, "this is no xenc:EncryptedData", rule);
  const { keyInfo, next, ...type } = parseEncryptedType(doc, element, limits.maxCipherOctets);
  if (next >= 0) refuseShape(doc, next, `${doc.qualifiedName(next)} does not belong into an EncryptedData here`, rule);
  return { ...type, kind: "data", keyInfo: keyInfo < 0 ? undefined : parseContentKeyInfo(doc, keyInfo, limits) };
}

function parseContentKeyInfo(doc: XmlDocument, element: number, limits: EncryptionLimits): ContentKeyInfoSyntax {
  let agreement: AgreementMethodSyntax | undefined;
  const encryptedKeys: EncryptedKeySyntax[] = [];
  const keyInfo = parseKeyInfo(doc, element, (child) => {
    switch (doc.name(child)) {
      case xencNames.encryptedKey:
        if (encryptedKeys.length === limits.maxEncryptedKeys) {
          refuseShape(doc, element, `there are more than ${limits.maxEncryptedKeys} encrypted keys`);
        }
        encryptedKeys.push(parseEncryptedKey(doc, child, limits));
        return true;
      case xencNames.agreementMethod:
        if (agreement !== undefined) refuseShape(doc, child, "there are two key agreements", rule);
        agreement = parseAgreementMethod(doc, child);
        return true;
      default:
        return false;
    }
  });
  return { ...keyInfo, encryptedKeys, agreement };
}
