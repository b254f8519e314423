import { refuse } from "../../errors/index.js";
import { parseUtcDateTime } from "../../time/index.js";
import { type NameId, registerName, type XmlDocument, xsiNamespace } from "../../xml/index.js";

const xsi = Object.freeze({
  type: registerName(xsiNamespace, "type"),
  nil: registerName(xsiNamespace, "nil"),
  schemaLocation: registerName(xsiNamespace, "schemaLocation"),
});

/** Reads the children of one element in the order of the schema: what is not asked for at its place is refused. */
export class Sequence {
  readonly #document: XmlDocument;
  readonly #parent: number;
  #next: number;

  constructor(document: XmlDocument, parent: number) {
    this.#document = document;
    this.#parent = parent;
    this.#next = document.firstChild(parent);
  }

  /** The next child where it has that name, else -1. */
  optional(name: NameId): number {
    const child = this.#next;
    if (child === -1 || this.#document.name(child) !== name) return -1;
    this.#next = this.#document.nextSibling(child);
    return child;
  }

  /**
   * The next child, which must have that name.
   * @throws ERR_TOKEN_MALFORMED
   */
  required(name: NameId, label: string): number {
    const child = this.optional(name);
    return child === -1 ? this.#refuse(`${label} is missing or not at its place`) : child;
  }

  /** The next children, as long as they have that name. */
  all(name: NameId): readonly number[] {
    const found: number[] = [];
    for (let child = this.optional(name); child !== -1; child = this.optional(name)) found.push(child);
    return found;
  }

  /** Whether all children were read. */
  get done(): boolean {
    return this.#next === -1;
  }

  /** The name of the next child; -1 where there is none. */
  get nextName(): NameId {
    return this.#next === -1 ? -1 : this.#document.name(this.#next);
  }

  /** The next child whatever its name, or -1. */
  any(): number {
    const child = this.#next;
    if (child !== -1) this.#next = this.#document.nextSibling(child);
    return child;
  }

  /**
   * Ends the reading.
   * @throws ERR_TOKEN_MALFORMED where a child is left
   */
  end(): void {
    if (this.#next !== -1)
      this.#refuse(`${this.#document.qualifiedName(this.#next)} does not stand where the schema has it`);
  }

  #refuse(reason: string): never {
    return refuseShape(this.#document, this.#next === -1 ? this.#parent : this.#next, reason);
  }
}

/** What an element may carry besides its own attributes. */
export interface AttributeAllowance {
  /** xsi:type with any value. */
  readonly type?: boolean;
  /** Attributes of other namespaces, which are then ignored. */
  readonly foreign?: boolean;
}

const nothing: readonly undefined[] = Object.freeze([]);

/**
 * The values of an element's own attributes, in the order of `known`; undefined for those that are absent. Attributes that
 * the schema does not have are refused. `xsi:schemaLocation` is ignored everywhere, and so is an `xsi:type` that names the
 * very type which the schema gives the element, as OpenSAML writes it; `xsi:nil` is refused everywhere: readers differ on
 * what the element's value then is.
 * @throws ERR_TOKEN_MALFORMED
 */
export function readAttributes(
  document: XmlDocument,
  element: number,
  known: readonly NameId[],
  allowance: AttributeAllowance = {},
): readonly (string | undefined)[] {
  let left = document.attributeCount(element);
  if (left === 0) return nothing;
  const values: (string | undefined)[] = [];
  for (const name of known) {
    const value = document.attribute(element, name);
    if (value !== undefined) left--;
    values.push(value);
  }
  if (left > 0) requireAllowed(document, element, known, left, allowance);
  return values;
}

function requireAllowed(
  document: XmlDocument,
  element: number,
  known: readonly NameId[],
  unknown: number,
  { type = false, foreign = false }: AttributeAllowance,
): void {
  const has = (name: NameId) => document.attribute(element, name) !== undefined;
  const typed = has(xsi.type);
  const typeAllowed = type || (typed && namesOwnType(document, element));
  const ignored = (has(xsi.schemaLocation) ? 1 : 0) + (typeAllowed && typed ? 1 : 0);
  if (unknown === ignored) return;
  const bare = document.attributes(element).filter(({ namespace }) => namespace === "").length;
  if (!foreign || bare > known.filter(has).length || has(xsi.nil) || (typed && !typeAllowed)) {
    const found = document.qualifiedName(element);
    refuseShape(document, element, `${found} has an attribute that the schema does not have there`);
  }
}

/** The SAML schemas call the type of an element by its name and "Type". */
function namesOwnType(document: XmlDocument, element: number): boolean {
  const name = document.attribute(element, xsi.type) ?? "";
  const colon = name.indexOf(":");
  const namespace = document.namespaceOf(element, colon === -1 ? "" : name.slice(0, colon)) ?? "";
  return namespace === document.namespace(element) && name.slice(colon + 1) === `${document.localName(element)}Type`;
}

/**
 * The whole text of an element, exactly as it stands: comments inside do not cut it.
 * @throws ERR_TOKEN_MALFORMED where it holds elements
 */
export function textOf(document: XmlDocument, element: number): string {
  return document.text(element) ?? refuseShape(document, element, `${document.qualifiedName(element)} holds elements`);
}

/**
 * As {@link textOf}, for values that must say something.
 * @throws ERR_TOKEN_MALFORMED also where there is nothing but white space
 */
export function requiredText(document: XmlDocument, element: number): string {
  const text = textOf(document, element);
  return text.trim() === "" ? refuseShape(document, element, `${document.qualifiedName(element)} is empty`) : text;
}

/**
 * The time that an attribute's text stands for, in milliseconds since 1970.
 * @returns undefined where the attribute is absent
 * @throws ERR_TOKEN_MALFORMED for anything but a UTC xs:dateTime (SAML 2.0 core section 1.3.3, SAML 1.1 core section 1.2.2)
 */
export function timeOf(
  document: XmlDocument,
  element: number,
  text: string | undefined,
  label: string,
): number | undefined {
  if (text === undefined) return undefined;
  return (
    parseUtcDateTime(text) ??
    refuseShape(
      document,
      element,
      `${label} is not a UTC xs:dateTime such as 2026-01-31T10:00:00Z`,
      "SAML 2.0 core section 1.3.3, SAML 1.1 core section 1.2.2",
    )
  );
}

/**
 * The times of an element that has NotBefore and NotOnOrAfter, either of which may be absent.
 * @param rule Where the standard says that the one is earlier than the other.
 * @throws ERR_TOKEN_MALFORMED where it is not, and as {@link timeOf}
 */
export function windowOf(
  document: XmlDocument,
  element: number,
  [start, end]: readonly (string | undefined)[],
  rule: string,
): { readonly notBefore: number | undefined; readonly notOnOrAfter: number | undefined } {
  const notBefore = timeOf(document, element, start, "NotBefore");
  const notOnOrAfter = timeOf(document, element, end, "NotOnOrAfter");
  if (notBefore !== undefined && notOnOrAfter !== undefined && notBefore >= notOnOrAfter) {
    refuseShape(document, element, "NotOnOrAfter is not later than NotBefore", rule);
  }
  return { notBefore, notOnOrAfter };
}

/**
 * The text of an element that has no attributes.
 * @throws ERR_TOKEN_MALFORMED where it has any, child elements, or no text
 */
export function plainText(document: XmlDocument, element: number): string {
  readAttributes(document, element, []);
  return requiredText(document, element);
}

/** Refuses the shape of an assertion with ERR_TOKEN_MALFORMED, naming its place. */
export function refuseShape(
  document: XmlDocument,
  element: number,
  reason: string,
  rule = "SAML core section 2",
): never {
  refuse("ERR_TOKEN_MALFORMED", reason, {
    place: () => document.place(element),
    rule,
    remedy: "Send the assertion exactly as its issuer made it; its issuer must follow the SAML schema.",
  });
}

/** Refuses what the standard has and Countersign does not take, with ERR_WSS_UNSUPPORTED_TOKEN. */
export function refuseUnsupported(document: XmlDocument, element: number, reason: string, remedy: string): never {
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", reason, {
    place: () => document.place(element),
    rule: "SAML core section 2",
    remedy,
  });
}
