import { TextDecoder } from "node:util";
import { type DerValue, derTag, malformed } from "./der.js";

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

/** The characters of a DirectoryString and its kin; undefined where the value is none, or in an ambiguous alphabet. */
export function characterString({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case derTag.utf8String:
      return utf8(content) ?? malformed("a name is not UTF-8");
    case derTag.printableString:
    case derTag.ia5String:
    case derTag.numericString:
    case derTag.visibleString:
      return isAscii(content) ? content.toString("latin1") : malformed("a name is not ASCII");
    case derTag.teletexString:
      // Software disagrees about what octets above 127 mean here; such a value is shown in hexadecimal.
      return isAscii(content) ? content.toString("latin1") : undefined;
    case derTag.bmpString:
      return content.length % 2 === 0 ? decode(utf16Decoder, Buffer.from(content).swap16()) : undefined;
    default:
      return undefined;
  }
}

function isAscii(octets: Uint8Array): boolean {
  return octets.every((octet) => octet < 0x80);
}

/** The text of UTF-8 octets; undefined where they are not well-formed. */
export function utf8(octets: Uint8Array): string | undefined {
  return decode(utf8Decoder, octets);
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

/** DER as RFC 4514 writes what is not text. */
export function hex(der: Uint8Array): string {
  return `#${Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("hex")}`;
}
