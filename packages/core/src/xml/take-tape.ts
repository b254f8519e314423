import type { Tape } from "./document.js";
import { scratch } from "./scratch.js";
import { symbols } from "./symbols.js";
import { attributeWidth, declarationWidth, differenceWidth, elementWidth, identifierWidth, tagWidth } from "./tape.js";

/** Integers of a shared array: about a hundred small messages. */
const slabLength = 1 << 16;
/** Tapes longer than this get arrays of their own. */
const small = 1 << 13;

let slab = new Int32Array(slabLength);
let slabUsed = 0;

/** Copies the tape of the last scan out of the scratch arrays. */
export function takeTape(): Tape {
  const { elementCount, tagCount, attributeCount, declarationCount, differenceCount, identifierCount } = scratch;
  const tagsAt = elementCount * elementWidth;
  const attributesAt = tagsAt + tagCount * tagWidth;
  const declarationsAt = attributesAt + attributeCount * attributeWidth;
  const differencesAt = declarationsAt + declarationCount * declarationWidth;
  const identifiersAt = differencesAt + differenceCount * differenceWidth;
  const length = identifiersAt + identifierCount * identifierWidth;
  let array: Int32Array<ArrayBuffer>;
  let base = 0;
  if (length > small) {
    array = new Int32Array(length);
  } else {
    if (slabUsed + length > slabLength) {
      slab = new Int32Array(slabLength);
      slabUsed = 0;
    }
    array = slab;
    base = slabUsed;
    slabUsed += length;
  }
  copy(scratch.elements, tagsAt, array, base);
  copy(scratch.tags, attributesAt - tagsAt, array, base + tagsAt);
  copy(scratch.attributes, declarationsAt - attributesAt, array, base + attributesAt);
  copy(scratch.declarations, differencesAt - declarationsAt, array, base + declarationsAt);
  copy(scratch.differences, identifiersAt - differencesAt, array, base + differencesAt);
  copy(scratch.identifiers, length - identifiersAt, array, base + identifiersAt);
  return {
    elements: array,
    elementBase: base,
    elementCount,
    tags: array,
    tagBase: base + tagsAt,
    attributes: array,
    attributeBase: base + attributesAt,
    attributeCount,
    declarations: array,
    declarationBase: base + declarationsAt,
    declarationCount,
    differences: array,
    differenceBase: base + differencesAt,
    differenceCount,
    identifiers: array,
    identifierBase: base + identifiersAt,
    identifierCount,
    symbolEnd: symbols.symbolEnd,
  };
}

function copy(from: Int32Array, length: number, to: Int32Array, at: number): void {
  if (length < 256) {
    for (let i = 0; i < length; i++) to[at + i] = from[i] as number;
  } else {
    to.set(from.subarray(0, length), at);
  }
}
