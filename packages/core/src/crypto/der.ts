import { refuse } from "../errors/index.js";
import { utcTime } from "../time/index.js";

/** Tags of ASN.1 as they stand in DER (X.690), class and constructed bit included. */
export const derTag = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
});

/** One DER value: views into the octets that were read, never copies. */
export interface DerValue {
  readonly tag: number;
  /** The content octets. */
  readonly content: Buffer;
  /** Tag, length and content. */
  readonly encoded: Buffer;
}

/**
 * Reads a run of DER values, strictly: definite lengths in their shortest form, single-octet tags, nothing past the end.
 * Allocates nothing that grows with a length found in the input. Any fault is refused with ERR_WSS_INVALID_TOKEN.
 */
export class DerReader {
  readonly #octets: Buffer;
  #position = 0;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  /** The tag of the next value; undefined at the end. */
  get next(): number | undefined {
    return this.#octets[this.#position];
  }

  /** Reads the next value, which must have the tag where one is given. */
  read(tag?: number): DerValue {
    const octets = this.#octets;
    const start = this.#position;
    const found = octets[start];
    let length = octets[start + 1];
    if (found === undefined || length === undefined) malformed("a value is missing");
    if (tag !== undefined && found !== tag) malformed(`tag ${found} stands where ${tag} belongs`);
    if ((found & 0x1f) === 0x1f) malformed("a tag has several octets");
    let position = start + 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count === 0 || count > 4) malformed("a length is indefinite or too large");
      length = 0;
      for (let index = 0; index < count; index++) length = length * 256 + (octets[position + index] ?? 0);
      if (length < 0x80 || length < 256 ** (count - 1)) malformed("a length is not in its shortest form");
      position += count;
    }
    const end = position + length;
    if (end > octets.length) malformed("a value is longer than what holds it");
    this.#position = end;
    return { tag: found, content: octets.subarray(position, end), encoded: octets.subarray(start, end) };
  }

  /** Reads the next value if it has the tag. */
  optional(tag: number): DerValue | undefined {
    return this.next === tag ? this.read() : undefined;
  }

  /** Enters the next value, which must be constructed and have the tag. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag).content);
  }

  /** The values up to the end, each with the tag where one is given. */
  *rest(tag?: number): Generator<DerValue> {
    while (this.next !== undefined) yield this.read(tag);
  }

  /** Refuses anything that follows. */
  end(): void {
    if (this.next !== undefined) malformed("something follows the last value");
  }
}

/** The one value that fills `octets`. */
export function readWhole(octets: Uint8Array, tag?: number): DerValue {
  const reader = new DerReader(octets);
  const value = reader.read(tag);
  reader.end();
  return value;
}

/** An INTEGER of at most `maxOctets` content octets. */
export function integer({ content }: DerValue, maxOctets: number): bigint {
  const [first, second] = content;
  if (first === undefined || content.length > maxOctets) malformed("an integer is empty or too large");
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    malformed("an integer is not in its shortest form");
  }
  const magnitude = BigInt(`0x${content.toString("hex")}`);
  return first < 0x80 ? magnitude : magnitude - (1n << BigInt(content.length * 8));
}

/** An INTEGER that must lie in 0 to `most`. */
export function smallInteger(value: DerValue, most: number): number {
  const found = integer(value, 8);
  if (found < 0n || found > BigInt(most)) malformed(`an integer is outside 0 to ${most}`);
  return Number(found);
}

/** A BOOLEAN; DER writes TRUE as 0xFF. */
export function boolean({ content }: DerValue): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) malformed("a boolean is neither 0 nor 255");
  return content[0] === 0xff;
}

/** An OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier({ content }: DerValue): string {
  if (content.length === 0 || content.length > 64) malformed("an object identifier is empty or too long");
  const arcs: bigint[] = [];
  let arc = 0n;
  let open = false;
  for (const octet of content) {
    if (!open && octet === 0x80) malformed("an object identifier is not in its shortest form");
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    open = octet >= 0x80;
    if (!open) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [first = 0n, ...rest] = arcs;
  if (open) malformed("an object identifier is cut off");
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}

/** A BIT STRING of whole octets, as keys and signatures are. */
export function wholeBits({ content }: DerValue): Buffer {
  if (content[0] !== 0) malformed("a bit string does not end with a whole octet");
  return content.subarray(1);
}

/** A BIT STRING of named bits: the set of positions that are 1, of the first 32. */
export function namedBits({ content }: DerValue): ReadonlySet<number> {
  const unused = content[0];
  if (unused === undefined || unused > 7 || content.length > 5 || (content.length === 1 && unused > 0)) {
    malformed("a bit string is empty or too long");
  }
  const bits = new Set<number>();
  for (let bit = 0; bit < (content.length - 1) * 8 - unused; bit++) {
    if ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) bits.add(bit);
  }
  return bits;
}

/** A Time as RFC 5280 section 4.1.2.5 writes it: UTCTime until 2049, GeneralizedTime after, with seconds and `Z`. */
export function time({ tag, content }: DerValue): number {
  const text = content.toString("latin1");
  const match =
    tag === derTag.utcTime ? utcForm.exec(text) : tag === derTag.generalizedTime ? generalForm.exec(text) : null;
  if (!match) malformed("a time is not in the form of RFC 5280");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const century = tag === derTag.generalizedTime ? 0 : year < 50 ? 2000 : 1900;
  return utcTime(century + year, month, day, hour, minute, second) ?? malformed("a time is not in the calendar");
}

const utcForm = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const generalForm = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** Refuses a certificate whose octets cannot be read. */
export function malformed(reason: string): never {
  refuse("ERR_WSS_INVALID_TOKEN", `the certificate is malformed: ${reason}`, { rule: "RFC 5280 section 4.1" });
}
