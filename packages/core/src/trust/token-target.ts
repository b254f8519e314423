import { isCountersignError } from "../errors/index.js";
import { scan } from "../xml/index.js";
import { parseTokenReference, wsseNames } from "../xmlsec/index.js";
import { refuseRequest, refuseUnread } from "./elements.js";

/**
 * The assertion that the target of a request refers to by its id (SAML Token Profile 1.1 section 3.4); undefined where the
 * target is no reference, but the token itself.
 * @param xml The target: XML text that stands alone.
 * @throws ERR_TRUST_BAD_REQUEST for another kind of reference, ERR_TRUST_INVALID_REQUEST for a malformed one
 */
export function referencedAssertion(xml: string): string | undefined {
  const document = scan(Buffer.from(xml));
  if (document.name(0) !== wsseNames.securityTokenReference) return undefined;
  try {
    const { target } = parseTokenReference(document, 0);
    if (target.kind === "samlAssertionId") return target.id;
  } catch (cause) {
    if (!isCountersignError(cause) || cause.family === "internal") throw cause;
    refuseRequest(document, 0, cause.detail.reason, "5 to 7", cause);
  }
  return refuseUnread(document, 0, "Send the assertion, or a wsse:KeyIdentifier with its id.");
}
