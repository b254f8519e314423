import { writePoint } from "./canonical-octets.js";
import { ampersand, carriageReturn, exclamation, less, lineFeed, semicolon, space } from "./characters.js";
import { characterAt } from "./references.js";

/**
 * The characters that scanned content stands for: references replaced, CDATA sections joined, comments left out, line ends
 * normalised (XML 1.0, sections 2.11 and 4.4). `start` to `end` must not cut markup.
 */
export function decodeText(octets: Buffer, start: number, end: number): string {
  if (isPlain(octets, start, end)) return octets.toString("utf8", start, end);
  const decoded = Buffer.allocUnsafe(end - start);
  const view = new DataView(decoded.buffer, decoded.byteOffset, decoded.length);
  let length = 0;
  let p = start;
  while (p < end) {
    const octet = octets[p] as number;
    if (octet === ampersand) {
      length = writePoint(view, length, characterAt(octets, p));
      p = behindReference(octets, p);
    } else if (octet === carriageReturn) {
      p++;
      if (octets[p] !== lineFeed) decoded[length++] = lineFeed;
    } else if (octet === less) {
      if (isCharacterData(octets, p)) {
        const close = octets.indexOf("]]>", p + 9, "latin1");
        for (p += 9; p < close; p++) {
          if (octets[p] !== carriageReturn) decoded[length++] = octets[p] as number;
          else if (octets[p + 1] !== lineFeed) decoded[length++] = lineFeed;
        }
        p = close + 3;
      } else {
        p = behindComment(octets, p);
      }
    } else {
      decoded[length++] = octet;
      p++;
    }
  }
  return decoded.toString("utf8", 0, length);
}

/** The normalised value of an attribute that is not declared (so: CDATA; XML 1.0, section 3.3.3). */
export function decodeValue(octets: Buffer, start: number, end: number): string {
  let p = start;
  while (p < end && (octets[p] as number) >= space && octets[p] !== ampersand) p++;
  if (p === end) return octets.toString("utf8", start, end);
  const decoded = Buffer.allocUnsafe(end - start);
  const view = new DataView(decoded.buffer, decoded.byteOffset, decoded.length);
  let length = 0;
  p = start;
  while (p < end) {
    const octet = octets[p] as number;
    if (octet === ampersand) {
      length = writePoint(view, length, characterAt(octets, p));
      p = behindReference(octets, p);
      continue;
    }
    p++;
    if (octet === carriageReturn && octets[p] === lineFeed) continue;
    decoded[length++] = Math.max(octet, space);
  }
  return decoded.toString("utf8", 0, length);
}

/** Whether the octets stand for themselves. */
function isPlain(octets: Buffer, start: number, end: number): boolean {
  for (let p = start; p < end; p++) {
    const octet = octets[p];
    if (octet === ampersand || octet === carriageReturn || octet === less) return false;
  }
  return true;
}

/** The offset behind the reference at `p`. */
export function behindReference(octets: Uint8Array, from: number): number {
  let p = from;
  while (octets[p] !== semicolon) p++;
  return p + 1;
}

/** The offset behind the comment at `p`. */
export function behindComment(octets: Buffer, p: number): number {
  return octets.indexOf("-->", p + 4, "latin1") + 3;
}

/** Whether the `<` at `p` starts a CDATA section and not a comment. */
export function isCharacterData(octets: Uint8Array, p: number): boolean {
  return octets[p + 1] === exclamation && octets[p + 2] === 0x5b;
}
