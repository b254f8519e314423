import { isCountersignError, refuse } from "../../errors/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { parseSignature, type SignatureSyntax } from "../../xmlsec/index.js";

/**
 * Reads the ds:Signature that stands in an assertion. Malformed, it is a fault of the token, not of the header around it.
 * @param element The ds:Signature, or -1 where there is none.
 * @throws ERR_TOKEN_SIGNATURE for a malformed one, ERR_WSS_UNSUPPORTED_ALGORITHM for unknown transforms
 */
export function parseOwnSignature(document: XmlDocument, element: number): SignatureSyntax | undefined {
  if (element === -1) return undefined;
  try {
    return parseSignature(document, element);
  } catch (error) {
    if (!isCountersignError(error) || error.code !== "ERR_WSS_INVALID_SECURITY") throw error;
    const { reason, ...more } = error.detail;
    refuse("ERR_TOKEN_SIGNATURE", reason, { ...more, cause: error });
  }
}
