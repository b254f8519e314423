import { derTag } from "./der.js";

/** A DER value with that tag and content. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag, ...lengthOctets(content.length)), content]);
}

/** A SEQUENCE of values. */
export function writeSequence(...values: readonly Uint8Array[]): Buffer {
  return writeDer(derTag.sequence, ...values);
}

/** A SET OF values: DER sorts them. */
export function writeSetOf(...values: readonly Uint8Array[]): Buffer {
  return writeDer(derTag.set, ...[...values].sort(Buffer.compare));
}

/** An INTEGER, not negative. */
export function writeInteger(value: bigint): Buffer {
  const digits = value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return writeDer(derTag.integer, Buffer.from(even >= "8" ? `00${even}` : even, "hex"));
}

/** A BOOLEAN that is true. */
export function writeTrue(): Buffer {
  return writeDer(derTag.boolean, Buffer.of(0xff));
}

/** An OBJECT IDENTIFIER, given in dotted form. */
export function writeObjectIdentifier(identifier: string): Buffer {
  const [root = 0n, second = 0n, ...rest] = identifier.split(".").map(BigInt);
  return writeDer(derTag.objectIdentifier, ...[root * 40n + second, ...rest].map(base128));
}

/** A BIT STRING of whole octets. */
export function writeBits(octets: Uint8Array): Buffer {
  return writeDer(derTag.bitString, Buffer.of(0), octets);
}

/** A BIT STRING of named bits, of which there are at most 32: trailing zeros are left out. */
export function writeNamedBits(bits: readonly number[]): Buffer {
  const highest = Math.max(-1, ...bits);
  const octets = Buffer.alloc((highest + 8) >> 3);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return writeDer(derTag.bitString, Buffer.of(highest === -1 ? 0 : 7 - (highest & 7)), octets);
}

/** A Time: UTCTime to 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). Milliseconds since 1970, cut to seconds. */
export function writeTime(time: number): Buffer {
  const text = `${new Date(time).toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  const year = Number(text.slice(0, 4));
  return year >= 1950 && year < 2050
    ? writeDer(derTag.utcTime, Buffer.from(text.slice(2)))
    : writeDer(derTag.generalizedTime, Buffer.from(text));
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 + octets.length, ...octets];
}

function base128(arc: bigint): Buffer {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return Buffer.from(octets);
}
