import { type Derivation, deriveKey, type KeyObject, secretKey } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { ContextName, ContextSource, EstablishedContext } from "../tokens/context/index.js";
import type { XmlDocument } from "../xml/index.js";
import type { NamedKey } from "./symmetric-key.js";

/** Where contexts are found. */
interface ContextSources {
  readonly document: XmlDocument;
  /** Undefined where the route takes no contexts. */
  readonly contexts?: ContextSource | undefined;
  readonly now: number;
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
 * Finds the context and makes the key.
 * @throws ERR_CONTEXT_INVALID where it is unknown, was cancelled or has expired; ERR_WSS_UNSUPPORTED_TOKEN where the route
 * takes no contexts; ERR_UNAVAILABLE where the store cannot tell
 */
export async function contextKey(
  { name, derivation, element }: Extract<NamedKey, { kind: "context" }>,
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
