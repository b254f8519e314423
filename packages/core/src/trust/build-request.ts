import { refuse } from "../errors/index.js";
import { addressingNamespace } from "../soap/index.js";
import { formatDateTime } from "../time/index.js";
import { element, escapeText } from "../xml/index.js";
import { wsuNamespace } from "../xmlsec/index.js";
import { writeBinarySecret } from "./binary-secret.js";
import { writeClaims } from "./claims.js";
import type { RequestedLifetime, RequestSecurityToken } from "./message.js";
import { writeUseKey } from "./use-key.js";
import { requestedOperation, type TrustVocabulary, trust13, wspNamespace, wst14Namespace } from "./vocabulary.js";

/**
 * Writes a wst:RequestSecurityToken, canonical by construction but for the tokens in it (WS-Trust 1.4 sections 3.1, 4.1, 5 to
 * 7 and 9).
 * @throws ERR_TRUST_BAD_REQUEST for a target in a request that has none
 */
export function writeRequestSecurityToken(request: RequestSecurityToken): string {
  const { context, tokenType, requestType, appliesTo, claims, lifetime, renewing, keyType, keySize, useKey } = request;
  const { vocabulary = trust13, entropy, computedKeyAlgorithm, target, onBehalfOf, actAs } = request;
  const { forwardable, delegatable } = request;
  return element(
    "wst:RequestSecurityToken",
    { "xmlns:wst": vocabulary.namespace, ...(context !== undefined && { Context: context }) },
    ...(tokenType === undefined ? [] : [element("wst:TokenType", {}, escapeText(tokenType))]),
    element("wst:RequestType", {}, escapeText(requestType)),
    ...(target === undefined ? [] : [element(targetName(requestType), {}, target)]),
    ...(onBehalfOf === undefined ? [] : [element("wst:OnBehalfOf", {}, onBehalfOf)]),
    ...(actAs === undefined ? [] : [element("wst14:ActAs", { "xmlns:wst14": wst14Namespace }, actAs)]),
    ...(appliesTo === undefined ? [] : [writeAppliesTo(appliesTo)]),
    ...(claims === undefined ? [] : [writeClaims("wst", claims)]),
    ...(lifetime === undefined ? [] : [writeLifetime(lifetime)]),
    ...(renewing === undefined ? [] : [writeRenewing(renewing.allow, renewing.afterExpiry)]),
    ...(forwardable === undefined ? [] : [element("wst:Forwardable", {}, String(forwardable))]),
    ...(delegatable === undefined ? [] : [element("wst:Delegatable", {}, String(delegatable))]),
    ...(keyType === undefined ? [] : [writeKeyType(vocabulary, keyType)]),
    ...(keySize === undefined ? [] : [element("wst:KeySize", {}, String(keySize))]),
    ...(entropy === undefined ? [] : [element("wst:Entropy", {}, writeBinarySecret(vocabulary, "nonce", entropy))]),
    ...(computedKeyAlgorithm === undefined
      ? []
      : [element("wst:ComputedKeyAlgorithm", {}, escapeText(computedKeyAlgorithm))]),
    ...(useKey === undefined ? [] : [writeUseKey(useKey)]),
  );
}

function targetName(requestType: string): string {
  switch (requestedOperation(requestType)?.operation) {
    case "renew":
      return "wst:RenewTarget";
    case "cancel":
      return "wst:CancelTarget";
    case "validate":
      return "wst:ValidateTarget";
    default:
      return refuse("ERR_TRUST_BAD_REQUEST", "only Renew, Cancel and Validate have a target");
  }
}

/**
 * Writes a wst:RequestSecurityTokenCollection (WS-Trust 1.4 section 4.2): at least two requests of one operation.
 * @throws ERR_TRUST_BAD_REQUEST for fewer
 */
export function writeRequestSecurityTokenCollection(requests: readonly RequestSecurityToken[]): string {
  const [first] = requests;
  if (first === undefined || requests.length < 2)
    refuse("ERR_TRUST_BAD_REQUEST", "a collection has two requests at least");
  const { namespace } = first.vocabulary ?? trust13;
  return element(
    "wst:RequestSecurityTokenCollection",
    { "xmlns:wst": namespace },
    ...requests.map((request) => writeRequestSecurityToken(request)),
  );
}

/** Writes a wsp:AppliesTo with the address of a relying party. */
export function writeAppliesTo(address: string): string {
  return element(
    "wsp:AppliesTo",
    { "xmlns:wsp": wspNamespace },
    element(
      "wsa:EndpointReference",
      { "xmlns:wsa": addressingNamespace },
      element("wsa:Address", {}, escapeText(address)),
    ),
  );
}

/** Writes a wst:Lifetime. */
export function writeLifetime({ created, expires }: RequestedLifetime): string {
  const times: string[] = [];
  if (created !== undefined) times.push(element("wsu:Created", { "xmlns:wsu": wsuNamespace }, formatDateTime(created)));
  if (expires !== undefined) times.push(element("wsu:Expires", { "xmlns:wsu": wsuNamespace }, formatDateTime(expires)));
  if (times.length === 0) refuse("ERR_INTERNAL", "a Lifetime without Created or Expires says nothing");
  return element("wst:Lifetime", {}, ...times);
}

/** Writes a wst:KeyType. */
export function writeKeyType(
  vocabulary: TrustVocabulary,
  keyType: NonNullable<RequestSecurityToken["keyType"]>,
): string {
  return element("wst:KeyType", {}, vocabulary.keyTypes[keyType]);
}

/** Writes a wst:Renewing. */
export function writeRenewing(allow: boolean, afterExpiry = false): string {
  return element("wst:Renewing", { Allow: String(allow), ...(afterExpiry && { OK: "true" }) });
}
