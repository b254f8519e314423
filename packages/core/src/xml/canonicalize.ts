import { refuse } from "../errors/index.js";
import { inheritAttributes } from "./canonical-inheritance.js";
import type { CanonicalForm, CanonicalOptions, OctetSink } from "./canonical-form.js";
import { CanonicalOutput } from "./canonical-output.js";
import { type InheritedAttributes, writeEndTag, writeStartTag } from "./canonical-tags.js";
import { writeComment, writeText } from "./canonical-text.js";
import { greater, hyphen, less, lineFeed } from "./characters.js";
import type { XmlDocument } from "./document.js";
import { InclusivePrefixes } from "./inclusive-prefixes.js";
import { requireBoundQNames } from "./qname-values.js";
import { RenderedNamespaces } from "./rendered.js";
import * as tape from "./tape.js";
import { behindComment } from "./text.js";

const elementWidth = tape.elementWidth;
const attributeWidth = tape.attributeWidth;
const declarationWidth = tape.declarationWidth;
const differenceWidth = tape.differenceWidth;
const bindingShift = tape.bindingShift;
const tagDeclares = tape.tagDeclares;
const tagPrefixed = tape.tagPrefixed;
const xmlBinding = tape.xmlBinding;

const output = new CanonicalOutput();
const rendered = new RenderedNamespaces();

/**
 * The canonical octets of an element's subtree in its place in the document.
 *
 * @returns octets of the caller's own, or a view of `document.bytes` where those are canonical already.
 * @throws CountersignError ERR_WSS_INVALID_SECURITY where nothing is left, or as `options.qnames` says.
 */
export function canonicalize(
  document: XmlDocument,
  element: number,
  form: CanonicalForm,
  options: CanonicalOptions = {},
): Uint8Array {
  return run(document, element, form, undefined, options);
}

/** As {@link canonicalize}, handing the octets piece by piece to a sink: long runs as they stand in the message. */
export function canonicalizeTo(
  document: XmlDocument,
  element: number,
  form: CanonicalForm,
  sink: OctetSink,
  options: CanonicalOptions = {},
): void {
  run(document, element, form, sink, options);
}

function run(
  document: XmlDocument,
  element: number,
  form: CanonicalForm,
  sink: OctetSink | undefined,
  options: CanonicalOptions,
): Uint8Array {
  const start = document.start(element);
  const whole = options.document === true;
  if (whole && element !== 0) throw new RangeError("The whole document is canonicalised from its root element.");
  const holes = options.without === undefined ? [] : holesIn(document, element, options.without);
  output.open(document.bytes, start, sink);
  rendered.open(document.tape.symbolEnd);
  try {
    if (whole && form.comments) writeOuterComments(document, 0, start, true);
    writeSubtree(document, element, form, options, holes);
    const end = document.end(element);
    if (whole && form.comments) {
      output.copyTo(end);
      writeOuterComments(document, end, document.bytes.length, false);
      return output.take(end);
    }
    return output.take(end);
  } finally {
    rendered.close();
    output.close();
  }
}

/** The subtrees to leave out that lie in the element's, in document order, none inside another. */
function holesIn(document: XmlDocument, element: number, without: number | readonly number[]): number[] {
  const after = document.after(element);
  const holes: number[] = [];
  let from = element;
  for (const hole of typeof without === "number" ? [without] : [...without].sort((a, b) => a - b)) {
    if (hole <= element && document.after(hole) > element) {
      const remedy = "Sign an element that holds more than its signature.";
      refuse("ERR_WSS_INVALID_SECURITY", "Nothing is left of a signed element without its signature.", {
        place: () => document.place(element),
        remedy,
      });
    }
    if (hole < from || hole >= after) continue;
    holes.push(hole);
    from = document.after(hole);
  }
  return holes;
}

/**
 * Walks the differences inside the subtree: everything between two of them is canonical as it stands. The apex is always looked
 * at, since what its ancestors declare is not rendered yet.
 */
