import { type BaseBlock, GeneralizedTime, Integer, OctetString, Sequence, UTCTime } from "asn1js";
import { AuthorityKeyIdentifier, Extension } from "pkijs";
import {
  type Certificate,
  isStructureSignedBy,
  readDer,
  type SignedStructure,
  splitSequence,
} from "../crypto/index.js";
import { contentsOf, tagOf } from "./addresses.js";
import { everything, type ListScope, readScope } from "./list-scope.js";
import { RevokedEntries, type RevokedEntry } from "./revoked-entries.js";
import { readSigned } from "./signed.js";
import { RevocationSourceError, unusable } from "./source-error.js";

/** Largest revocation list in octets. */
export const maxListOctets: number = 10 * 1024 * 1024;

const extensionId = Object.freeze({
  listNumber: "2.5.29.20",
  deltaIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  authorityKeyIdentifier: "2.5.29.35",
});

/** A complete revocation list (RFC 5280 section 5), read strictly and unchanging. Being read says nothing about who signed it. */
export class RevocationList {
  readonly issuerDer: Uint8Array;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Milliseconds since 1970. */
  readonly nextUpdate: number;
  readonly #structure: SignedStructure;
  readonly #entries: RevokedEntries | undefined;
  readonly #scope: ListScope;
  readonly #signerIdentifier: Buffer | undefined;
  readonly #verified = new Map<string, boolean>();

  private constructor({ fields, entries }: ReadList) {
    const { structure, issuer, thisUpdate, nextUpdate, extensions } = fields;
    this.#structure = structure;
    this.#entries = entries;
    this.issuerDer = issuer;
    this.thisUpdate = thisUpdate;
    this.nextUpdate = nextUpdate;
    const byId = new Map(extensions.map((extension) => [extension.extnID, extension]));
    if (byId.size < extensions.length) unusable("an extension of the list stands twice");
    if (byId.has(extensionId.deltaIndicator)) unusable("it is a delta list");
    for (const { critical, extnID } of extensions) {
      if (!critical || understood.has(extnID)) continue;
      unusable(`the list has the unknown critical extension ${extnID}`);
    }
    const point = byId.get(extensionId.issuingDistributionPoint);
    this.#scope = point ? readScope(readValue(point)) : everything;
    const identifier = byId.get(extensionId.authorityKeyIdentifier);
    this.#signerIdentifier = identifier && keyIdentifier(identifier);
  }

  /**
   * Reads a list in DER at once.
   * @throws RevocationSourceError for what is malformed, too large, a delta, indirect, or has an unknown critical extension
   */
  static parse(der: Uint8Array): RevocationList {
    const slices = slicesOf(der);
    for (let slice = slices.next(); ; slice = slices.next()) if (slice.done) return new RevocationList(slice.value);
  }

  /** As {@link RevocationList.parse}, in slices between which other work goes on. */
  static async read(der: Uint8Array): Promise<RevocationList> {
    const slices = slicesOf(der);
    for (let slice = slices.next(); ; slice = slices.next()) {
      if (slice.done) return new RevocationList(slice.value);
      await new Promise(setImmediate);
    }
  }

  /** How many certificates it revokes. */
  get size(): number {
    return this.#entries?.size ?? 0;
  }

  /** Whether the list would name the certificate if it were revoked (RFC 5280 section 5.2.5). Says nothing about its issuer. */
  covers(certificate: Certificate): boolean {
    return this.#scope.covers(certificate);
  }

  /** The entry of a serial number. */
  find(serialNumber: bigint): RevokedEntry | undefined {
    return this.#entries?.find(serialNumber);
  }

  /** Whether the certificate's subject is the list's issuer and its key made the signature. Says nothing about whether it may. */
  isSignedBy(signer: Certificate): boolean {
    const { subjectKeyIdentifier, fingerprint256, subjectDer, publicKey } = signer;
    const wanted = this.#signerIdentifier;
    if (Buffer.compare(subjectDer, this.issuerDer) !== 0) return false;
    if (wanted && subjectKeyIdentifier && !wanted.equals(subjectKeyIdentifier)) return false;
    const verdict = this.#verified.get(fingerprint256) ?? isStructureSignedBy(this.#structure, publicKey);
    this.#verified.set(fingerprint256, verdict);
    return verdict;
  }
}

