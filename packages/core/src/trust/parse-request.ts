import type { XmlDocument } from "../xml/index.js";
import { parseBinarySecret } from "./binary-secret.js";
import { parseClaims } from "./claims.js";
import {
  booleanAttribute,
  booleanText,
  onlyChild,
  parseAppliesTo,
  parseLifetime,
  refuseRequest,
  refuseUnread,
  shortText,
} from "./elements.js";
import type { AlgorithmWishes, RequestSecurityToken } from "./message.js";
import { joinSecondary } from "./secondary.js";
import { parseUseKey } from "./use-key.js";
import {
  attributes,
  foreignNames,
  keyTypeOf,
  requestedOperation,
  type TrustOperation,
  type TrustVocabulary,
  trustVersions,
} from "./vocabulary.js";

/** Largest wst:KeySize that is read, in bits: the longest RSA modulus in use here. */
const maxKeySize = 8192;
const maxContext = 1024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** With what decides how the rest is read. */
type Found = Partial<Mutable<RequestSecurityToken>> & { secondary?: Found; targetOf?: TrustOperation };

/**
 * Reads a wst:RequestSecurityToken of WS-Trust 1.3, 1.4 or February 2005 (WS-Trust 1.4 sections 3.1, 4.1, 5 to 7 and 9).
 * Structure only: nothing is granted.
 * @throws ERR_TRUST_INVALID_REQUEST where it is malformed, ERR_TRUST_BAD_REQUEST where it holds something that is not read
 */
export function parseRequestSecurityToken(document: XmlDocument, element: number): RequestSecurityToken {
  const vocabulary = trustVersions.find(({ names }) => names.RequestSecurityToken === document.name(element));
  if (vocabulary === undefined) {
    refuseRequest(
      document,
      element,
      `${document.qualifiedName(element)} is no RequestSecurityToken of WS-Trust 1.3, 1.4 or February 2005`,
      "3.1",
    );
  }
  const { secondary, targetOf, ...found } = parseChildren(document, element, vocabulary, false);
  const { requestType } = found;
  if (requestType === undefined) refuseRequest(document, element, "RequestType is missing", "3.1");
  if (targetOf !== undefined && requestedOperation(requestType)?.operation !== targetOf) {
    refuseRequest(document, element, "the request names a target of another operation", "3.1");
  }
  const request = { ...parseAttributes(document, element), ...found, requestType, vocabulary };
  return secondary === undefined ? request : joinSecondary(document, element, request, secondary);
}

function parseChildren(document: XmlDocument, element: number, vocabulary: TrustVocabulary, secondary: boolean): Found {
  const found: Found = {};
  const seen = new Set<number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child) === foreignNames.appliesTo15 ? foreignNames.appliesTo : document.name(child);
    if (seen.has(name)) refuseRequest(document, child, `${document.qualifiedName(child)} stands twice`, "3.1");
    seen.add(name);
    const wish = wishOf(document, child, name, vocabulary);
    if (wish !== undefined) {
      found.algorithms = { ...found.algorithms, ...wish };
      continue;
    }
    const parameter = parseParameter(document, child, name, vocabulary);
    if (parameter !== undefined) Object.assign(found, parameter);
    else if (secondary) refuseUnread(document, child);
    else Object.assign(found, parseChild(document, child, name, vocabulary));
  }
  return found;
}

/** What may stand in a service's policy as well as in a request; undefined for anything else. */
function parseParameter(
  document: XmlDocument,
  child: number,
  name: number,
  vocabulary: TrustVocabulary,
): Partial<RequestSecurityToken> | undefined {
  const { names } = vocabulary;
  switch (name) {
    case names.TokenType:
      return { tokenType: shortText(document, child, "3.1") };
    case names.KeyType:
      return { keyType: keyTypeOf(vocabulary, shortText(document, child, "9.2")) ?? refuseUnread(document, child) };
    case names.KeySize:
      return { keySize: parseKeySize(document, child) };
    case names.Claims:
      return { claims: parseClaims(document, child) };
    case names.ComputedKeyAlgorithm:
      return { computedKeyAlgorithm: shortText(document, child, "9.2") };
    case names.Forwardable:
      return { forwardable: booleanText(document, child, "9.3") };
    case names.Delegatable:
      return { delegatable: booleanText(document, child, "9.3") };
    default:
      return undefined;
  }
}

function parseChild(document: XmlDocument, child: number, name: number, vocabulary: TrustVocabulary): Found {
  const { names } = vocabulary;
  switch (name) {
    case names.RequestType:
      return { requestType: shortText(document, child, "3.1") };
    case foreignNames.appliesTo:
      return { appliesTo: parseAppliesTo(document, child) };
    case names.Lifetime:
      return { lifetime: parseLifetime(document, child) };
    case names.UseKey:
      return { useKey: parseUseKey(document, child) };
    case names.Entropy:
      return { entropy: parseBinarySecret(document, child, vocabulary, "nonce") };
    case names.Renewing: {
      const allow = booleanAttribute(document, child, attributes.allow, true);
      return { renewing: { allow, afterExpiry: booleanAttribute(document, child, attributes.ok, false) } };
    }
    case names.RenewTarget:
      return { target: requireToken(document, child, "5"), targetOf: "renew" };
    case names.CancelTarget:
      return { target: requireToken(document, child, "6"), targetOf: "cancel" };
    case names.ValidateTarget:
      return { target: requireToken(document, child, "7"), targetOf: "validate" };
    case names.OnBehalfOf:
      return { onBehalfOf: requireToken(document, child, "9.1") };
    case foreignNames.actAs:
      return { actAs: requireToken(document, child, "9.1") };
    case names.SecondaryParameters:
      return { secondary: parseChildren(document, child, vocabulary, true) };
    default:
      return refuseUnread(document, child);
  }
}

function requireToken(document: XmlDocument, element: number, section: string): string {
  const token = onlyChild(document, element);
  if (token !== undefined) return token;
  return refuseRequest(document, element, `${document.qualifiedName(element)} must hold one token`, section);
}

/** An algorithm that is wished for; undefined for any other element. */
function wishOf(
  document: XmlDocument,
  child: number,
  name: number,
  { names }: TrustVocabulary,
): AlgorithmWishes | undefined {
  const uri = () => shortText(document, child, "9.2");
  switch (name) {
    case names.SignatureAlgorithm:
      return { signature: uri() };
    case names.CanonicalizationAlgorithm:
      return { canonicalization: uri() };
    case names.EncryptionAlgorithm:
      return { encryption: uri() };
    case names.KeyWrapAlgorithm:
      return { keyWrap: uri() };
    case names.SignWith:
      return { signWith: uri() };
    case names.EncryptWith:
      return { encryptWith: uri() };
    default:
      return undefined;
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
