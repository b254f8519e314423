import { isCountersignError, refuse } from "../errors/index.js";
import {
  type ContextName,
  issueSecurityContextToken,
  parseSecurityContextToken,
  writeContextReference,
} from "../tokens/context/index.js";
import { element as write, type XmlDocument } from "../xml/index.js";
import { writeDirectReference } from "../xmlsec/index.js";
import { parseBinarySecret, writeBinarySecret } from "./binary-secret.js";
import { writeLifetime } from "./build-request.js";
import type { ContextOperation, ContextWords } from "./context-words.js";
import { parseLifetime, shortText } from "./elements.js";
import type { RequestedLifetime } from "./message.js";
import { attributes } from "./vocabulary.js";

/** How the requestor learns the key: the key itself, or the service's share of it. */
export type ContextProof =
  | { readonly kind: "key"; readonly key: Uint8Array }
  /** The key is P_SHA1 over the requestor's entropy and this one (WS-Trust 1.4 section 9.3). */
  | { readonly kind: "computed"; readonly entropy: Uint8Array };

/** The answer to a request about a context, as read or to be written. */
export interface ContextResponse {
  readonly operation: ContextOperation;
  readonly context?: string | undefined;
  /** Undefined for a context that was cancelled. */
  readonly token?: Pick<ContextName, "identifier" | "instance"> | undefined;
  readonly proof?: ContextProof | undefined;
  /** In bits. */
  readonly keySize?: number | undefined;
  readonly lifetime?: RequestedLifetime | undefined;
}

/**
 * Writes the answer: a collection of one response, which WS-Trust 1.3 and 1.4 want; in the words of 2005/02, and for a
 * context that was cancelled, that response alone.
 */
export function writeContextResponse(words: ContextWords, response: ContextResponse): string {
  const { operation, context, token, proof, keySize, lifetime } = response;
  const { conversation, namespace } = words;
  const bare = conversation.version === "2005/02" || operation === "cancel";
  const declared = { "xmlns:wst": namespace };
  const written = write(
    "wst:RequestSecurityTokenResponse",
    { ...(bare && declared), ...(context !== undefined && { Context: context }) },
    ...(token === undefined
      ? ["<wst:RequestedTokenCancelled></wst:RequestedTokenCancelled>"]
      : writeToken(words, token)),
    ...(proof === undefined ? [] : writeProof(words, proof)),
    ...(lifetime === undefined ? [] : [writeLifetime(lifetime)]),
    ...(keySize === undefined ? [] : [write("wst:KeySize", {}, String(keySize))]),
  );
  return bare ? written : write("wst:RequestSecurityTokenResponseCollection", declared, written);
}

function writeToken({ conversation }: ContextWords, token: NonNullable<ContextResponse["token"]>): readonly string[] {
  const { xml, id, valueType } = issueSecurityContextToken({ ...token, words: conversation });
  return [
    write("wst:TokenType", {}, conversation.contextTokenType),
    write("wst:RequestedSecurityToken", {}, xml),
    write("wst:RequestedAttachedReference", {}, writeDirectReference(id, valueType)),
    write("wst:RequestedUnattachedReference", {}, writeContextReference({ ...token, words: conversation })),
  ];
}

function writeProof(words: ContextWords, proof: ContextProof): readonly string[] {
  if (proof.kind === "key") return [write("wst:RequestedProofToken", {}, writeBinarySecret(words, "key", proof.key))];
  return [
    write("wst:RequestedProofToken", {}, write("wst:ComputedKey", {}, words.pSha1)),
    write("wst:Entropy", {}, writeBinarySecret(words, "nonce", proof.entropy)),
  ];
}

/**
 * Reads the answer to a request about a context. Structure only: who sent it, and whether it fits, is for the caller.
 * @throws ERR_SERVICE_RESPONSE_INVALID for anything else
 */
export function parseContextResponse(
  document: XmlDocument,
  element: number,
  words: ContextWords,
  operation: ContextOperation,
): ContextResponse {
  try {
    return parseResponse(document, only(document, element, words), words, operation);
  } catch (error) {
    if (!isCountersignError(error) || (error.family !== "trust" && error.family !== "wss")) throw error;
    const { reason, place, rule } = error.detail;
    refuse("ERR_SERVICE_RESPONSE_INVALID", reason, { place, rule, cause: error });
  }
}

function only(document: XmlDocument, element: number, { names }: ContextWords): number {
  if (element !== -1 && document.name(element) === names.RequestSecurityTokenResponse) return element;
  const isCollection = element !== -1 && document.name(element) === names.RequestSecurityTokenResponseCollection;
  const first = isCollection ? document.firstChild(element) : -1;
  const isOne = first !== -1 && document.nextSibling(first) === -1;
  if (isOne && document.name(first) === names.RequestSecurityTokenResponse) return first;
  return refuseResponse(document, Math.max(element, 0), "the answer must hold one RequestSecurityTokenResponse");
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parseResponse(
  document: XmlDocument,
  element: number,
  words: ContextWords,
  operation: ContextOperation,
): ContextResponse {
  const { names } = words;
  const found: Partial<Mutable<ContextResponse>> = {};
  const context = document.attribute(element, attributes.context);
  if (context !== undefined) found.context = context;
  let entropy: Uint8Array | undefined;
  let computed = false;
  const seen = new Set<number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    if (seen.has(name)) refuseResponse(document, child, `${document.qualifiedName(child)} stands twice`);
    seen.add(name);
    if (name === names.RequestedSecurityToken) found.token = parseToken(document, child, words);
    else if (name === names.Lifetime) found.lifetime = parseLifetime(document, child);
    else if (name === names.KeySize) found.keySize = Number(shortText(document, child, "9.2"));
    else if (name === names.Entropy) entropy = parseBinarySecret(document, child, words, "nonce");
    else if (name === names.RequestedProofToken) {
      computed = isComputed(document, child, words);
      if (!computed) found.proof = { kind: "key", key: parseBinarySecret(document, child, words, "key") };
    }
  }
  if (computed) {
    if (entropy === undefined) refuseResponse(document, element, "the service's share of the key is missing");
    found.proof = { kind: "computed", entropy };
  }
  if (operation === "cancel" ? !seen.has(names.RequestedTokenCancelled) : found.token === undefined) {
    refuseResponse(document, element, `the answer does not ${operation} the context`);
  }
  return { ...found, operation };
}

function parseToken(document: XmlDocument, element: number, { conversation }: ContextWords): ContextName {
  const child = document.firstChild(element);
  if (child === -1 || document.nextSibling(child) !== -1) refuseResponse(document, element, "one token is expected");
  const token = parseSecurityContextToken(document, child);
  if (token.words !== conversation) refuseResponse(document, child, "the token is of another version");
  return token;
}

function isComputed(document: XmlDocument, element: number, { names, pSha1 }: ContextWords): boolean {
  const child = document.firstChild(element);
  if (child === -1 || document.name(child) !== names.ComputedKey) return false;
  if (shortText(document, child, "9.3") === pSha1) return true;
  return refuseResponse(document, child, "the key is computed in another way than P_SHA1");
}

function refuseResponse(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_SERVICE_RESPONSE_INVALID", reason, {
    place: () => document.place(element),
    rule: "WS-SecureConversation 1.4, 3 to 6",
  });
}
