import { refuse } from "../errors/index.js";
import type { UnverifiedEnvelope } from "../soap/index.js";
import type { XmlDocument } from "../xml/index.js";
import { attributeNames } from "../xmlsec/index.js";
import { encryption, wsse11 } from "./names.js";

/** Whether plaintext stands for one element or for the whole content of one (XML Encryption 1.1 section 3.1, Type). */
export type PlaintextType = "element" | "content";

/** Where an EncryptedData stands, and what its plaintext takes the place of. */
export interface EncryptedPlace {
  /** The element that the plaintext replaces: the EncryptedData, or the EncryptedHeader or EncryptedAssertion around it. */
  readonly replaced: number;
  /** The element that `replaced` stands in. */
  readonly parent: number;
  readonly type: PlaintextType;
}

/**
 * Decides whether cipher text may stand where it does (WS-Security 1.1 section 9): an element of our Security header, a
 * header block inside wsse11:EncryptedHeader, an assertion inside saml2:EncryptedAssertion, or anything in the Body. Cipher
 * text of content is the whole content of its element, so that nothing can be put beside it.
 * @param security Our Security header.
 * @param data The EncryptedData.
 * @param type What it says of its plaintext.
 * @throws ERR_WSS_INVALID_SECURITY
 */
export function placeOf(
  envelope: UnverifiedEnvelope,
  security: number,
  data: number,
  type: PlaintextType,
): EncryptedPlace {
  const { document, header, body } = envelope;
  const parent = document.parent(data);
  const name = parent === -1 ? -1 : document.name(parent);
  if (data > body && data < document.after(body)) {
    if (type === "content") requireAlone(envelope, data, parent);
    return { replaced: data, parent, type };
  }
  if (type !== "element")
    refusePlace(envelope, data, "only whole elements of the Header can be encrypted", "BSP R5617");
  if (parent === security) return { replaced: data, parent, type };
  const holder = parent === -1 ? -1 : document.parent(parent);
  if (name === wsse11.EncryptedHeader && holder === header) {
    requireAlone(envelope, data, parent);
    return { replaced: parent, parent: holder, type };
  }
  if (name === encryption.EncryptedAssertion && holder === security) {
    return { replaced: parent, parent: holder, type };
  }
  refusePlace(envelope, data, "nothing is decrypted at this place", "WS-Security 1.1, 9");
}

/** Refuses anything but white space beside cipher text (BSP R3230). */
function requireAlone(envelope: UnverifiedEnvelope, data: number, parent: number): void {
  const { document } = envelope;
  const blank = (from: number, to: number) => document.bytes.toString("latin1", from, to).trim() === "";
  if (
    document.firstChild(parent) === data &&
    document.nextSibling(data) === -1 &&
    blank(document.contentStart(parent), document.start(data)) &&
    blank(document.end(data), document.contentEnd(parent))
  ) {
    return;
  }
  refusePlace(envelope, data, `${document.qualifiedName(parent)} holds more than one EncryptedData`, "BSP R3230");
}

function refusePlace({ document }: UnverifiedEnvelope, data: number, reason: string, rule: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", reason, {
    place: () => document.place(data),
    rule,
    remedy: "Encrypt the content of the Body, elements in it, whole header blocks, or elements of the Security header.",
  });
}

/** EncryptedData by Id, wherever it stands. */
export function dataById(document: XmlDocument): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { element, attribute, value } of document.ids) {
    if (attribute !== attributeNames.id || document.name(element) !== encryption.EncryptedData) continue;
    const list = found.get(value);
    if (list === undefined) found.set(value, [element]);
    else list.push(element);
  }
  return found;
}
