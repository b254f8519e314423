import { isCountersignError } from "../errors/index.js";
import { scan, type XmlDocument, type XmlLimits } from "../xml/index.js";
import type { EncryptedDataSyntax } from "./encrypted-data.js";
import { encryptedContentType, encryptedElementType } from "./encryption-names.js";
import { refuseDecryption } from "./refusals.js";

/** Octets of the start tags around cipher text: they are scanned again with each plaintext. */
const maxSurroundings = 16_384;

/**
 * Requires that a plaintext is XML that can stand where its EncryptedData stands: one element for Type Element, whole content
 * for Type Content, well-formed by itself in the namespaces around it, within all limits. Without this a plaintext like
 * `</a><a>` or an open CDATA section would change what stands around it.
 * @throws ERR_WSS_DECRYPTION_FAILED for anything else, another Type or none included: the answer is that of a wrong key.
 */
export function requireDecryptedXml(
  doc: XmlDocument,
  { element, type }: EncryptedDataSyntax,
  plaintext: Uint8Array,
  limits?: XmlLimits,
): void {
  if (type !== encryptedElementType && type !== encryptedContentType) refuseDecryption(doc, element);
  const { before, after, parents } = surroundings(doc, element);
  if (before.length > maxSurroundings) refuseDecryption(doc, element);
  if (parents === 0 && type === encryptedContentType) refuseDecryption(doc, element);
  let inside: XmlDocument;
  try {
    inside = scan(Buffer.concat([before, plaintext, after]), limits);
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    refuseDecryption(doc, element);
  }
  // The surrounding elements are the first ones, one inside the other; the last of them must close where it was meant to.
  const start = before.length;
  const end = start + plaintext.length;
  if (parents > 0 && (inside.contentStart(parents - 1) !== start || inside.contentEnd(parents - 1) !== end)) {
    refuseDecryption(doc, element);
  }
  if (
    type === encryptedElementType &&
    (inside.elementCount <= parents || inside.start(parents) !== start || inside.end(parents) !== end)
  ) {
    refuseDecryption(doc, element);
  }
}

/** The start tags around an element, which declare the namespaces there, and the end tags that belong to them. */
function surroundings(doc: XmlDocument, element: number) {
  const starts: Buffer[] = [];
  let ends = "";
  for (let parent = doc.parent(element); parent >= 0; parent = doc.parent(parent)) {
    starts.unshift(doc.bytes.subarray(doc.start(parent), doc.contentStart(parent)));
    ends += `</${doc.qualifiedName(parent)}>`;
  }
  return { before: Buffer.concat(starts), after: Buffer.from(ends), parents: starts.length };
}
