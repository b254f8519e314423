import type { XmlDocument } from "./document.js";
import * as tape from "./tape.js";

/**
 * The namespaces in scope at an element: namespace name by prefix, `""` for the default one. `xml` is not among them, nor is
 * a default namespace that was taken back.
 */
export function namespacesInScope(document: XmlDocument, element: number): ReadonlyMap<string, string> {
  const { ints, declarationBase } = document.tape;
  const found = new Map<string, string>();
  for (let at = element; at >= 0; at = document.parent(at)) {
    const end = document.declarationsEnd(at);
    for (let declaration = document.declarationsStart(at); declaration < end; declaration++) {
      const row = declarationBase + declaration * tape.declarationWidth;
      const length = (ints[row + tape.declarationLength] as number) >> 1;
      const start = (ints[row + tape.declarationStart] as number) + "xmlns:".length;
      const prefix = document.bytes.toString("utf8", start, start + length);
      if (!found.has(prefix)) found.set(prefix, document.namespaceOfBinding(declaration));
    }
  }
  found.delete("xml");
  if (found.get("") === "") found.delete("");
  return found;
}
