import { hash, isCharacter, semicolon } from "./characters.js";
import { forbiddenAt, malformedAt } from "./refusal.js";

/**
 * Reads the reference at `from`: a predefined entity or a character reference.
 *
 * @returns the offset behind its semicolon. Refuses everything else at that offset of the message being scanned.
 */
export function scanReference(octets: Uint8Array, from: number): number {
  let p = from + 1;
  if (octets[p] === hash) {
    const point = characterReference(octets, from);
    if (point < 0) malformedAt(from, "A character reference is malformed.", "Write it as &#10; or &#xA;.", "XML 1.0 section 4.1");
    if (!isCharacter(point)) {
      const reason = `A character reference names U+${point.toString(16).toUpperCase().padStart(4, "0")}.`;
      malformedAt(from, reason, "Take it out: XML cannot carry it.", "XML 1.0 section 4.1");
    }
    while (octets[p] !== semicolon) p++;
    return p + 1;
  }
  if (entity(octets, from) >= 0) {
    while (octets[p] !== semicolon) p++;
    return p + 1;
  }
  while (isEntityName(octets[p])) p++;
  if (p > from + 1 && octets[p] === semicolon) {
    const remedy = "Use only &amp; &lt; &gt; &quot; &apos; and character references.";
    forbiddenAt(from, "The message refers to an entity that XML does not predefine.", remedy, "XML 1.0 section 4.1");
  }
  malformedAt(from, 'A "&" starts no reference.', 'Write "&" as "&amp;".', "XML 1.0 section 2.4");
}

function isEntityName(octet: number | undefined): boolean {
  if (octet === undefined) return false;
  return octet >= 0x80 || (octet >= 0x61 && octet <= 0x7a) || (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x2d && octet <= 0x3a && octet !== 0x2f) || octet === 0x5f;
}

/** The character of the predefined entity at `from` (XML 1.0, section 4.6), -1 for anything else. */
function entity(octets: Uint8Array, from: number): number {
  const one = octets[from + 1];
  const two = octets[from + 2];
  const three = octets[from + 3];
  const four = octets[from + 4];
  if (two === 0x74 && three === semicolon) return one === 0x6c ? 0x3c : one === 0x67 ? 0x3e : -1;
  if (one === 0x61 && two === 0x6d && three === 0x70 && four === semicolon) return 0x26;
  if (octets[from + 5] !== semicolon) return -1;
  if (one === 0x71 && two === 0x75 && three === 0x6f && four === 0x74) return 0x22;
  return one === 0x61 && two === 0x70 && three === 0x6f && four === 0x73 ? 0x27 : -1;
}

/** The code point of the character reference at `from`, -1 where it is malformed; capped above Unicode. */
function characterReference(octets: Uint8Array, from: number): number {
  const hexadecimal = octets[from + 2] === 0x78;
  const first = from + (hexadecimal ? 3 : 2);
  let point = 0;
  let p = first;
  for (; octets[p] !== semicolon; p++) {
    const octet = octets[p] as number;
    let digit = -1;
    if (octet >= 0x30 && octet <= 0x39) digit = octet - 0x30;
    else if (hexadecimal && octet >= 0x61 && octet <= 0x66) digit = octet - 0x57;
    else if (hexadecimal && octet >= 0x41 && octet <= 0x46) digit = octet - 0x37;
    if (digit < 0) return -1;
    point = Math.min(point * (hexadecimal ? 16 : 10) + digit, 0x110000);
  }
  return p === first ? -1 : point;
}

/** The code point of a reference that the scan accepted. */
export function characterAt(octets: Uint8Array, from: number): number {
  return octets[from + 1] === hash ? characterReference(octets, from) : entity(octets, from);
}

/** Whether the reference is what Canonical XML writes in text: `&amp;`, `&lt;`, `&gt;`, `&#xD;`. */
export function isCanonicalInText(octets: Uint8Array, from: number, end: number): boolean {
  return isAmp(octets, from, end) || isLt(octets, from, end) || isGt(octets, from, end) || isHex(octets, from, end, 0x44);
}

/** Whether it is what Canonical XML writes in an attribute value: `&amp;`, `&lt;`, `&quot;`, `&#x9;`, `&#xA;`, `&#xD;`. */
export function isCanonicalInValue(octets: Uint8Array, from: number, end: number): boolean {
  return (
    isAmp(octets, from, end) || isLt(octets, from, end) || (end - from === 6 && octets[from + 1] === 0x71) ||
    isHex(octets, from, end, 0x44) || isHex(octets, from, end, 0x41) || isHex(octets, from, end, 0x39)
  );
}

function isAmp(octets: Uint8Array, from: number, end: number): boolean {
  return end - from === 5 && octets[from + 2] === 0x6d;
}

function isLt(octets: Uint8Array, from: number, end: number): boolean {
  return end - from === 4 && octets[from + 1] === 0x6c;
}

function isGt(octets: Uint8Array, from: number, end: number): boolean {
  return end - from === 4 && octets[from + 1] === 0x67;
}

function isHex(octets: Uint8Array, from: number, end: number, digit: number): boolean {
  return end - from === 5 && octets[from + 2] === 0x78 && octets[from + 3] === digit;
}
