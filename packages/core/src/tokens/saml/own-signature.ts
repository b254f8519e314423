import { isCountersignError, refuse } from "../../errors/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { defaultSignatureLimits, parseSignature, type SignatureSyntax } from "../../xmlsec/index.js";

/** The enveloped-signature transform and a canonical form, and nothing else: SAML 2.0 core section 5.4.4, 1.1 section 5.4.4. */
const limits = { ...defaultSignatureLimits, maxTransforms: 2 };

/** What is wrong with the signature as such. */
const malformed: ReadonlySet<string> = new Set(["ERR_WSS_INVALID_SECURITY", "ERR_WSS_FAILED_CHECK"]);

/**
 * Reads the ds:Signature that stands in an assertion. Malformed, it is a fault of the token, not of the header around it.
 * @param element The ds:Signature, or -1 where there is none.
 * @throws ERR_TOKEN_SIGNATURE for a malformed one, ERR_WSS_UNSUPPORTED_ALGORITHM for unknown transforms
 */
export function parseOwnSignature(document: XmlDocument, element: number): SignatureSyntax | undefined {
  if (element === -1) return undefined;
  try {
    return parseSignature(document, element, limits);
  } catch (error) {
    if (!isCountersignError(error) || !malformed.has(error.code)) throw error;
    const { reason, ...more } = error.detail;
    refuse("ERR_TOKEN_SIGNATURE", reason, { ...more, cause: error });
  }
}
