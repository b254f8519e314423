import { scratch } from "./scratch.js";
import { symbols } from "./symbols.js";
import type { Tape } from "./tape.js";
import { attributeWidth, declarationWidth, differenceWidth, elementWidth, identifierWidth, tagWidth } from "./tape.js";

/** Integers of a shared array: about a hundred small messages. */
const slabLength = 1 << 16;
/** Tapes longer than this get arrays of their own. */
const small = 1 << 13;

let slab = new Int32Array(slabLength);
let slabUsed = 0;

/**
 * Copies the tape of the last scan out of the scratch arrays.
 *
 * @param shared whether other threads are to see it too, as they see the message.
 */
export function takeTape(shared: boolean): Tape {
  const { elementCount, tagCount, attributeCount, declarationCount, differenceCount, identifierCount } = scratch;
  const tagsAt = elementCount * elementWidth;
  const attributesAt = tagsAt + tagCount * tagWidth;
  const declarationsAt = attributesAt + attributeCount * attributeWidth;
  const differencesAt = declarationsAt + declarationCount * declarationWidth;
  const identifiersAt = differencesAt + differenceCount * differenceWidth;
  const length = identifiersAt + identifierCount * identifierWidth;
  let ints: Int32Array;
  let base = 0;
  if (shared) {
    ints = new Int32Array(new SharedArrayBuffer(length * 4));
  } else if (length > small) {
    ints = new Int32Array(length);
  } else {
    if (slabUsed + length > slabLength) {
      slab = new Int32Array(slabLength);
      slabUsed = 0;
    }
    ints = slab;
    base = slabUsed;
    slabUsed += length;
  }
  copy(scratch.elements, tagsAt, ints, base);
  copy(scratch.tags, attributesAt - tagsAt, ints, base + tagsAt);
  copy(scratch.attributes, declarationsAt - attributesAt, ints, base + attributesAt);
  copy(scratch.declarations, differencesAt - declarationsAt, ints, base + declarationsAt);
  copy(scratch.differences, identifiersAt - differencesAt, ints, base + differencesAt);
  copy(scratch.identifiers, length - identifiersAt, ints, base + identifiersAt);
  return {
    ints,
    elementBase: base,
    elementCount,
    tagBase: base + tagsAt,
    attributeBase: base + attributesAt,
    attributeCount,
    declarationBase: base + declarationsAt,
    differenceBase: base + differencesAt,
    differenceCount,
    identifierBase: base + identifiersAt,
    identifierCount,
    end: base + length,
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
