import type { Place } from "../errors/index.js";
import { greater } from "./characters.js";
import { xmlNamespace } from "./names.js";
import { placeOf } from "./place.js";
import { type NameId, registeredName } from "./symbols.js";
import * as tape from "./tape.js";
import { decodeText, decodeValue } from "./text.js";

const elementWidth = tape.elementWidth;
const attributeWidth = tape.attributeWidth;
const declarationWidth = tape.declarationWidth;

/** The arrays of one document. Each holds its rows from its base on; small documents share one array. */
export interface Tape {
  readonly elements: Int32Array;
  readonly elementBase: number;
  readonly elementCount: number;
  readonly tags: Int32Array;
  readonly tagBase: number;
  readonly attributes: Int32Array;
  readonly attributeBase: number;
  readonly attributeCount: number;
  readonly declarations: Int32Array;
  readonly declarationBase: number;
  readonly declarationCount: number;
  readonly differences: Int32Array;
  readonly differenceBase: number;
  readonly differenceCount: number;
  readonly identifiers: Int32Array;
  readonly identifierBase: number;
  readonly identifierCount: number;
  /** Numbers of prefixes and namespaces in the declaration rows are below this. */
  readonly symbolEnd: number;
}

/** An attribute with its value decoded. */
export interface XmlAttribute {
  /** "" for none. */
  readonly namespace: string;
  readonly localName: string;
  readonly value: string;
}

/** An attribute that may identify its element: its local name is `Id`, `ID`, `id` or `AssertionID`. */
export interface XmlIdentifier {
  readonly element: number;
  readonly attribute: NameId;
  readonly value: string;
}

/**
 * A message that was scanned. Elements are integers in document order, the root is 0, -1 means "none". Nothing is decoded
 * before it is read. The document reads `bytes` whenever it is asked: whoever hands a message to {@link scan} must not change
 * it afterwards.
 */
export class XmlDocument {
  /** The message in UTF-8, without byte order mark. */
  readonly bytes: Buffer;
  readonly elementCount: number;
  /** The integers behind the document, for the other parts of this folder. */
  readonly tape: Tape;
  readonly #elements: Int32Array;
  readonly #base: number;
  #ids: readonly XmlIdentifier[] | undefined;

  /** Documents come from {@link scan}. */
  constructor(bytes: Buffer, tapeOfBytes: Tape) {
    this.bytes = bytes;
    this.tape = tapeOfBytes;
    this.elementCount = tapeOfBytes.elementCount;
    this.#elements = tapeOfBytes.elements;
    this.#base = tapeOfBytes.elementBase;
  }

