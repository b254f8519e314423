import { isCountersignError, refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { parseBinarySecret } from "./binary-secret.js";
import { booleanAttribute, onlyChild, parseAppliesTo, parseLifetime, shortText } from "./elements.js";
import type { RequestSecurityTokenResponse, ResponseContent, TokenProof, TokenStatus } from "./message.js";
import { attributes, foreignNames, keyTypeOf, type TrustVocabulary, trust13 } from "./vocabulary.js";

/** Responses in one collection. */
const maxResponses = 20;
/** Longest wst:Reason that is read, in characters; the rest is cut. */
const maxReason = 1024;
const rule = "3.2";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads a wst:RequestSecurityTokenResponseCollection, or one bare wst:RequestSecurityTokenResponse as some peers send it, of
 * the version that the request was made in. Structure only: who sent it, and for whom the token is, is for the caller to
 * decide. Elements that are not read are left out (WS-Trust 1.4 section 3.2 leaves the content open).
 * @throws ERR_STS_RESPONSE_INVALID for anything else, and for a response without token
 */
export function parseRequestSecurityTokenResponses(
  document: XmlDocument,
  element: number,
  vocabulary: TrustVocabulary = trust13,
): readonly RequestSecurityTokenResponse[] {
  return reading(() =>
    parseResponses(document, element, vocabulary).map(({ requestedSecurityToken, ...response }) => {
      if (requestedSecurityToken === undefined)
        return refuseResponse(document, element, "the response holds no RequestedSecurityToken");
      return { ...response, requestedSecurityToken };
    }),
  );
}

/**
 * Reads the one answer to Renew, Cancel or Validate, in the same way; whether it says what was asked for is for the caller.
 * @throws ERR_STS_RESPONSE_INVALID for another structure or version
 */
export function parseRequestSecurityTokenResponse(
  document: XmlDocument,
  element: number,
  vocabulary: TrustVocabulary,
): ResponseContent {
  return reading(() => {
    const [response, second] = parseResponses(document, element, vocabulary);
    if (response === undefined || second !== undefined)
      refuseResponse(document, element, "the answer must hold one response");
    return response;
  });
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isCountersignError(error) || error.family !== "trust") throw error;
    // What a request and a response have in common is read by the same functions; here the issuer is at fault.
    const { reason, place, rule } = error.detail;
    refuse("ERR_STS_RESPONSE_INVALID", reason, { place, rule, cause: error });
  }
}

function parseResponses(
  document: XmlDocument,
  element: number,
  vocabulary: TrustVocabulary,
): readonly ResponseContent[] {
  const { names, version } = vocabulary;
  const root = document.name(element);
  if (root === names.RequestSecurityTokenResponse) return [parseResponse(document, element, vocabulary)];
  if (root !== names.RequestSecurityTokenResponseCollection) {
    refuseResponse(document, element, `${document.qualifiedName(element)} is no response of WS-Trust ${version}`);
  }
  const responses: ResponseContent[] = [];
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    if (document.name(child) !== names.RequestSecurityTokenResponse || responses.length === maxResponses) {
      refuseResponse(document, child, `the collection holds something else, or more than ${maxResponses} responses`);
    }
    responses.push(parseResponse(document, child, vocabulary));
  }
  return responses;
}

function parseResponse(document: XmlDocument, element: number, vocabulary: TrustVocabulary): ResponseContent {
  const { names } = vocabulary;
  const found: Partial<Mutable<ResponseContent>> = {};
  const context = document.attribute(element, attributes.context);
  if (context !== undefined) found.context = context;
  let entropy = -1;
  const seen = new Set<number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child) === foreignNames.appliesTo15 ? foreignNames.appliesTo : document.name(child);
    if (name === names.Entropy) entropy = child;
    const part = parseChild(document, child, name, vocabulary);
    if (part === undefined) continue;
    if (seen.has(name)) refuseResponse(document, child, `${document.qualifiedName(child)} stands twice`);
    seen.add(name);
    Object.assign(found, part);
  }
  if (found.proof?.kind !== "computed") return found;
  if (entropy === -1) refuseResponse(document, element, "the issuer's share of the key is missing");
  const share = parseBinarySecret(document, entropy, vocabulary, "nonce");
  return { ...found, proof: { kind: "computed", entropy: share } };
}

/** What one element says; undefined for an element that is not read. */
function parseChild(
  document: XmlDocument,
  child: number,
  name: number,
  vocabulary: TrustVocabulary,
): ResponseContent | undefined {
  const { names } = vocabulary;
  switch (name) {
    case names.TokenType:
      return { tokenType: shortText(document, child, rule) };
    case names.KeyType: {
      const keyType = keyTypeOf(vocabulary, shortText(document, child, rule));
      return { keyType: keyType ?? refuseResponse(document, child, "the key type is not known") };
    }
    case names.KeySize:
      return { keySize: Number(shortText(document, child, rule)) };
    case foreignNames.appliesTo:
      return { appliesTo: parseAppliesTo(document, child) };
    case names.Lifetime:
      return { lifetime: parseLifetime(document, child) };
    case names.Renewing:
      return { renewing: { allow: booleanAttribute(document, child, attributes.allow, true) } };
    case names.RequestedSecurityToken:
      return { requestedSecurityToken: requireChild(document, child) };
    case names.RequestedAttachedReference:
      return { attachedReference: requireChild(document, child) };
    case names.RequestedUnattachedReference:
      return { unattachedReference: requireChild(document, child) };
    case names.RequestedProofToken:
      return { proof: parseProof(document, child, vocabulary) };
    case names.RequestedTokenCancelled:
      return { cancelled: true };
    case names.Status:
      return { status: parseStatus(document, child, vocabulary) };
    default:
      return undefined;
  }
}

function parseProof(document: XmlDocument, element: number, vocabulary: TrustVocabulary): TokenProof {
  const child = document.firstChild(element);
  if (child === -1 || document.name(child) !== vocabulary.names.ComputedKey)
    return { kind: "key", key: parseBinarySecret(document, element, vocabulary, "key") };
  if (shortText(document, child, "4.4.4") !== vocabulary.pSha1)
    refuseResponse(document, child, "the key is computed in another way than P_SHA1");
  return { kind: "computed", entropy: Buffer.alloc(0) };
}

/** A code of another version, or any other, is neither valid nor invalid: it is not understood, and refused. */
function parseStatus(document: XmlDocument, element: number, { names, status }: TrustVocabulary): TokenStatus {
  const code = document.child(element, names.Code);
  if (code === -1) refuseResponse(document, element, "the status has no code");
  const uri = shortText(document, code, "7");
  if (uri !== status.valid && uri !== status.invalid)
    refuseResponse(document, code, "the status is neither valid nor invalid");
  const reason = document.child(element, names.Reason);
  return {
    valid: uri === status.valid,
    reason: reason === -1 ? undefined : document.text(reason)?.trim().slice(0, maxReason),
  };
}

function requireChild(document: XmlDocument, element: number): string {
  const child = onlyChild(document, element);
  return child ?? refuseResponse(document, element, `${document.qualifiedName(element)} must hold exactly one element`);
}

function refuseResponse(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_STS_RESPONSE_INVALID", reason, { place: () => document.place(element), rule: `WS-Trust 1.4, ${rule}` });
}
