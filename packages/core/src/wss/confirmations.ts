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
 * @throws ERR_WSS_FAILED_CHECK; ERR_WSS_INVALID_SECURITY for a Value that is no base64
 */
export function checkConfirmations(
  document: XmlDocument,
  confirmations: readonly number[],
  sent: readonly Uint8Array[],
): void {
  const found = confirmations.map((element) => readValue(document, element));
  const expected = sent.length === 0 ? [undefined] : sent;
  const each = (values: readonly Value[], others: readonly Value[]) =>
    values.every((value) => others.some((other) => equal(value, other)));
  if (found.length === expected.length && each(expected, found) && each(found, expected)) return;
  refuse("ERR_WSS_FAILED_CHECK", "the reply does not confirm the signatures of the request", {
    rule: "WS-Security 1.1, 8.5",
    remedy: "The reply belongs to another request, or the service does not send SignatureConfirmation.",
  });
}

/** A SignatureValue, or undefined for the confirmation that there was none. */
type Value = Uint8Array | undefined;

const equal = (value: Value, other: Value): boolean =>
  value === undefined || other === undefined ? value === other : equalOctets(value, other);

function readValue(document: XmlDocument, element: number): Value {
  const text = document.attribute(element, valueAttribute);
  if (text === undefined) return undefined;
  const value = decodeBase64(text, { maxOctets: 1024 });
  if (value !== undefined) return value;
  refuse("ERR_WSS_INVALID_SECURITY", "the Value of a SignatureConfirmation is no base64", {
    place: () => document.place(element),
    rule: "WS-Security 1.1, 8.5",
    remedy: "Repeat the SignatureValue of the request.",
  });
}
