import { TextDecoder } from "node:util";
import type { BaseBlock } from "asn1js";

/** One attribute of a name as text writes it. */
export interface WrittenAttribute {
  /** Its type as a dotted object identifier. */
  readonly type: string;
  /** Its value where it is a character string. */
  readonly text: string | undefined;
  /** Its value in DER, where the text gives it so. */
  readonly der: Uint8Array | undefined;
}

/** One attribute of a name. */
export interface NameAttribute extends WrittenAttribute {
  readonly der: Uint8Array;
}

/** The key of a name out of the keys of its attributes, the most significant part first. */
export function nameKey(parts: readonly (readonly string[])[]): string {
  // JSON keeps the borders of the attributes apart, whatever characters they hold.
  return JSON.stringify(parts.map((part) => [...part].sort()));
}

/** The key of an attribute: `=` before characters, `#` before DER: text that looks like hexadecimal is not taken for it. */
export function attributeKey({ type, text, der }: WrittenAttribute): string {
  return text === undefined ? `${type}${hex(der ?? Buffer.alloc(0))}` : `${type}=${text}`;
}

/**
 * The characters of a DirectoryString and its kin; undefined where the value is no such string, is not well-formed, or
 * stands in an alphabet that software disagrees about (octets above 127 in a TeletexString).
 */
export function characterString({ idBlock, lenBlock, valueBeforeDecodeView }: BaseBlock): string | undefined {
  if (idBlock.tagClass !== universal || idBlock.isConstructed) return undefined;
  const content = valueBeforeDecodeView.subarray(idBlock.blockLength + lenBlock.blockLength);
  switch (idBlock.tagNumber) {
    case stringTag.utf8:
      return utf8(content);
    case stringTag.numeric:
    case stringTag.printable:
    case stringTag.teletex:
    case stringTag.ia5:
    case stringTag.visible:
      return isAscii(content) ? Buffer.from(content).toString("latin1") : undefined;
    case stringTag.bmp:
      return content.length % 2 === 0 ? decode(utf16Decoder, Buffer.from(content).swap16()) : undefined;
    default:
      return undefined;
  }
}

/** The class of tags that X.680 itself assigns, as asn1js numbers it. */
const universal = 1;

/** Universal tag numbers of character strings (X.680 section 8.4). */
const stringTag = Object.freeze({ utf8: 12, numeric: 18, printable: 19, teletex: 20, ia5: 22, visible: 26, bmp: 30 });

/** The text of UTF-8 octets; undefined where they are not well-formed. */
export function utf8(octets: Uint8Array): string | undefined {
  return isAscii(octets) ? Buffer.from(octets).toString("latin1") : decode(utf8Decoder, octets);
}

const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16Decoder = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

function decode(decoder: TextDecoder, octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}

function isAscii(octets: Uint8Array): boolean {
  return octets.every((octet) => octet < 0x80);
}

/** DER as RFC 4514 writes what is not text. */
export function hex(der: Uint8Array): string {
  return `#${Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("hex")}`;
}
