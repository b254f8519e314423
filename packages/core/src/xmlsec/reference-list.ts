import type { XmlDocument } from "../xml/index.js";
import { defaultEncryptionLimits, type EncryptionLimits } from "./encryption-limits.js";
import { xencNames } from "./encryption-names.js";
import { IdIndex } from "./id-index.js";
import { attributeNames } from "./names.js";
import { refuseShape } from "./refusals.js";

/** An xenc:ReferenceList as read: identifiers, not resolved. */
export interface ReferenceListSyntax {
  readonly element: number;
  /** Identifiers that DataReferences name: EncryptedData of this document. */
  readonly data: readonly string[];
  /** Identifiers that KeyReferences name: EncryptedKeys of this document. */
  readonly keys: readonly string[];
}

const rule = "XML Encryption 1.1 section 3.6";

/**
 * Reads an xenc:ReferenceList: at least one reference, all of them to this document, none twice, without content.
 * @throws ERR_WSS_INVALID_SECURITY for anything else.
 */
export function parseReferenceList(
  doc: XmlDocument,
  element: number,
  { maxReferences }: EncryptionLimits = defaultEncryptionLimits,
): ReferenceListSyntax {
  const data = new Set<string>();
  const keys = new Set<string>();
  for (let child = doc.firstChild(element); child >= 0; child = doc.nextSibling(child)) {
    const name = doc.name(child);
    const list = name === xencNames.dataReference ? data : name === xencNames.keyReference ? keys : undefined;
    if (list === undefined) refuseShape(doc, child, `${doc.qualifiedName(child)} is no reference`, rule);
    const id = IdIndex.fragment(doc, child, doc.attribute(child, attributeNames.uri));
    if (id === undefined) refuseShape(doc, child, "the reference does not lead to an element of this message", rule);
    if (doc.firstChild(child) >= 0) refuseShape(doc, child, "the reference has content, transforms perhaps", rule);
    if (list.has(id)) refuseShape(doc, child, "the same element is referred to twice", rule);
    list.add(id);
    if (data.size + keys.size > maxReferences) {
      refuseShape(doc, element, `there are more than ${maxReferences} references`);
    }
  }
  if (data.size + keys.size === 0) refuseShape(doc, element, "xenc:ReferenceList is empty", rule);
  return { element, data: [...data], keys: [...keys] };
}
