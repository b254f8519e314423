import { type Derivation, deriveKey, type KeyObject, secretKey } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import {
  type ContextName,
  type ContextSource,
  contextName,
  contextTokenWords,
  conversationVersions,
  derivedKeyWords,
  type EstablishedContext,
  impliedDerivation,
  parseDerivedKeyToken,
  parseSecurityContextToken,
} from "../tokens/context/index.js";
import type { XmlDocument } from "../xml/index.js";
import { IdIndex, type TokenReferenceSyntax } from "../xmlsec/index.js";

/** What a reference to a context is resolved by. */
export interface ContextSources {
  readonly document: XmlDocument;
  /** Element of an id that stands in the Security header; -1 where there is none. */
  readonly elementById: (id: string) => number;
  /** Undefined where the route takes no contexts. */
  readonly contexts?: ContextSource | undefined;
  readonly now: number;
}

/** The context that a reference names, and how the key is derived from its own; undefined: the key is the context's own. */
export interface NamedContext {
  readonly name: ContextName;
  readonly derivation: Derivation | undefined;
  /** The reference's element, for refusals. */
  readonly element: number;
}

/** A key of an established context. */
export interface ContextKey {
  readonly kind: "context";
  readonly key: KeyObject;
  /** The context as the message names it. */
  readonly name: ContextName;
  readonly context: EstablishedContext;
  readonly derivation: Derivation | undefined;
}

/**
 * The label of keys that sign replies. Requests are not accepted under keys of this label: with one secret on both sides
 * a reply could otherwise be sent back as a request.
 */
export const replyLabel = "Countersign-ReplyWS-SecureConversation";

/**
 * Whether a key was derived for replies. It is told by the seed: label and nonce are one text to the derivation, and where
 * a message says that the one ends and the other begins makes no difference to the key.
 */
export const isReplyKey = (derivation: Derivation | undefined): boolean =>
  derivation !== undefined && Buffer.from(derivation.seed).indexOf(replyLabel) === 0;

/**
 * The context that a wsse:SecurityTokenReference leads to: directly, by its Identifier, through one DerivedKeyToken, or
 * with a key that the reference implies (WS-SecureConversation 1.4 sections 7 and 8); undefined where it leads to
 * something else. Nothing is looked up or derived here.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure, for a key derived twice, and for what is beyond the limits;
 * ERR_WSS_UNSUPPORTED_TOKEN for a key derived from another token
 */
export function contextOf(
  reference: TokenReferenceSyntax | undefined,
  sources: ContextSources,
): NamedContext | undefined {
  if (reference === undefined) return undefined;
  const { document } = sources;
  const token = tokenOf(reference, sources);
  if (token === -1 || derivedKeyWords(document.name(token)) === undefined) {
    const name = nameOf(reference, token, sources);
    return name && { name, derivation: impliedDerivation(document, reference.element), element: reference.element };
  }
  requireNoDerivation(reference, sources);
  const { reference: source, derivation } = parseDerivedKeyToken(document, token);
  requireNoDerivation(source, sources);
  const name = nameOf(source, tokenOf(source, sources), sources);
  if (name !== undefined) return { name, derivation, element: reference.element };
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", "a key is derived from a token that is no security context", {
    place: () => document.place(source.element),
    rule: "WS-SecureConversation 1.4, 7",
    remedy: "Derive from the SecurityContextToken.",
  });
}

/**
 * Finds the context and makes the key.
 * @throws ERR_CONTEXT_INVALID where it is unknown, was cancelled or has expired; ERR_WSS_UNSUPPORTED_TOKEN where the route
 * takes no contexts; ERR_UNAVAILABLE where the store cannot tell
 */
export async function contextKey(
  { name, derivation, element }: NamedContext,
  { document, contexts, now }: ContextSources,
): Promise<ContextKey> {
  if (contexts === undefined) {
    refuse("ERR_WSS_UNSUPPORTED_TOKEN", "a key of a security context is named, and this route takes none", {
      place: () => document.place(element),
      rule: "accept",
      remedy: "Add a securityContext alternative, or sign with another key.",
    });
  }
  const context = await contexts.find(name, now);
  const key = derivation === undefined ? secretKey(context.secret) : deriveKey(context.secret, derivation);
  return { kind: "context", key, name, context, derivation };
}

/**
 * Refuses a reference that implies a derived key where none is derived: its sender means another key than that of the token.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN
 */
export function requireNoDerivation(
  reference: TokenReferenceSyntax | undefined,
  { document }: Pick<ContextSources, "document">,
): void {
  if (reference === undefined || impliedDerivation(document, reference.element) === undefined) return;
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", "a key is to be derived from a token that is no security context", {
    place: () => document.place(reference.element),
    rule: "WS-SecureConversation 1.4, 7.3",
    remedy: "Leave wsc:Nonce and wsc:Length out of the reference.",
  });
}

/** The element that a reference leads to in this message; -1 where it leads elsewhere. */
function tokenOf({ target, element }: TokenReferenceSyntax, { document, elementById }: ContextSources): number {
  if (target.kind === "embedded") return target.token;
  if (target.kind !== "direct") return -1;
  const id = IdIndex.fragment(document, element, target.uri);
  return id === undefined ? -1 : elementById(id);
}

/** The context that a token names, or a reference by Identifier alone. */
function nameOf(
  { target, element }: TokenReferenceSyntax,
  token: number,
  { document }: ContextSources,
): ContextName | undefined {
  if (token !== -1) {
    const isContext = contextTokenWords(document.name(token)) !== undefined;
    return isContext ? parseSecurityContextToken(document, token) : undefined;
  }
  if (target.kind !== "direct" || target.uri.startsWith("#")) return undefined;
  const words = conversationVersions.find(({ contextTokenType }) => contextTokenType === target.valueType);
  if (words === undefined) return undefined;
  const instance = document.attribute(document.firstChild(element), words.names.Instance);
  return contextName(document, element, words, target.uri, instance);
}
