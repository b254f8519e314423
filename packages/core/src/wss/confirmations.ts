import { decodeBase64, equalOctets } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { registerName } from "../xml/index.js";

const valueAttribute = registerName("", "Value");

/**
 * Checks that the SignatureConfirmations of a reply repeat exactly the SignatureValues of the request (WS-Security 1.1
 * section 8.5.1): each one there, none else.
 * @param confirmations Element handles.
 * @param sent The request's SignatureValues; empty where it was not signed: then one confirmation without Value.
 * @throws ERR_WSS_FAILED_CHECK
 */
export function checkConfirmations(
  document: XmlDocument,
  confirmations: readonly number[],
  sent: readonly Uint8Array[],
): void {
  const found = confirmations.map((element) => {
    const value = document.attribute(element, valueAttribute);
    return value === undefined ? undefined : decodeBase64(value, { maxOctets: 1024 });
  });
  const expected = sent.length === 0 ? [undefined] : sent;
  const matches = (value: Uint8Array | undefined, candidate: Uint8Array | undefined) =>
    value === undefined || candidate === undefined ? value === candidate : equalOctets(value, candidate);
  const all = expected.every((value) => found.some((candidate) => matches(value, candidate)));
  if (all && found.length === expected.length) return;
  refuse("ERR_WSS_FAILED_CHECK", "the reply does not confirm the signatures of the request", {
    rule: "WS-Security 1.1, 8.5",
    remedy: "The reply belongs to another request, or the service does not send SignatureConfirmation.",
  });
}
