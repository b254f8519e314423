import { ConfigurationError } from "../errors/index.js";

/** Outside XML 1.0's set of characters (production 2), lone surrogates included. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const qualifiedName = /^[A-Za-z_][A-Za-z0-9._-]*(?::[A-Za-z_][A-Za-z0-9._-]*)?$/;

const textEscapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
const attributeEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  '"': "&quot;",
  "\t": "&#x9;",
  "\n": "&#xA;",
  "\r": "&#xD;",
};

function requireCharacters(text: string): void {
  const found = forbidden.exec(text);
  if (found === null) return;
  const point = (found[0].codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "xml",
    `U+${point} cannot stand in XML.`,
    "Take the character out.",
  );
}

/**
 * A text as Canonical XML writes it in content.
 *
 * @throws ConfigurationError ERR_CONFIG_INVALID for characters that XML 1.0 does not have.
 */
export function escapeText(text: string): string {
  requireCharacters(text);
  return text.replace(/[&<>\r]/g, (character) => textEscapes[character] as string);
}

/**
 * A text as Canonical XML writes it between the quotes of an attribute.
 *
 * @throws ConfigurationError ERR_CONFIG_INVALID for characters that XML 1.0 does not have.
 */
export function escapeAttribute(text: string): string {
  requireCharacters(text);
  return text.replace(/[&<"\t\n\r]/g, (character) => attributeEscapes[character] as string);
}

/**
 * Writes an element in its canonical form: declarations first, attributes in order, no empty-element tag. The caller declares
 * each prefix once, on the outermost element that uses it, for the result to be canonical as a whole.
 *
 * @param name an ASCII qualified name.
 * @param attributes values by qualified name, unescaped; `xmlns` and `xmlns:prefix` declare namespaces. Attributes with a prefix
 * are sorted by the namespace it has in `attributes`, else by the prefix itself.
 * @param children XML, already escaped.
 * @throws ConfigurationError ERR_CONFIG_INVALID for a name that is not a qualified name, and for characters that XML does not have.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly string[]
): string {
  requireName(name);
  let tag = `<${name}`;
  const names = Object.keys(attributes);
  if (names.length > 1) names.sort((a, b) => compare(sortKey(a, attributes), sortKey(b, attributes)));
  for (const attribute of names) {
    requireName(attribute);
    tag += ` ${attribute}="${escapeAttribute(attributes[attribute] as string)}"`;
  }
  return `${tag}>${children.join("")}</${name}>`;
}

function requireName(name: string): void {
  if (qualifiedName.test(name)) return;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "xml",
    `"${name}" is not a qualified name.`,
    "Write prefix:name in ASCII.",
  );
}

/** Rank (declarations, plain attributes, prefixed ones), namespace, local name. */
function sortKey(name: string, attributes: Readonly<Record<string, string>>): readonly [number, string, string] {
  if (name === "xmlns") return [0, "", ""];
  const colon = name.indexOf(":");
  if (colon < 0) return [1, "", name];
  const prefix = name.slice(0, colon);
  const local = name.slice(colon + 1);
  if (prefix === "xmlns") return [0, "", local];
  return [
    2,
    prefix === "xml" ? "http://www.w3.org/XML/1998/namespace" : (attributes[`xmlns:${prefix}`] ?? prefix),
    local,
  ];
}

function compare(a: readonly [number, string, string], b: readonly [number, string, string]): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[2] < b[2] ? -1 : a[2] === b[2] ? 0 : 1;
}