function writeSubtree(
  document: XmlDocument,
  apex: number,
  form: CanonicalForm,
  options: CanonicalOptions,
  holes: readonly number[],
): void {
  const { ints, differenceBase, differenceCount } = document.tape;
  const { bytes } = document;
  const inclusive = form.method !== "exclusive";
  const prefixes =
    inclusive || form.inclusivePrefixes === undefined || form.inclusivePrefixes.length === 0
      ? undefined
      : new InclusivePrefixes(document, form.inclusivePrefixes);
  const qnames = options.qnames === "refuse" && !inclusive;
  const end = document.end(apex);
  const inherited = inclusive ? inheritAttributes(document, apex, form.method) : undefined;
  if (inclusive) needInScope(document, apex);
  else prefixes?.needAtApex(apex, rendered, document.after(apex));
  writeTag(document, apex, prefixes, inclusive, qnames, inherited);

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
      rendered.enter(kind);
      writeTag(document, kind, prefixes, inclusive, qnames, undefined);
    } else {
      const behind = ints[row + tape.differenceEnd]!;
      output.copyTo(start);
      if (kind === tape.differenceText) writeText(bytes, start, behind, form.comments, output);
      else writeEndTag(start + 2, document.nameEnd(start + 2), output);
      output.skipTo(behind);
    }
  }
  for (; hole < holes.length; hole++) {
    output.copyTo(document.start(holes[hole]!));
    output.skipTo(document.end(holes[hole]!));
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

/** Finds out which declarations a start tag needs and writes it, where it differs from what the message has. */
function writeTag(
  document: XmlDocument,
  element: number,
  prefixes: InclusivePrefixes | undefined,
  inclusive: boolean,
  qnames: boolean,
  inherited: InheritedAttributes | undefined,
): void {
  const { ints, elementBase, attributeBase } = document.tape;
  const at = elementBase + element * elementWidth;
  const word = ints[at + tape.elementBinding]!;
  const after = ints[at + tape.elementAfter]!;
  if (inclusive) {
    if ((word & tagDeclares) !== 0) needOwn(document, element, after, undefined);
  } else {
    if (word >> bindingShift !== xmlBinding) need(document, word >> bindingShift, after);
    if ((word & tagPrefixed) !== 0) {
      const end = document.attributesEnd(element);
      for (let i = document.attributesStart(element); i < end; i++) {
        const binding = ints[attributeBase + i * attributeWidth + tape.attributeBinding]!;
        if (binding > xmlBinding) need(document, binding, after);
      }
    }
    if (prefixes !== undefined && (word & tagDeclares) !== 0) needOwn(document, element, after, prefixes);
    if (qnames && (word & tagPrefixed) !== 0) requireBoundQNames(document, element, rendered);
  }
  writeStartTag(document, element, rendered, output, inherited);
}

function need(document: XmlDocument, binding: number, after: number): void {
  const { ints, declarationBase } = document.tape;
  const row = declarationBase + binding * declarationWidth;
  rendered.need(binding, ints[row + tape.declarationPrefix]!, ints[row + tape.declarationUri]!, after);
}

/** The element's own declarations: all of them, or those whose prefix is to be treated inclusively. */
function needOwn(
  document: XmlDocument,
  element: number,
  after: number,
  prefixes: InclusivePrefixes | undefined,
): void {
  const end = document.declarationsEnd(element);
  for (let d = document.declarationsStart(element); d < end; d++) {
    if (prefixes === undefined || prefixes.has(d)) need(document, d, after);
  }
}

/** Inclusive methods: everything in scope at the apex. */
function needInScope(document: XmlDocument, apex: number): void {
  const { ints, declarationBase } = document.tape;
  const after = document.after(apex);
  const seen = new Set<number>();
  for (let element = apex; element >= 0; element = document.parent(element)) {
    const end = document.declarationsEnd(element);
    for (let d = document.declarationsStart(element); d < end; d++) {
      const prefix = ints[declarationBase + d * declarationWidth + tape.declarationPrefix]!;
      if (seen.has(prefix)) continue;
      seen.add(prefix);
      need(document, d, after);
    }
  }
}

/** Comments outside the root element, each on its own line (C14N 1.0, section 2.1). */
function writeOuterComments(document: XmlDocument, from: number, end: number, before: boolean): void {
  const { bytes } = document;
  let p = from;
  for (;;) {
    while (p < end && bytes[p] !== less) p++;
    if (p >= end) return;
    if (bytes[p + 2] !== hyphen) {
      while (bytes[p] !== greater) p++;
      continue;
    }
    const behind = behindComment(bytes, p);
    if (!before) output.octet(lineFeed);
    writeComment(bytes, p, behind, output);
    if (before) output.octet(lineFeed);
    p = behind;
  }
}
