import { type BaseBlock, BitString, type Integer, ObjectIdentifier, OctetString, Sequence } from "asn1js";
import { AltName, BasicConstraints, type Extension, type GeneralName, NameConstraints } from "pkijs";
import { malformed, readDer } from "./der.js";

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

const extensionId = Object.freeze({
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyIdentifier: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
  inhibitAnyPolicy: "2.5.29.54",
});

const evaluated: ReadonlySet<string> = new Set(Object.values(extensionId));

/** What the extensions of a certificate say, as far as path validation and key references need it. */
export class CertificateExtensions {
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
  /** Critical extensions that path validation does not evaluate: such a certificate must not be used (RFC 5280 section 4.2). */
  readonly unknownCritical: readonly string[];
  readonly #byId: ReadonlyMap<string, Extension>;
  #subjectAltNames: readonly GeneralName[] | undefined;
  #nameConstraints: NameConstraints | undefined;

  /** @throws ERR_WSS_INVALID_TOKEN for an extension that stands twice or cannot be read */
  constructor(extensions: readonly Extension[]) {
    this.#byId = new Map(extensions.map((extension) => [extension.extnID, extension]));
    if (this.#byId.size < extensions.length) malformed("an extension stands twice");
    this.unknownCritical = extensions
      .filter((one) => one.critical && !evaluated.has(one.extnID))
      .map((one) => one.extnID);
    const constraints = this.#parsed(extensionId.basicConstraints, BasicConstraints);
    this.authority = constraints?.cA ?? false;
    this.pathLength = pathLength(constraints?.pathLenConstraint);
    this.keyUsage = namedBits(this.#value(extensionId.keyUsage, BitString)?.valueBlock.valueHexView);
    this.extendedKeyUsage = usages(this.#value(extensionId.extendedKeyUsage, Sequence));
    this.subjectKeyIdentifier = octets(this.#value(extensionId.subjectKeyIdentifier, OctetString));
    this.authorityKeyIdentifier = keyIdentifier(this.#value(extensionId.authorityKeyIdentifier, Sequence));
  }

  /** The subject's alternative names. Read when asked for: pkijs takes long over each, and strangers send many. */
  get subjectAltNames(): readonly GeneralName[] {
    this.#subjectAltNames ??= this.#parsed(extensionId.subjectAltName, AltName)?.altNames ?? [];
    return this.#subjectAltNames;
  }

  /** The name constraints of an authority. Read when asked for, as the alternative names. */
  get nameConstraints(): NameConstraints | undefined {
    this.#nameConstraints ??= this.#parsed(extensionId.nameConstraints, NameConstraints);
    const found = this.#nameConstraints;
    if (found && !found.permittedSubtrees && !found.excludedSubtrees) malformed("the name constraints are empty");
    return found;
  }

  /** The value of an extension in DER, unread; undefined where it is absent. */
  octets(id: string): Uint8Array | undefined {
    return this.#byId.get(id)?.extnValue.valueBlock.valueHexView;
  }

  /** The value of an extension. */
  #value<T extends BaseBlock>(id: string, type: new () => T): T | undefined {
    const extension = this.#byId.get(id);
    if (!extension) return undefined;
    const value = readDer(extension.extnValue.valueBlock.valueHexView);
    return value instanceof type ? value : unreadable(id);
  }

  /** The value of an extension as pkijs understands it. */
  #parsed<T>(id: string, type: new (parameters: { schema: BaseBlock }) => T): T | undefined {
    const schema = this.#value(id, Sequence);
    if (!schema) return undefined;
    try {
      return new type({ schema });
    } catch {
      return unreadable(id);
    }
  }
}

function unreadable(id: string): never {
  malformed(`the extension ${id} cannot be read`);
}

function pathLength(value: number | Integer | undefined): number | undefined {
  if (value === undefined) return undefined;
  const length = typeof value === "number" ? value : Number(value.toBigInt());
  return length >= 0 && length <= 255 ? length : malformed("a path length is outside 0 to 255");
}

function usages(sequence: Sequence | undefined): readonly string[] | undefined {
  const found = sequence?.valueBlock.value.map((value) =>
    value instanceof ObjectIdentifier ? value.getValue() : unreadable(extensionId.extendedKeyUsage),
  );
  return found?.length === 0 ? unreadable(extensionId.extendedKeyUsage) : found;
}

function octets(value: OctetString | undefined): Buffer | undefined {
  return value && Buffer.from(value.valueBlock.valueHexView);
}

/** `keyIdentifier [0]` of an AuthorityKeyIdentifier. */
function keyIdentifier(sequence: Sequence | undefined): Buffer | undefined {
  const first = sequence?.valueBlock.value[0];
  if (first?.idBlock.tagClass !== contextSpecific || first.idBlock.tagNumber !== 0) return undefined;
  const { blockLength: idLength } = first.idBlock;
  return Buffer.from(first.valueBeforeDecodeView.subarray(idLength + first.lenBlock.blockLength));
}

/** The class of tags that belong to their place, as asn1js numbers it. */
const contextSpecific = 3;

/** Positions of the bits that are 1, of the first 32. */
function namedBits(octets: Uint8Array | undefined): ReadonlySet<number> | undefined {
  if (!octets) return undefined;
  const positions = Array.from({ length: 32 }, (_, bit) => bit);
  return new Set(positions.filter((bit) => (octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))));
}