  #field(element: number, field: number): number {
    if (element < 0 || element >= this.elementCount) throw new RangeError(`The document has no element ${element}.`);
    return this.#elements[this.#base + element * elementWidth + field] as number;
  }

  /** The expanded name, to be compared with what `registerName` gave. */
  name(element: number): NameId {
    return this.#field(element, tape.elementName);
  }

  localName(element: number): string {
    const name = registeredName(this.name(element));
    if (name !== undefined) return name.localName;
    const qualified = this.qualifiedName(element);
    return qualified.slice(qualified.indexOf(":") + 1);
  }

  /** The namespace name, "" for none. */
  namespace(element: number): string {
    const name = registeredName(this.name(element));
    return name === undefined ? this.namespaceOfBinding(this.#field(element, tape.elementBinding) >> tape.bindingShift) : name.namespace;
  }

  /** The name as the message writes it. */
  qualifiedName(element: number): string {
    const start = this.#field(element, tape.elementStart) + 1;
    return this.bytes.toString("utf8", start, this.nameEnd(start));
  }

  /** The prefix as the message writes it, "" for none. */
  prefix(element: number): string {
    const qualified = this.qualifiedName(element);
    return qualified.slice(0, Math.max(0, qualified.indexOf(":")));
  }

  parent(element: number): number {
    return this.#field(element, tape.elementParent);
  }

  firstChild(element: number): number {
    return element + 1 < this.#field(element, tape.elementAfter) ? element + 1 : -1;
  }

  nextSibling(element: number): number {
    const after = this.#field(element, tape.elementAfter);
    const parent = this.#field(element, tape.elementParent);
    return parent >= 0 && after < this.#field(parent, tape.elementAfter) ? after : -1;
  }

  /** The first element behind the subtree; `elementCount` where none is. The subtree is `element` up to this. */
  after(element: number): number {
    return this.#field(element, tape.elementAfter);
  }

  /** The first child element of that name, or -1. */
  child(element: number, name: NameId): number {
    const end = this.#field(element, tape.elementAfter);
    for (let at = element + 1; at < end; at = this.#field(at, tape.elementAfter)) {
      if (this.#field(at, tape.elementName) === name) return at;
    }
    return -1;
  }

  /** Offset of the start tag's `<`. */
  start(element: number): number {
    return this.#field(element, tape.elementStart);
  }

  /** Offset behind the end tag. */
  end(element: number): number {
    const end = this.#field(element, tape.elementContentEnd);
    if ((this.#field(element, tape.elementBinding) & tape.tagEmpty) !== 0) return end;
    return this.bytes.indexOf(greater, end) + 1;
  }

  /** Offset behind the start tag. */
  contentStart(element: number): number {
    return this.#field(element, tape.elementContentStart);
  }

  /** Offset of the end tag; equal to `contentStart` for an empty element. */
  contentEnd(element: number): number {
    return this.#field(element, tape.elementContentEnd);
  }

  /** The whole text: CDATA joined, references replaced, comments left out, line ends normalised. Undefined where there are child elements. */
  text(element: number): string | undefined {
    if (this.#field(element, tape.elementAfter) !== element + 1) return undefined;
    const start = this.#field(element, tape.elementContentStart);
    return decodeText(this.bytes, start, this.#field(element, tape.elementContentEnd));
  }

  attributeCount(element: number): number {
    return this.attributesEnd(element) - this.attributesStart(element);
  }

  /** The value of an attribute, decoded and normalised; undefined where the element has no such attribute. */
  attribute(element: number, name: NameId): string | undefined {
    const { attributes, attributeBase } = this.tape;
    const end = this.attributesEnd(element);
    for (let i = this.attributesStart(element); i < end; i++) {
      if (attributes[attributeBase + i * attributeWidth + tape.attributeName] === name) return this.attributeValue(i);
    }
    return undefined;
  }

  /** All attributes in the order of the message, without namespace declarations. */
  attributes(element: number): XmlAttribute[] {
    const { attributes, attributeBase } = this.tape;
    const all: XmlAttribute[] = [];
    const end = this.attributesEnd(element);
    for (let i = this.attributesStart(element); i < end; i++) {
      const at = attributeBase + i * attributeWidth;
      const start = attributes[at + tape.attributeStart] as number;
      const qualified = this.bytes.toString("utf8", start, start + ((attributes[at + tape.attributeLength] as number) >> 1));
      all.push({
        namespace: this.namespaceOfBinding(attributes[at + tape.attributeBinding] as number),
        localName: qualified.slice(qualified.indexOf(":") + 1),
        value: this.attributeValue(i),
      });
    }
    return all;
  }

  /** The namespace a prefix is bound to at an element ("" = the default one); undefined where it is not bound. */
  namespaceOf(element: number, prefix: string): string | undefined {
    if (prefix === "xml") return xmlNamespace;
    const binding = this.bindingOf(element, prefix);
    if (binding === tape.noBinding) return undefined;
    const namespace = this.namespaceOfBinding(binding);
    return namespace === "" ? undefined : namespace;
  }

  /** Attributes that may be identifiers, in document order. Whether one is, depends on its whole name. */
  get ids(): readonly XmlIdentifier[] {
    if (this.#ids !== undefined) return this.#ids;
    const { identifiers, identifierBase, identifierCount, attributes, attributeBase } = this.tape;
    const ids: XmlIdentifier[] = [];
    for (let i = 0; i < identifierCount; i++) {
      const at = identifierBase + i * tape.identifierWidth;
      const row = identifiers[at + tape.identifierAttribute] as number;
      ids.push({
        element: identifiers[at + tape.identifierElement] as number,
        attribute: attributes[attributeBase + row * attributeWidth + tape.attributeName] as number,
        value: this.attributeValue(row),
      });
    }
    this.#ids = ids;
    return ids;
  }

  /** Where an element starts. */
  place(element: number): Place {
    return placeOf({ octets: this.bytes, offset: this.#field(element, tape.elementStart), path: this.#path(element) });
  }

  /** Line, column and enclosing element of an offset. */
  placeAt(offset: number): Place {
    let low = 0;
    let high = this.elementCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#field(middle, tape.elementStart) <= offset) low = middle;
      else high = middle - 1;
    }
    let element = this.#field(0, tape.elementStart) <= offset ? low : -1;
    while (element >= 0 && this.end(element) <= offset) element = this.#field(element, tape.elementParent);
    return placeOf({ octets: this.bytes, offset, path: element < 0 ? [] : this.#path(element) });
  }

  #path(element: number): number[] {
    const path: number[] = [];
    for (let at = element; at >= 0; at = this.#field(at, tape.elementParent)) {
      const parent = this.#field(at, tape.elementParent);
      let number = 1;
      for (let sibling = parent + 1; parent >= 0 && sibling < at; sibling = this.#field(sibling, tape.elementAfter)) {
        if (this.name(sibling) === this.name(at)) number++;
      }
      path.unshift(this.#field(at, tape.elementStart), number === 1 ? 0 : number);
    }
    return path;
  }

  #tag(element: number, field: number): number {
    const { tags, tagBase } = this.tape;
    return tags[tagBase + this.#field(element, tape.elementTag) * tape.tagWidth + field] as number;
  }

  /** The first attribute row of an element. For the other parts of this folder, like all below. */
  attributesStart(element: number): number {
    return this.#tag(element, tape.tagAttributes);
  }

  /** The attribute row behind the last one of an element. */
  attributesEnd(element: number): number {
    return this.#tag(element, tape.tagAttributesEnd);
  }

  /** The first declaration row of an element. */
  declarationsStart(element: number): number {
    return this.#tag(element, tape.tagDeclarations);
  }

  /** The declaration row behind the last one of an element. */
  declarationsEnd(element: number): number {
    return this.#tag(element, tape.tagDeclarationsEnd);
  }

  /** The decoded value of an attribute row. */
  attributeValue(row: number): string {
    const { attributes, attributeBase } = this.tape;
    const at = attributeBase + row * attributeWidth;
    return decodeValue(
      this.bytes,
      attributes[at + tape.attributeValue] as number,
      attributes[at + tape.attributeValueEnd] as number,
    );
  }

  /** The declaration row that binds a prefix at an element, `noBinding` where none does. */
  bindingOf(element: number, prefix: string): number {
    const { declarations, declarationBase } = this.tape;
    const octets = Buffer.from(prefix, "utf8");
    for (let at = element; at >= 0; at = this.#field(at, tape.elementParent)) {
      const end = this.declarationsEnd(at);
      for (let d = this.declarationsStart(at); d < end; d++) {
        const row = declarationBase + d * declarationWidth;
        const length = (declarations[row + tape.declarationLength] as number) >> 1;
        if (length !== octets.length) continue;
        const start = (declarations[row + tape.declarationStart] as number) + 6;
        if (length === 0 || octets.equals(this.bytes.subarray(start, start + length))) return d;
      }
    }
    return tape.noBinding;
  }

  /** The namespace name of a declaration row. */
  namespaceOfBinding(binding: number): string {
    if (binding === tape.noBinding) return "";
    if (binding === tape.xmlBinding) return xmlNamespace;
    const { declarations, declarationBase } = this.tape;
    const row = declarationBase + binding * declarationWidth;
    return decodeValue(
      this.bytes,
      declarations[row + tape.declarationValue] as number,
      declarations[row + tape.declarationValueEnd] as number,
    );
  }

  /** The offset behind the name at `start`. */
  nameEnd(start: number): number {
    const { bytes } = this;
    let end = start;
    for (;;) {
      const octet = bytes[end] as number;
      if (octet <= 0x20 || octet === 0x2f || octet === 0x3e || octet === 0x3d) return end;
      end++;
    }
  }
}

