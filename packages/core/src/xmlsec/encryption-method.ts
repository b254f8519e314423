import type { OaepParameters } from "../crypto/index.js";
import type { XmlDocument } from "../xml/index.js";
import { base64Content, plainText } from "./base64-content.js";
import { requiredAlgorithm } from "./canonical-method.js";
import { maxLabelOctets } from "./encryption-limits.js";
import { xenc11Names, xencNames } from "./encryption-names.js";
import { dsNames } from "./names.js";
import { refuseAlgorithm, refuseShape } from "./refusals.js";

/** An xenc:EncryptionMethod as read: which algorithm it is, and whether it is allowed, is decided later. */
export interface EncryptionMethodSyntax {
  readonly element: number;
  /** URI of the algorithm. */
  readonly uri: string;
  /** KeySize in bits; undefined where it is absent. */
  readonly keySize: number | undefined;
  /** DigestMethod, MGF and OAEPparams; undefined where none of them is there. */
  readonly oaep: OaepParameters | undefined;
}

const rule = "XML Encryption 1.1 section 3.2";

/**
 * Reads an xenc:EncryptionMethod: KeySize, OAEPparams, DigestMethod and MGF at most once each, in any order, since peers
 * disagree on it.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure, ERR_WSS_UNSUPPORTED_ALGORITHM for other parameters.
 */
export function parseEncryptionMethod(doc: XmlDocument, element: number): EncryptionMethodSyntax {
  const found = new Map<number, number>();
  for (let child = doc.firstChild(element); child >= 0; child = doc.nextSibling(child)) {
    const name = doc.name(child);
    if (!parameters.has(name)) {
      refuseAlgorithm(doc, child, `${doc.qualifiedName(child)} is no parameter of an algorithm we take`, rule);
    }
    if (found.has(name)) refuseShape(doc, child, `${doc.qualifiedName(child)} stands twice`, rule);
    found.set(name, child);
  }
  const keySize = found.get(xencNames.keySize);
  const label = found.get(xencNames.oaepParams);
  const digest = found.get(dsNames.digestMethod);
  const mask = found.get(xenc11Names.mgf);
  return {
    element,
    uri: requiredAlgorithm(doc, element),
    keySize: keySize === undefined ? undefined : wholeNumber(doc, keySize, rule),
    oaep:
      label === undefined && digest === undefined && mask === undefined
        ? undefined
        : {
            label: label === undefined ? undefined : base64Content(doc, label, 0, maxLabelOctets),
            digest: digest === undefined ? undefined : emptyAlgorithm(doc, digest),
            mask: mask === undefined ? undefined : emptyAlgorithm(doc, mask),
          },
  };
}

const parameters: ReadonlySet<number> = new Set([
  xencNames.keySize,
  xencNames.oaepParams,
  dsNames.digestMethod,
  xenc11Names.mgf,
]);

/**
 * The Algorithm of an element that says nothing else.
 * @throws ERR_WSS_INVALID_SECURITY where it is absent, ERR_WSS_UNSUPPORTED_ALGORITHM where the element has content.
 */
export function emptyAlgorithm(doc: XmlDocument, element: number): string {
  if (doc.firstChild(element) >= 0) {
    refuseAlgorithm(doc, element, `${doc.qualifiedName(element)} takes no parameters`, rule);
  }
  return requiredAlgorithm(doc, element);
}

/**
 * The content of an element that holds a small whole number.
 * @throws ERR_WSS_INVALID_SECURITY for anything else.
 */
export function wholeNumber(doc: XmlDocument, element: number, section: string): number {
  const text = plainText(doc, element).trim();
  if (!/^[0-9]{1,5}$/.test(text)) refuseShape(doc, element, "this is no small whole number", section);
  return Number(text);
}
