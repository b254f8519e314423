import type { XmlDocument } from "../xml/index.js";
import { attributeNames, dsig11Namespace, dsNamespace, xenc11Namespace, xencNamespace } from "./names.js";
import { isNcName } from "./nc-name.js";
import { refuseShape } from "./refusals.js";
import { samlNames, wsuId } from "./token-names.js";

/**
 * The identifiers of one document that References and token references may name (SOAP Message Security 1.1 section 4):
 * wsu:Id anywhere, and inside the given Security header the Id of ds and xenc elements and the IDs of SAML assertions.
 * Everything else that looks like an identifier is data of a payload. Built in one pass, looked up in constant time.
 */
export class IdIndex {
  readonly #doc: XmlDocument;
  readonly #elements: ReadonlyMap<string, number>;
  /** Elements with several attributes that may be read as identifiers. */
  readonly #ambiguous: ReadonlySet<number>;

  private constructor(doc: XmlDocument, elements: ReadonlyMap<string, number>, ambiguous: ReadonlySet<number>) {
    this.#doc = doc;
    this.#elements = elements;
    this.#ambiguous = ambiguous;
  }

  /**
   * Indexes a document.
   * @param header The Security header whose signatures will be verified; -1 where there is none, then only wsu:Id counts.
   * @throws ERR_WSS_INVALID_SECURITY where two identifiers have the same value, where an element of the header has two, or
   * where another attribute in the header looks like one of them.
   */
  static of(doc: XmlDocument, header: number): IdIndex {
    const elements = new Map<string, number>();
    const headerEnd = header < 0 ? -1 : doc.after(header);
    const lookAlikes: { readonly element: number; readonly value: string }[] = [];
    const ambiguous = new Set<number>();
    let previous = -1;
    let last = -1;
    for (const { element, attribute, value } of doc.ids) {
      if (element === previous) ambiguous.add(element);
      previous = element;
      const inHeader = element >= header && element < headerEnd;
      if (attribute !== wsuId && !(inHeader && isHeaderId(doc, element, attribute))) {
        if (inHeader) lookAlikes.push({ element, value });
        continue;
      }
      if (inHeader && element === last) refuseTwoIds(doc, element);
      last = element;
      if (elements.has(value)) {
        refuseShape(
          doc,
          element,
          "two elements have the same identifier",
          rule,
          "Give every signed element its own wsu:Id",
        );
      }
      elements.set(value, element);
    }
    for (const { element, value } of lookAlikes) {
      if (elements.has(value))
        refuseShape(doc, element, "an attribute repeats the identifier of another element", rule);
    }
    return new IdIndex(doc, elements, ambiguous);
  }

  /**
   * The element with that identifier; -1 where there is none.
   * @throws ERR_WSS_INVALID_SECURITY where the element has several attributes that may be read as identifiers: another
   * reader might resolve the reference elsewhere.
   */
  find(id: string): number {
    const element = this.#elements.get(id) ?? -1;
    if (this.#ambiguous.has(element)) refuseTwoIds(this.#doc, element);
    return element;
  }

  /**
   * The id that a same-document reference names: "#id".
   * @returns undefined for every other reference: another document, an XPointer, or none at all. Nothing is fetched.
   * @throws ERR_WSS_INVALID_SECURITY where the fragment is no NCName.
   */
  static fragment(doc: XmlDocument, element: number, uri: string | undefined): string | undefined {
    if (uri === undefined || !uri.startsWith("#") || uri.startsWith("#xpointer(")) return undefined;
    const id = uri.slice(1);
    if (!isNcName(id)) refuseShape(doc, element, "the reference is no plain name", "XML Signature 1.1 section 4.4.3.2");
    return id;
  }
}

const rule = "SOAP Message Security 1.1 section 4.3";

function isHeaderId(doc: XmlDocument, element: number, attribute: number): boolean {
  if (attribute === attributeNames.id) {
    const namespace = doc.namespace(element);
    return (
      namespace === dsNamespace ||
      namespace === xencNamespace ||
      namespace === dsig11Namespace ||
      namespace === xenc11Namespace
    );
  }
  return (
    (attribute === attributeNames.samlId && doc.name(element) === samlNames.assertion20) ||
    (attribute === attributeNames.assertionId && doc.name(element) === samlNames.assertion11)
  );
}

function refuseTwoIds(doc: XmlDocument, element: number): never {
  return refuseShape(doc, element, "an element has more than one identifier", rule, "Leave one identifier on it");
}
