import {
  ampersand,
  apostrophe,
  bracket,
  carriageReturn,
  equals,
  greater,
  isWhitespace,
  less,
  nameClass,
  question,
  quote,
} from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { refuseCharacter, scanCharacterData, scanComment, startsCharacterData } from "./prolog.js";
import { characterAt, referenceShift, scanReference } from "./references.js";
import { forbiddenAt, limitAt, malformedAt } from "./refusal.js";
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

/** The symbol of the qualified name at `from`; refuses what is none. */
export function knownName(octets: Uint8Array, view: DataView, from: number, lastWord: number): number {
  const symbol = table.internName(view, from, lastWord) | 0;
  const { ints } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  if ((ints[symbol + table.symbolKind]! & table.kindMask) === table.kindInvalid) {
    if (octets[from] === question) {
      forbiddenAt(
        from - 1,
        "The message has a processing instruction.",
        "Leave processing instructions out.",
        "SOAP 1.2 Part 1 section 5",
      );
    }
    if (length === 0 && octets[from - 1] === less) {
      malformedAt(from - 1, 'A "<" starts no tag.', 'Write "<" in text as "&lt;".', "XML 1.0 section 2.4");
    }
    if (length === 0) refuseTag(octets, from);
    malformedAt(
      from,
      "A name is not a qualified name.",
      "Name it by Namespaces in XML 1.0.",
      "Namespaces in XML 1.0 section 4",
    );
  }
  return symbol;
}

/** Whether a symbol's octets stand at `p`, compared word by word. The empty symbol stands nowhere. */
export function startsWith(view: DataView, p: number, symbol: number, lastWord: number): boolean {
  const { ints, words } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  if (length === 0 || p + length > lastWord) return false;
  const whole = (p + (length & ~3)) | 0;
  let word = ints[symbol + table.symbolWord]!;
  let q = p | 0;
  while (q < whole && view.getInt32(q, true) === words[word]) {
    q = (q + 4) | 0;
    word = (word + 1) | 0;
  }
  return q === whole && ((view.getInt32(q, true) ^ words[word]!) & table.restMask(length)) === 0;
}

