import { namespaces } from "./namespaces.js";

/**
 * Markup that is canonical by construction. A tree of elements is written twice: as it stands in the message, and as Exclusive
 * or Inclusive Canonical XML of one of its elements. No canonicaliser is needed because the writer knows every namespace
 * declaration it made. This is the second opinion the product is tested against: it shares nothing with it.
 */
export interface Element {
  /** Prefixed name; the prefix is one of `namespaces`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Prefixes declared here in the message although nothing here uses them yet. */
  readonly declare: readonly string[];
  /** Elements, or strings of finished markup that declares what it uses (or uses what its parent element uses). */
  readonly children: readonly (Element | string)[];
}

/** Prefixes that have a declaration in scope. */
export type Scope = ReadonlySet<string>;

/** Canonicalisation methods a signature here can name. */
export type CanonicalForm =
  | { readonly method: "exclusive"; readonly inclusivePrefixes?: readonly string[] }
  | { readonly method: "inclusive" };

/** Makes an element; `declare` is for an Envelope or Security header that declares prefixes for what stands inside. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly (Element | string)[] = [],
  declare: readonly string[] = [],
): Element {
  return { name, attributes, declare, children };
}

/** Character data in canonical form. */
export function text(value: string): string {
  return value.replace(/[&<>\r]/g, (c) => (c === "&" ? "&amp;" : c === "<" ? "&lt;" : c === ">" ? "&gt;" : "&#xD;"));
}

/** The element as it stands in a message where `scope` is declared around it. */
export function write(el: Element, scope: Scope = none): string {
  return writeElement(el, scope, [], true);
}

/** The canonical octets of the element where the message declares `around` on its ancestors. */
export function canonical(el: Element, form: CanonicalForm, around: Scope = none): Buffer {
  const apex =
    form.method === "inclusive"
      ? [...around]
      : (form.inclusivePrefixes ?? []).map(unlisted).filter((prefix) => around.has(prefix));
  return Buffer.from(writeElement(el, none, apex, form.method === "inclusive"), "utf8");
}

/** The prefixes in scope inside an element, given those around it. */
export function inside(el: Element, scope: Scope = none): Scope {
  return new Set([...scope, ...el.declare, ...utilised(el)]);
}

const none: Scope = new Set();

function unlisted(prefix: string): string {
  if (prefix === "#default") throw new TypeError("these messages never use the default namespace");
  return prefix;
}

/** `extra` are declarations of this element beyond what it visibly uses; `keep` writes the `declare` of descendants too. */
function writeElement(el: Element, scope: Scope, extra: readonly string[], keep: boolean): string {
  const wanted = new Set([...utilised(el), ...extra, ...(keep ? el.declare : [])]);
  const added = [...wanted].filter((prefix) => !scope.has(prefix)).sort();
  const inner = added.length === 0 ? scope : new Set([...scope, ...added]);
  let tag = `<${el.name}`;
  for (const prefix of added) tag += ` xmlns:${prefix}="${uri(prefix)}"`;
  for (const [name, value] of Object.entries(el.attributes).sort(byExpandedName)) tag += ` ${name}="${quoted(value)}"`;
  const parts = [`${tag}>`];
  for (const child of el.children) {
    parts.push(typeof child === "string" ? child : writeElement(child, inner, [], keep));
  }
  parts.push(`</${el.name}>`);
  return parts.join("");
}

function utilised(el: Element): readonly string[] {
  return [el.name, ...Object.keys(el.attributes)].flatMap((name) => (name.includes(":") ? [prefixOf(name)] : []));
}

function prefixOf(name: string): string {
  return name.slice(0, name.indexOf(":"));
}

function uri(prefix: string): string {
  const found = namespaces[prefix];
  if (found === undefined) throw new TypeError(`no namespace is listed for the prefix ${prefix}`);
  return found;
}

/** Canonical XML 1.0 section 2.2: by namespace, then by local name; attributes without a namespace first. */
function byExpandedName([a]: [string, string], [b]: [string, string]): number {
  return compare(expanded(a), expanded(b));
}

function expanded(name: string): readonly [string, string] {
  return name.includes(":") ? [uri(prefixOf(name)), name.slice(name.indexOf(":") + 1)] : ["", name];
}

function compare(a: readonly [string, string], b: readonly [string, string]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

function quoted(value: string): string {
  const escapes: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    '"': "&quot;",
    "\t": "&#x9;",
    "\n": "&#xA;",
    "\r": "&#xD;",
  };
  return value.replace(/[&<"\t\n\r]/g, (c) => escapes[c] ?? c);
}
