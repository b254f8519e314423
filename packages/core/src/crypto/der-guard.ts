import { refuse } from "../errors/index.js";
import { utcTime } from "../time/index.js";

/**
 * Most values in one certificate, those inside extensions and keys included; an ordinary one has about 100. The ASN.1
 * reader takes some 10 microseconds for each, and what it is given comes from strangers.
 */
const maxValues = 400;

/** Deepest nesting. */
const maxDepth = 16;

/** Longest object identifier in octets. */
const maxIdentifier = 32;

/** Values inside a constructed one, or -1 where it is not DER. */
type Count = number;

/**
 * Refuses octets that are not one DER value of bearable size, before the ASN.1 reader sees them: it reads BER as well
 * (lengths in several spellings, values past the end of what holds them), takes a day that the calendar has not for another,
 * and its work grows with the number of values.
 * @throws ERR_WSS_INVALID_TOKEN
 */
export function requireModestDer(octets: Uint8Array): void {
  const whole = header(octets, 0, octets.length);
  if (!whole || whole.end !== octets.length || countValues(octets, 0, octets.length, 0) < 0) {
    malformed("it is not DER, or has too many values");
  }
}

/**
 * The values that a SEQUENCE holds.
 * @throws ERR_WSS_INVALID_TOKEN where the octets are not exactly one SEQUENCE, or it holds more than `most` values
 */
export function splitSequence(octets: Uint8Array, most: number): readonly Uint8Array[] {
  const whole = header(octets, 0, octets.length);
  if (whole?.tag !== 0x30 || whole.end !== octets.length) malformed("it is not a sequence");
  const values: Uint8Array[] = [];
  for (let at = whole.start; at < whole.end; ) {
    const value = header(octets, at, whole.end);
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

function countValues(octets: Uint8Array, from: number, end: number, depth: number): Count {
  let count = 0;
  for (let at = from; at < end; ) {
    const value = header(octets, at, end);
    if (!value || depth === maxDepth || !plausible(octets, value)) return -1;
    const inside = contents(octets, value, depth);
    count += 1 + inside;
    if (inside < 0 || count > maxValues) return -1;
    at = value.end;
  }
  return count;
}

function contents(octets: Uint8Array, { tag, start, end }: Header, depth: number): Count {
  if ((tag & 0x20) !== 0) return countValues(octets, start, end, depth + 1);
  // The reader looks for values inside these too; what is none stays plain octets.
  if (tag === octetString) return Math.max(0, countValues(octets, start, end, depth + 1));
  if (tag === bitString) return Math.max(0, countValues(octets, start + 1, end, depth + 1));
  return 0;
}

const bitString = 0x03;
const octetString = 0x04;
const objectIdentifier = 0x06;
const utcTimeTag = 0x17;
const generalizedTime = 0x18;

function plausible(octets: Uint8Array, { tag, start, end }: Header): boolean {
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

interface Header {
  readonly tag: number;
  /** Where the content starts and ends. */
  readonly start: number;
  readonly end: number;
}

/** Tag and length at `at`: a tag of one octet, a definite length in its shortest form, and content that ends by `limit`. */
function header(octets: Uint8Array, at: number, limit: number): Header | undefined {
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
