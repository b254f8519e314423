import { hash, isCharacter, semicolon } from "./characters.js";
import { forbiddenAt, malformedAt } from "./refusal.js";

/** Set in the answer of {@link scanReference} where Canonical XML writes the reference so in text. */
export const canonicalInText = 1;
/** Set where Canonical XML writes the reference so in attribute values. */
export const canonicalInValue = 2;
/** The offset in the answer stands above the two bits. */
export const referenceShift = 2;

/**
 * Reads the reference at `from` of the message being scanned: a predefined entity (XML 1.0, section 4.6) or a character
 * reference; refuses everything else.
 *
 * @returns the offset behind its semicolon, shifted left, and the two bits above.
 */
export function scanReference(octets: Uint8Array, from: number): number {
  const one = octets[from + 1]!;
  const two = octets[from + 2]!;
  const three = octets[from + 3]!;
  if (two === 0x74 && three === semicolon) {
    // &lt; and &gt;
    if (one === 0x6c) return ((from + 4) << referenceShift) | canonicalInText | canonicalInValue;
    if (one === 0x67) return ((from + 4) << referenceShift) | canonicalInText;
  } else if (one === hash) {
    return scanCharacterReference(octets, from);
  } else if (one === 0x61 && two === 0x6d && three === 0x70 && octets[from + 4] === semicolon) {
    // &amp;
    return ((from + 5) << referenceShift) | canonicalInText | canonicalInValue;
  } else if (octets[from + 4] === 0x74 && octets[from + 5] === semicolon) {
    // &quot;
    if (one === 0x71 && two === 0x75 && three === 0x6f) return ((from + 6) << referenceShift) | canonicalInValue;
  } else if (octets[from + 4] === 0x73 && octets[from + 5] === semicolon) {
    // &apos;
    if (one === 0x61 && two === 0x70 && three === 0x6f) return (from + 6) << referenceShift;
  }
  return refuseEntity(octets, from);
}

function refuseEntity(octets: Uint8Array, from: number): never {
  let p = from + 1;
  while (isEntityName(octets[p])) p++;
  if (p > from + 1 && octets[p] === semicolon) {
    const remedy = "Use only &amp; &lt; &gt; &quot; &apos; and character references.";
    forbiddenAt(from, "The message refers to an entity that XML does not predefine.", remedy, "XML 1.0 section 4.1");
  }
  malformedAt(from, 'A "&" starts no reference.', 'Write "&" as "&amp;".', "XML 1.0 section 2.4");
}

function isEntityName(octet: number | undefined): boolean {
  if (octet === undefined) return false;
  const letter =
    (octet >= 0x61 && octet <= 0x7a) || (octet >= 0x41 && octet <= 0x5a) || octet === 0x5f || octet === 0x3a;
  return letter || octet >= 0x80 || (octet >= 0x30 && octet <= 0x39) || octet === 0x2d || octet === 0x2e;
}

function scanCharacterReference(octets: Uint8Array, from: number): number {
  const hexadecimal = octets[from + 2] === 0x78;
  const first = (from + (hexadecimal ? 3 : 2)) | 0;
  let point = 0;
  let p = first;
  while (octets[p] !== semicolon) {
    const digit = hexadecimal ? hexadecimalDigit(octets[p]!) : decimalDigit(octets[p]!);
    if (digit < 0)
      malformedAt(from, "A character reference is malformed.", "Write it as &#10; or &#xA;.", "XML 1.0 section 4.1");
    point = Math.min(hexadecimal ? (point << 4) | digit : point * 10 + digit, 0x110000);
    p = (p + 1) | 0;
  }
  if (p === first)
    malformedAt(from, "A character reference is empty.", "Write it as &#10; or &#xA;.", "XML 1.0 section 4.1");
  if (!isCharacter(point)) {
    const reason = `A character reference names U+${point.toString(16).toUpperCase().padStart(4, "0")}.`;
    malformedAt(from, reason, "Take it out: XML cannot carry it.", "XML 1.0 section 4.1");
  }
  let canonical = 0;
  if (hexadecimal && p === first + 1) {
    // As Canonical XML writes them: &#xD; anywhere, &#x9; and &#xA; in values.
    const digit = octets[first];
    if (digit === 0x44) canonical = canonicalInText | canonicalInValue;
    else if (digit === 0x41 || digit === 0x39) canonical = canonicalInValue;
  }
  return ((p + 1) << referenceShift) | canonical;
}

function decimalDigit(octet: number): number {
  return octet >= 0x30 && octet <= 0x39 ? octet - 0x30 : -1;
}

function hexadecimalDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet & ~0x20;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1;
}

/** The code point of a reference that the scan accepted. */
export function characterAt(octets: Uint8Array, from: number): number {
  const one = octets[from + 1];
  if (one === 0x6c) return 0x3c;
  if (one === 0x67) return 0x3e;
  if (one === 0x71) return 0x22;
  if (one === 0x61) return octets[from + 2] === 0x6d ? 0x26 : 0x27;
  const hexadecimal = octets[from + 2] === 0x78;
  let point = 0;
  for (let p = from + (hexadecimal ? 3 : 2); octets[p] !== semicolon; p++) {
    point = hexadecimal ? (point << 4) | hexadecimalDigit(octets[p]!) : point * 10 + decimalDigit(octets[p]!);
  }
  return point;
}
