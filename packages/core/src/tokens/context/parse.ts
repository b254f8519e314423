import { refuse } from "../../errors/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { plainText, wsuId } from "../../xmlsec/index.js";
import { type ConversationWords, contextTokenWords } from "./names.js";

/** Characters of an identifier and of an instance. */
const maxName = 512;

/** Which context, and which of its keys, a message names. */
export interface ContextName {
  readonly words: ConversationWords;
  /** An absolute URI. */
  readonly identifier: string;
  /** Empty for the key that the context was issued with. */
  readonly instance: string;
}

/** A wsc:SecurityContextToken as read. It names a context and proves nothing. */
export interface SecurityContextTokenSyntax extends ContextName {
  readonly element: number;
  readonly id: string | undefined;
}

/**
 * Reads a wsc:SecurityContextToken: an Identifier and at most one Instance (WS-SecureConversation 1.4 section 2). What
 * else its issuer put into it is for the issuer; this one puts nothing.
 * @throws ERR_WSS_INVALID_SECURITY for another structure
 */
export function parseSecurityContextToken(document: XmlDocument, element: number): SecurityContextTokenSyntax {
  const words = contextTokenWords(document.name(element));
  if (words === undefined) refuseContext(document, element, "this is no SecurityContextToken");
  const { names } = words;
  let identifier: string | undefined;
  let instance: string | undefined;
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    if (name === names.Identifier && identifier === undefined) identifier = plainText(document, child).trim();
    else if (name === names.Instance && instance === undefined) instance = plainText(document, child).trim();
    else refuseContext(document, child, `${document.qualifiedName(child)} stands twice, or has no meaning here`);
  }
  if (identifier === undefined) refuseContext(document, element, "the SecurityContextToken has no Identifier");
  if (instance === "") refuseContext(document, element, "the Instance is empty");
  return {
    ...contextName(document, element, words, identifier, instance),
    element,
    id: document.attribute(element, wsuId),
  };
}

/**
 * The name of a context as a token or a reference gives it.
 * @throws ERR_WSS_INVALID_SECURITY for an identifier that is no absolute URI, and for a name that is too long
 */
export function contextName(
  document: XmlDocument,
  element: number,
  words: ConversationWords,
  identifier: string,
  instance = "",
): ContextName {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(identifier) || identifier.length > maxName || instance.length > maxName) {
    refuseContext(document, element, `a context is named by an absolute URI of at most ${maxName} characters`);
  }
  return { words, identifier, instance };
}

function refuseContext(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", reason, {
    place: () => document.place(element),
    rule: "WS-SecureConversation 1.4, 2",
    remedy: "Send the SecurityContextToken as it was issued.",
  });
}
