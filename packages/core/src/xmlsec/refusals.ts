import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";

/** Refuses the shape of an element with ERR_WSS_INVALID_SECURITY, naming its place. */
export function refuseShape(doc: XmlDocument, element: number, reason: string, rule?: string, remedy?: string): never {
  return refuse("ERR_WSS_INVALID_SECURITY", reason, { place: () => doc.place(element), rule, remedy });
}

/** Refuses an algorithm, transform or its parameters with ERR_WSS_UNSUPPORTED_ALGORITHM, naming its place. */
export function refuseAlgorithm(
  doc: XmlDocument,
  element: number,
  reason: string,
  rule?: string,
  remedy?: string,
): never {
  return refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", reason, { place: () => doc.place(element), rule, remedy });
}

/** Refuses a signature, digest or reference that does not hold with ERR_WSS_FAILED_CHECK, naming its place. */
export function refuseCheck(doc: XmlDocument, element: number, reason: string, rule?: string, remedy?: string): never {
  return refuse("ERR_WSS_FAILED_CHECK", reason, { place: () => doc.place(element), rule, remedy });
}

/**
 * Refuses what could not be decrypted with ERR_WSS_DECRYPTION_FAILED: one code and one reason, whatever the cause. The cause
 * is not known here either, since a key that cannot be unwrapped is replaced by a random one.
 */
export function refuseDecryption(doc: XmlDocument, element: number): never {
  return refuse("ERR_WSS_DECRYPTION_FAILED", "the encrypted data does not decrypt to what it should", {
    place: () => doc.place(element),
    rule: "XML Encryption 1.1 section 4.4",
    remedy:
      "Encrypt with the key, algorithms and certificate that this service publishes, and change nothing afterwards",
  });
}