/** Whether a symbol's octets stand at `from`; also at the end of the message, where words cannot be read. */
export function matchesSymbol(octets: Uint8Array, from: number, symbol: number): boolean {
  const { ints, arena } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  const start = ints[symbol + table.symbolWord]! << 2;
  let i = 0;
  while (i < length && octets[from + i] === arena[start + i]) i++;
  return i === length;
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

/** Refuses what stands in a start tag where white space, an attribute or the tag's end should. */
export function refuseTag(octets: Uint8Array, at: number): never {
  const rule = "XML 1.0 section 3.1";
  if (octets[at] === less)
    malformedAt(at, 'A start tag is not closed before the next "<".', 'Close it with ">".', rule);
  if (octets[at - 1] === quote || octets[at - 1] === apostrophe) {
    malformedAt(at, "An attribute follows another without white space.", "Put a space between them.", rule);
  }
  malformedAt(
    at,
    "A start tag has a character that belongs to no attribute.",
    'Write attributes as name="value".',
    rule,
  );
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

/** Refuses one attribute too many. */
export function refuseAttributes(at: number, count: number, limits: XmlLimits): never {
  if (count >= limits.maxAttributes) limitAt(at, "more attributes", limits.maxAttributes, "maxAttributes");
  limitAt(at, "more attributes on one element", limits.maxAttributesPerElement, "maxAttributesPerElement");
}

export function refusePrefix(at: number): never {
  const rule = "Namespaces in XML 1.0 section 5";
  malformedAt(
    at,
    "A prefix is not declared here.",
    "Declare it with xmlns:prefix on this element or one around it.",
    rule,
  );
}

/** Counts a name that this message has not had yet, and forgets what it meant in another one. */
export function meetName(symbol: number, at: number, limits: XmlLimits): void {
  const { ints } = symbols;
  if (ints[symbol + table.symbolLength]! > limits.maxName) limitAt(at, "a longer name", limits.maxName, "maxName");
  const limit = limits.maxDistinctNames;
  if ((ints[symbol + table.symbolKind]! & table.kindMask) === table.kindDeclaration) {
    if (++scratch.prefixes > limit) limitAt(at, "more different prefixes", limit, "maxDistinctNames");
  } else if (++scratch.qualifiedNames > limit) {
    limitAt(at, "more different qualified names", limit, "maxDistinctNames");
  }
  ints[symbol + table.symbolScan] = symbols.scan;
  ints[symbol + table.symbolUri] = -1;
}

/** Finds out the NameId of a qualified name in a namespace, and keeps it with its symbol. */
export function expandName(symbol: number, uri: number, at: number, limits: XmlLimits): void {
  const { ints, pairs, scan } = symbols;
  if ((ints[symbol + table.symbolKind]! & table.kindMask) === table.kindDeclaration && symbol !== xmlnsSymbol) {
    malformedAt(at, "An element has the prefix xmlns.", "Use another prefix.", "Namespaces in XML 1.0 section 3");
  }
  let pair = ints[symbol + table.symbolPair]!;
  const local = ints[symbol + table.symbolLocal]!;
  if (pairs[pair + table.pairUri] !== uri || pairs[pair + table.pairLocal] !== local) {
    const last = pair;
    pair = pairs[last + table.pairOther]!;
    if (pairs[pair + table.pairUri] !== uri || pairs[pair + table.pairLocal] !== local) {
      pair = table.internPair(uri, local);
    }
    pairs[pair + table.pairOther] = last;
  }
  if (pairs[pair + table.pairScan] !== scan) {
    pairs[pair + table.pairScan] = scan;
    const limit = limits.maxDistinctNames;
    if (++scratch.names > limit) limitAt(at, "more different names", limit, "maxDistinctNames");
  }
  ints[symbol + table.symbolUri] = uri;
  ints[symbol + table.symbolPair] = pair;
  ints[symbol + table.symbolName] = pairs[pair + table.pairName]!;
}

/** Octet order of two symbols: below 0, 0 or above. */
function compareSymbols(one: number, other: number): number {
  const { ints, arena } = symbols;
  const a = ints[one + table.symbolWord]! << 2;
  const b = ints[other + table.symbolWord]! << 2;
  const oneLength = ints[one + table.symbolLength]!;
  const otherLength = ints[other + table.symbolLength]!;
  const shorter = Math.min(oneLength, otherLength);
  for (let i = 0; i < shorter; i++) {
    const difference = arena[a + i]! - arena[b + i]!;
    if (difference !== 0) return difference;
  }
  return oneLength - otherLength;
}

/** Whether an attribute stands before another in Canonical XML, which is remembered: by namespace, then by local name (C14N 1.0, section 2.2). */
export function precedes(one: number, other: number): boolean {
  const { pairs } = symbols;
  const uri = pairs[one + table.pairUri]!;
  const otherUri = pairs[other + table.pairUri]!;
  const order =
    uri === otherUri
      ? compareSymbols(pairs[one + table.pairLocal]!, pairs[other + table.pairLocal]!)
      : compareSymbols(uri, otherUri);
  if (order >= 0) return false;
  pairs[other + table.pairBefore] = one;
  return true;
}

/**
 * The namespace that a declaration's value is, where it is one of the two that this attribute declared last: its octets need not
 * be looked at one by one then.
 *
 * @param name the symbol of the attribute.
 * @returns the symbol of the namespace; the empty one where the value is something else.
 */
export function expectedNamespace(view: DataView, lastWord: number, name: number, valueStart: number): number {
  const { ints } = symbols;
  let uri = ints[name + table.symbolValue]!;
  if (isValue(view, lastWord, valueStart, uri)) return uri;
  const last = uri;
  uri = ints[last + table.symbolValue]!;
  if (!isValue(view, lastWord, valueStart, uri)) return emptySymbol;
  ints[uri + table.symbolValue] = last;
  ints[name + table.symbolValue] = uri;
  return uri;
}

/** Whether the attribute value that starts at `from` is a symbol's octets, in double quotes. */
function isValue(view: DataView, lastWord: number, from: number, symbol: number): boolean {
  const end = (from + symbols.ints[symbol + table.symbolLength]!) | 0;
  return end <= lastWord && view.getUint8(end) === quote && startsWith(view, from, symbol, lastWord);
}

/**
 * Takes a namespace declaration of the start tag at work.
 *
 * @param expected what {@link expectedNamespace} found.
 * @param altered not 0 where the declaration is not written canonically.
 * @param first the first declaration of this tag.
 * @returns the flags it adds to the tag.
 */
export function openNamespace(
  view: DataView,
  expected: number,
  name: number,
  nameStart: number,
  valueStart: number,
  valueEnd: number,
  altered: number,
  first: number,
  limits: XmlLimits,
): number {
  const { ints, scan } = symbols;
  const prefix = ints[name + table.symbolPrefix]!;
  if (ints[prefix + table.symbolBound]! >= first) {
    malformedAt(
      nameStart,
      "A start tag declares a prefix twice.",
      "Leave one out.",
      "Namespaces in XML 1.0 section 6.3",
    );
  }

  let uri = expected;
  if (uri === emptySymbol) {
    uri = declaredNamespace(view, prefix, nameStart, valueStart, valueEnd, limits);
    if (prefix === xmlSymbol) {
      // It declares what is so anyway, once: it has no row.
      if (scratch.xmlDeclared === symbols.tag) {
        malformedAt(
          nameStart,
          "A start tag declares a prefix twice.",
          "Leave one out.",
          "Namespaces in XML 1.0 section 6.3",
        );
      }
      scratch.xmlDeclared = symbols.tag;
      return tape.tagRewrite;
    }
    // What is written with references is not what its octets say: it must never be expected.
    if (scratch.referenced === 0 && uri !== emptySymbol && uri !== ints[name + table.symbolValue]) {
      ints[uri + table.symbolValue] = ints[name + table.symbolValue]!;
      ints[name + table.symbolValue] = uri;
    }
  }
  if (uri !== emptySymbol && ints[uri + table.symbolMet] !== scan) {
    if (ints[uri + table.symbolLength]! > limits.maxNamespaceUri) {
      limitAt(nameStart, "a longer namespace name", limits.maxNamespaceUri, "maxNamespaceUri");
    }
    ints[uri + table.symbolMet] = scan;
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
  symbols.epoch++;
  if (outer === 0 && ++scratch.inScope > limits.maxNamespacesInScope) {
    limitAt(nameStart, "more prefixes in scope", limits.maxNamespacesInScope, "maxNamespacesInScope");
  }
  if (row > first && compareSymbols(declarations[at - declarationWidth + tape.declarationPrefix]!, prefix) >= 0) {
    return tape.tagDeclares | tape.tagDeclaresUnordered;
  }
  return tape.tagDeclares;
}

/** Undoes the declarations of the element at `row` when it closes. */
export function closeNamespaces(row: number): void {
  const { elements, tags, declarations, shadowed } = scratch;
  const tag = elements[row + tape.elementTag]! * tape.tagWidth;
  const first = tags[tag + tape.tagDeclarations]!;
  const { ints } = symbols;
  for (let d = tags[tag + tape.tagDeclarationsEnd]! - 1; d >= first; d--) {
    const outer = shadowed[d]!;
    ints[declarations[d * declarationWidth + tape.declarationPrefix]! + table.symbolBound] = outer;
    if (outer === 0) scratch.inScope--;
  }
  symbols.epoch++;
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
  view: DataView,
  prefix: number,
  at: number,
  start: number,
  end: number,
  limits: XmlLimits,
): number {
  if (prefix === xmlnsSymbol) malformedAt(at, "The prefix xmlns is declared.", "Leave it out.", namespaceRule);
  const { maxNamespaceUri } = limits;
  if (end - start > 8 * maxNamespaceUri) limitAt(at, "a longer namespace name", maxNamespaceUri, "maxNamespaceUri");
  const uri = scratch.referenced === 0 ? table.intern(view, start, end) : decodeNamespace(start, end);
  const { ints } = symbols;
  if ((ints[uri + table.symbolKind]! & table.kindUri) !== 0) return uri;
  if (prefix === xmlSymbol || uri === xmlUriSymbol) {
    if (prefix === xmlSymbol && uri === xmlUriSymbol) return uri;
    malformedAt(
      at,
      "The prefix xml and its namespace are bound to something else.",
      "Leave the declaration out.",
      namespaceRule,
    );
  }
  if (uri === xmlnsUriSymbol)
    malformedAt(at, "The namespace of xmlns is bound to a prefix.", "Leave it out.", namespaceRule);
  if (uri === emptySymbol) {
    if (prefix === emptySymbol) return uri;
    malformedAt(
      at,
      "A prefix is bound to no namespace.",
      "Only the default namespace can be undeclared.",
      namespaceRule,
    );
  }
  const length = ints[uri + table.symbolLength]!;
  if (length > maxNamespaceUri) limitAt(at, "a longer namespace name", maxNamespaceUri, "maxNamespaceUri");
  const first = ints[uri + table.symbolWord]! << 2;
  if (!absoluteUri.test(Buffer.from(symbols.arena.buffer, first, length).toString("latin1"))) {
    const reason = "A namespace name is not an absolute URI.";
    forbiddenAt(
      start,
      reason,
      "Use an absolute URI of ASCII characters, for example urn:example:orders.",
      "RFC 3986 section 4.3",
    );
  }
  ints[uri + table.symbolKind] = ints[uri + table.symbolKind]! | table.kindUri;
  return uri;
}

/** The symbol of a namespace name that is written with references. */
function decodeNamespace(start: number, end: number): number {
  const { octets } = scratch;
  const decoded = new Uint8Array(end - start);
  let length = 0;
  for (let p = start; p < end; ) {
    let octet = octets[p]!;
    if (octet === ampersand) {
      // What is not ASCII is no URI character: any other octet stands for it.
      octet = Math.min(characterAt(octets, p), 0x80);
      p = scanReference(octets, p) >> referenceShift;
    } else {
      p++;
    }
    decoded[length++] = octet;
  }
  return table.intern(new DataView(decoded.buffer), 0, length);
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
