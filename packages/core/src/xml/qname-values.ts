import { refuse } from "../errors/index.js";
import type { XmlDocument } from "./document.js";
import { soapEncoding11Namespace, soapEncoding12Namespace, xsiNamespace } from "./names.js";
import type { RenderedNamespaces } from "./rendered.js";
import { registerName } from "./symbols.js";
import * as tape from "./tape.js";

const xsiType = registerName(xsiNamespace, "type");
const arrayType = registerName(soapEncoding11Namespace, "arrayType");
const itemType = registerName(soapEncoding12Namespace, "itemType");

/**
 * Refuses an attribute whose value is a QName by its definition and whose prefix means something else, or nothing, in the
 * canonical octets: whoever signed them did not sign what the prefix stands for here (Basic Security Profile 1.1, R5405).
 */
export function requireBoundQNames(document: XmlDocument, element: number, rendered: RenderedNamespaces): void {
  const { ints, declarationBase } = document.tape;
  const end = document.attributesEnd(element);
  for (let row = document.attributesStart(element); row < end; row++) {
    const name = document.attributeName(row);
    if (name !== xsiType && name !== arrayType && name !== itemType) continue;
    const value = document.attributeValue(row).trim();
    const prefix = value.slice(0, Math.max(0, value.indexOf(":")));
    if (prefix === "xml") continue;
    const binding = document.bindingOf(element, prefix);
    const at = declarationBase + binding * tape.declarationWidth;
    const uri = ints[at + tape.declarationUri]!;
    if (binding === tape.noBinding && prefix === "") continue;
    if (binding !== tape.noBinding && rendered.bound(ints[at + tape.declarationPrefix]!) === uri) continue;
    const remedy = "Declare the prefix on the signed element and list it in InclusiveNamespaces, or use it in a name there.";
    refuse("ERR_WSS_INVALID_SECURITY", `The prefix "${prefix.slice(0, 64)}" in an attribute value is not protected by the signature.`, {
      place: () => document.place(element),
      rule: "BSP 1.1 R5405",
      remedy,
    });
  }
}
