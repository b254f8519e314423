import * as characters from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { canonicalInText as inText, scanReference, referenceShift as shift } from "./references.js";
import { malformedAt } from "./refusal.js";
import { closeNamespaces } from "./scan-namespaces.js";
import { scanStartTag } from "./scan-start-tag.js";
import { finishEndTag, recordDifference, recordText, scanSpecialText } from "./scan-steps.js";
import { scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { symbols } from "./symbols.js";
import * as tape from "./tape.js";

// Copies of imported constants: as constants of this module they become constants of the machine code.
const canonicalInText = inText;
const referenceShift = shift;
const exclamation = characters.exclamation;
const ampersand = characters.ampersand;
const slash = characters.slash;
const less = characters.less;
const greater = characters.greater;
const textClass = characters.textClass;
const symbolWord = table.symbolWord;
const symbolLength = table.symbolLength;
const symbolEpoch = table.symbolEpoch;
const symbolBinding = table.symbolBinding;
const symbolName = table.symbolName;
const symbolNext = table.symbolNext;
const symbolTail = table.symbolTail;
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
const tagDeclares = tape.tagDeclares;

/**
 * The scan: from the root element's `<` to behind its end tag, in one pass, writing the tape of `scratch`. This is the hot loop:
 * it knows character data, end tags, and start tags that have nothing but a name it expects. Everything else is left to functions
 * that know all of it: {@link scanStartTag}, {@link scanSpecialText}, {@link finishEndTag}. It is written for the machine:
 * "| 0" and shifts keep numbers as 32-bit integers, and what is rare ends the turn of the loop instead of joining it again.
 *
 * `octets[end - 1]` is ">": every inner loop stops at ">", so that none has to compare its offset with the end for each octet.
 * The states, each a commented place below:
 *
 * - content: behind a tag; character data up to the next "<", which decides between end tag, start tag, comment and CDATA.
 * - end tag: compared with the name of the open element, which is in its row where the offset of the end tag will stand.
 * - start tag: compared with the name that followed the one before it the last time (`symbolNext`), and used if no prefix was
 *   bound to something else since it was expanded (`symbolEpoch`).
 *
 * `differences` gets a row wherever the octets may have to change to be canonical, and for tags whose namespaces depend on what
 * an ancestor rendered; everything between two rows is canonical already.
 *
 * @param words whether four octets may be examined at a time: nowhere in the message stands the octet 0xEF, which would have to
 * be looked at for U+FFFE and U+FFFF.
 * @returns the offset behind the root element.
 */
export function scanElements(octets: Buffer, from: number, end: number, words: boolean, limits: XmlLimits): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  /** Four octets can be read up to here. */
  const lastWord = (octets.length - 4) | 0;
  /** Where text may be read word by word. */
  const lastTextWord = words ? lastWord : -1;
  const { ints, words: arena } = symbols;
  const maxDepth = limits.maxDepth | 0;
  let elements = scratch.elements;
  /** Below this offset of a row there is room, and the limit is not reached. */
  let room = Math.min(limits.maxElements, elements.length >> elementShift) << elementShift;
  /** Offset of the row of the innermost open element, and of the next free one. */
  let row = -elementWidth;
  let at = 0;
  let depth = 0;
  let epoch = symbols.epoch | 0;
  let previous = emptySymbol;
  let p = from | 0;

  for (;;) {
    // Content: p is behind a tag, or at the root's start tag.
    if (p >= end) {
      scratch.open = row;
      malformedAt(
        p,
        "The message ends inside an element.",
        "Send the whole message; close every element.",
        "XML 1.0 section 3",
      );
    }
    let octet = view.getUint8(p);
    if (octet !== less || view.getUint8(p + 1) === exclamation) {
      scratch.runStart = p;
      for (;;) {
        while (p <= lastTextWord) {
          // One bit for each octet that is a control character, "&", "<" or ">"; exact up to the lowest.
          const word = view.getInt32(p, true);
          const angle = (word | 0x02020202) ^ 0x3e3e3e3e;
          const entity = word ^ 0x26262626;
          const stop =
            (((word - 0x20202020) & ~word) | ((angle - 0x01010101) & ~angle) | ((entity - 0x01010101) & ~entity)) &
            -0x7f7f7f80;
          if (stop !== 0) {
            p = (p + ((31 - Math.clz32(stop & -stop)) >> 3)) | 0;
            break;
          }
          p = (p + 4) | 0;
        }
        octet = view.getUint8(p);
        if (octet === less) {
          if (view.getUint8(p + 1) !== exclamation) break;
        } else if (textClass[octet] === 0) {
          p = (p + 1) | 0;
          continue;
        }
        scratch.open = row;
        if (octet === ampersand) {
          const reference = scanReference(octets, p) | 0;
          if ((reference & canonicalInText) === 0) recordText(scratch.runStart, p, reference >> referenceShift);
          p = reference >> referenceShift;
          continue;
        }
        p = scanSpecialText(octets, p, end, octet, limits) | 0;
        if (p >= end) break;
      }
      if (p >= end) continue;
    }

    if (view.getUint8(p + 1) === slash) {
      // End tag: the name is compared word by word, the last word overlapping the one before.
      const symbol = elements[row + elementContentEnd]!;
      const parent = elements[row + elementParent]!;
      const flags = elements[row + elementBinding]!;
      elements[row + elementContentEnd] = p;
      elements[row + elementAfter] = at >> elementShift;
      const length = ints[symbol + symbolLength]!;
      let q = (p + 2) | 0;
      const nameEnd = (q + length) | 0;
      let fits = nameEnd <= lastWord;
      if (fits) {
        if (length < 4) {
          fits = ((view.getInt32(q, true) ^ ints[symbol + symbolTail]!) & ((1 << (length << 3)) - 1)) === 0;
        } else {
          let word = ints[symbol + symbolWord]!;
          const lastOfName = (nameEnd - 4) | 0;
          while (q < lastOfName && view.getInt32(q, true) === arena[word]) {
            q = (q + 4) | 0;
            word = (word + 1) | 0;
          }
          fits = q >= lastOfName && view.getInt32(lastOfName, true) === ints[symbol + symbolTail];
        }
      }
      if (fits && view.getUint8(nameEnd) === greater) {
        p = (nameEnd + 1) | 0;
      } else {
        scratch.open = row;
        p = finishEndTag(octets, p, symbol) | 0;
      }
      if ((flags & tagDeclares) !== 0) {
        closeNamespaces(row);
        epoch = symbols.epoch | 0;
      }
      row = parent << elementShift;
      depth = (depth - 1) | 0;
      if (depth === 0) break;
      continue;
    }

    // Start tag.
    const symbol = ints[previous + symbolNext]!;
    const length = ints[symbol + symbolLength]!;
    let q = (p + 1) | 0;
    const nameEnd = (q + length) | 0;
    let known = false;
    if (nameEnd <= lastWord) {
      if (length < 4) {
        known = ((view.getInt32(q, true) ^ ints[symbol + symbolTail]!) & ((1 << (length << 3)) - 1)) === 0;
      } else {
        let word = ints[symbol + symbolWord]!;
        const lastOfName = (nameEnd - 4) | 0;
        while (q < lastOfName && view.getInt32(q, true) === arena[word]) {
          q = (q + 4) | 0;
          word = (word + 1) | 0;
        }
        known = q >= lastOfName && view.getInt32(lastOfName, true) === ints[symbol + symbolTail];
      }
      if (
        known &&
        view.getUint8(nameEnd) === greater &&
        ints[symbol + symbolEpoch] === epoch &&
        at < room &&
        depth < maxDepth
      ) {
        const binding = ints[symbol + symbolBinding]!;
        // The row outside the root does not exist: the root is never opened here, no name is known before it.
        const outer = elements[row + elementBinding]! >> bindingShift;
        elements[at + elementStart] = p;
        p = (nameEnd + 1) | 0;
        elements[at + elementContentStart] = p;
        elements[at + elementContentEnd] = symbol;
        elements[at + elementParent] = row >> elementShift;
        elements[at + elementName] = ints[symbol + symbolName]!;
        elements[at + elementBinding] = binding << bindingShift;
        elements[at + elementTag] = 0;
        row = at;
        at = (at + elementWidth) | 0;
        depth = (depth + 1) | 0;
        previous = symbol;
        if (binding !== outer) recordDifference(elements[row + elementStart]!, p, row >> elementShift);
        continue;
      }
    }
    scratch.open = row;
    scratch.depth = depth;
    scratch.previous = previous;
    scratch.expected = known ? symbol : emptySymbol;
    scratch.elementCount = at >> elementShift;
    p = scanStartTag(octets, view, p, end, words, limits) | 0;
    row = scratch.open | 0;
    depth = scratch.depth | 0;
    previous = scratch.previous | 0;
    at = scratch.elementCount << elementShift;
    epoch = symbols.epoch | 0;
    elements = scratch.elements;
    room = Math.min(limits.maxElements, elements.length >> elementShift) << elementShift;
    if (depth === 0) break;
  }
  scratch.elementCount = at >> elementShift;
  return p;
}
