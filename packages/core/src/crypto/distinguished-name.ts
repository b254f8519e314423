import { type BaseBlock, ObjectIdentifier, Sequence, Set as SetBlock } from "asn1js";
import { malformed, readDer } from "./der.js";
import { attributeKey, characterString, type NameAttribute, nameKey } from "./name-attribute.js";
import { attributeType, nameKeyOfText, writeAttribute } from "./name-text.js";

/** Most attributes in a name; a larger one has no honest use. */
const maxAttributes = 64;

/** An X.501 name. Two names are the same when all their parts are: names are never compared as text. */
export class DistinguishedName {
  /** The parts in the order of DER: the most significant first. Each holds the attributes that stand side by side. */
  readonly parts: readonly (readonly NameAttribute[])[];
  /** The name in DER. */
  readonly der: Uint8Array;
  #text: string | undefined;
  #key: string | undefined;
  #folded: readonly string[] | undefined;

  private constructor(der: Uint8Array, parts: readonly (readonly NameAttribute[])[]) {
    this.der = der;
    this.parts = parts;
  }

  /**
   * Reads a name in DER.
   * @throws ERR_WSS_INVALID_TOKEN for malformed DER
   */
  static fromDer(der: Uint8Array): DistinguishedName {
    const parts = childrenOf(readDer(der)).map((set) => childrenOf(set).map(readAttribute));
    if (parts.some((part) => part.length === 0)) malformed("a name has an empty part");
    if (parts.flat().length > maxAttributes) malformed(`a name has more than ${maxAttributes} attributes`);
    return new DistinguishedName(der, parts);
  }

  /** The name as RFC 4514 text, the least significant part first. Control characters are escaped. */
  get text(): string {
    this.#text ??= this.parts
      .map((part) => part.map(writeAttribute).join("+"))
      .reverse()
      .join(",");
    return this.#text;
  }

  /** Values of an attribute type, given by short name (`OU`) or object identifier; most significant first. */
  values(type: string): readonly string[] {
    const identifier = attributeType(type);
    return this.parts.flatMap((part) =>
      part.flatMap((attribute) =>
        attribute.type === identifier && attribute.text !== undefined ? [attribute.text] : [],
      ),
    );
  }

  /**
   * Equal names have equal keys: the parts in order, the attributes of a part in any order, types as object identifiers,
   * values character by character whatever their string type.
   */
  get key(): string {
    this.#key ??= nameKey(this.parts.map((part) => part.map((attribute) => attributeKey(attribute))));
    return this.#key;
  }

  /** Whether this is the name that the RFC 4514 text stands for. */
  equals(other: DistinguishedName | string): boolean {
    return this.key === (typeof other === "string" ? nameKeyOfText(other) : other.key);
  }

  /** Whether this name lies in the subtree of `base` (RFC 5280 section 4.2.1.10): case and repeated blanks do not count. */
  isWithin(base: DistinguishedName): boolean {
    const own = this.#parts();
    return base.#parts().every((part, index) => part === own[index]);
  }

  toString(): string {
    return this.text;
  }

  #parts(): readonly string[] {
    this.#folded ??= this.parts.map((part) =>
      nameKey([part.map(({ type, text, der }) => attributeKey({ type, text: text && fold(text), der }))]),
    );
    return this.#folded;
  }
}

function childrenOf(block: BaseBlock): readonly BaseBlock[] {
  return block instanceof Sequence || block instanceof SetBlock
    ? block.valueBlock.value
    : malformed("a name has another shape");
}

function readAttribute(block: BaseBlock): NameAttribute {
  const [type, value, ...others] = childrenOf(block);
  if (!(type instanceof ObjectIdentifier) || !value || others.length > 0)
    malformed("a name attribute has another shape");
  return { type: type.getValue(), text: characterString(value), der: value.valueBeforeDecodeView };
}

function fold(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}
