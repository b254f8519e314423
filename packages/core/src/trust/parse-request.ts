import type { XmlDocument } from "../xml/index.js";
import { parseClaims } from "./claims.js";
import { booleanAttribute, parseAppliesTo, parseLifetime, refuseRequest, refuseUnread, shortText } from "./elements.js";
import type { RequestSecurityToken } from "./message.js";
import { parseUseKey } from "./use-key.js";
import { attributes, foreignNames, keyTypeOf, type TrustVocabulary, trust13 } from "./vocabulary.js";

/** Largest wst:KeySize that is read, in bits: the longest RSA modulus in use here. */
const maxKeySize = 8192;
const maxContext = 1024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads a wst:RequestSecurityToken (WS-Trust 1.4 sections 3.1, 4.1 and 9). Structure only: nothing is granted.
 * @throws ERR_TRUST_INVALID_REQUEST where it is malformed, ERR_TRUST_BAD_REQUEST where it holds something that is not read
 */
export function parseRequestSecurityToken(document: XmlDocument, element: number): RequestSecurityToken {
  const vocabulary = trust13;
  const { names } = vocabulary;
  if (document.name(element) !== names.RequestSecurityToken) {
    refuseRequest(
      document,
      element,
      `${document.qualifiedName(element)} is no RequestSecurityToken of WS-Trust 1.3 or 1.4`,
      "3.1",
    );
  }
  const found: Partial<Mutable<RequestSecurityToken>> = parseAttributes(document, element);
  const seen = new Set<number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child) === foreignNames.appliesTo15 ? foreignNames.appliesTo : document.name(child);
    if (seen.has(name)) refuseRequest(document, child, `${document.qualifiedName(child)} stands twice`, "3.1");
    seen.add(name);
    Object.assign(found, parseChild(document, child, name, vocabulary));
  }
  const { requestType } = found;
  if (requestType === undefined) refuseRequest(document, element, "RequestType is missing", "3.1");
  return { ...found, requestType };
}

function parseChild(
  document: XmlDocument,
  child: number,
  name: number,
  vocabulary: TrustVocabulary,
): Partial<RequestSecurityToken> {
  const { names } = vocabulary;
  switch (name) {
    case names.RequestType:
      return { requestType: shortText(document, child, "3.1") };
    case names.TokenType:
      return { tokenType: shortText(document, child, "3.1") };
    case foreignNames.appliesTo:
      return { appliesTo: parseAppliesTo(document, child) };
    case names.KeyType:
      return { keyType: keyTypeOf(vocabulary, shortText(document, child, "9.2")) ?? refuseUnread(document, child) };
    case names.KeySize:
      return { keySize: parseKeySize(document, child) };
    case names.Lifetime:
      return { lifetime: parseLifetime(document, child) };
    case names.Claims:
      return { claims: parseClaims(document, child) };
    case names.UseKey:
      return { useKey: parseUseKey(document, child) };
    case names.Renewing: {
      const allow = booleanAttribute(document, child, attributes.allow, true);
      return { renewing: { allow, afterExpiry: booleanAttribute(document, child, attributes.ok, false) } };
    }
    default:
      return refuseUnread(document, child);
  }
}

function parseAttributes(document: XmlDocument, element: number): { context?: string } {
  for (const { namespace, localName } of document.attributes(element)) {
    if (namespace === "" && localName !== "Context")
      refuseUnread(document, element, `Leave out the attribute ${localName}.`);
  }
  const context = document.attribute(element, attributes.context);
  if (context === undefined) return {};
  if (context.length > maxContext)
    refuseRequest(document, element, `Context has more than ${maxContext} characters`, "3.1");
  return { context };
}

function parseKeySize(document: XmlDocument, element: number): number {
  const text = shortText(document, element, "9.2");
  const bits = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (bits < 128 || bits > maxKeySize) {
    refuseUnread(document, element, `Ask for a key of 128 to ${maxKeySize} bits, or leave the size to the issuer.`);
  }
  return bits;
}
