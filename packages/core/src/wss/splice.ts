import type { XmlDocument } from "../xml/index.js";
import { attributeNames, dsNames, samlNames } from "../xmlsec/index.js";
import { wsu } from "./names.js";

/** Text to be put into octets at an offset, in place of `skip` octets there. */
export interface Insertion {
  readonly at: number;
  readonly text: string | Uint8Array;
  readonly skip?: number;
}

/** The octets with all insertions made; what lies between them is copied as it stands. */
export function insert(octets: Buffer, insertions: readonly Insertion[]): Buffer {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { at, text, skip = 0 } of [...insertions].sort((a, b) => a.at - b.at)) {
    pieces.push(octets.subarray(from, at), typeof text === "string" ? Buffer.from(text) : text);
    from = at + skip;
  }
  pieces.push(octets.subarray(from));
  return Buffer.concat(pieces);
}

/** The identifier by which a Reference may name an element: its wsu:Id, a signature's Id, or a SAML assertion's ID or AssertionID; "" where it has none. */
export function identifierOf(document: XmlDocument, element: number): string {
  const id = document.attribute(element, wsu.Id);
  if (id !== undefined) return id;
  switch (document.name(element)) {
    case samlNames.assertion20:
      return document.attribute(element, attributeNames.samlId) ?? "";
    case samlNames.assertion11:
      return document.attribute(element, attributeNames.assertionId) ?? "";
    case dsNames.signature:
      return document.attribute(element, attributeNames.id) ?? "";
    default:
      return "";
  }
}
