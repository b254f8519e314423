import { compareAttributes, compareDeclarations, sortRows } from "./attribute-order.js";
import type { CanonicalForm, CanonicalOptions } from "./canonical-form.js";
import { type InheritedAttributes, inheritAttributes } from "./canonical-inheritance.js";
import { copyOctets, writeValue } from "./canonical-octets.js";
import type { CanonicalOutput } from "./canonical-output.js";
import { writeText } from "./canonical-text.js";
import { equals, greater, quote, slash, space } from "./characters.js";
import type { XmlDocument } from "./document.js";
import { InclusivePrefixes } from "./inclusive-prefixes.js";
import { QNameValues } from "./qname-values.js";
import type { RenderedNamespaces } from "./rendered.js";
import * as tape from "./tape.js";
import { escapeAttribute } from "./write.js";

// Constants of this module become constants of the machine code.
const elementShift = tape.elementShift;
const tagWidth = tape.tagWidth;
const attributeWidth = tape.attributeWidth;
const declarationWidth = tape.declarationWidth;
const differenceWidth = tape.differenceWidth;
const bindingShift = tape.bindingShift;
const tagDeclares = tape.tagDeclares;
const tagPrefixed = tape.tagPrefixed;
const xmlBinding = tape.xmlBinding;

/** Attribute rows being sorted. */
let sorted = new Int32Array(128);

/** Writes the canonical form of one subtree: the differences of the tape decide what is written anew. */
export class SubtreeWriter {
  readonly #document: XmlDocument;
  readonly #output: CanonicalOutput;
  readonly #rendered: RenderedNamespaces;
  readonly #ints: Int32Array;
  readonly #elementBase: number;
  readonly #tagBase: number;
  readonly #attributeBase: number;
  readonly #declarationBase: number;
  readonly #inclusive: boolean;
  readonly #prefixes: InclusivePrefixes | undefined;
  readonly #qnames: QNameValues | undefined;

  constructor(
    document: XmlDocument,
    form: CanonicalForm,
    options: CanonicalOptions,
    output: CanonicalOutput,
    rendered: RenderedNamespaces,
  ) {
    const { ints, elementBase, tagBase, attributeBase, declarationBase } = document.tape;
    this.#document = document;
    this.#output = output;
    this.#rendered = rendered;
    this.#ints = ints;
    this.#elementBase = elementBase;
    this.#tagBase = tagBase;
    this.#attributeBase = attributeBase;
    this.#declarationBase = declarationBase;
    this.#inclusive = form.method !== "exclusive";
    const listed = this.#inclusive ? undefined : form.inclusivePrefixes;
    this.#prefixes = listed === undefined || listed.length === 0 ? undefined : new InclusivePrefixes(document, listed);
    this.#qnames = options.qnames === "refuse" && !this.#inclusive ? new QNameValues(document) : undefined;
  }

  /**
   * Walks the differences inside the subtree: everything between two of them is canonical as it stands. The apex is always
   * looked at, since what its ancestors declare is not rendered yet.
   *
   * @param holes subtrees to leave out, in document order, none inside another.
   */
  write(apex: number, method: CanonicalForm["method"], comments: boolean, holes: readonly number[]): void {
    const document = this.#document;
    const { ints, differenceBase, differenceCount } = document.tape;
    const output = this.#output;
    const end = document.end(apex);
    let inherited: InheritedAttributes | undefined;
    if (this.#inclusive) {
      this.#needInScope(apex);
      inherited = inheritAttributes(document, apex, method);
    } else {
      this.#prefixes?.needAtApex(apex, this.#rendered, document.after(apex));
    }
    this.#startTag(apex, inherited);

    let at = firstDifference(document, document.contentStart(apex));
    let hole = 0;
    let holeStart = holes.length > 0 ? document.start(holes[0]!) : end;
    for (; at < differenceCount; at++) {
      const row = differenceBase + at * differenceWidth;
      const start = ints[row + tape.differenceStart]!;
      if (start >= holeStart) {
        if (start >= end) break;
        const behind = document.end(holes[hole]!);
        output.copyTo(holeStart);
        output.skipTo(behind);
        at = firstDifference(document, behind) - 1;
        hole++;
        holeStart = hole < holes.length ? document.start(holes[hole]!) : end;
        continue;
      }
      const kind = ints[row + tape.differenceKind]!;
      if (kind >= 0) {
        this.#rendered.enter(kind);
        this.#startTag(kind, undefined);
        continue;
      }
      const behind = ints[row + tape.differenceEnd]!;
      output.copyTo(start);
      if (kind === tape.differenceText) {
        writeText(document.bytes, start, behind, comments, output);
      } else {
        output.append(start, document.nameEnd(start + 2));
        output.octet(greater);
      }
      output.skipTo(behind);
    }
    for (; hole < holes.length; hole++) {
      output.copyTo(document.start(holes[hole]!));
      output.skipTo(document.end(holes[hole]!));
    }
  }

