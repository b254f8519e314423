import { isIPv6 } from "node:net";
import { XmlC14NMode, XmlDocument, XmlParseError } from "libxml2-wasm";
import type { CanonicalForm } from "./markup.js";

/** Canonical XML without comments by libxml2: of the element an XPath finds, or of the whole document. */
export function libxml2Canonical(
  xml: string,
  form: CanonicalForm = { method: "exclusive" },
  at?: { readonly xpath: string; readonly namespaces: Readonly<Record<string, string>> },
): string {
  const options = {
    mode: form.method === "inclusive" ? XmlC14NMode.XML_C14N_1_0 : XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
    withComments: false,
    ...(form.method === "exclusive" ? { inclusiveNamespacePrefixes: [...(form.inclusivePrefixes ?? [])] } : {}),
  };
  const document = XmlDocument.fromString(xml);
  try {
    if (at === undefined) return document.canonicalizeToString(options);
    const node = document.get(at.xpath, { ...at.namespaces });
    if (node === null) throw new TypeError(`nothing is at ${at.xpath}`);
    return node.canonicalizeToString(options);
  } finally {
    document.dispose();
  }
}

const complaint = /^xmlns(?::[^\s:']+)?: '(.*)' is not a valid URI\n$/s;

/**
 * Whether an error of libxml2 says no more than that namespace names are no URIs which RFC 3986 allows: of a port it wants
 * digits, and not too many, where the RFC has `*DIGIT`.
 */
export function isNamespaceMisread(error: unknown): boolean {
  if (!(error instanceof XmlParseError) || error.details.length === 0) return false;
  return error.details.every(({ message }) => {
    const name = complaint.exec(message)?.[1];
    return name !== undefined && isUri(name);
  });
}

const escaped = "%[0-9A-Fa-f]{2}";
const segment = `(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|${escaped})*`;
const userInfo = `(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|${escaped})*@)?`;
const host = `(?:[A-Za-z0-9._~!$&'()*+,;=-]|${escaped})*|\\[(?<address>[0-9A-Fa-f:.]+)\\]`;
const path = `//${userInfo}(?:${host})(?::[0-9]*)?(?:/${segment})*|/?(?:${segment.slice(0, -1)}+(?:/${segment})*)?`;
const tail = `(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|${escaped})*`;
const uri = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?:${path})(?:\\?${tail})?(?:#${tail})?$`);

/** RFC 3986, appendix A: `URI`; of IP literals the addresses. */
function isUri(text: string): boolean {
  const match = uri.exec(text);
  const address = match?.groups?.address;
  return match !== null && (address === undefined || isIPv6(address));
}
