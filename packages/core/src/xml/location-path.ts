import type { XmlDocument } from "./document.js";
import {
  type Expression,
  type PathNamespaces,
  parseLocationPath,
  type Step,
  type StepName,
} from "./location-path-syntax.js";
import { dynamicNames } from "./symbols.js";

/** What a location path came to. */
export type LocatedValue =
  | { readonly found: "value"; readonly text: string }
  /** Nothing stands there. */
  | { readonly found: "none" }
  /** More than one node stands there: none of them is taken. */
  | { readonly found: "several" }
  /** The element has child elements, so it has no text of its own; or what should be numbers is none. */
  | { readonly found: "unreadable" };

/**
 * A compiled location path: child and attribute steps, positions, and the functions of {@link compileLocationPath}. Reading
 * one costs its steps times the elements below where it starts, whatever the document looks like. It is a mapping and
 * no proof: whether what it reads was protected is for the caller to know.
 */
export class LocationPath {
  /** As it was written. */
  readonly text: string;
  readonly #expression: Expression;

  /** Paths come from {@link compileLocationPath}. */
  constructor(text: string, expression: Expression) {
    this.text = text;
    this.#expression = expression;
  }

  /**
   * The value: the whole text of one element (CDATA joined, comments left out), one attribute, or a number.
   * @param from The element whose children the first step means; -1 for the document, whose only child is the root.
   */
  read(document: XmlDocument, from = -1): LocatedValue {
    const expression = this.#expression;
    if (expression.kind === "path") return readNode(document, expression.steps, from);
    const value = compute(document, expression, from);
    if (typeof value !== "number") return value;
    return Number.isFinite(value) ? { found: "value", text: numberText(value) } : unreadable;
  }

  /**
   * The one element that the path means; -1 where it means none, several, an attribute or a number.
   * @param from As for {@link LocationPath.read}.
   */
  element(document: XmlDocument, from = -1): number {
    if (this.#expression.kind !== "path") return -1;
    const { attribute, elements } = select(document, this.#expression.steps, from);
    return attribute === undefined && elements.length === 1 ? (elements[0] as number) : -1;
  }
}

/**
 * Compiles a location path (a subset of XPath 1.0 that is linear by construction): `/p:Order/p:Line[2]/@id`, `*`, `[last()]`,
 * a closing `text()`, and `count(path)`, `sum(path)`, `index(path)` (the position among the siblings of the same name, from 1
 * on), `div` and `mod`. A leading slash says nothing: who reads the path says where it starts. Names are registered for
 * good, so compile what configuration says, and that once.
 * @param namespaces Default: none.
 * @param option Path of the option that holds the text, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for any other text, and for a prefix that is not bound
 */
export function compileLocationPath(text: string, namespaces: PathNamespaces, option: string): LocationPath {
  return new LocationPath(text, parseLocationPath(text, namespaces, option));
}

const none: LocatedValue = Object.freeze({ found: "none" });
const several: LocatedValue = Object.freeze({ found: "several" });
const unreadable: LocatedValue = Object.freeze({ found: "unreadable" });

interface Selection {
  readonly elements: readonly number[];
  /** The attribute of these elements that is meant; elements without it are not among them. */
  readonly attribute: StepName | undefined;
}

function select(document: XmlDocument, steps: readonly Step[], from: number): Selection {
  let elements: readonly number[] = [from];
  for (const step of steps) {
    if (step.axis === "attribute") {
      const having = elements.filter((found) => found !== -1 && attributeOf(document, found, step.name) !== undefined);
      return { elements: having, attribute: step.name };
    }
    const next: number[] = [];
    for (const parent of elements) addChildren(document, parent, step, next);
    elements = next;
  }
  return { elements, attribute: undefined };
}

function addChildren(document: XmlDocument, parent: number, step: Step & { axis: "child" }, into: number[]): void {
  const before = into.length;
  let position = 0;
  let child = parent === -1 ? 0 : document.firstChild(parent);
  for (; child !== -1; child = document.nextSibling(child)) {
    if (step.name !== undefined && !isNamed(document, child, step.name)) continue;
    position++;
    if (step.position > 0) {
      if (position !== step.position) continue;
      into.push(child);
      return;
    }
    if (step.position === -1) into.length = before;
    into.push(child);
  }
}

/** Whether an element has the name: by its id, or by its parts where the message was scanned before the path was compiled. */
function isNamed(document: XmlDocument, element: number, name: StepName): boolean {
  const id = document.name(element);
  if (id === name.id) return true;
  return (
    id >= dynamicNames &&
    document.localName(element) === name.localName &&
    document.namespace(element) === name.namespace
  );
}

function attributeOf(document: XmlDocument, element: number, name: StepName): string | undefined {
  const known = document.attribute(element, name.id);
  if (known !== undefined || document.attributeCount(element) === 0) return known;
  return document
    .attributes(element)
    .find(({ namespace, localName }) => localName === name.localName && namespace === name.namespace)?.value;
}

function readNode(document: XmlDocument, steps: readonly Step[], from: number): LocatedValue {
  const { elements, attribute } = select(document, steps, from);
  const [element] = elements;
  if (element === undefined) return none;
  if (elements.length > 1) return several;
  const text = attribute === undefined ? document.text(element) : attributeOf(document, element, attribute);
  return text === undefined ? unreadable : { found: "value", text };
}

/** The number that an expression comes to, or why there is none. */
function compute(document: XmlDocument, expression: Expression, from: number): number | LocatedValue {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "path": {
      const read = readNode(document, expression.steps, from);
      return read.found === "value" ? numberOf(read.text) : read;
    }
    case "count":
      return select(document, expression.steps, from).elements.length;
    case "sum":
      return sum(document, expression.steps, from);
    case "index": {
      const { elements, attribute } = select(document, expression.steps, from);
      const [element] = elements;
      if (element === undefined) return none;
      return elements.length > 1 ? several : attribute === undefined ? indexOf(document, element) : unreadable;
    }
    default: {
      const left = compute(document, expression.left, from);
      if (typeof left !== "number") return left;
      const right = compute(document, expression.right, from);
      if (typeof right !== "number") return right;
      return expression.kind === "div" ? left / right : left % right;
    }
  }
}

function sum(document: XmlDocument, steps: readonly Step[], from: number): number {
  const { elements, attribute } = select(document, steps, from);
  let total = 0;
  for (const element of elements) {
    const text = attribute === undefined ? document.text(element) : attributeOf(document, element, attribute);
    total += text === undefined ? Number.NaN : numberOf(text);
  }
  return total;
}

/** The position of an element among its siblings of the same name, from 1 on. */
function indexOf(document: XmlDocument, element: number): number {
  const parent = document.parent(element);
  let position = 1;
  if (parent === -1) return position;
  for (let sibling = document.firstChild(parent); sibling !== element; sibling = document.nextSibling(sibling)) {
    if (document.name(sibling) === document.name(element)) position++;
  }
  return position;
}

/** A number as XPath 1.0 writes it (section 3.7), white space around it; NaN for any other text. */
function numberOf(text: string): number {
  return /^[ \t\r\n]*-?(?:\d+(?:\.\d*)?|\.\d+)[ \t\r\n]*$/.test(text) ? Number(text) : Number.NaN;
}

/** A finite number without exponent (XPath 1.0 section 4.2). */
function numberText(value: number): string {
  const text = String(value === 0 ? 0 : value);
  if (!text.includes("e")) return text;
  return Math.abs(value) > 1 ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, "").replace(/\.$/, "");
}
