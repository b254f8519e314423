import { ampersand, carriageReturn, greater, lineFeed, quote, space, valueClass } from "./characters.js";
import { characterAt } from "./references.js";

/** Copies octets, four at a time, the last four overlapping the ones before. @returns the offset in `target` behind them. */
export function copyOctets(view: DataView, from: number, end: number, target: DataView, at: number): number {
  const length = (end - from) | 0;
  const behind = (at + length) | 0;
  let n = at | 0;
  if (length < 4) {
    for (let i = from | 0; i < end; i = (i + 1) | 0) {
      target.setUint8(n, view.getUint8(i));
      n = (n + 1) | 0;
    }
    return behind;
  }
  const last = (end - 4) | 0;
  for (let i = from | 0; i < last; i = (i + 4) | 0) {
    target.setInt32(n, view.getInt32(i, true), true);
    n = (n + 4) | 0;
  }
  target.setInt32((behind - 4) | 0, view.getInt32(last, true), true);
  return behind;
}

/** Writes a code point as UTF-8. @returns the offset behind it. */
export function writePoint(target: DataView, at: number, point: number): number {
  let n = at;
  if (point < 0x80) {
    target.setUint8(n++, point);
    return n;
  }
  if (point < 0x800) {
    target.setUint8(n++, 0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      target.setUint8(n++, 0xe0 | (point >> 12));
    } else {
      target.setUint8(n++, 0xf0 | (point >> 18));
      target.setUint8(n++, 0x80 | ((point >> 12) & 63));
    }
    target.setUint8(n++, 0x80 | ((point >> 6) & 63));
  }
  target.setUint8(n++, 0x80 | (point & 63));
  return n;
}

/** The replacements of Canonical XML as words, the first octet lowest: `&amp`, `&lt;`, `&gt;`, `&#xD`, `&quo`, `&#x9`, `&#xA`. */
const amp = 0x706d6126;
const lt = 0x3b746c26;
const gt = 0x3b746726;
const crefD = 0x44782326;
const quot = 0x6f757126;
const cref9 = 0x39782326;
const crefA = 0x41782326;
const semicolon = 0x3b;

/** Writes a character of content as Canonical XML does (C14N 1.0, section 2.3, text nodes). Takes six octets at most. */
export function writeTextCharacter(target: DataView, at: number, character: number): number {
  if (character === ampersand) return writeFive(target, at, amp);
  if (character === 0x3c) return writeFour(target, at, lt);
  if (character === greater) return writeFour(target, at, gt);
  if (character === carriageReturn) return writeFive(target, at, crefD);
  return writePoint(target, at, character);
}

/** Writes a character of an attribute value as Canonical XML does (C14N 1.0, section 2.3, attribute nodes). Takes six octets at most. */
export function writeValueCharacter(target: DataView, at: number, character: number): number {
  if (character === ampersand) return writeFive(target, at, amp);
  if (character === 0x3c) return writeFour(target, at, lt);
  if (character === quote) {
    target.setInt32(at, quot, true);
    target.setUint8(at + 4, 0x74);
    target.setUint8(at + 5, semicolon);
    return at + 6;
  }
  if (character === 0x09) return writeFive(target, at, cref9);
  if (character === lineFeed) return writeFive(target, at, crefA);
  if (character === carriageReturn) return writeFive(target, at, crefD);
  return writePoint(target, at, character);
}

function writeFour(target: DataView, at: number, word: number): number {
  target.setInt32(at, word, true);
  return at + 4;
}

function writeFive(target: DataView, at: number, word: number): number {
  target.setInt32(at, word, true);
  target.setUint8(at + 4, semicolon);
  return at + 5;
}

/**
 * Writes the value of an attribute or declaration as Canonical XML does. Takes six times its length at most.
 *
 * @param octets the octets that `view` shows.
 */
export function writeValue(
  octets: Uint8Array,
  view: DataView,
  from: number,
  end: number,
  target: DataView,
  at: number,
): number {
  let p = from | 0;
  let n = at | 0;
  while (p < end) {
    const octet = view.getUint8(p);
    p = (p + 1) | 0;
    if (valueClass[octet] === 0 || octet === greater || octet === 0x27) {
      target.setUint8(n, octet);
      n = (n + 1) | 0;
    } else if (octet === ampersand) {
      n = writeValueCharacter(target, n, characterAt(octets, p - 1)) | 0;
      while (view.getUint8(p) !== semicolon) p = (p + 1) | 0;
      p = (p + 1) | 0;
    } else if (octet === quote) {
      n = writeValueCharacter(target, n, quote) | 0;
    } else if (octet !== carriageReturn || view.getUint8(p) !== lineFeed) {
      // White space becomes a space; a carriage return with its line feed only one. What begins a character beyond ASCII stays.
      target.setUint8(n, Math.max(octet, space));
      n = (n + 1) | 0;
    }
  }
  return n;
}
