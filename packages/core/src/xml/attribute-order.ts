import { ampersand } from "./characters.js";
import type { XmlDocument } from "./document.js";
import * as tape from "./tape.js";

const attributeWidth = tape.attributeWidth;
const declarationWidth = tape.declarationWidth;

/** Octet order of two ranges of one message. */
function compareRanges(octets: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  let i = a;
  let j = b;
  while (i < aEnd && j < bEnd) {
    const difference = octets[i++]! - octets[j++]!;
    if (difference !== 0) return difference;
  }
  return aEnd - i - (bEnd - j);
}

/** Order of the namespaces of two declaration rows: by name, none first. */
function compareNamespaces(document: XmlDocument, a: number, b: number): number {
  if (a === tape.noBinding || b === tape.noBinding) return a - b;
  const { ints, declarationBase } = document.tape;
  const first = declarationBase + a * declarationWidth;
  const second = declarationBase + b * declarationWidth;
  if (ints[first + tape.declarationUri] === ints[second + tape.declarationUri]) return 0;
  if (a !== tape.xmlBinding && b !== tape.xmlBinding) {
    const { bytes } = document;
    let i = ints[first + tape.declarationValue]!;
    let j = ints[second + tape.declarationValue]!;
    const iEnd = ints[first + tape.declarationValueEnd]!;
    const jEnd = ints[second + tape.declarationValueEnd]!;
    while (i < iEnd && j < jEnd && bytes[i] === bytes[j] && bytes[i] !== ampersand) {
      i++;
      j++;
    }
    // Namespace names are ASCII: where neither is written with a reference, their octets decide.
    if (bytes[i] !== ampersand && bytes[j] !== ampersand) {
      return i < iEnd && j < jEnd ? bytes[i]! - bytes[j]! : iEnd - i - (jEnd - j);
    }
  }
  return document.namespaceOfBinding(a) < document.namespaceOfBinding(b) ? -1 : 1;
}

/** Canonical order of two attribute rows: by namespace, then by local name (C14N 1.0, section 2.2). */
export function compareAttributes(document: XmlDocument, a: number, b: number): number {
  const { ints, attributeBase } = document.tape;
  const first = attributeBase + a * attributeWidth;
  const second = attributeBase + b * attributeWidth;
  const firstBinding = ints[first + tape.attributeBinding]!;
  const secondBinding = ints[second + tape.attributeBinding]!;
  if (firstBinding === tape.noBinding && secondBinding === tape.noBinding) {
    const one = ints[first + tape.attributeStart]!;
    const other = ints[second + tape.attributeStart]!;
    const oneEnd = one + (ints[first + tape.attributeLength]! >> 1);
    return compareRanges(document.bytes, one, oneEnd, other, other + (ints[second + tape.attributeLength]! >> 1));
  }
  if (firstBinding !== secondBinding) {
    const order = compareNamespaces(document, firstBinding, secondBinding);
    if (order !== 0) return order;
  }
  const i = ints[first + tape.attributeStart]!;
  const j = ints[second + tape.attributeStart]!;
  return compareRanges(
    document.bytes,
    i + prefixOctets(document, firstBinding),
    i + (ints[first + tape.attributeLength]! >> 1),
    j + prefixOctets(document, secondBinding),
    j + (ints[second + tape.attributeLength]! >> 1),
  );
}

/** Octets of a prefix and its colon. */
function prefixOctets(document: XmlDocument, binding: number): number {
  if (binding === tape.noBinding) return 0;
  if (binding === tape.xmlBinding) return 4;
  const { ints, declarationBase } = document.tape;
  return (ints[declarationBase + binding * declarationWidth + tape.declarationLength]! >> 1) + 1;
}

/** Canonical order of two declaration rows: by prefix, the default namespace first. Row 0 undeclares the default namespace. */
export function compareDeclarations(document: XmlDocument, a: number, b: number): number {
  const { ints, declarationBase } = document.tape;
  const first = declarationBase + a * declarationWidth;
  const second = declarationBase + b * declarationWidth;
  if (ints[first + tape.declarationPrefix] === 0) return -1;
  if (ints[second + tape.declarationPrefix] === 0) return 1;
  const i = ints[first + tape.declarationStart]! + 6;
  const j = ints[second + tape.declarationStart]! + 6;
  return compareRanges(
    document.bytes,
    i,
    i + (ints[first + tape.declarationLength]! >> 1),
    j,
    j + (ints[second + tape.declarationLength]! >> 1),
  );
}

/** Sorts the first `count` rows in place: by insertion, finding the place by halving. */
export function sortRows(
  document: XmlDocument,
  rows: Int32Array,
  count: number,
  compare: (document: XmlDocument, a: number, b: number) => number,
): void {
  for (let n = 1; n < count; n++) {
    const row = rows[n]!;
    if (compare(document, rows[n - 1]!, row) <= 0) continue;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(document, rows[middle]!, row) <= 0) low = middle + 1;
      else high = middle;
    }
    for (let i = n; i > low; i--) rows[i] = rows[i - 1]!;
    rows[low] = row;
  }
}
