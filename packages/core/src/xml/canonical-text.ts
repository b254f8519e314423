import { ampersand, carriageReturn, greater, less, lineFeed, quote, space, textClass, valueClass } from "./characters.js";
import type { CanonicalOutput } from "./canonical-output.js";
import { isCanonicalInText, isCanonicalInValue, referencedCharacter } from "./references.js";
import { behindComment, behindReference, isCharacterData, writePoint } from "./text.js";

const point = new Uint8Array(4);

/** Writes character data as Canonical XML does (C14N 1.0, section 2.3, text nodes). The octets hold whole markup. */
export function writeText(octets: Buffer, from: number, end: number, comments: boolean, output: CanonicalOutput): void {
  let p = from;
  while (p < end) {
    const run = p;
    while (p < end && textClass[octets[p]!] === 0) p++;
    if (p > run) output.append(run, p);
    if (p >= end) return;
    const octet = octets[p]!;
    if (octet === ampersand) {
      const behind = behindReference(octets, p);
      writeReference(octets, p, behind, output);
      p = behind;
    } else if (octet === less) {
      if (isCharacterData(octets, p)) {
        const close = octets.indexOf("]]>", p + 9, "latin1");
        for (p += 9; p < close; p++) writeLiteral(octets, p, output);
        p = close + 3;
      } else {
        const close = behindComment(octets, p);
        if (comments) writeComment(octets, p, close, output);
        p = close;
      }
    } else {
      writeLiteral(octets, p++, output);
    }
  }
}

/** Writes a comment with its line ends normalised. */
export function writeComment(octets: Uint8Array, from: number, end: number, output: CanonicalOutput): void {
  for (let p = from; p < end; p++) {
    const octet = octets[p]!;
    if (octet !== carriageReturn) output.octet(octet);
    else if (octets[p + 1] !== lineFeed) output.octet(lineFeed);
  }
}

/** One octet of character data that is no reference: escaped, line ends normalised. */
function writeLiteral(octets: Uint8Array, p: number, output: CanonicalOutput): void {
  const octet = octets[p]!;
  if (octet === ampersand) output.ascii("&amp;");
  else if (octet === less) output.ascii("&lt;");
  else if (octet === greater) output.ascii("&gt;");
  else if (octet !== carriageReturn) output.octet(octet);
  else if (octets[p + 1] !== lineFeed) output.octet(lineFeed);
}

function writeReference(octets: Uint8Array, from: number, end: number, output: CanonicalOutput): void {
  if (isCanonicalInText(octets, from, end)) {
    output.append(from, end);
    return;
  }
  const character = referencedCharacter(octets, from);
  if (character === ampersand) output.ascii("&amp;");
  else if (character === less) output.ascii("&lt;");
  else if (character === greater) output.ascii("&gt;");
  else if (character === carriageReturn) output.ascii("&#xD;");
  else writeCharacter(character, output);
}

function writeCharacter(character: number, output: CanonicalOutput): void {
  const length = writePoint(point, 0, character);
  for (let i = 0; i < length; i++) output.octet(point[i]!);
}

/** Writes an attribute value as Canonical XML does (C14N 1.0, section 2.3, attribute nodes). */
export function writeValue(octets: Uint8Array, from: number, end: number, output: CanonicalOutput): void {
  let p = from;
  while (p < end) {
    const run = p;
    while (p < end && valueClass[octets[p]!] === 0) p++;
    if (p > run) output.append(run, p);
    if (p >= end) return;
    const octet = octets[p]!;
    if (octet === ampersand) {
      const behind = behindReference(octets, p);
      if (isCanonicalInValue(octets, p, behind)) output.append(p, behind);
      else writeValueCharacter(referencedCharacter(octets, p), output);
      p = behind;
      continue;
    }
    p++;
    if (octet === carriageReturn && octets[p] === lineFeed) continue;
    if (octet === quote) output.ascii("&quot;");
    else output.octet(octet < space ? space : octet);
  }
}

function writeValueCharacter(character: number, output: CanonicalOutput): void {
  if (character === ampersand) output.ascii("&amp;");
  else if (character === less) output.ascii("&lt;");
  else if (character === quote) output.ascii("&quot;");
  else if (character === 0x09) output.ascii("&#x9;");
  else if (character === lineFeed) output.ascii("&#xA;");
  else if (character === carriageReturn) output.ascii("&#xD;");
  else writeCharacter(character, output);
}
