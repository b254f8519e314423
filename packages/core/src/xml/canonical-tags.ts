import { compareAttributes, compareDeclarations, sortRows } from "./attribute-order.js";
import type { CanonicalOutput } from "./canonical-output.js";
import { writeValue } from "./canonical-text.js";
import { equals, greater, quote, space } from "./characters.js";
import type { XmlDocument } from "./document.js";
import type { RenderedNamespaces } from "./rendered.js";
import * as tape from "./tape.js";
import { escapeAttribute } from "./write.js";

const elementWidth = tape.elementWidth;
const attributeWidth = tape.attributeWidth;
const declarationWidth = tape.declarationWidth;

/** Attributes that the apex takes over from elements outside the subset (inclusive methods). */
export interface InheritedAttributes {
  /** Attribute rows of ancestors. */
  readonly rows: readonly number[];
  /** The own or inherited `xml:base` row whose value is replaced, -1 for none; an empty value leaves it out. */
  readonly baseRow: number;
  readonly base: string;
}

let sorted = new Int32Array(128);

/** Writes the start tag of an element with the declarations that `rendered` says it needs; of an empty element the end tag too. */
export function writeStartTag(
  document: XmlDocument,
  element: number,
  rendered: RenderedNamespaces,
  output: CanonicalOutput,
  inherited: InheritedAttributes | undefined,
): void {
  const { ints, elementBase } = document.tape;
  const at = elementBase + element * elementWidth;
  const flags = ints[at + tape.elementBinding]! & ((1 << tape.bindingShift) - 1);
  const contentStart = ints[at + tape.elementContentStart]!;
  const empty = (flags & tape.tagEmpty) !== 0;
  const nameStart = ints[at + tape.elementStart]! + 1;
  if ((flags & (tape.tagRewrite | tape.tagUnordered)) === 0 && inherited === undefined) {
    const declares = (flags & tape.tagDeclares) !== 0;
    if (!declares || rendersOwn(document, element, flags, rendered)) {
      if (!declares && rendered.count > 0) {
        output.copyTo(document.nameEnd(nameStart));
        writeDeclarations(document, rendered, output);
      }
      if (empty) {
        output.copyTo(contentStart - 2);
        output.octet(greater);
        writeEndTag(nameStart, document.nameEnd(nameStart), output);
        output.skipTo(contentStart);
      }
      return;
    }
  }
  const nameEnd = document.nameEnd(nameStart);
  output.copyTo(nameEnd);
  writeDeclarations(document, rendered, output);
  writeAttributes(document, element, output, inherited);
  output.octet(greater);
  if (empty) writeEndTag(nameStart, nameEnd, output);
  output.skipTo(contentStart);
}

/** Whether the tag's declarations are exactly the needed ones and stand where Canonical XML has them. */
function rendersOwn(document: XmlDocument, element: number, flags: number, rendered: RenderedNamespaces): boolean {
  const first = document.declarationsStart(element);
  const end = document.declarationsEnd(element);
  if (rendered.count !== end - first || (flags & tape.tagDeclaresUnordered) !== 0) return false;
  for (let i = 0; i < rendered.count; i++) {
    const row = rendered.needed[i]!;
    if (row < first || row >= end) return false;
  }
  return true;
}

export function writeEndTag(nameStart: number, nameEnd: number, output: CanonicalOutput): void {
  output.ascii("</");
  output.append(nameStart, nameEnd);
  output.octet(greater);
}

function writeDeclarations(document: XmlDocument, rendered: RenderedNamespaces, output: CanonicalOutput): void {
  const { count, needed } = rendered;
  if (count > 1) sortRows(document, needed, count, compareDeclarations);
  const { ints, declarationBase } = document.tape;
  for (let i = 0; i < count; i++) {
    const row = needed[i]!;
    output.octet(space);
    if (row === tape.noBinding) {
      output.ascii('xmlns=""');
      continue;
    }
    const at = declarationBase + row * declarationWidth;
    const start = ints[at + tape.declarationStart]!;
    const valueEnd = ints[at + tape.declarationValueEnd]!;
    const length = ints[at + tape.declarationLength]!;
    if ((length & 1) === 0) {
      output.append(start, valueEnd + 1);
    } else {
      output.append(start, start + (length === 1 ? 5 : 6 + (length >> 1)));
      writeQuoted(document, ints[at + tape.declarationValue]!, valueEnd, output);
    }
  }
}

function writeQuoted(document: XmlDocument, from: number, end: number, output: CanonicalOutput): void {
  output.octet(equals);
  output.octet(quote);
  writeValue(document.bytes, from, end, output);
  output.octet(quote);
}

function writeAttributes(
  document: XmlDocument,
  element: number,
  output: CanonicalOutput,
  inherited: InheritedAttributes | undefined,
): void {
  const { ints, attributeBase } = document.tape;
  const first = document.attributesStart(element);
  const end = document.attributesEnd(element);
  let count = end - first + (inherited?.rows.length ?? 0);
  if (count > sorted.length) sorted = new Int32Array(count * 2);
  for (let i = first; i < end; i++) sorted[i - first] = i;
  if (inherited !== undefined) {
    sorted.set(inherited.rows, end - first);
    if (inherited.baseRow >= 0 && inherited.base === "") {
      const dropped = sorted.subarray(0, count).indexOf(inherited.baseRow);
      sorted[dropped] = sorted[--count]!;
    }
  }
  if (count > 1) sortRows(document, sorted, count, compareAttributes);
  const { bytes } = document;
  for (let i = 0; i < count; i++) {
    const row = sorted[i]!;
    const at = attributeBase + row * attributeWidth;
    const start = ints[at + tape.attributeStart]!;
    const value = ints[at + tape.attributeValue]!;
    const valueEnd = ints[at + tape.attributeValueEnd]!;
    const length = ints[at + tape.attributeLength]!;
    const nameEnd = start + (length >> 1);
    output.octet(space);
    if (row === inherited?.baseRow) {
      output.append(start, nameEnd);
      output.text(`="${escapeAttribute(inherited.base)}"`);
    } else if ((length & 1) === 0 && value === nameEnd + 2 && bytes[valueEnd] === quote) {
      output.append(start, valueEnd + 1);
    } else if ((length & 1) === 0) {
      output.append(start, nameEnd);
      output.octet(equals);
      output.octet(quote);
      output.append(value, valueEnd);
      output.octet(quote);
    } else {
      output.append(start, nameEnd);
      writeQuoted(document, value, valueEnd, output);
    }
  }
}
