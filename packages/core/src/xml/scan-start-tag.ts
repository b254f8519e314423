import * as characters from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { canonicalInValue as inValue, scanReference, referenceShift as shift } from "./references.js";
import { limitAt, malformedAt } from "./refusal.js";
import { expandName, knownName, meetName, precedes, startsWith } from "./scan-names.js";
import { closeNamespaces, expectedNamespace, openNamespace } from "./scan-namespaces.js";
import { refuseAttributes, refusePrefix, refuseTag } from "./scan-refusals.js";
import {
  openValue,
  recordDifference,
  recordIdentifier,
  recordTag,
  scanSpecialValue,
  skipWhitespace,
} from "./scan-steps.js";
import { growScratch, scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { symbols } from "./symbols.js";
import * as tape from "./tape.js";

// Copies of imported constants: as constants of this module they become constants of the machine code.
const canonicalInValue = inValue;
const referenceShift = shift;
const space = characters.space;
const quote = characters.quote;
const ampersand = characters.ampersand;
const slash = characters.slash;
const equals = characters.equals;
const greater = characters.greater;
const valueClass = characters.valueClass;
const nameClass = characters.nameClass;
const symbolLength = table.symbolLength;
const symbolEpoch = table.symbolEpoch;
const symbolUri = table.symbolUri;
const symbolKind = table.symbolKind;
const symbolPrefix = table.symbolPrefix;
const symbolScan = table.symbolScan;
const symbolBinding = table.symbolBinding;
const symbolName = table.symbolName;
const symbolPair = table.symbolPair;
const symbolNext = table.symbolNext;
const symbolBound = table.symbolBound;
const symbolAttribute = table.symbolAttribute;
const kindDeclaration = table.kindDeclaration;
const kindMask = table.kindMask;
const kindIdentifies = table.kindIdentifies;
const pairTag = table.pairTag;
const pairBefore = table.pairBefore;
const emptySymbol = table.emptySymbol;
const elementWidth = tape.elementWidth;
const elementShift = tape.elementShift;
const elementStart = tape.elementStart;
const elementContentStart = tape.elementContentStart;
const elementContentEnd = tape.elementContentEnd;
const elementAfter = tape.elementAfter;
const elementParent = tape.elementParent;
const elementName = tape.elementName;
const elementBinding = tape.elementBinding;
const elementTag = tape.elementTag;
const bindingShift = tape.bindingShift;
const tagRewrite = tape.tagRewrite;
const tagUnordered = tape.tagUnordered;
const tagDeclares = tape.tagDeclares;
const tagDeclaresUnordered = tape.tagDeclaresUnordered;
const tagPrefixed = tape.tagPrefixed;
const tagEmpty = tape.tagEmpty;
const attributeWidth = tape.attributeWidth;
const attributeName = tape.attributeName;
const attributeStart = tape.attributeStart;
const attributeLength = tape.attributeLength;
const attributeValue = tape.attributeValue;
const attributeValueEnd = tape.attributeValueEnd;
const attributeBinding = tape.attributeBinding;
const declarationWidth = tape.declarationWidth;
const declarationUri = tape.declarationUri;
const xmlBinding = tape.xmlBinding;

/** Whether an octet behind white space is neither more of it nor the end of the tag. */
function startsAttribute(octet: number): boolean {
  return octet > space && octet !== slash && octet !== greater;
}

/**
 * A start tag with all it may have: the second hot function of the scan (see {@link scanElements}). The states:
 *
 * - name: looked up, unless the caller found the one it expected.
 * - attribute: white space, name, "=", quote, value; a namespace declaration takes effect at once.
 * - resolve: prefixes of the attributes, when all declarations of the tag are known; duplicates; canonical order.
 * - open: the element's own prefix and its row; an empty-element tag closes at once.
 *
 * It reads and moves on `open`, `depth`, `previous` and `elementCount` of `scratch`, and reads `expected`.
 *
 * @param tagStart the offset of the tag's "<".
 * @param words as for {@link scanElements}.
 * @returns the offset behind the tag.
 */
export function scanStartTag(
  octets: Buffer,
  view: DataView,
  tagStart: number,
  end: number,
  words: boolean,
  limits: XmlLimits,
): number {
  const lastWord = (octets.length - 4) | 0;
  const lastTextWord = words ? lastWord : -1;
  const { ints, pairs } = symbols;
  const scan = symbols.scan | 0;
  const element = scratch.elementCount | 0;
  const row = scratch.open | 0;
  if (scratch.depth >= limits.maxDepth) limitAt(tagStart, "elements nested deeper", limits.maxDepth, "maxDepth");
  if (element >= limits.maxElements) limitAt(tagStart, "more elements", limits.maxElements, "maxElements");

  // Name.
  let p = (tagStart + 1) | 0;
  let symbol = scratch.expected;
  if (symbol === emptySymbol || nameClass[view.getUint8(p + ints[symbol + symbolLength]!)] === 1) {
    symbol = knownName(octets, view, p, lastWord) | 0;
    ints[scratch.previous + symbolNext] = symbol;
  }
  if (ints[symbol + symbolScan] !== scan) meetName(symbol, p, limits);
  p = (p + ints[symbol + symbolLength]!) | 0;

  let flags = 0;
  let tagRow = 0;
  let last = symbol;
  let octet = view.getUint8(p);
  if (octet !== greater) {
    // Counted on at once: a refusal must not leave marks behind that a later tag could take for its own.
    const tag = ++symbols.tag | 0;
    const maxAttributeValue = limits.maxAttributeValue | 0;
    const firstAttribute = scratch.attributeCount | 0;
    const firstOwn = scratch.declarationCount | 0;
    const mostAttributes = Math.min(limits.maxAttributes, firstAttribute + limits.maxAttributesPerElement) | 0;
    let attributes = scratch.attributes;
    let attributeCount = firstAttribute;
    for (;;) {
      // One space and a name: as Canonical XML writes it. The check of the name finds out whether it is one.
      if (octet === space && startsAttribute(view.getUint8(p + 1))) {
        p = (p + 1) | 0;
      } else {
        const gap = p;
        p = skipWhitespace(octets, p) | 0;
        octet = view.getUint8(p);
        if (p !== gap) flags |= tagRewrite;
        if (octet === greater || octet === slash) break;
        if (p === gap) refuseTag(octets, p);
      }

      // Attribute: the name.
      const nameStart = p;
      let name = ints[last + symbolAttribute]!;
      let length = ints[name + symbolLength]!;
      if (!startsWith(view, p, name, lastWord) || nameClass[view.getUint8(p + length)] === 1) {
        name = knownName(octets, view, p, lastWord) | 0;
        ints[last + symbolAttribute] = name;
        length = ints[name + symbolLength]!;
      }
      if (ints[name + symbolScan] !== scan) meetName(name, p, limits);
      p = (p + length) | 0;
      last = name;

      // Attribute: the value.
      let rewrite = 0;
      let closing = quote;
      if (view.getUint8(p) === equals && view.getUint8(p + 1) === quote) {
        p = (p + 2) | 0;
      } else {
        p = openValue(octets, p) | 0;
        closing = view.getUint8(p - 1);
        rewrite = tagRewrite;
      }
      const valueStart = p;
      // The word test below does not look for apostrophes.
      const lastValueWord = closing === quote ? lastTextWord : -1;
      let altered = 0;
      scratch.referenced = 0;
      const declares = (ints[name + symbolKind]! & kindMask) === kindDeclaration;
      const namespace = declares && closing === quote ? expectedNamespace(view, lastWord, name, p) | 0 : emptySymbol;
      if (namespace !== emptySymbol) p = (p + ints[namespace + symbolLength]!) | 0;
      for (;;) {
        while (p <= lastValueWord) {
          // One bit for each octet that is a control character, a double quote, "&", "<" or ">"; exact up to the lowest.
          const word = view.getInt32(p, true);
          const angle = (word | 0x02020202) ^ 0x3e3e3e3e;
          const special = (word | 0x04040404) ^ 0x26262626;
          const stop =
            (((word - 0x20202020) & ~word) | ((angle - 0x01010101) & ~angle) | ((special - 0x01010101) & ~special)) &
            -0x7f7f7f80;
          if (stop !== 0) {
            p = (p + ((31 - Math.clz32(stop & -stop)) >> 3)) | 0;
            break;
          }
          p = (p + 4) | 0;
        }
        octet = view.getUint8(p);
        if (octet === closing) break;
        if (octet === ampersand) {
          const reference = scanReference(octets, p) | 0;
          if ((reference & canonicalInValue) === 0) altered = 1;
          scratch.referenced = 1;
          p = reference >> referenceShift;
          continue;
        }
        if (valueClass[octet] !== 0) altered |= scanSpecialValue(octets, p, end, octet);
        p = (p + 1) | 0;
      }
      if (p - valueStart > maxAttributeValue) {
        limitAt(valueStart, "a longer attribute value", maxAttributeValue, "maxAttributeValue");
      }
      flags |= rewrite | altered;

      if (declares) {
        flags |= openNamespace(view, namespace, name, nameStart, valueStart, p, altered | rewrite, firstOwn, limits);
        if (attributeCount !== firstAttribute) flags |= tagDeclaresUnordered;
      } else {
        if (attributeCount === mostAttributes) refuseAttributes(nameStart, attributeCount, limits);
        const at = Math.imul(attributeCount, attributeWidth);
        if (at + attributeWidth > attributes.length) attributes = growScratch("attributes");
        // The symbol, until the prefixes are known.
        attributes[at + attributeName] = name;
        attributes[at + attributeStart] = nameStart;
        attributes[at + attributeLength] = (length << 1) | altered;
        attributes[at + attributeValue] = valueStart;
        attributes[at + attributeValueEnd] = p;
        attributeCount = (attributeCount + 1) | 0;
      }
      p = (p + 1) | 0;
      octet = view.getUint8(p);
    }

    // Resolve.
    let before = -1;
    for (let i = firstAttribute; i < attributeCount; i++) {
      const at = Math.imul(i, attributeWidth);
      const name = attributes[at + attributeName]!;
      const prefix = ints[name + symbolPrefix]!;
      let binding = 0;
      if (prefix !== emptySymbol) {
        binding = ints[prefix + symbolBound]!;
        if (binding === 0) refusePrefix(attributes[at + attributeStart]!);
        if (binding !== xmlBinding) flags |= tagPrefixed;
      }
      attributes[at + attributeBinding] = binding;
      const uri = scratch.declarations[Math.imul(binding, declarationWidth) + declarationUri]!;
      if (ints[name + symbolUri] !== uri) expandName(name, uri, attributes[at + attributeStart]!, limits);
      attributes[at + attributeName] = ints[name + symbolName]!;
      // An element of this name may mean another one: it has to be expanded again.
      ints[name + symbolEpoch] = 0;
      const pair = ints[name + symbolPair]!;
      if (before >= 0) {
        if (pairs[pair + pairTag] === tag) {
          const reason = "A start tag has two attributes of the same name.";
          malformedAt(attributes[at + attributeStart]!, reason, "Leave one out.", "Namespaces in XML 1.0 section 6.3");
        }
        // Of no interest where the tag is written anew anyway.
        if (
          (flags & (tagRewrite | tagUnordered)) === 0 &&
          pairs[pair + pairBefore] !== before &&
          !precedes(before, pair)
        ) {
          flags |= tagUnordered;
        }
      }
      pairs[pair + pairTag] = tag;
      before = pair;
      if ((ints[name + symbolKind]! & kindIdentifies) !== 0) recordIdentifier(element, i);
    }
    scratch.attributeCount = attributeCount;
    if (attributeCount !== firstAttribute || scratch.declarationCount !== firstOwn) {
      tagRow = recordTag(firstAttribute, attributeCount, firstOwn, scratch.declarationCount) | 0;
    }
    if (octet === slash) {
      p = (p + 1) | 0;
      if (view.getUint8(p) !== greater)
        malformedAt(p - 1, 'A start tag has "/" inside.', 'Write "/>".', "XML 1.0 section 3.1");
      flags |= tagEmpty;
    }
  }
  p = (p + 1) | 0;

  // Open.
  const prefix = ints[symbol + symbolPrefix]!;
  const binding = ints[prefix + symbolBound]!;
  if (binding === 0 && prefix !== emptySymbol) refusePrefix(tagStart + 1);
  const uri = scratch.declarations[Math.imul(binding, declarationWidth) + declarationUri]!;
  if (ints[symbol + symbolUri] !== uri) expandName(symbol, uri, tagStart + 1, limits);
  ints[symbol + symbolBinding] = binding;
  ints[symbol + symbolEpoch] = symbols.epoch;
  const at = element << elementShift;
  if (at + elementWidth > scratch.elements.length) growScratch("elements");
  const { elements } = scratch;
  elements[at + elementStart] = tagStart;
  elements[at + elementContentStart] = p;
  elements[at + elementParent] = row >> elementShift;
  elements[at + elementName] = ints[symbol + symbolName]!;
  elements[at + elementBinding] = (binding << bindingShift) | flags;
  elements[at + elementTag] = tagRow;
  if (flags !== 0 || row < 0 || elements[row + elementBinding]! >> bindingShift !== binding) {
    recordDifference(tagStart, p, element);
  }
  scratch.previous = symbol;
  scratch.elementCount = (element + 1) | 0;
  if ((flags & tagEmpty) !== 0) {
    elements[at + elementContentEnd] = p;
    elements[at + elementAfter] = (element + 1) | 0;
    if ((flags & tagDeclares) !== 0) closeNamespaces(at);
  } else {
    elements[at + elementContentEnd] = symbol;
    scratch.open = at;
    scratch.depth = (scratch.depth + 1) | 0;
  }
  return p;
}
