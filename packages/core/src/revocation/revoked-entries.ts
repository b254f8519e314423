import { Enumerated } from "asn1js";
import { RevokedCertificate } from "pkijs";
import { derHeader, readDer } from "../crypto/index.js";
import { reasonName, unspecified } from "./reasons.js";
import { unusable } from "./source-error.js";

/** A certificate that a list names. */
export interface RevokedEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** See `reasonName`. */
  readonly reason: string;
}

const reasonCodeId = "2.5.29.21";

/** In DER, hexadecimal: the entry extensions that are understood (reason, date of invalidity), and the one of indirect lists. */
const understood: ReadonlySet<string> = new Set(["551d15", "551d18"]);
const certificateIssuer = "551d1d";

/** Entries between two moments at which other work may go on. */
const entriesPerSlice = 1_000;

/**
 * The certificates that a list revokes, found by serial number. A list may name hundreds of thousands: their serial numbers
 * are indexed in one walk over the octets, and an entry is read when it is asked for.
 */
export class RevokedEntries {
  readonly #octets: Uint8Array;
  readonly #places = new Map<string, number>();

  private constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /**
   * Indexes `revokedCertificates` (RFC 5280 section 5.1.2.6), in slices: between two of them a caller may let other work go on.
   * @throws RevocationSourceError for malformed entries, and for extensions that change what the entries mean
   */
  static *index(octets: Uint8Array): Generator<void, RevokedEntries> {
    const entries = new RevokedEntries(octets);
    const whole = derHeader(octets, 0, octets.length);
    if (whole?.tag !== sequence || whole.end !== octets.length) unusable("the list of entries is malformed");
    let count = 0;
    for (let at = whole.start; at < whole.end; ) {
      at = entries.#add(at, whole.end);
      if (++count % entriesPerSlice === 0) yield;
    }
    return entries;
  }

  /** How many certificates are named. */
  get size(): number {
    return this.#places.size;
  }

  /** The entry of a serial number. */
  find(serialNumber: bigint): RevokedEntry | undefined {
    const place = this.#places.get(serialKey(serialNumber));
    if (place === undefined) return undefined;
    const end = derHeader(this.#octets, place, this.#octets.length)?.end;
    const entry = new RevokedCertificate({ schema: readDer(this.#octets.subarray(place, end)) });
    const reason = entry.crlEntryExtensions?.extensions.find(({ extnID }) => extnID === reasonCodeId)?.parsedValue;
    return {
      at: entry.revocationDate.value.getTime(),
      reason: reason instanceof Enumerated ? reasonName(reason.valueBlock.valueDec) : unspecified,
    };
  }

  /** Indexes the entry at `at`, and says where it ends. */
  #add(at: number, limit: number): number {
    const octets = this.#octets;
    const entry = derHeader(octets, at, limit);
    const serial = entry?.tag === sequence ? derHeader(octets, entry.start, entry.end) : undefined;
    const date = serial?.tag === integer ? derHeader(octets, serial.end, entry?.end ?? 0) : undefined;
    if (!entry || !serial || !date || (date.tag !== utcTime && date.tag !== generalizedTime)) {
      unusable("an entry of the list is malformed");
    }
    if (date.end < entry.end) checkExtensions(octets, date.end, entry.end);
    let start = serial.start;
    while (start < serial.end - 1 && octets[start] === 0) start++;
    this.#places.set(Buffer.from(octets.buffer, octets.byteOffset + start, serial.end - start).toString("hex"), at);
    return entry.end;
  }
}

const integer = 0x02;
const boolean = 0x01;
const objectIdentifier = 0x06;
const utcTime = 0x17;
const generalizedTime = 0x18;
const sequence = 0x30;

function serialKey(serialNumber: bigint): string {
  const digits = serialNumber.toString(16);
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

/** What an entry's extensions must not be: critical and unknown, or the issuer of somebody else's certificates. */
function checkExtensions(octets: Uint8Array, at: number, limit: number): void {
  const whole = derHeader(octets, at, limit);
  if (whole?.tag !== sequence || whole.end !== limit) unusable("the extensions of an entry are malformed");
  for (let next = whole.start; next < whole.end; ) {
    const extension = derHeader(octets, next, whole.end);
    const id = extension?.tag === sequence ? derHeader(octets, extension.start, extension.end) : undefined;
    if (!extension || id?.tag !== objectIdentifier) unusable("an extension of an entry is malformed");
    const name = Buffer.from(octets.buffer, octets.byteOffset + id.start, id.end - id.start).toString("hex");
    if (name === certificateIssuer) unusable("the list is an indirect one");
    const critical = derHeader(octets, id.end, extension.end);
    if (critical?.tag === boolean && octets[critical.start] !== 0 && !understood.has(name)) {
      unusable("an entry of the list has an unknown critical extension");
    }
    next = extension.end;
  }
}
