import {
  bracket,
  exclamation,
  greater,
  hyphen,
  isWhitespace,
  less,
  question,
  slash,
  textCarriageReturn,
  textClass,
  textNoncharacter,
} from "./characters.js";
import type { EncodedMessage } from "./encoding.js";
import type { XmlLimits } from "./limits.js";
import { forbiddenAt, limitAt, malformedAt } from "./refusal.js";
import { scratch } from "./scratch.js";

/** An XML declaration is longer than this only by filling white space. */
const maxDeclaration = 256;
const declaration = (() => {
  const space = "[ \\t\\r\\n]";
  const field = (name: string) => `${name}${space}*=${space}*(?:"([A-Za-z0-9._-]*)"|'([A-Za-z0-9._-]*)')`;
  const encoding = `(?:${space}+${field("encoding")})?`;
  return new RegExp(`^<\\?xml${space}+${field("version")}${encoding}(?:${space}+${field("standalone")})?${space}*\\?>`);
})();

/** Reads past XML declaration, white space and comments. @returns the offset of the root element's `<`. */
export function scanProlog(message: EncodedMessage, end: number, limits: XmlLimits): number {
  const { octets } = message;
  return scanMisc(octets, startsDeclaration(octets) ? scanDeclaration(message) : 0, end, limits, true);
}

function startsDeclaration(octets: Uint8Array): boolean {
  return (
    octets[0] === less &&
    octets[1] === question &&
    octets[2] === 0x78 &&
    octets[3] === 0x6d &&
    octets[4] === 0x6c &&
    isWhitespace(octets[5])
  );
}

function scanDeclaration({ octets, encoding }: EncodedMessage): number {
  const found = declaration.exec(octets.toString("latin1", 0, maxDeclaration));
  if (found === null)
    malformedAt(0, "The XML declaration is malformed.", 'Write <?xml version="1.0" encoding="UTF-8"?>.');
  const version = found[1] ?? found[2];
  if (version !== "1.0") malformedAt(0, `The message is XML ${version}.`, "Send XML 1.0.", "XML 1.0 section 2.8");
  const declared = (found[3] ?? found[4])?.toLowerCase();
  if (declared !== undefined && declared !== encoding) {
    const reason = `The XML declaration says "${declared.slice(0, 40)}" and the message is ${encoding.toUpperCase()}.`;
    malformedAt(0, reason, "Send UTF-8 and say so, or leave the encoding out.", "XML 1.0 section 4.3.3");
  }
  const standalone = found[5] ?? found[6];
  if (standalone !== undefined && standalone !== "yes" && standalone !== "no") {
    malformedAt(0, 'The XML declaration\'s standalone is neither "yes" nor "no".', "Leave it out.");
  }
  return found[0].length;
}

/** Reads white space and comments, before the root element (then it ends at its `<`) or behind it (then at `end`). */
export function scanMisc(octets: Uint8Array, from: number, end: number, limits: XmlLimits, before: boolean): number {
  let p = from;
  for (;;) {
    while (isWhitespace(octets[p])) p++;
    if (p >= end) {
      if (before) malformedAt(p, "The message has no element.", "Send an XML document.");
      return p;
    }
    if (octets[p] !== less) {
      const where = before ? "before" : "behind";
      malformedAt(p, `There is text ${where} the root element.`, "Send exactly one element.", "XML 1.0 section 2.1");
    }
    const next = octets[p + 1];
    if (next === exclamation || next === question) {
      p = scanComment(octets, p, end, limits);
      continue;
    }
    if (before && next === slash)
      malformedAt(p, "An end tag closes nothing.", "Send exactly one element.", "XML 1.0 section 2.1");
    if (!before)
      malformedAt(p, "There is markup behind the root element.", "Send exactly one element.", "XML 1.0 section 2.1");
    return p;
  }
}

/** Reads past the comment at `from`, and refuses whatever else starts with `<!` or `<?`. @returns the offset behind it. */
export function scanComment(octets: Uint8Array, from: number, end: number, limits: XmlLimits): number {
  if (octets[from + 1] === question) {
    const reason = "The message has a processing instruction.";
    forbiddenAt(from, reason, "Leave processing instructions out.", "SOAP 1.2 Part 1 section 5");
  }
  if (octets[from + 2] !== hyphen || octets[from + 3] !== hyphen) refuseDeclaration(octets, from);
  if (++scratch.comments > limits.maxComments) limitAt(from, "more comments", limits.maxComments, "maxComments");
  let p = from + 4;
  for (;;) {
    const octet = octets[p] as number;
    if (octet === hyphen && octets[p + 1] === hyphen) {
      if (octets[p + 2] === greater) return p + 3;
      malformedAt(p, 'A comment has "--" inside.', "Take it out of the comment.", "XML 1.0 section 2.5");
    }
    if (octet === greater && p + 1 === end) malformedAt(from, "A comment does not end.", 'End it with "-->".');
    const kind = textClass[octet] as number;
    if (kind >= textNoncharacter) refuseCharacter(octets, p);
    p++;
  }
}

function refuseDeclaration(octets: Uint8Array, at: number): never {
  const c = octets[at + 2];
  if (c === 0x44 || c === 0x45 || c === 0x41 || c === 0x4e) {
    const reason = "The message has a document type declaration, or a part of one.";
    forbiddenAt(at, reason, "Leave it out: entities and default attributes are never read.", "SOAP 1.1 section 3");
  }
  const reason =
    c === bracket - 2
      ? "A CDATA section stands outside the root element, or is malformed."
      : 'Markup starts with "<!".';
  malformedAt(at, reason, 'Write "<" in text as "&lt;".');
}

/** Refuses the character at `p` if XML 1.0 does not have it; called for octets of the classes forbidden and noncharacter. */
export function refuseCharacter(octets: Uint8Array, p: number): void {
  const octet = octets[p] as number;
  const rule = "XML 1.0 section 2.2";
  if (octet === 0xef) {
    if (octets[p + 1] !== 0xbf || (octets[p + 2] as number) < 0xbe) return;
    const name = octets[p + 2] === 0xbe ? "U+FFFE" : "U+FFFF";
    malformedAt(p, `The message has the character ${name}.`, "Take it out: XML cannot carry it.", rule);
  }
  const name = `U+${octet.toString(16).toUpperCase().padStart(4, "0")}`;
  malformedAt(p, `The message has the control character ${name}.`, "Take it out: XML cannot carry it.", rule);
}

/** Reads past the CDATA section at `from`. @returns the offset behind it. */
export function scanCharacterData(octets: Uint8Array, from: number, end: number): number {
  let p = from + 9;
  const first = p;
  for (;;) {
    const kind = textClass[octets[p] as number] as number;
    if (kind >= textNoncharacter) refuseCharacter(octets, p);
    if (kind > 0 && kind < textCarriageReturn && octets[p] === greater) {
      if (p - first >= 2 && octets[p - 1] === bracket && octets[p - 2] === bracket) return p + 1;
      if (p + 1 === end) malformedAt(from, "A CDATA section does not end.", 'End it with "]]>".');
    }
    p++;
  }
}

/** Whether a CDATA section starts at `p`. */
export function startsCharacterData(octets: Uint8Array, p: number): boolean {
  return (
    octets[p + 2] === 0x5b &&
    octets[p + 3] === 0x43 &&
    octets[p + 4] === 0x44 &&
    octets[p + 5] === 0x41 &&
    octets[p + 6] === 0x54 &&
    octets[p + 7] === 0x41 &&
    octets[p + 8] === 0x5b
  );
}
