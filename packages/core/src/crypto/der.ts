import { type BaseBlock, fromBER } from "asn1js";
import { refuse } from "../errors/index.js";
import { utcTime } from "../time/index.js";

/**
 * Bounds of what strangers may make us read: a certificate has about 100 values, nested 10 deep. Values inside octet strings
 * are read when they are asked for.
 */
const bounds = Object.freeze({ maxNodes: 400, maxDepth: 16, parseEmbedded: false });

/** Longest object identifier in octets. */
const maxIdentifier = 32;

/**
 * Reads exactly one DER value of at most `maxNodes` values in all. What asn1js would let pass is refused first: lengths in several spellings (it reads BER), days
 * that the calendar has not, object identifiers of any length.
 * @throws ERR_WSS_INVALID_TOKEN for anything but one value of bearable size
 */
export function readDer(octets: Uint8Array, maxNodes: number = bounds.maxNodes): BaseBlock {
  const whole = derHeader(octets, 0, octets.length);
  if (whole?.end !== octets.length || !isStrict(octets, whole, 0)) malformed("it is not DER");
  const { offset, result } = fromBER(Uint8Array.from(octets), { ...bounds, maxNodes, copyInput: false });
  return offset === octets.length ? result : malformed(`it is not ASN.1, or too large: ${result.error}`);
}

/**
 * The values that a SEQUENCE holds.
 * @throws ERR_WSS_INVALID_TOKEN where the octets are not exactly one SEQUENCE, or it holds more than `most` values
 */
export function splitSequence(octets: Uint8Array, most: number): readonly Uint8Array[] {
  const whole = derHeader(octets, 0, octets.length);
  if (whole?.tag !== 0x30 || whole.end !== octets.length) malformed("it is not a sequence");
  const values: Uint8Array[] = [];
  for (let at = whole.start; at < whole.end; ) {
    const value = derHeader(octets, at, whole.end);
    if (!value) malformed("a value is longer than what holds it");
    if (values.length === most) malformed(`there are more than ${most} values`);
    values.push(octets.subarray(at, value.end));
    at = value.end;
  }
  return values;
}

/** Refuses a certificate whose octets cannot be read. */
export function malformed(reason: string, cause?: unknown): never {
  refuse("ERR_WSS_INVALID_TOKEN", `the certificate is malformed: ${reason}`, { rule: "RFC 5280 section 4.1", cause });
}

function isStrict(octets: Uint8Array, value: DerHeader, depth: number): boolean {
  if ((value.tag & constructed) === 0) return isPlausible(octets, value);
  if (depth === bounds.maxDepth) return false;
  for (let at = value.start; at < value.end; ) {
    const inner = derHeader(octets, at, value.end);
    if (!inner || !isStrict(octets, inner, depth + 1)) return false;
    at = inner.end;
  }
  return true;
}

const constructed = 0x20;
const objectIdentifier = 0x06;
const utcTimeTag = 0x17;
const generalizedTime = 0x18;

function isPlausible(octets: Uint8Array, { tag, start, end }: DerHeader): boolean {
  if (tag === objectIdentifier) return end > start && end - start <= maxIdentifier;
  if (tag !== utcTimeTag && tag !== generalizedTime) return true;
  const text = Buffer.from(octets.subarray(start, end)).toString("latin1");
  const match = (tag === utcTimeTag ? utcForm : generalForm).exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match?.slice(1).map(Number) ?? [];
  return utcTime(tag === utcTimeTag ? 2000 + year : year, month, day, hour, minute, second) !== undefined;
}

/** RFC 5280 section 4.1.2.5: with seconds, in UTC. Whether 2000 or 1900 is meant makes no difference to the calendar here. */
const utcForm = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const generalForm = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** Tag and place of a DER value. */
export interface DerHeader {
  readonly tag: number;
  /** Where the content starts and ends. */
  readonly start: number;
  readonly end: number;
}

/**
 * Tag and length at `at`: a tag of one octet, a definite length in its shortest form, and content that ends by `limit`.
 * Undefined where anything else stands there.
 */
export function derHeader(octets: Uint8Array, at: number, limit: number): DerHeader | undefined {
  const tag = octets[at] ?? 0x1f;
  const first = octets[at + 1] ?? 0x80;
  if ((tag & 0x1f) === 0x1f || first === 0x80 || first > 0x83) return undefined;
  let start = at + 2;
  let length = first;
  if (first > 0x80) {
    length = 0;
    for (let count = first - 0x80; count > 0; count--) length = length * 256 + (octets[start++] ?? 0);
    if (length < 0x80 || length < 256 ** (first - 0x81)) return undefined;
  }
  return start + length <= limit ? { tag, start, end: start + length } : undefined;
}
