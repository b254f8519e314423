import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
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
