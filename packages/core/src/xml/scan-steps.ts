import {
  apostrophe,
  bracket,
  carriageReturn,
  equals,
  greater,
  isWhitespace,
  less,
  nameClass,
  quote,
} from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { refuseCharacter, scanCharacterData, scanComment, startsCharacterData } from "./prolog.js";
import { malformedAt } from "./refusal.js";
import { matchesSymbol } from "./scan-names.js";
import { growScratch, scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { symbols } from "./symbols.js";
import * as tape from "./tape.js";

/** The rarer steps of the scan, apart from its loop. All of them work on `scratch` and `symbols`. */

const differenceWidth = tape.differenceWidth;

/** Two places of one text closer than this become one: the list of differences stays short for hostile text. */
const mergeDistance = 32;

export function recordDifference(start: number, end: number, kind: number): void {
  const at = scratch.differenceCount * differenceWidth;
  if (at + differenceWidth > scratch.differences.length) growScratch("differences");
  const { differences } = scratch;
  differences[at + tape.differenceStart] = start;
  differences[at + tape.differenceEnd] = end;
  differences[at + tape.differenceKind] = kind;
  scratch.differenceCount++;
}

/** Records that text between `start` and `end` is not canonical; `runStart` is where the text began that both belong to. */
export function recordText(runStart: number, start: number, end: number): void {
  const { differences, differenceCount } = scratch;
  const last = (differenceCount - 1) * differenceWidth;
  if (
    last >= 0 &&
    differences[last + tape.differenceKind] === tape.differenceText &&
    differences[last + tape.differenceStart]! >= runStart &&
    start - differences[last + tape.differenceEnd]! < mergeDistance
  ) {
    differences[last + tape.differenceEnd] = end;
    return;
  }
  recordDifference(start, end, tape.differenceText);
}

export function recordIdentifier(element: number, attribute: number): void {
  const at = scratch.identifierCount * tape.identifierWidth;
  if (at + tape.identifierWidth > scratch.identifiers.length) growScratch("identifiers");
  scratch.identifiers[at + tape.identifierElement] = element;
  scratch.identifiers[at + tape.identifierAttribute] = attribute;
  scratch.identifierCount++;
}

export function skipWhitespace(octets: Uint8Array, from: number): number {
  let p = from;
  while (isWhitespace(octets[p])) p++;
  return p;
}

/** Reads an end tag that is not simply `</name>`. @returns the offset behind it. */
export function finishEndTag(octets: Uint8Array, tagStart: number, symbol: number): number {
  const nameEnd = tagStart + 2 + symbols.ints[symbol + table.symbolLength]!;
  if (!matchesSymbol(octets, tagStart + 2, symbol) || nameClass[octets[nameEnd]!] === 1) {
    const reason = "An end tag does not fit the element that is open.";
    malformedAt(tagStart, reason, "Close elements in the reverse order of opening.", "XML 1.0 section 3");
  }
  const p = skipWhitespace(octets, nameEnd);
  if (octets[p] !== greater) {
    malformedAt(p, "An end tag has more than a name in it.", "Leave it out.", "XML 1.0 section 3.1");
  }
  if (p !== nameEnd) recordDifference(tagStart, p + 1, tape.differenceEndTag);
  return p + 1;
}

/**
 * Reads what text has besides references and characters that stand for themselves: a CDATA section, a comment, ">", a carriage
 * return. `scratch.runStart` is where the characters before it began, and is moved behind a section or comment.
 *
 * @param octet the octet at `from`.
 * @returns the offset behind it.
 */
export function scanSpecialText(octets: Buffer, from: number, end: number, octet: number, limits: XmlLimits): number {
  const { runStart } = scratch;
  let p = from;
  if (octet === less) {
    p = startsCharacterData(octets, p) ? scanCharacterData(octets, p, end) : scanComment(octets, p, end, limits);
    recordText(runStart, from, p);
    scratch.runStart = p;
  } else if (octet === greater) {
    if (p - runStart >= 2 && octets[p - 1] === bracket && octets[p - 2] === bracket) {
      malformedAt(p - 2, 'Text has "]]>".', 'Write it as "]]&gt;".', "XML 1.0 section 2.4");
    }
    recordText(runStart, p, ++p);
  } else if (octet === carriageReturn) {
    recordText(runStart, p, ++p);
  } else {
    refuseCharacter(octets, p++);
  }
  return p;
}

/**
 * Looks at the one octet that an attribute value has besides references and characters that stand for themselves.
 *
 * @param octet the octet at `from`; not the closing quote.
 * @returns 1 where Canonical XML writes it differently, else 0.
 */
export function scanSpecialValue(octets: Uint8Array, from: number, end: number, octet: number): number {
  if (octet === less) malformedAt(from, 'An attribute value has "<".', 'Write it as "&lt;".', "XML 1.0 section 3.1");
  if (octet === greater && from + 1 >= end) {
    malformedAt(from, "An attribute value does not end.", "Close its quote.", "XML 1.0 section 3.1");
  }
  if (octet === quote || isWhitespace(octet)) return 1;
  if (octet !== greater && octet !== apostrophe) refuseCharacter(octets, from);
  return 0;
}

/** Reads `=` and the opening quote with white space around. @returns the offset behind the quote. */
export function openValue(octets: Uint8Array, from: number): number {
  let p = skipWhitespace(octets, from);
  const rule = "XML 1.0 section 3.1";
  if (octets[p] !== equals) malformedAt(p, "An attribute has no value.", 'Write name="value".', rule);
  p = skipWhitespace(octets, p + 1);
  if (octets[p] !== quote && octets[p] !== apostrophe) {
    malformedAt(p, "An attribute value has no quotes.", 'Write name="value".', rule);
  }
  return p + 1;
}

/** Records what a start tag has besides its name. @returns the index of the row. */
export function recordTag(
  attributes: number,
  attributesEnd: number,
  declarations: number,
  declarationsEnd: number,
): number {
  const row = scratch.tagCount++;
  const at = row * tape.tagWidth;
  if (at + tape.tagWidth > scratch.tags.length) growScratch("tags");
  const { tags } = scratch;
  tags[at + tape.tagAttributes] = attributes;
  tags[at + tape.tagAttributesEnd] = attributesEnd;
  tags[at + tape.tagDeclarations] = declarations;
  tags[at + tape.tagDeclarationsEnd] = declarationsEnd;
  return row;
}
