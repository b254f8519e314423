import { copyOctets, writeTextCharacter } from "./canonical-octets.js";
import type { CanonicalOutput } from "./canonical-output.js";
import { ampersand, carriageReturn, less, lineFeed, textClass } from "./characters.js";
import { characterAt } from "./references.js";
import { behindComment, behindReference, isCharacterData } from "./text.js";

/** Pieces of text are written in steps of this many octets: each may take five times as much. */
const step = 8_192;

/** Writes character data as Canonical XML does (C14N 1.0, section 2.3, text nodes). The octets hold whole markup. */
export function writeText(octets: Buffer, from: number, end: number, comments: boolean, output: CanonicalOutput): void {
  let p = from;
  while (p < end) {
    const stop = Math.min(end, p + step);
    output.reserve(5 * (stop - p) + 8);
    const { view, target } = output;
    let n = output.length | 0;
    while (p < stop) {
      const run = p | 0;
      while (p < stop && textClass[view.getUint8(p)] === 0) p = (p + 1) | 0;
      if (p > run) n = copyOctets(view, run, p, target, n) | 0;
      if (p >= stop) break;
      const octet = view.getUint8(p);
      if (octet === ampersand) {
        n = writeTextCharacter(target, n, characterAt(octets, p)) | 0;
        p = behindReference(octets, p) | 0;
      } else if (octet === less) {
        break;
      } else {
        n = writeLiteral(view, p, target, n) | 0;
        p = (p + 1) | 0;
      }
    }
    output.length = n;
    if (p < stop) p = writeMarkup(octets, p, comments, output);
  }
}

/** Writes the CDATA section or comment at `from`. @returns the offset behind it. */
function writeMarkup(octets: Buffer, from: number, comments: boolean, output: CanonicalOutput): number {
  if (isCharacterData(octets, from)) {
    const close = octets.indexOf("]]>", from + 9, "latin1");
    for (let p = from + 9; p < close; p += step) {
      const stop = Math.min(close, p + step);
      output.reserve(5 * (stop - p));
      let n = output.length;
      for (let i = p; i < stop; i++) n = writeLiteral(output.view, i, output.target, n);
      output.length = n;
    }
    return close + 3;
  }
  const close = behindComment(octets, from);
  if (comments) writeComment(octets, from, close, output);
  return close;
}

/** Writes a comment with its line ends normalised. */
export function writeComment(octets: Uint8Array, from: number, end: number, output: CanonicalOutput): void {
  for (let p = from; p < end; p++) {
    const octet = octets[p]!;
    if (octet !== carriageReturn) output.octet(octet);
    else if (octets[p + 1] !== lineFeed) output.octet(lineFeed);
  }
}

/** Writes one octet of character data that is no reference: escaped, line ends normalised. */
function writeLiteral(view: DataView, p: number, target: DataView, at: number): number {
  const octet = view.getUint8(p);
  if (octet === carriageReturn) {
    if (view.getUint8(p + 1) === lineFeed) return at;
    target.setUint8(at, lineFeed);
    return at + 1;
  }
  if (octet < 0x80) return writeTextCharacter(target, at, octet);
  target.setUint8(at, octet);
  return at + 1;
}
