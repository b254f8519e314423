import * as characters from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { refuseCharacter, scanCharacterData, scanComment, startsCharacterData } from "./prolog.js";
import { isCanonicalInText, isCanonicalInValue, scanReference } from "./references.js";
import { limitAt, malformedAt } from "./refusal.js";
import {
  closeNamespaces, expandName, nextName, openNamespace, openValue, precedes, recordDifference, recordIdentifier, recordText,
  refusePrefix, refuseTag, skipWhitespace,
} from "./scan-steps.js";
import { growScratch, scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { symbols } from "./symbols.js";
import * as tape from "./tape.js";

// Copies of imported constants: as constants of this module they become constants of the machine code.
const { textClass, valueClass, nameClass } = characters;
const space = characters.space;
const exclamation = characters.exclamation;
const quote = characters.quote;
const apostrophe = characters.apostrophe;
const slash = characters.slash;
const less = characters.less;
const equals = characters.equals;
const greater = characters.greater;
const bracket = characters.bracket;
const textLess = characters.textLess;
const textAmpersand = characters.textAmpersand;
const textGreater = characters.textGreater;
const textCarriageReturn = characters.textCarriageReturn;
const valueQuote = characters.valueQuote;
const valueApostrophe = characters.valueApostrophe;
const valueAmpersand = characters.valueAmpersand;
const valueLess = characters.valueLess;
const valueGreater = characters.valueGreater;
const valueWhitespace = characters.valueWhitespace;

const symbolStart = table.symbolStart;
const symbolLength = table.symbolLength;
const symbolKind = table.symbolKind;
const symbolPrefix = table.symbolPrefix;
const symbolLocal = table.symbolLocal;
const symbolScan = table.symbolScan;
const symbolBinding = table.symbolBinding;
const symbolName = table.symbolName;
const symbolPair = table.symbolPair;
const symbolNext = table.symbolNext;
const symbolBound = table.symbolBound;
const symbolIdentifies = table.symbolIdentifies;
const kindDeclaration = table.kindDeclaration;
const emptySymbol = table.emptySymbol;
const pairTag = table.pairTag;

const elementWidth = tape.elementWidth;
const elementStart = tape.elementStart;
const elementContentStart = tape.elementContentStart;
const elementContentEnd = tape.elementContentEnd;
const elementEnd = tape.elementEnd;
const elementAfter = tape.elementAfter;
const elementParent = tape.elementParent;
const elementName = tape.elementName;
const elementBinding = tape.elementBinding;
const elementAttributes = tape.elementAttributes;
const elementDeclarations = tape.elementDeclarations;
const bindingShift = tape.bindingShift;
const tagRewrite = tape.tagRewrite;
const tagUnordered = tape.tagUnordered;
const tagDeclares = tape.tagDeclares;
const tagDeclaresUnordered = tape.tagDeclaresUnordered;
const tagPrefixed = tape.tagPrefixed;
const attributeWidth = tape.attributeWidth;
const attributeName = tape.attributeName;
const attributeStart = tape.attributeStart;
const attributeLength = tape.attributeLength;
const attributeValue = tape.attributeValue;
const attributeValueEnd = tape.attributeValueEnd;
const attributeBinding = tape.attributeBinding;
const xmlBinding = tape.xmlBinding;
const differenceEndTag = tape.differenceEndTag;

/**
 * The scan: from the root element's `<` to behind its end tag, in one pass and one function, writing the tape of `scratch`.
 *
 * `octets[end - 1]` is ">": every inner loop stops at ">", so that none of them has to compare its offset with the end.
 * The states, each a labelled place below:
 *
 * - content: behind a tag; character data up to the next "<", which decides between end tag, start tag, comment and CDATA.
 * - start tag: the name; then for each attribute white space, name, "=", quote, value; a declaration takes effect at once.
 * - resolve: prefixes of the attributes, when all declarations of the tag are known; duplicates; canonical order.
 * - open: the element's own prefix and its row; an empty-element tag closes at once.
 * - end tag: compared with the name of the open element; undoes the element's declarations.
 *
 * A name is first compared with the one that followed its predecessor the last time (`symbolNext`); only where that fails is it
 * hashed. `differences` gets a row wherever the octets may have to change to be canonical, and for tags whose namespaces
 * depend on what an ancestor rendered; everything between two rows is canonical already.
 *
 * @returns the offset behind the root element.
 */
export function scanElements(octets: Uint8Array, from: number, end: number, limits: XmlLimits): number {
  const { ints, arena, pairs } = symbols;
  const scan = symbols.scan;
  const { open, openNames } = scratch;
  const { maxDepth, maxElements, maxName, maxAttributesPerElement, maxAttributes, maxAttributeValue } = limits;
  let elements = scratch.elements;
  let attributes = scratch.attributes;
  let tag = symbols.tag;
  let elementCount = 0;
  let attributeCount = 0;
  let depth = 0;
  let row = 0;
  let parent = -1;
  let outerBinding = 0;
  let previous = emptySymbol;
  let p = from;

  for (;;) {
    // Content: p is behind a tag, or at the root's start tag.
    if (p >= end) {
      malformedAt(p, "The message ends inside an element.", "Send the whole message; close every element.", "XML 1.0 section 3");
    }
    if (octets[p] !== less || octets[p + 1] === exclamation) {
      let runStart = p;
      for (;;) {
        while (textClass[octets[p]!] === 0) p++;
        const kind = textClass[octets[p]!]!;
        if (kind === textLess) {
          if (octets[p + 1] !== exclamation) break;
          const begin = p;
          p = startsCharacterData(octets, p) ? scanCharacterData(octets, p, end) : scanComment(octets, p, end, limits);
          recordText(runStart, begin, p);
          if (p >= end) break;
          runStart = p;
        } else if (kind === textGreater) {
          if (p - runStart >= 2 && octets[p - 1] === bracket && octets[p - 2] === bracket) {
            malformedAt(p - 2, 'Text has "]]>".', 'Write it as "]]&gt;".', "XML 1.0 section 2.4");
          }
          recordText(runStart, p, p + 1);
          p++;
          if (p >= end) break;
        } else if (kind === textAmpersand) {
          const behind = scanReference(octets, p);
          if (!isCanonicalInText(octets, p, behind)) recordText(runStart, p, behind);
          p = behind;
        } else if (kind === textCarriageReturn) {
          recordText(runStart, p, p + 1);
          p++;
        } else {
          refuseCharacter(octets, p);
          p++;
        }
      }
      if (p >= end) continue;
    }

    const tagStart = p;
    p++;
    if (octets[p] === slash) {
      // End tag.
      p++;
      const nameEnd = p + ints[openNames[depth - 1]! + symbolLength]!;
      let a = elements[row + elementStart]! + 1;
      while (p < nameEnd && octets[p] === octets[a]) {
        p++;
        a++;
      }
      if (octets[p] !== greater) {
        if (p < nameEnd || nameClass[octets[p]!] === 1) {
          const reason = "An end tag does not fit the element that is open.";
          malformedAt(tagStart, reason, "Close elements in the reverse order of opening.", "XML 1.0 section 3");
        }
        p = skipWhitespace(octets, p);
        if (octets[p] !== greater) {
          malformedAt(p, "An end tag has more than a name in it.", "Leave it out.", "XML 1.0 section 3.1");
        }
        recordDifference(tagStart, p + 1, differenceEndTag);
      } else if (p < nameEnd) {
        const reason = "An end tag does not fit the element that is open.";
        malformedAt(tagStart, reason, "Close elements in the reverse order of opening.", "XML 1.0 section 3");
      }
      p++;
      elements[row + elementContentEnd] = tagStart;
      elements[row + elementEnd] = p;
      elements[row + elementAfter] = elementCount;
      if ((elements[row + elementBinding]! & tagDeclares) !== 0) closeNamespaces(row, elementCount);
      scratch.depth = --depth;
      if (depth === 0) break;
      row = open[depth - 1]!;
      parent = row / elementWidth;
      outerBinding = elements[row + elementBinding]! >> bindingShift;
      continue;
    }

    // Start tag: the name.
    if (depth === maxDepth) limitAt(tagStart, "elements nested deeper", maxDepth, "maxDepth");
    if (elementCount === maxElements) limitAt(tagStart, "more elements", maxElements, "maxElements");
    let symbol = ints[previous + symbolNext]!;
    let length = ints[symbol + symbolLength]!;
    let a = ints[symbol + symbolStart]!;
    let nameEnd = p + length;
    while (p < nameEnd && octets[p] === arena[a]) {
      p++;
      a++;
    }
    if (p !== nameEnd || nameClass[octets[p]!] === 1 || length === 0 || length > maxName) {
      symbol = nextName(octets, previous, tagStart + 1, limits);
      p = tagStart + 1 + ints[symbol + symbolLength]!;
    }
    previous = symbol;

    let flags = 0;
    const firstAttribute = attributeCount;
    const firstDeclaration = scratch.declarationCount;
    let octet = octets[p]!;
    if (octet !== greater) {
      // Kept at once: a refusal must not leave marks behind that a later tag could take for its own.
      symbols.tag = ++tag;
      for (;;) {
        if (octet === space && nameClass[octets[p + 1]!] === 1) {
          p++;
        } else {
          const gap = p;
          p = skipWhitespace(octets, p);
          octet = octets[p]!;
          if (p !== gap) flags |= tagRewrite;
          if (octet === greater || octet === slash) break;
          if (p === gap) refuseTag(octets, p);
        }

        // Attribute or declaration: the name.
        const nameStart = p;
        let name = ints[previous + symbolNext]!;
        length = ints[name + symbolLength]!;
        a = ints[name + symbolStart]!;
        nameEnd = p + length;
        while (p < nameEnd && octets[p] === arena[a]) {
          p++;
          a++;
        }
        if (p !== nameEnd || nameClass[octets[p]!] === 1 || length === 0 || length > maxName) {
          name = nextName(octets, previous, nameStart, limits);
          length = ints[name + symbolLength]!;
          p = nameStart + length;
        }
        previous = name;

        // Its value.
        let rewrite = 0;
        if (octets[p] === equals && octets[p + 1] === quote) {
          p += 2;
        } else {
          p = openValue(octets, p);
          rewrite = tagRewrite;
        }
        const closing = octets[p - 1]!;
        const valueStart = p;
        let altered = 0;
        for (;;) {
          while (valueClass[octets[p]!] === 0) p++;
          const kind = valueClass[octets[p]!]!;
          if (kind === valueQuote) {
            if (closing === quote) break;
            altered = 1;
            p++;
          } else if (kind === valueApostrophe) {
            if (closing === apostrophe) break;
            p++;
          } else if (kind === valueAmpersand) {
            const behind = scanReference(octets, p);
            if (!isCanonicalInValue(octets, p, behind)) altered = 1;
            p = behind;
          } else if (kind === valueWhitespace) {
            altered = 1;
            p++;
          } else if (kind === valueGreater) {
            p++;
            if (p >= end) malformedAt(valueStart - 1, "An attribute value does not end.", "Close its quote.", "XML 1.0 section 3.1");
          } else if (kind === valueLess) {
            malformedAt(p, 'An attribute value has "<".', 'Write it as "&lt;".', "XML 1.0 section 3.1");
          } else {
            refuseCharacter(octets, p);
            p++;
          }
        }
        if (p - valueStart > maxAttributeValue) {
          limitAt(valueStart, "a longer attribute value", maxAttributeValue, "maxAttributeValue");
        }
        flags |= rewrite | altered;

        if (ints[name + symbolKind] === kindDeclaration) {
          flags |= openNamespace(octets, name, nameStart, valueStart, p, altered | rewrite, firstDeclaration, tag, limits);
          if (attributeCount !== firstAttribute) flags |= tagDeclaresUnordered;
        } else {
          if (attributeCount === maxAttributes) limitAt(nameStart, "more attributes", maxAttributes, "maxAttributes");
          if (attributeCount - firstAttribute === maxAttributesPerElement) {
            const what = "more attributes on one element";
            limitAt(nameStart, what, maxAttributesPerElement, "maxAttributesPerElement");
          }
          const at = attributeCount * attributeWidth;
          if (at + attributeWidth > attributes.length) attributes = growScratch("attributes");
          attributes[at + attributeName] = name;
          attributes[at + attributeStart] = nameStart;
          attributes[at + attributeLength] = (length << 1) | altered;
          attributes[at + attributeValue] = valueStart;
          attributes[at + attributeValueEnd] = p;
          attributeCount++;
        }
        octet = octets[++p]!;
      }
    }
    p++;
    if (octet === slash) {
      if (octets[p] !== greater) malformedAt(p - 1, 'A start tag has "/" inside.', 'Write "/>".', "XML 1.0 section 3.1");
      p++;
    }

    // Resolve the attributes.
    let before = -1;
    for (let i = firstAttribute; i < attributeCount; i++) {
      const at = i * attributeWidth;
      const name = attributes[at + attributeName]!;
      const prefix = ints[name + symbolPrefix]!;
      let binding = 0;
      if (prefix !== emptySymbol) {
        binding = ints[prefix + symbolBound]!;
        if (binding === 0) refusePrefix(attributes[at + attributeStart]!);
        if (binding !== xmlBinding) flags |= tagPrefixed;
      }
      attributes[at + attributeBinding] = binding;
      attributes[at + attributeName] =
        ints[name + symbolBinding] === binding && ints[name + symbolScan] === scan
          ? ints[name + symbolName]!
          : expandName(name, binding, attributes[at + attributeStart]!, limits);
      const pair = ints[name + symbolPair]!;
      if (before >= 0) {
        if (pairs[pair + pairTag] === tag) {
          const reason = "A start tag has two attributes of the same name.";
          malformedAt(attributes[at + attributeStart]!, reason, "Leave one out.", "Namespaces in XML 1.0 section 6.3");
        }
        if ((flags & tagUnordered) === 0 && !precedes(before, pair)) flags |= tagUnordered;
      }
      pairs[pair + pairTag] = tag;
      before = pair;
      if (ints[ints[name + symbolLocal]! + symbolIdentifies] === 1) recordIdentifier(elementCount, i);
    }

    // Open the element.
    const prefix = ints[symbol + symbolPrefix]!;
    const binding = ints[prefix + symbolBound]!;
    if (binding === 0 && prefix !== emptySymbol) refusePrefix(tagStart + 1);
    const name =
      ints[symbol + symbolBinding] === binding && ints[symbol + symbolScan] === scan
        ? ints[symbol + symbolName]!
        : expandName(symbol, binding, tagStart + 1, limits);
    const at = elementCount * elementWidth;
    if (at + elementWidth > elements.length) elements = growScratch("elements");
    elements[at + elementStart] = tagStart;
    elements[at + elementContentStart] = p;
    elements[at + elementParent] = parent;
    elements[at + elementName] = name;
    elements[at + elementBinding] = (binding << bindingShift) | flags;
    elements[at + elementAttributes] = firstAttribute;
    elements[at + elementDeclarations] = firstDeclaration;
    if (flags !== 0 || binding !== outerBinding || octet === slash) recordDifference(tagStart, p, elementCount);
    elementCount++;
    if (octet === slash) {
      elements[at + elementContentEnd] = p;
      elements[at + elementEnd] = p;
      elements[at + elementAfter] = elementCount;
      if ((flags & tagDeclares) !== 0) closeNamespaces(at, elementCount);
      if (depth === 0) break;
    } else {
      open[depth] = at;
      openNames[depth] = symbol;
      scratch.depth = ++depth;
      row = at;
      parent = elementCount - 1;
      outerBinding = binding;
    }
  }
  scratch.elementCount = elementCount;
  scratch.attributeCount = attributeCount;
  return p;
}
