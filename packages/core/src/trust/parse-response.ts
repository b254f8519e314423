import { isCountersignError, refuse } from "../errors/index.js";
import { type CanonicalForm, canonicalize, type XmlDocument } from "../xml/index.js";
import { booleanAttribute, parseAppliesTo, parseLifetime, shortText } from "./elements.js";
import type { RequestSecurityTokenResponse } from "./message.js";
import { attributes, foreignNames, keyTypeOf, trust13 } from "./vocabulary.js";

/** Responses in one collection. */
const maxResponses = 10;
const rule = "3.2";

/** Keeps every namespace in scope, so that the token means the same wherever it is put. */
const standAlone: CanonicalForm = { method: "inclusive", comments: false };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads a wst:RequestSecurityTokenResponseCollection, or one bare wst:RequestSecurityTokenResponse as some peers send it.
 * Structure only: who sent it, and for whom the token is, is for the caller to decide. Elements that are not read are left
 * out (WS-Trust 1.4 section 3.2 leaves the content open).
 * @throws ERR_STS_RESPONSE_INVALID for anything else
 */
export function parseRequestSecurityTokenResponses(
  document: XmlDocument,
  element: number,
): readonly RequestSecurityTokenResponse[] {
  try {
    return parseResponses(document, element);
  } catch (error) {
    if (!isCountersignError(error) || error.family !== "trust") throw error;
    // What a request and a response have in common is read by the same functions; here the issuer is at fault.
    const { reason, place, rule } = error.detail;
    refuse("ERR_STS_RESPONSE_INVALID", reason, { place, rule, cause: error });
  }
}

function parseResponses(document: XmlDocument, element: number): readonly RequestSecurityTokenResponse[] {
  const { names } = trust13;
  const root = document.name(element);
  if (root === names.RequestSecurityTokenResponse) return [parseResponse(document, element)];
  if (root !== names.RequestSecurityTokenResponseCollection) {
    refuseResponse(document, element, `${document.qualifiedName(element)} is no response of WS-Trust 1.3 or 1.4`);
  }
  const responses: RequestSecurityTokenResponse[] = [];
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    if (document.name(child) !== names.RequestSecurityTokenResponse || responses.length === maxResponses) {
      refuseResponse(document, child, `the collection holds something else, or more than ${maxResponses} responses`);
    }
    responses.push(parseResponse(document, child));
  }
  return responses;
}

function parseResponse(document: XmlDocument, element: number): RequestSecurityTokenResponse {
  const found: Partial<Mutable<RequestSecurityTokenResponse>> = {};
  const context = document.attribute(element, attributes.context);
  if (context !== undefined) found.context = context;
  const seen = new Set<number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child) === foreignNames.appliesTo15 ? foreignNames.appliesTo : document.name(child);
    const part = parseChild(document, child, name);
    if (part === undefined) continue;
    if (seen.has(name)) refuseResponse(document, child, `${document.qualifiedName(child)} stands twice`);
    seen.add(name);
    Object.assign(found, part);
  }
  const { requestedSecurityToken } = found;
  if (requestedSecurityToken === undefined)
    refuseResponse(document, element, "the response holds no RequestedSecurityToken");
  return { ...found, requestedSecurityToken };
}

/** What one element says; undefined for an element that is not read. */
function parseChild(
  document: XmlDocument,
  child: number,
  name: number,
): Partial<RequestSecurityTokenResponse> | undefined {
  const { names } = trust13;
  switch (name) {
    case names.TokenType:
      return { tokenType: shortText(document, child, rule) };
    case names.KeyType: {
      const keyType = keyTypeOf(trust13, shortText(document, child, rule));
      return { keyType: keyType ?? refuseResponse(document, child, "the key type is not known") };
    }
    case foreignNames.appliesTo:
      return { appliesTo: parseAppliesTo(document, child) };
    case names.Lifetime:
      return { lifetime: parseLifetime(document, child) };
    case names.Renewing:
      return { renewing: { allow: booleanAttribute(document, child, attributes.allow, true) } };
    case names.RequestedSecurityToken:
      return { requestedSecurityToken: onlyChild(document, child) };
    case names.RequestedAttachedReference:
      return { attachedReference: onlyChild(document, child) };
    case names.RequestedUnattachedReference:
      return { unattachedReference: onlyChild(document, child) };
    default:
      return undefined;
  }
}

/** The only child of an element, as XML text that stands alone. */
function onlyChild(document: XmlDocument, element: number): string {
  const child = document.firstChild(element);
  if (child === -1 || document.nextSibling(child) !== -1) {
    refuseResponse(document, element, `${document.qualifiedName(element)} must hold exactly one element`);
  }
  return Buffer.from(canonicalize(document, child, standAlone)).toString();
}

function refuseResponse(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_STS_RESPONSE_INVALID", reason, { place: () => document.place(element), rule: `WS-Trust 1.4, ${rule}` });
}