const understood: ReadonlySet<string> = new Set(Object.values(extensionId));

/** What stands in a list besides its entries. */
interface ListFields {
  readonly structure: SignedStructure;
  readonly issuer: Uint8Array;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly extensions: readonly Extension[];
}

interface ReadList {
  readonly fields: ListFields;
  readonly entries: RevokedEntries | undefined;
}

/** Reads a list; what other readers throw becomes a RevocationSourceError. */
function* slicesOf(given: Uint8Array): Generator<void, ReadList> {
  if (given.length > maxListOctets) unusable(`the list has more than ${maxListOctets} octets`);
  // A copy: whoever else holds the octets cannot change them any more.
  const der = Buffer.from(given);
  try {
    const { fields, entries } = readFields(der);
    return { fields, entries: entries && (yield* RevokedEntries.index(entries)) };
  } catch (cause) {
    if (cause instanceof RevocationSourceError) throw cause;
    return unusable("the list is malformed", cause);
  }
}

function readFields(der: Uint8Array): { fields: ListFields; entries: Uint8Array | undefined } {
  const { structure } = readSigned(der);
  const parts = [...splitSequence(structure.signed, 7)];
  const next = (...tags: readonly number[]) => (tags.includes(parts[0]?.[0] ?? 0) ? parts.shift() : undefined);
  const version = next(tag.integer);
  const inner = next(tag.sequence);
  const issuer = next(tag.sequence);
  const thisUpdate = next(tag.utcTime, tag.generalizedTime);
  const nextUpdate = next(tag.utcTime, tag.generalizedTime);
  const entries = next(tag.sequence);
  const extensions = next(tag.extensions);
  if (!inner || !issuer || !thisUpdate || parts.length > 0) unusable("the list is malformed");
  if (Buffer.compare(inner, structure.algorithm) !== 0) unusable("the two signature algorithms of the list differ");
  if (!nextUpdate) unusable("the list does not say when the next one comes");
  if (version ? !isVersion2(version) : extensions !== undefined) unusable("the list's version is not known");
  const read = { thisUpdate: timeOf(thisUpdate), nextUpdate: timeOf(nextUpdate), extensions: extensionsOf(extensions) };
  return { fields: { structure, issuer, ...read }, entries };
}

const tag = Object.freeze({
  integer: 0x02,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  extensions: 0xa0,
});

/** Version 2 is written as 1. */
function isVersion2(octets: Uint8Array): boolean {
  const version = readDer(octets);
  return version instanceof Integer && version.valueBlock.valueDec === 1;
}

function timeOf(octets: Uint8Array): number {
  const time = readDer(octets);
  return time instanceof UTCTime || time instanceof GeneralizedTime
    ? time.toDate().getTime()
    : unusable("a time of the list is malformed");
}

function extensionsOf(octets: Uint8Array | undefined): readonly Extension[] {
  if (octets === undefined) return [];
  const [sequence] = contentsOf(readDer(octets));
  return sequence ? contentsOf(sequence).map((schema) => new Extension({ schema })) : [];
}

function readValue({ extnValue }: Extension): BaseBlock {
  return readDer(extnValue.valueBlock.valueHexView);
}

function keyIdentifier(extension: Extension): Buffer | undefined {
  const value = readValue(extension);
  if (!(value instanceof Sequence) || value.valueBlock.value.some((part) => tagOf(part) === undefined)) {
    unusable("the authority key identifier of the list is malformed");
  }
  const { keyIdentifier: found } = new AuthorityKeyIdentifier({ schema: value });
  return found instanceof OctetString ? Buffer.from(found.valueBlock.valueHexView) : undefined;
}
