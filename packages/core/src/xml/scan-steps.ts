import {
  apostrophe, equals, isWhitespace, less, question, quote,
} from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { forbiddenAt, limitAt, malformedAt } from "./refusal.js";
import { referencedCharacter, scanReference } from "./references.js";
import { growScratch, scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { emptySymbol, symbols, xmlnsSymbol, xmlnsUriSymbol, xmlSymbol, xmlUriSymbol } from "./symbols.js";
import * as tape from "./tape.js";

/** The rarer steps of the scan, apart from its loop. All of them work on `scratch` and `symbols`. */

const declarationWidth = tape.declarationWidth;
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

/** The name at `from`, remembered as the one that follows `previous`. */
export function nextName(octets: Uint8Array, previous: number, from: number, limits: XmlLimits): number {
  const symbol = table.internName(octets, from);
  const { ints } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  if (length > limits.maxName) limitAt(from, "a longer name", limits.maxName, "maxName");
  if (ints[symbol + table.symbolKind] === table.kindInvalid) {
    if (octets[from] === question) {
      forbiddenAt(from - 1, "The message has a processing instruction.", "Leave processing instructions out.", "SOAP 1.2 Part 1 section 5");
    }
    if (length === 0 && octets[from - 1] === less) {
      malformedAt(from - 1, 'A "<" starts no tag.', 'Write "<" in text as "&lt;".', "XML 1.0 section 2.4");
    }
    if (length === 0) refuseTag(octets, from);
    malformedAt(from, "A name is not a qualified name.", "Name it by Namespaces in XML 1.0.", "Namespaces in XML 1.0 section 4");
  }
  ints[previous + table.symbolNext] = symbol;
  return symbol;
}

/** Refuses what stands in a start tag where white space, an attribute or the tag's end should. */
export function refuseTag(octets: Uint8Array, at: number): never {
  const rule = "XML 1.0 section 3.1";
  if (octets[at] === less) malformedAt(at, 'A start tag is not closed before the next "<".', 'Close it with ">".', rule);
  if (octets[at - 1] === quote || octets[at - 1] === apostrophe) {
    malformedAt(at, "An attribute follows another without white space.", "Put a space between them.", rule);
  }
  malformedAt(at, "A start tag has a character that belongs to no attribute.", "Write attributes as name=\"value\".", rule);
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

export function refusePrefix(at: number): never {
  const rule = "Namespaces in XML 1.0 section 5";
  malformedAt(at, "A prefix is not declared here.", "Declare it with xmlns:prefix on this element or one around it.", rule);
}

/** The NameId of a qualified name under a declaration row, kept with its symbol for the next time. */
export function expandName(symbol: number, binding: number, at: number, limits: XmlLimits): number {
  const { ints, pairs, scan } = symbols;
  const limit = limits.maxDistinctNames;
  if (ints[symbol + table.symbolScan] !== scan) {
    ints[symbol + table.symbolScan] = scan;
    if (++scratch.qualifiedNames > limit) limitAt(at, "more different qualified names", limit, "maxDistinctNames");
  }
  if (ints[symbol + table.symbolKind] === table.kindDeclaration && symbol !== xmlnsSymbol) {
    malformedAt(at, "An element has the prefix xmlns.", "Use another prefix.", "Namespaces in XML 1.0 section 3");
  }
  const uri = scratch.declarations[binding * declarationWidth + tape.declarationUri]!;
  const pair = table.internPair(uri, ints[symbol + table.symbolLocal]!);
  if (pairs[pair + table.pairScan] !== scan) {
    pairs[pair + table.pairScan] = scan;
    if (++scratch.names > limit) limitAt(at, "more different names", limit, "maxDistinctNames");
  }
  const name = pairs[pair + table.pairName]!;
  ints[symbol + table.symbolBinding] = binding;
  ints[symbol + table.symbolPair] = pair;
  ints[symbol + table.symbolName] = name;
  return name;
}

/** Octet order of two symbols: below 0, 0 or above. */
function compareSymbols(one: number, other: number): number {
  const { ints, arena } = symbols;
  const a = ints[one + table.symbolStart]!;
  const b = ints[other + table.symbolStart]!;
  const oneLength = ints[one + table.symbolLength]!;
  const otherLength = ints[other + table.symbolLength]!;
  const shorter = Math.min(oneLength, otherLength);
  for (let i = 0; i < shorter; i++) {
    const difference = arena[a + i]! - arena[b + i]!;
    if (difference !== 0) return difference;
  }
  return oneLength - otherLength;
}

/** Whether an attribute stands before another in Canonical XML: by namespace, then by local name (C14N 1.0, section 2.2). */
export function precedes(one: number, other: number): boolean {
  const { pairs } = symbols;
  const uri = pairs[one + table.pairUri]!;
  const otherUri = pairs[other + table.pairUri]!;
  if (uri !== otherUri) return compareSymbols(uri, otherUri) < 0;
  return compareSymbols(pairs[one + table.pairLocal]!, pairs[other + table.pairLocal]!) < 0;
}

/**
 * Takes a namespace declaration of the start tag at work.
 *
 * @param altered not 0 where the declaration is not written canonically.
 * @param first the first declaration of this tag.
 * @returns the flags it adds to the tag.
 */
export function openNamespace(
  octets: Uint8Array,
  name: number,
  nameStart: number,
  valueStart: number,
  valueEnd: number,
  altered: number,
  first: number,
  tag: number,
  limits: XmlLimits,
): number {
  const { ints, arena, scan } = symbols;
  const prefix = ints[name + table.symbolPrefix]!;
  if (ints[name + table.symbolScan] !== scan) {
    ints[name + table.symbolScan] = scan;
    ints[name + table.symbolBinding] = -1;
    if (++scratch.prefixes > limits.maxDistinctNames) {
      limitAt(nameStart, "more different prefixes", limits.maxDistinctNames, "maxDistinctNames");
    }
  }
  if (ints[prefix + table.symbolMark] === tag) {
    malformedAt(nameStart, "A start tag declares a prefix twice.", "Leave one out.", "Namespaces in XML 1.0 section 6.3");
  }
  ints[prefix + table.symbolMark] = tag;

  let uri = ints[name + table.symbolValue]!;
  const length = valueEnd - valueStart;
  const guess = ints[uri + table.symbolStart]!;
  let i = ints[uri + table.symbolLength] === length && length > 0 ? 0 : -1;
  if (i === 0) while (i < length && octets[valueStart + i] === arena[guess + i]) i++;
  if (i !== length || length === 0 || length > limits.maxNamespaceUri) {
    uri = declaredNamespace(octets, prefix, nameStart, valueStart, valueEnd, limits);
    if (prefix === xmlSymbol) return tape.tagRewrite;
    ints[name + table.symbolValue] = uri;
  }
  if (uri !== emptySymbol && ints[uri + table.symbolMark] !== scan) {
    ints[uri + table.symbolMark] = scan;
    if (++scratch.namespaces > limits.maxDistinctNames) {
      limitAt(nameStart, "more different namespaces", limits.maxDistinctNames, "maxDistinctNames");
    }
  }

  const row = scratch.declarationCount;
  const at = row * declarationWidth;
  if (row - tape.firstDeclaration === limits.maxNamespaces) {
    limitAt(nameStart, "more namespace declarations", limits.maxNamespaces, "maxNamespaces");
  }
  if (row - first === limits.maxNamespacesPerElement) {
    const limit = limits.maxNamespacesPerElement;
    limitAt(nameStart, "more namespace declarations on one element", limit, "maxNamespacesPerElement");
  }
  if (at + declarationWidth > scratch.declarations.length) growScratch("declarations");
  if (row >= scratch.shadowed.length) growScratch("shadowed");
  const { declarations } = scratch;
  declarations[at + tape.declarationPrefix] = prefix;
  declarations[at + tape.declarationUri] = uri;
  declarations[at + tape.declarationStart] = nameStart;
  declarations[at + tape.declarationLength] = (ints[prefix + table.symbolLength]! << 1) | (altered === 0 ? 0 : 1);
  declarations[at + tape.declarationValue] = valueStart;
  declarations[at + tape.declarationValueEnd] = valueEnd;
  const outer = ints[prefix + table.symbolBound]!;
  scratch.shadowed[row] = outer;
  ints[prefix + table.symbolBound] = row;
  scratch.declarationCount = row + 1;
  if (outer === 0 && ++scratch.inScope > limits.maxNamespacesInScope) {
    limitAt(nameStart, "more prefixes in scope", limits.maxNamespacesInScope, "maxNamespacesInScope");
  }
  if (row > first && compareSymbols(declarations[at - declarationWidth + tape.declarationPrefix]!, prefix) >= 0) {
    return tape.tagDeclares | tape.tagDeclaresUnordered;
  }
  return tape.tagDeclares;
}

/** Undoes the declarations of the element at `row` when it closes. */
export function closeNamespaces(row: number, elementCount: number): void {
  const { elements, declarations, shadowed } = scratch;
  const first = elements[row + tape.elementDeclarations]!;
  const next = row + tape.elementWidth;
  const end =
    next < elementCount * tape.elementWidth ? elements[next + tape.elementDeclarations]! : scratch.declarationCount;
  const { ints } = symbols;
  for (let d = end - 1; d >= first; d--) {
    const outer = shadowed[d]!;
    ints[declarations[d * declarationWidth + tape.declarationPrefix]! + table.symbolBound] = outer;
    if (outer === 0) scratch.inScope--;
  }
}

/** After a refusal: no prefix stays bound. */
export function forgetNamespaces(): void {
  const { declarations, declarationCount } = scratch;
  for (let d = tape.firstDeclaration; d < declarationCount; d++) {
    symbols.ints[declarations[d * declarationWidth + tape.declarationPrefix]! + table.symbolBound] = tape.noBinding;
  }
}

const namespaceRule = "Namespaces in XML 1.0 section 3";

/** Reads the value of a namespace declaration and refuses what Namespaces in XML 1.0, or the threat of differing readers, forbids. */
function declaredNamespace(
  octets: Uint8Array,
  prefix: number,
  at: number,
  start: number,
  end: number,
  limits: XmlLimits,
): number {
  if (prefix === xmlnsSymbol) malformedAt(at, "The prefix xmlns is declared.", "Leave it out.", namespaceRule);
  if (end - start > 8 * limits.maxNamespaceUri) limitAt(at, "a longer namespace name", limits.maxNamespaceUri, "maxNamespaceUri");
  const name = decodeNamespace(octets, start, end);
  if (name.length > limits.maxNamespaceUri) limitAt(at, "a longer namespace name", limits.maxNamespaceUri, "maxNamespaceUri");
  const uri = table.intern(name, 0, name.length);
  if (prefix === xmlSymbol || uri === xmlUriSymbol) {
    if (prefix === xmlSymbol && uri === xmlUriSymbol) return uri;
    malformedAt(at, "The prefix xml and its namespace are bound to something else.", "Leave the declaration out.", namespaceRule);
  }
  if (uri === xmlnsUriSymbol) malformedAt(at, "The namespace of xmlns is bound to a prefix.", "Leave it out.", namespaceRule);
  if (uri === emptySymbol) {
    if (prefix === emptySymbol) return uri;
    malformedAt(at, "A prefix is bound to no namespace.", "Only the default namespace can be undeclared.", namespaceRule);
  }
  if (!isAbsolute(name)) {
    const reason = "A namespace name is not an absolute URI.";
    forbiddenAt(start, reason, "Use an absolute URI of ASCII characters, for example urn:example:orders.", "RFC 3986 section 4.3");
  }
  return uri;
}

function decodeNamespace(octets: Uint8Array, start: number, end: number): Uint8Array {
  const decoded = new Uint8Array(end - start);
  let length = 0;
  for (let p = start; p < end; ) {
    let octet = octets[p]!;
    if (octet === 0x26) {
      // What is not ASCII is no URI character: any other octet stands for it.
      octet = Math.min(referencedCharacter(octets, p), 0x80);
      p = scanReference(octets, p);
    } else {
      p++;
    }
    decoded[length++] = octet;
  }
  return decoded.subarray(0, length);
}

/** RFC 3986, Appendix A, `URI`: every repetition is over one class of characters, so that matching is linear. */
const absoluteUri = (() => {
  const character = "(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})";
  const path = `(?:${character}|[:@/])*`;
  const host = `(?:\\[[0-9A-Fa-f:.]+\\]|${character}*)`;
  const authority = `//(?:(?:${character}|:)*@)?${host}(?::[0-9]*)?(?=[/?#]|$)`;
  const rest = `(?:${character}|[:@/?])*`;
  return new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?:${authority}|(?!//))${path}(?:\\?${rest})?(?:#${rest})?$`);
})();

function isAbsolute(name: Uint8Array): boolean {
  return absoluteUri.test(Buffer.from(name.buffer, name.byteOffset, name.length).toString("latin1"));
}
