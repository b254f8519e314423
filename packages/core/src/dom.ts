/**
 * `@countersign/core/dom`: what was verified, as a DOM. Needs the optional peer `@xmldom/xmldom`.
 */
import { DOMParser, type Document, onErrorStopParsing } from "@xmldom/xmldom";
import type { VerifiedElement } from "./wss/index.js";

/**
 * A DOM document over the verified octets of an element, for handlers and libraries that work on a DOM:
 * `documentOf(securityOf(request).message.body)`. It is parsed anew from what was verified and shares nothing with the
 * message that came in; comments are not in it.
 */
export function documentOf(element: VerifiedElement): Document {
  const text = Buffer.from(element.bytes).toString("utf8");
  return new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, "text/xml");
}
