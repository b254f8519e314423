import { BitString, type Integer, OctetString } from "asn1js";
import {
  AltName,
  AuthorityKeyIdentifier,
  BasicConstraints,
  type Extension,
  ExtKeyUsage,
  type GeneralName,
  NameConstraints,
} from "pkijs";
import { malformed } from "./der-guard.js";

/** Bits of the key usage extension (RFC 5280 section 4.2.1.3). */
export const keyUsageBit = Object.freeze({
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
});

/** What the extensions of a certificate say, as far as path validation and key references need it. */
export interface CertificateExtensions {
  /** Whether basicConstraints says that the subject is an authority. */
  readonly authority: boolean;
  /** The most intermediate certificates below this one. */
  readonly pathLength: number | undefined;
  /** The key usage bits (see {@link keyUsageBit}); undefined where the extension is absent. */
  readonly keyUsage: ReadonlySet<number> | undefined;
  /** Object identifiers of the extended key usage; undefined where the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdentifier: Buffer | undefined;
  readonly authorityKeyIdentifier: Buffer | undefined;
  readonly subjectAltNames: readonly GeneralName[];
  readonly nameConstraints: NameConstraints | undefined;
  /** Critical extensions that path validation does not evaluate: such a certificate must not be used (RFC 5280 section 4.2). */
  readonly unknownCritical: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Reader = (found: Mutable<CertificateExtensions>, value: unknown) => void;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    "2.5.29.19",
    (found, value) => {
      if (!(value instanceof BasicConstraints)) return malformedExtension("basicConstraints");
      found.authority = value.cA;
      found.pathLength = value.pathLenConstraint === undefined ? undefined : small(value.pathLenConstraint);
    },
  ],
  [
    "2.5.29.15",
    (found, value) => {
      if (!(value instanceof BitString)) return malformedExtension("keyUsage");
      found.keyUsage = namedBits(value.valueBlock.valueHexView);
    },
  ],
  [
    "2.5.29.37",
    (found, value) => {
      if (!(value instanceof ExtKeyUsage) || value.keyPurposes.length === 0) return malformedExtension("extKeyUsage");
      found.extendedKeyUsage = value.keyPurposes;
    },
  ],
  [
    "2.5.29.14",
    (found, value) => {
      if (!(value instanceof OctetString)) return malformedExtension("subjectKeyIdentifier");
      found.subjectKeyIdentifier = Buffer.from(value.valueBlock.valueHexView);
    },
  ],
  [
    "2.5.29.35",
    (found, value) => {
      if (!(value instanceof AuthorityKeyIdentifier)) return malformedExtension("authorityKeyIdentifier");
      found.authorityKeyIdentifier = value.keyIdentifier && Buffer.from(value.keyIdentifier.valueBlock.valueHexView);
    },
  ],
  [
    "2.5.29.17",
    (found, value) => {
      if (!(value instanceof AltName)) return malformedExtension("subjectAltName");
      found.subjectAltNames = value.altNames;
    },
  ],
  [
    "2.5.29.30",
    (found, value) => {
      if (!(value instanceof NameConstraints)) return malformedExtension("nameConstraints");
      if (!value.permittedSubtrees && !value.excludedSubtrees) return malformedExtension("nameConstraints");
      found.nameConstraints = value;
    },
  ],
  // Certificate policies, their mappings and constraints, and the inhibition of anyPolicy: evaluated by pkijs along the path.
  ...["2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"].map((id): [string, Reader] => [id, () => undefined]),
]);

/**
 * Reads the extensions of a certificate.
 * @throws ERR_WSS_INVALID_TOKEN for one that stands twice or cannot be read. pkijs would go on with an empty value.
 */
export function readExtensions(extensions: readonly Extension[]): CertificateExtensions {
  const found: Mutable<CertificateExtensions> = {
    authority: false,
    pathLength: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    subjectAltNames: [],
    nameConstraints: undefined,
    unknownCritical: extensions
      .filter(({ extnID, critical }) => critical && !readers.has(extnID))
      .map(({ extnID }) => extnID),
  };
  const seen = new Set<string>();
  for (const extension of extensions) {
    const { extnID } = extension;
    if (seen.has(extnID)) malformed(`the extension ${extnID} stands twice`);
    seen.add(extnID);
    const read = readers.get(extnID);
    if (!read) continue;
    const value: unknown = extension.parsedValue;
    if (value === undefined || hasParsingError(value)) malformedExtension(extnID);
    read(found, value);
  }
  return found;
}

function hasParsingError(value: unknown): boolean {
  return typeof value === "object" && value !== null && "parsingError" in value && value.parsingError !== undefined;
}

function malformedExtension(name: string): never {
  malformed(`the extension ${name} cannot be read`);
}

function small(value: number | Integer): number {
  const number = typeof value === "number" ? value : Number(value.toBigInt());
  return number >= 0 && number <= 255 ? number : malformed("a path length is outside 0 to 255");
}

/** Positions of the bits that are 1, of the first 32. */
function namedBits(octets: Uint8Array): ReadonlySet<number> {
  return new Set(
    Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))),
  );
}
