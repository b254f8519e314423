import {
  boolean,
  DerReader,
  type DerValue,
  derTag,
  malformed,
  namedBits,
  objectIdentifier,
  readWhole,
  smallInteger,
} from "./der.js";
import { DistinguishedName } from "./distinguished-name.js";

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

/** A name in a subjectAltName or a name constraint (RFC 5280 section 4.2.1.6), as far as constraints are evaluated. */
export type GeneralName = { /** The tag that tells the forms of names apart. */ readonly tag: number } & (
  | { readonly kind: "email" | "dns" | "uri"; readonly text: string }
  | { readonly kind: "ip"; readonly octets: Uint8Array }
  | { readonly kind: "directory"; readonly name: DistinguishedName }
  /** otherName, x400Address, ediPartyName, registeredID, or text that is not plain ASCII: never evaluated. */
  | { readonly kind: "other" }
);

/** The name constraints of an authority (RFC 5280 section 4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

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
  /** Critical extensions that are not evaluated here: such a certificate must not be used (RFC 5280 section 4.2). */
  readonly unknownCritical: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<CertificateExtensions> & { unknownCritical: string[] };

/** Most extensions in a certificate, and most names in one extension. */
const maxExtensions = 40;
const maxNames = 200;

const readers: ReadonlyMap<string, (draft: Draft, value: Buffer) => void> = new Map<
  string,
  (draft: Draft, value: Buffer) => void
>([
  [
    "2.5.29.19",
    (draft, value) => {
      const reader = new DerReader(readWhole(value, derTag.sequence).content);
      const authority = reader.optional(derTag.boolean);
      draft.authority = authority !== undefined && boolean(authority);
      const pathLength = reader.optional(derTag.integer);
      if (pathLength && !draft.authority) malformed("a path length stands without the authority flag");
      draft.pathLength = pathLength && smallInteger(pathLength, 255);
      reader.end();
    },
  ],
  ["2.5.29.15", (draft, value) => (draft.keyUsage = namedBits(readWhole(value, derTag.bitString)))],
  [
    "2.5.29.37",
    (draft, value) => {
      const usages = sequence(value, derTag.objectIdentifier, "usages").map(objectIdentifier);
      draft.extendedKeyUsage = usages.length > 0 ? usages : malformed("the extended key usage is empty");
    },
  ],
  ["2.5.29.14", (draft, value) => (draft.subjectKeyIdentifier = readWhole(value, derTag.octetString).content)],
  [
    "2.5.29.35",
    (draft, value) =>
      (draft.authorityKeyIdentifier = new DerReader(readWhole(value, derTag.sequence).content).optional(0x80)?.content),
  ],
  ["2.5.29.17", (draft, value) => (draft.subjectAltNames = sequence(value, undefined, "names").map(generalName))],
  ["2.5.29.30", (draft, value) => (draft.nameConstraints = nameConstraints(value))],
  // Certificate policies restrict nothing while no policy is demanded (RFC 5280 section 6.1.1 c).
  ["2.5.29.32", () => undefined],
]);

/** What a certificate without extensions says. */
export const noExtensions: CertificateExtensions = Object.freeze(empty());

/**
 * Reads the `Extensions` of a certificate, each of them strictly.
 * @throws ERR_WSS_INVALID_TOKEN for malformed DER, a repeated extension, or more of them than any honest certificate has
 */
export function readExtensions(der: Buffer): CertificateExtensions {
  const draft = empty();
  const seen = new Set<string>();
  for (const { content } of sequence(der, derTag.sequence, "extensions")) {
    const reader = new DerReader(content);
    const identifier = objectIdentifier(reader.read(derTag.objectIdentifier));
    const flag = reader.optional(derTag.boolean);
    const value = reader.read(derTag.octetString).content;
    reader.end();
    if (seen.has(identifier)) malformed(`the extension ${identifier} stands twice`);
    seen.add(identifier);
    const read = readers.get(identifier);
    if (read) read(draft, value);
    else if (flag && boolean(flag)) draft.unknownCritical.push(identifier);
  }
  if (seen.size === 0 || seen.size > maxExtensions) malformed("there are no extensions, or too many");
  return draft;
}

function empty(): Draft {
  return {
    authority: false,
    pathLength: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    subjectAltNames: [],
    nameConstraints: undefined,
    unknownCritical: [],
  };
}

function sequence(der: Buffer, tag: number | undefined, what: string): readonly DerValue[] {
  const values: DerValue[] = [];
  for (const value of new DerReader(readWhole(der, derTag.sequence).content).rest(tag)) {
    if (values.length === maxNames) malformed(`there are more than ${maxNames} ${what}`);
    values.push(value);
  }
  return values;
}

function generalName({ tag, content }: DerValue): GeneralName {
  const textKind = textKinds[tag];
  if (textKind !== undefined && content.every((octet) => octet > 0x20 && octet < 0x7f)) {
    return { tag, kind: textKind, text: content.toString("latin1") };
  }
  if (tag === 0x87) return { tag, kind: "ip", octets: content };
  if (tag === 0xa4) return { tag, kind: "directory", name: DistinguishedName.fromDer(content) };
  return { tag, kind: "other" };
}

const textKinds: Readonly<Record<number, "email" | "dns" | "uri">> = { 129: "email", 130: "dns", 134: "uri" };

function nameConstraints(der: Buffer): NameConstraints {
  const reader = new DerReader(readWhole(der, derTag.sequence).content);
  const permitted = subtrees(reader.optional(0xa0)?.content);
  const excluded = subtrees(reader.optional(0xa1)?.content);
  reader.end();
  if (permitted.length + excluded.length === 0) malformed("the name constraints are empty");
  return { permitted, excluded };
}

function subtrees(content: Buffer | undefined): readonly GeneralName[] {
  const bases: GeneralName[] = [];
  if (content === undefined) return bases;
  for (const subtree of new DerReader(content).rest(derTag.sequence)) {
    // The base alone: minimum must be 0, which DER leaves out, and maximum absent (RFC 5280 section 4.2.1.10).
    bases.push(generalName(readWhole(subtree.content)));
    if (bases.length > maxNames) malformed(`there are more than ${maxNames} name constraints`);
  }
  return bases;
}
