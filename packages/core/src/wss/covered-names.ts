import { refuse } from "../errors/index.js";
import {
  canonicalize,
  defaultXmlLimits,
  escapeAttribute,
  namespacesInScope,
  scan,
  type XmlDocument,
  type XmlLimits,
} from "../xml/index.js";

/** Namespace names by prefix, `""` for the default one. */
export type Namespaces = ReadonlyMap<string, string>;

/**
 * Refuses plaintext whose names mean something else, or nothing, with the namespaces that a signature over the cipher text
 * covers: whoever changed a declaration around it would change what was signed.
 * @param parent The element that the plaintext is put into.
 * @param covered The namespaces in scope at `parent` that the signature covers.
 * @throws ERR_XML_ codes and ERR_WSS_INVALID_SECURITY
 */
export function requireCoveredNames(
  document: XmlDocument,
  parent: number,
  plaintext: Buffer,
  covered: Namespaces,
  limits: XmlLimits | undefined,
): void {
  const around = namespacesInScope(document, parent);
  const inclusivePrefixes = [...covered.keys()].map((prefix) => (prefix === "" ? "#default" : prefix));
  const meaning = (namespaces: Namespaces) =>
    canonicalize(
      scanPlaintext(plaintext, namespaces, limits, around),
      0,
      { method: "exclusive", comments: false, inclusivePrefixes },
      { qnames: "refuse" },
    );
  if (Buffer.compare(meaning(covered), meaning(around)) === 0) return;
  refuse("ERR_WSS_INVALID_SECURITY", "the plaintext uses a namespace that the signature does not cover", {
    place: () => document.place(parent),
    rule: "BSP R5405",
    remedy:
      "Declare the namespaces of encrypted content in the content itself, or list their prefixes in InclusiveNamespaces.",
  });
}

/**
 * The namespaces in scope where cipher text stands, as far as a signature over an element around it covers them.
 * @param signed The signed octets of that element, scanned.
 * @param data The cipher text's element, counted from the signed one: 0 for that itself.
 */
export const coveredNamespaces = (signed: XmlDocument, data: number): Namespaces =>
  data === 0 ? new Map() : namespacesInScope(signed, signed.parent(data));

const wrapperNamespace = "urn:countersign:plaintext";

/** Scans plaintext inside an element of our own that declares the namespaces around it. */
function scanPlaintext(
  plaintext: Buffer,
  namespaces: Namespaces,
  limits: XmlLimits = defaultXmlLimits,
  taken = namespaces,
): XmlDocument {
  let prefix = "p";
  while (taken.has(prefix)) prefix += "-";
  const declarations = [...namespaces].map(
    ([name, uri]) => ` xmlns${name === "" ? "" : `:${name}`}="${escapeAttribute(uri)}"`,
  );
  const tag = `${prefix}:plaintext`;
  return scan(
    Buffer.concat([
      Buffer.from(`<${tag} xmlns:${prefix}="${wrapperNamespace}"${declarations.join("")}>`),
      plaintext,
      Buffer.from(`</${tag}>`),
    ]),
    // The wrapper declares at once what may have been declared by many elements.
    { ...limits, maxNamespacesPerElement: limits.maxNamespacesInScope + 1 },
  );
}