  #need(binding: number, after: number): void {
    const row = this.#declarationBase + binding * declarationWidth;
    const ints = this.#ints;
    this.#rendered.need(binding, ints[row + tape.declarationPrefix]!, ints[row + tape.declarationUri]!, after);
  }

  /** Inclusive methods: everything in scope at the apex. */
  #needInScope(apex: number): void {
    const document = this.#document;
    const after = document.after(apex);
    const seen = new Set<number>();
    for (let element = apex; element >= 0; element = document.parent(element)) {
      const end = document.declarationsEnd(element);
      for (let d = document.declarationsStart(element); d < end; d++) {
        const prefix = this.#ints[this.#declarationBase + d * declarationWidth + tape.declarationPrefix]!;
        if (seen.has(prefix)) continue;
        seen.add(prefix);
        this.#need(d, after);
      }
    }
  }

  /** Finds out which declarations a start tag needs and writes it where it differs from what the message has. */
  #startTag(element: number, inherited: InheritedAttributes | undefined): void {
    const ints = this.#ints;
    const at = this.#elementBase + (element << elementShift);
    const word = ints[at + tape.elementBinding]!;
    const tag = this.#tagBase + ints[at + tape.elementTag]! * tagWidth;
    const firstOwn = ints[tag + tape.tagDeclarations]!;
    const ownEnd = ints[tag + tape.tagDeclarationsEnd]!;
    this.#findNeeded(element, word, tag, ints[at + tape.elementAfter]!);

    const output = this.#output;
    const rendered = this.#rendered;
    const contentStart = ints[at + tape.elementContentStart]!;
    const nameStart = ints[at + tape.elementStart]! + 1;
    const empty = (word & tape.tagEmpty) !== 0;
    if ((word & (tape.tagRewrite | tape.tagUnordered)) === 0 && inherited === undefined) {
      const declares = (word & tagDeclares) !== 0;
      if (!declares || ((word & tape.tagDeclaresUnordered) === 0 && rendered.isExactly(firstOwn, ownEnd))) {
        if (!declares && rendered.count > 0) {
          output.copyTo(this.#document.nameEnd(nameStart));
          this.#declarations();
        }
        if (empty) {
          output.copyTo(contentStart - 2);
          output.octet(greater);
          this.#endTag(nameStart, this.#document.nameEnd(nameStart));
          output.skipTo(contentStart);
        }
        return;
      }
    }
    const nameEnd = this.#document.nameEnd(nameStart);
    output.copyTo(nameEnd);
    this.#declarations();
    if (inherited === undefined)
      this.#attributes(ints[tag + tape.tagAttributes]!, ints[tag + tape.tagAttributesEnd]!, contentStart - nameEnd);
    else this.#attributesWith(inherited, ints[tag + tape.tagAttributes]!, ints[tag + tape.tagAttributesEnd]!);
    output.octet(greater);
    if (empty) this.#endTag(nameStart, nameEnd);
    output.skipTo(contentStart);
  }

  #findNeeded(element: number, word: number, tag: number, after: number): void {
    const ints = this.#ints;
    const firstOwn = ints[tag + tape.tagDeclarations]!;
    const ownEnd = ints[tag + tape.tagDeclarationsEnd]!;
    if (this.#inclusive) {
      for (let d = firstOwn; d < ownEnd; d++) this.#need(d, after);
      return;
    }
    if (word >> bindingShift !== xmlBinding) this.#need(word >> bindingShift, after);
    if ((word & tagPrefixed) !== 0) {
      const end = ints[tag + tape.tagAttributesEnd]!;
      for (let i = ints[tag + tape.tagAttributes]!; i < end; i++) {
        const binding = ints[this.#attributeBase + i * attributeWidth + tape.attributeBinding]!;
        if (binding > xmlBinding) this.#need(binding, after);
      }
    }
    if (this.#prefixes !== undefined) {
      for (let d = firstOwn; d < ownEnd; d++) if (this.#prefixes.has(d)) this.#need(d, after);
    }
    if (this.#qnames !== undefined && (word & tagPrefixed) !== 0) this.#qnames.requireBound(element, this.#rendered);
  }

  #endTag(nameStart: number, nameEnd: number): void {
    const output = this.#output;
    output.reserve(nameEnd - nameStart + 3);
    const { target } = output;
    target.setUint8(output.length, 0x3c);
    target.setUint8(output.length + 1, slash);
    const n = copyOctets(output.view, nameStart, nameEnd, target, output.length + 2);
    target.setUint8(n, greater);
    output.length = n + 1;
  }

  #declarations(): void {
    const { count, needed } = this.#rendered;
    if (count > 1) sortRows(this.#document, needed, count, compareDeclarations);
    const ints = this.#ints;
    const output = this.#output;
    for (let i = 0; i < count; i++) {
      const row = needed[i]!;
      if (row === tape.noBinding) {
        output.text(' xmlns=""');
        continue;
      }
      const at = this.#declarationBase + row * declarationWidth;
      const start = ints[at + tape.declarationStart]!;
      const valueEnd = ints[at + tape.declarationValueEnd]!;
      const length = ints[at + tape.declarationLength]!;
      output.reserve(6 * (valueEnd - start) + 8);
      const { view, target } = output;
      let n = output.length;
      target.setUint8(n++, space);
      if ((length & 1) === 0) {
        n = copyOctets(view, start, valueEnd + 1, target, n);
      } else {
        n = copyOctets(view, start, start + (length === 1 ? 5 : 6 + (length >> 1)), target, n);
        n = this.#quoted(ints[at + tape.declarationValue]!, valueEnd, n);
      }
      output.length = n;
    }
  }

  #quoted(from: number, end: number, at: number): number {
    const { view, target } = this.#output;
    target.setUint8(at, equals);
    target.setUint8(at + 1, quote);
    const n = writeValue(this.#document.bytes, view, from, end, target, at + 2);
    target.setUint8(n, quote);
    return n + 1;
  }

  /** @param octets the octets of the tag behind its name: what is written takes six times as many at most. */
  #attributes(first: number, end: number, octets: number): void {
    const count = end - first;
    if (count === 0) return;
    this.#output.reserve(6 * octets + 8);
    if (count === 1) {
      this.#attribute(first);
      return;
    }
    if (count > sorted.length) sorted = new Int32Array(count * 2);
    for (let i = 0; i < count; i++) sorted[i] = first + i;
    sortRows(this.#document, sorted, count, compareAttributes);
    for (let i = 0; i < count; i++) this.#attribute(sorted[i]!);
  }

  #attribute(row: number): void {
    const ints = this.#ints;
    const output = this.#output;
    const { view, target } = output;
    const at = this.#attributeBase + row * attributeWidth;
    const start = ints[at + tape.attributeStart]!;
    const value = ints[at + tape.attributeValue]!;
    const valueEnd = ints[at + tape.attributeValueEnd]!;
    const length = ints[at + tape.attributeLength]!;
    const nameEnd = start + (length >> 1);
    let n = output.length;
    target.setUint8(n++, space);
    if ((length & 1) === 0 && value === nameEnd + 2 && view.getUint8(valueEnd) === quote) {
      n = copyOctets(view, start, valueEnd + 1, target, n);
    } else {
      n = copyOctets(view, start, nameEnd, target, n);
      n = this.#quoted(value, valueEnd, n);
    }
    output.length = n;
  }

  /** The attributes of an apex that takes over some from its ancestors. */
  #attributesWith(inherited: InheritedAttributes, first: number, end: number): void {
    const { rows, baseRow, base } = inherited;
    const all = [...rows];
    for (let row = first; row < end; row++) all.push(row);
    const written = Int32Array.from(baseRow >= 0 && base === "" ? all.filter((row) => row !== baseRow) : all);
    sortRows(this.#document, written, written.length, compareAttributes);
    const ints = this.#ints;
    const output = this.#output;
    for (const row of written) {
      const at = this.#attributeBase + row * attributeWidth;
      const start = ints[at + tape.attributeStart]!;
      if (row === baseRow) {
        output.octet(space);
        output.append(start, start + (ints[at + tape.attributeLength]! >> 1));
        output.text(`="${escapeAttribute(base)}"`);
      } else {
        output.reserve(6 * (ints[at + tape.attributeValueEnd]! - start) + 8);
        this.#attribute(row);
      }
    }
  }
}

/** The first difference at or behind an offset. */
function firstDifference(document: XmlDocument, offset: number): number {
  const { ints, differenceBase, differenceCount } = document.tape;
  let low = 0;
  let high = differenceCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ints[differenceBase + middle * differenceWidth + tape.differenceStart]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
