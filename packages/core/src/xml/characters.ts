/** Octets that carry syntax. */
export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const exclamation = 0x21;
export const quote = 0x22;
export const hash = 0x23;
export const ampersand = 0x26;
export const apostrophe = 0x27;
export const hyphen = 0x2d;
export const slash = 0x2f;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const less = 0x3c;
export const equals = 0x3d;
export const greater = 0x3e;
export const question = 0x3f;
export const bracket = 0x5d;

/** Classes of {@link textClass}: 0 is a character that stands for itself and is canonical as it is. */
export const textLess = 1;
export const textAmpersand = 2;
export const textGreater = 3;
export const textCarriageReturn = 4;
/** The octet 0xEF: perhaps U+FFFE or U+FFFF. */
export const textNoncharacter = 5;
export const textForbidden = 6;

/** Classes of {@link valueClass}: 0 is a character that stands for itself and is canonical as it is. */
export const valueQuote = 1;
export const valueApostrophe = 2;
export const valueAmpersand = 3;
export const valueLess = 4;
export const valueGreater = 5;
export const valueWhitespace = 6;
export const valueNoncharacter = 7;
export const valueForbidden = 8;

/** What an octet means in character data. */
export const textClass = new Uint8Array(256);
/** What an octet means in an attribute value. */
export const valueClass = new Uint8Array(256);
/** 1 for octets that may stand in a name: ASCII name characters, the colon, and everything beyond ASCII (checked once per name). */
export const nameClass = new Uint8Array(256);

for (let octet = 0; octet < 0x20; octet++) {
  textClass[octet] = textForbidden;
  valueClass[octet] = valueForbidden;
}
for (const octet of [tab, lineFeed, carriageReturn]) {
  textClass[octet] = 0;
  valueClass[octet] = valueWhitespace;
}
textClass[carriageReturn] = textCarriageReturn;
textClass[less] = textLess;
textClass[ampersand] = textAmpersand;
textClass[greater] = textGreater;
textClass[0xef] = textNoncharacter;
valueClass[quote] = valueQuote;
valueClass[apostrophe] = valueApostrophe;
valueClass[ampersand] = valueAmpersand;
valueClass[less] = valueLess;
valueClass[greater] = valueGreater;
valueClass[0xef] = valueNoncharacter;

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
for (const character of `${letters}0123456789-._:`) nameClass[character.charCodeAt(0)] = 1;
for (let octet = 0x80; octet < 0x100; octet++) nameClass[octet] = 1;

/** Whether an octet is XML white space (XML 1.0, production 3). */
export function isWhitespace(octet: number | undefined): boolean {
  return octet === space || octet === lineFeed || octet === carriageReturn || octet === tab;
}

/** Whether a code point is in XML 1.0's set of characters (production 2). */
export function isCharacter(point: number): boolean {
  if (point < 0x20) return point === tab || point === lineFeed || point === carriageReturn;
  return point < 0xd800 || (point > 0xdfff && point < 0xfffe) || (point > 0xffff && point < 0x110000);
}

/** Code points beyond ASCII that may start a name (XML 1.0 fifth edition, production 4), as pairs of first and last. */
const nameStart = [
  0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x2ff, 0x370, 0x37d, 0x37f, 0x1fff, 0x200c, 0x200d, 0x2070, 0x218f, 0x2c00, 0x2fef,
  0x3001, 0xd7ff, 0xf900, 0xfdcf, 0xfdf0, 0xfffd, 0x10000, 0xeffff,
];
/** What may follow in a name besides (production 4a). */
const nameRest = [0xb7, 0xb7, 0x300, 0x36f, 0x203f, 0x2040];

function within(ranges: readonly number[], point: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (point >= (ranges[i] as number) && point <= (ranges[i + 1] as number)) return true;
  }
  return false;
}

/** Whether a code point may start an NCName: a name without a colon. */
export function startsName(point: number): boolean {
  if (point >= 0x80) return within(nameStart, point);
  return (point >= 0x61 && point <= 0x7a) || (point >= 0x41 && point <= 0x5a) || point === 0x5f;
}

/** Whether a code point may stand in an NCName behind its first character. */
export function continuesName(point: number): boolean {
  if (point >= 0x80) return within(nameStart, point) || within(nameRest, point);
  return nameClass[point] === 1 && point !== colon;
}
