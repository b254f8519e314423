import { refuse } from "../errors/index.js";
import { addressingNamespace } from "../soap/index.js";
import { formatDateTime } from "../time/index.js";
import { element, escapeText } from "../xml/index.js";
import { wsuNamespace } from "../xmlsec/index.js";
import { writeClaims } from "./claims.js";
import type { RequestedLifetime, RequestSecurityToken } from "./message.js";
import { writeUseKey } from "./use-key.js";
import { type TrustVocabulary, trust13, wspNamespace } from "./vocabulary.js";

/** Writes a wst:RequestSecurityToken, canonical by construction (WS-Trust 1.4 sections 3.1, 4.1 and 9). */
export function writeRequestSecurityToken(request: RequestSecurityToken): string {
  const vocabulary = trust13;
  const { context, tokenType, requestType, appliesTo, claims, lifetime, renewing, keyType, keySize, useKey } = request;
  return element(
    "wst:RequestSecurityToken",
    { "xmlns:wst": vocabulary.namespace, ...(context !== undefined && { Context: context }) },
    ...(tokenType === undefined ? [] : [element("wst:TokenType", {}, escapeText(tokenType))]),
    element("wst:RequestType", {}, escapeText(requestType)),
    ...(appliesTo === undefined ? [] : [writeAppliesTo(appliesTo)]),
    ...(claims === undefined ? [] : [writeClaims("wst", claims)]),
    ...(lifetime === undefined ? [] : [writeLifetime(lifetime)]),
    ...(renewing === undefined ? [] : [writeRenewing(renewing.allow, renewing.afterExpiry)]),
    ...(keyType === undefined ? [] : [writeKeyType(vocabulary, keyType)]),
    ...(keySize === undefined ? [] : [element("wst:KeySize", {}, String(keySize))]),
    ...(useKey === undefined ? [] : [writeUseKey(useKey)]),
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
