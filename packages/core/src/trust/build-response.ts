import { element, escapeText } from "../xml/index.js";
import { writeAppliesTo, writeKeyType, writeLifetime, writeRenewing } from "./build-request.js";
import type { RequestSecurityTokenResponse } from "./message.js";
import { trust13 } from "./vocabulary.js";

/**
 * Writes the final answer to an Issue request: a wst:RequestSecurityTokenResponseCollection, which WS-Trust 1.3 and 1.4
 * demand even for one response (WS-Trust 1.4 section 4.3).
 */
export function writeRequestSecurityTokenResponseCollection(
  responses: readonly RequestSecurityTokenResponse[],
): string {
  return element(
    "wst:RequestSecurityTokenResponseCollection",
    { "xmlns:wst": trust13.namespace },
    ...responses.map(writeResponse),
  );
}

function writeResponse(response: RequestSecurityTokenResponse): string {
  const { context, tokenType, appliesTo, attachedReference, unattachedReference, lifetime, renewing, keyType } =
    response;
  return element(
    "wst:RequestSecurityTokenResponse",
    context === undefined ? {} : { Context: context },
    ...(tokenType === undefined ? [] : [element("wst:TokenType", {}, escapeText(tokenType))]),
    element("wst:RequestedSecurityToken", {}, response.requestedSecurityToken),
    ...(appliesTo === undefined ? [] : [writeAppliesTo(appliesTo)]),
    ...(attachedReference === undefined ? [] : [element("wst:RequestedAttachedReference", {}, attachedReference)]),
    ...(unattachedReference === undefined
      ? []
      : [element("wst:RequestedUnattachedReference", {}, unattachedReference)]),
    ...(lifetime === undefined ? [] : [writeLifetime(lifetime)]),
    ...(renewing === undefined ? [] : [writeRenewing(renewing.allow)]),
    ...(keyType === undefined ? [] : [writeKeyType(trust13, keyType)]),
  );
}
