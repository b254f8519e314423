import { isCountersignError } from "@countersign/core";
import { type BinarySecurityTokenSyntax, parseBinarySecurityToken, type XmlDocument } from "@countersign/core/inspect";

/** A token in a few words: whose certificate it holds, or what its element is called. */
export function binaryTokenName(document: XmlDocument, element: number): string {
  if (document.localName(element) !== "BinarySecurityToken") return document.qualifiedName(element);
  const [certificate] = readable(document, element)?.certificates ?? [];
  return certificate?.subject ?? document.qualifiedName(element);
}

function readable(document: XmlDocument, element: number): BinarySecurityTokenSyntax | undefined {
  try {
    return parseBinarySecurityToken(document, element);
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return undefined;
  }
}
