import { emptySymbol, xmlSymbol, xmlUriSymbol } from "./symbols.js";
import {
  attributeWidth,
  declarationPrefix,
  declarationUri,
  declarationWidth,
  differenceWidth,
  elementWidth,
  firstDeclaration,
  identifierWidth,
  tagWidth,
  xmlBinding,
} from "./tape.js";

/**
 * The arrays that a scan writes. They are used again by every scan of this thread: a scan is synchronous, and its result is
 * copied out before the next one can start.
 */
export const scratch = {
  /** The message at work. */
  octets: new Uint8Array(0) as Uint8Array,
  elements: new Int32Array(512 * elementWidth),
  tags: new Int32Array(512 * tagWidth),
  attributes: new Int32Array(512 * attributeWidth),
  declarations: new Int32Array(256 * declarationWidth),
  /** For each declaration the row that bound its prefix outside. */
  shadowed: new Int32Array(256),
  differences: new Int32Array(512 * differenceWidth),
  identifiers: new Int32Array(64 * identifierWidth),
  /** Used rows. */
  elementCount: 0,
  /** Row 0 is in use from the start. */
  tagCount: 1,
  attributeCount: 0,
  declarationCount: firstDeclaration,
  differenceCount: 0,
  identifierCount: 0,
  /** What the parts of the scan hand each other: offset of the row of the innermost open element (below 0: none); */
  open: -1,
  /** how many are open; */
  depth: 0,
  /** the name of the last element; */
  previous: 0,
  /** the name that was expected to come next, if its octets do, else the empty symbol; */
  expected: 0,
  /** where the characters began that the octet at work belongs to. */
  runStart: 0,
  /** whether the attribute value at work has a reference: 0 or 1. */
  referenced: 0,
  comments: 0,
  /** The start tag that last declared the prefix `xml`. */
  xmlDeclared: 0,
  /** Prefixes bound at the place at work. */
  inScope: 0,
  /** Different expanded names, qualified names, declared prefixes, namespaces. */
  names: 0,
  qualifiedNames: 0,
  prefixes: 0,
  namespaces: 0,
};

/** Beyond this many integers an array is not kept for the next scan. */
const kept = 1 << 20;

/** From this many octets on a message is large. */
const large = 1 << 20;

type Growing = "elements" | "tags" | "attributes" | "declarations" | "shadowed" | "differences" | "identifiers";

/** Doubles one of the arrays. */
export function growScratch(name: Growing): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(scratch[name].length * 2);
  larger.set(scratch[name]);
  scratch[name] = larger;
  return larger;
}

/**
 * Makes ready for a scan. A large message gets room for its elements at once: memory that is never written costs nothing, but
 * each doubling leaves the smaller array behind.
 */
export function openScratch(octets: Uint8Array, maxElements: number): void {
  scratch.octets = octets;
  const rows = Math.min(maxElements, octets.length >> 4);
  if (octets.length >= large && rows * elementWidth > scratch.elements.length) {
    scratch.elements = new Int32Array(rows * elementWidth);
  }
  scratch.elementCount = 0;
  scratch.tagCount = 1;
  scratch.attributeCount = 0;
  scratch.declarationCount = firstDeclaration;
  scratch.differenceCount = 0;
  scratch.identifierCount = 0;
  scratch.open = -elementWidth;
  scratch.depth = 0;
  scratch.previous = emptySymbol;
  scratch.comments = 0;
  scratch.xmlDeclared = 0;
  scratch.inScope = 0;
  scratch.names = 0;
  scratch.qualifiedNames = 0;
  scratch.prefixes = 0;
  scratch.namespaces = 0;
  scratch.declarations[declarationUri] = emptySymbol;
  scratch.declarations[declarationPrefix] = emptySymbol;
  scratch.declarations[xmlBinding * declarationWidth + declarationUri] = xmlUriSymbol;
  scratch.declarations[xmlBinding * declarationWidth + declarationPrefix] = xmlSymbol;
}

const none = new Uint8Array(0);

/** Lets go of the message and of arrays that have become very large. */
export function closeScratch(): void {
  scratch.octets = none;
  for (const name of [
    "elements",
    "tags",
    "attributes",
    "declarations",
    "shadowed",
    "differences",
    "identifiers",
  ] as const) {
    if (scratch[name].length > kept) scratch[name] = new Int32Array(kept / 4);
  }
}
