import type { Place } from "../errors/index.js";
import { greater } from "./characters.js";
import { xmlNamespace } from "./names.js";
import { placeOf } from "./place.js";
import { dynamicNames, findRegisteredName, type NameId, registeredName } from "./symbols.js";
import type { Tape } from "./tape.js";
import * as tape from "./tape.js";
import { decodeText, decodeValue } from "./text.js";
import { sharedOctets, sharedTape, type XmlTransfer } from "./transfer.js";

const elementWidth = tape.elementWidth;
const attributeWidth = tape.attributeWidth;
const declarationWidth = tape.declarationWidth;

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
  readonly #encoded: { readonly encoding: string; readonly skipped: number };
  /** For a document scanned by another thread: this thread's NameIds by the other's, and the reverse. */
  #names: Map<NameId, NameId> | undefined;
  #foreignNames: Map<NameId, NameId> | undefined;
  #ids: readonly XmlIdentifier[] | undefined;

  /** Documents come from {@link scan}. */
  constructor(bytes: Buffer, tapeOfBytes: Tape, encoded: { readonly encoding: string; readonly skipped: number }) {
    this.bytes = bytes;
    this.#encoded = encoded;
    this.tape = tapeOfBytes;
    this.elementCount = tapeOfBytes.elementCount;
    this.#elements = tapeOfBytes.ints;
    this.#base = tapeOfBytes.elementBase;
  }

  /**
   * What another thread needs to use this document too: to be posted to it and given to {@link XmlDocument.fromTransfer}. The
   * tape is in shared memory, and stays in use here.
   */
  toTransfer(): XmlTransfer {
    const names = new Map<NameId, readonly [string, string]>();
    for (let element = 0; element < this.elementCount; element++) {
      const id = this.#field(element, tape.elementName);
      if (!names.has(id)) names.set(id, [this.namespace(element), this.localName(element)]);
    }
    for (let row = 0; row < this.tape.attributeCount; row++) {
      const id = this.#attributeField(row, tape.attributeName);
      if (!names.has(id)) names.set(id, [this.#attributeNamespace(row), this.#attributeLocalName(row)]);
    }
    const { encoding, skipped } = this.#encoded;
    const octets = encoding === "utf-8" ? undefined : sharedOctets(this.bytes);
    return { tape: sharedTape(this.tape), names, encoding, skipped, octets };
  }

  /**
   * A document that another thread scanned.
   *
   * @param bytes the octets that the other thread gave to {@link scan}, byte order mark included.
   */
  static fromTransfer(bytes: Buffer, transfer: XmlTransfer): XmlDocument {
    const { octets } = transfer;
    const text = octets === undefined ? bytes.subarray(transfer.skipped) : Buffer.from(octets.buffer);
    const document = new XmlDocument(text, transfer.tape, transfer);
    document.#names = new Map();
    document.#foreignNames = new Map();
    for (const [foreign, [namespace, localName]] of transfer.names) {
      const id = findRegisteredName(namespace, localName) ?? dynamicNames + document.#names.size;
      document.#names.set(foreign, id);
      document.#foreignNames.set(id, foreign);
    }
    return document;
  }

  /** The NameId of this thread for one that stands in the tape. */
  #translate(id: NameId): NameId {
    return this.#names === undefined ? id : (this.#names.get(id) ?? -1);
  }

  /** The NameId that stands in the tape for one of this thread, -1 where the document does not have the name. */
  #untranslate(id: NameId): NameId {
    return this.#foreignNames === undefined ? id : (this.#foreignNames.get(id) ?? -1);
  }

  #field(element: number, field: number): number {
    if (element < 0 || element >= this.elementCount) throw new RangeError(`The document has no element ${element}.`);
    return this.#elements[this.#base + element * elementWidth + field] as number;
  }

  /** The expanded name, to be compared with what `registerName` gave. */
  name(element: number): NameId {
    return this.#translate(this.#field(element, tape.elementName));
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
    return name === undefined
      ? this.namespaceOfBinding(this.#field(element, tape.elementBinding) >> tape.bindingShift)
      : name.namespace;
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
    const wanted = this.#untranslate(name);
    for (let at = element + 1; at < end; at = this.#field(at, tape.elementAfter)) {
      if (this.#field(at, tape.elementName) === wanted) return at;
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
    const end = this.attributesEnd(element);
    const wanted = this.#untranslate(name);
    for (let row = this.attributesStart(element); row < end; row++) {
      if (this.#attributeField(row, tape.attributeName) === wanted) return this.attributeValue(row);
    }
    return undefined;
  }

  /** All attributes in the order of the message, without namespace declarations. */
  attributes(element: number): XmlAttribute[] {
    const all: XmlAttribute[] = [];
    const end = this.attributesEnd(element);
    for (let row = this.attributesStart(element); row < end; row++) {
      all.push({
        namespace: this.#attributeNamespace(row),
        localName: this.#attributeLocalName(row),
        value: this.attributeValue(row),
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
    const { ints, identifierBase, identifierCount } = this.tape;
    const ids: XmlIdentifier[] = [];
    for (let i = 0; i < identifierCount; i++) {
      const at = identifierBase + i * tape.identifierWidth;
      const row = ints[at + tape.identifierAttribute] as number;
      const element = ints[at + tape.identifierElement] as number;
      ids.push({ element, attribute: this.attributeName(row), value: this.attributeValue(row) });
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
        if (this.#field(sibling, tape.elementName) === this.#field(at, tape.elementName)) number++;
      }
      path.unshift(this.#field(at, tape.elementStart), number === 1 ? 0 : number);
    }
    return path;
  }

  #tag(element: number, field: number): number {
    const { ints, tagBase } = this.tape;
    return ints[tagBase + this.#field(element, tape.elementTag) * tape.tagWidth + field] as number;
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

  #attributeField(row: number, field: number): number {
    const { ints, attributeBase } = this.tape;
    return ints[attributeBase + row * attributeWidth + field] as number;
  }

  #attributeNamespace(row: number): string {
    return this.namespaceOfBinding(this.#attributeField(row, tape.attributeBinding));
  }

  #attributeLocalName(row: number): string {
    const start = this.#attributeField(row, tape.attributeStart);
    const name = this.bytes.toString("utf8", start, start + (this.#attributeField(row, tape.attributeLength) >> 1));
    return name.slice(name.indexOf(":") + 1);
  }

  /** The NameId of an attribute row. */
  attributeName(row: number): NameId {
    return this.#translate(this.#attributeField(row, tape.attributeName));
  }

  /** The decoded value of an attribute row. */
  attributeValue(row: number): string {
    const start = this.#attributeField(row, tape.attributeValue);
    return decodeValue(this.bytes, start, this.#attributeField(row, tape.attributeValueEnd));
  }

  /** The declaration row that binds a prefix at an element, `noBinding` where none does. */
  bindingOf(element: number, prefix: string): number {
    const { ints, declarationBase } = this.tape;
    const octets = Buffer.from(prefix, "utf8");
    for (let at = element; at >= 0; at = this.#field(at, tape.elementParent)) {
      const end = this.declarationsEnd(at);
      for (let d = this.declarationsStart(at); d < end; d++) {
        const row = declarationBase + d * declarationWidth;
        const length = (ints[row + tape.declarationLength] as number) >> 1;
        if (length !== octets.length) continue;
        const start = (ints[row + tape.declarationStart] as number) + 6;
        if (length === 0 || octets.equals(this.bytes.subarray(start, start + length))) return d;
      }
    }
    return tape.noBinding;
  }

  /** The namespace name of a declaration row. */
  namespaceOfBinding(binding: number): string {
    if (binding === tape.noBinding) return "";
    if (binding === tape.xmlBinding) return xmlNamespace;
    const { ints, declarationBase } = this.tape;
    const row = declarationBase + binding * declarationWidth;
    return decodeValue(
      this.bytes,
      ints[row + tape.declarationValue] as number,
      ints[row + tape.declarationValueEnd] as number,
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
