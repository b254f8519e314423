import { contextTokenWords, parseSecurityContextToken } from "../tokens/context/index.js";
import { escapeText, element as write, type XmlDocument } from "../xml/index.js";
import { IdIndex, parseTokenReference, wsseNames } from "../xmlsec/index.js";
import { parseBinarySecret, writeBinarySecret } from "./binary-secret.js";
import { writeLifetime } from "./build-request.js";
import type { ContextOperation, ContextWords } from "./context-words.js";
import { booleanAttribute, parseAppliesTo, parseLifetime, refuseRequest, refuseUnread, shortText } from "./elements.js";
import type { RequestedLifetime } from "./message.js";
import { attributes, foreignNames } from "./vocabulary.js";

/** Which context a request is about: by its identifier, or by the id of its token in the same message. */
export type ContextTarget = { readonly identifier: string } | { readonly id: string };

/** A request about a security context, as read or to be written. Reading it grants nothing. */
export interface ContextRequest {
  readonly operation: ContextOperation;
  /** Chosen by the requestor, echoed by the service. */
  readonly context?: string | undefined;
  /** In bits: 128, 192, 256 or 512. */
  readonly keySize?: number | undefined;
  /** The requestor's share of the key, 16 to 64 octets. */
  readonly entropy?: Uint8Array | undefined;
  readonly lifetime?: RequestedLifetime | undefined;
  /** Renew and cancel: what to renew or cancel. */
  readonly target?: ContextTarget | undefined;
}

const keySizes: ReadonlySet<string> = new Set(["128", "192", "256", "512"]);
const maxContext = 1024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads the wst:RequestSecurityToken of a request about a context (WS-SecureConversation 1.4 sections 3 to 6).
 * @param operation What the action asks for: the message must ask for the same.
 * @throws ERR_TRUST_INVALID_REQUEST where it is malformed or asks for something else, ERR_TRUST_BAD_REQUEST where it holds
 * something that is not read
 */
export function parseContextRequest(
  document: XmlDocument,
  element: number,
  words: ContextWords,
  operation: ContextOperation,
): ContextRequest {
  const { names } = words;
  if (element === -1 || document.name(element) !== names.RequestSecurityToken) {
    refuseRequest(
      document,
      Math.max(element, 0),
      "the Body holds no RequestSecurityToken of the action's version",
      "3.1",
    );
  }
  const found: Partial<Mutable<ContextRequest>> = { ...parseAttributes(document, element) };
  const seen = new Set<number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    if (seen.has(name)) refuseRequest(document, child, `${document.qualifiedName(child)} stands twice`, "3.1");
    seen.add(name);
    Object.assign(found, parseChild(document, child, words, operation));
  }
  if (!seen.has(names.RequestType)) refuseRequest(document, element, "RequestType is missing", "3.1");
  const targeted = operation === "renew" || operation === "cancel";
  if (targeted && found.target === undefined) {
    refuseRequest(document, element, "it is not said which context is meant", operation === "renew" ? "5" : "6");
  }
  return { ...found, operation };
}

function parseAttributes(document: XmlDocument, element: number): Partial<ContextRequest> {
  const context = document.attribute(element, attributes.context);
  if (context === undefined) return {};
  if (context.length > maxContext) refuseRequest(document, element, "the Context is too long", "3.1");
  return { context };
}

function parseChild(
  document: XmlDocument,
  child: number,
  words: ContextWords,
  operation: ContextOperation,
): Partial<ContextRequest> {
  const { names } = words;
  const only = (uri: string) => {
    if (shortText(document, child, "3.1") === uri) return {};
    return refuseUnread(document, child, `Send ${uri}, or leave it out.`);
  };
  switch (document.name(child)) {
    case names.RequestType:
      if (shortText(document, child, "3.1") === words.requestTypes[operation]) return {};
      return refuseRequest(document, child, "RequestType and action ask for different things", "3.1");
    case names.TokenType:
      return only(words.conversation.contextTokenType);
    case names.KeyType:
      return only(words.symmetricKey);
    case names.ComputedKeyAlgorithm:
      return only(words.pSha1);
    case names.KeySize: {
      const text = shortText(document, child, "9.2");
      return keySizes.has(text) ? { keySize: Number(text) } : refuseUnread(document, child, "Ask for 256 bits.");
    }
    case names.Entropy:
      return { entropy: parseBinarySecret(document, child, words, "nonce") };
    case names.Lifetime:
      return { lifetime: parseLifetime(document, child) };
    case names.Renewing:
      // A context can be renewed while it lives, by its owner; what is asked for here changes nothing.
      booleanAttribute(document, child, attributes.allow, true);
      return {};
    case foreignNames.appliesTo:
    case foreignNames.appliesTo15:
      // A context serves at the service that issues it, whatever address it was asked for under.
      parseAppliesTo(document, child);
      return {};
    case operation === "renew" ? names.RenewTarget : names.CancelTarget:
      return operation === "issue" || operation === "amend"
        ? refuseUnread(document, child)
        : { target: parseTarget(document, child) };
    default:
      return refuseUnread(document, child);
  }
}

function parseTarget(document: XmlDocument, element: number): ContextTarget {
  const token = document.firstChild(element);
  if (token === -1 || document.nextSibling(token) !== -1) {
    refuseRequest(document, element, "one context can be meant, no more", "5");
  }
  if (contextTokenWords(document.name(token)) !== undefined) {
    const { identifier } = parseSecurityContextToken(document, token);
    return { identifier };
  }
  if (document.name(token) !== wsseNames.securityTokenReference) {
    refuseUnread(document, token, "Refer to the context by a wsse:SecurityTokenReference.");
  }
  const { target } = parseTokenReference(document, token);
  if (target.kind !== "direct") refuseUnread(document, token, "Refer to the context by a wsse:Reference.");
  const id = IdIndex.fragment(document, token, target.uri);
  return id === undefined ? { identifier: target.uri } : { id };
}

/** Writes a request about a context, canonical by construction. */
export function writeContextRequest(
  words: ContextWords,
  request: Omit<ContextRequest, "target"> & { readonly target?: string | undefined },
): string {
  const { operation, context, keySize, entropy, lifetime, target } = request;
  const targetName = operation === "renew" ? "wst:RenewTarget" : "wst:CancelTarget";
  return write(
    "wst:RequestSecurityToken",
    { "xmlns:wst": words.namespace, ...(context !== undefined && { Context: context }) },
    write("wst:TokenType", {}, escapeText(words.conversation.contextTokenType)),
    write("wst:RequestType", {}, words.requestTypes[operation]),
    ...(target === undefined ? [] : [write(targetName, {}, target)]),
    ...(lifetime === undefined ? [] : [writeLifetime(lifetime)]),
    ...(keySize === undefined ? [] : [write("wst:KeySize", {}, String(keySize))]),
    ...(entropy === undefined ? [] : [write("wst:Entropy", {}, writeBinarySecret(words, "nonce", entropy))]),
    ...(entropy === undefined ? [] : [write("wst:ComputedKeyAlgorithm", {}, words.pSha1)]),
  );
}
