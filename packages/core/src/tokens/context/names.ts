import { registerName } from "../../xml/index.js";

/** WS-SecureConversation 1.3 and 1.4: https://docs.oasis-open.org/ws-sx/ws-secureconversation/v1.4/ws-secureconversation.html section 1.2 */
export const wscNamespace = "http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512";
/** WS-SecureConversation of February 2005: http://schemas.xmlsoap.org/ws/2005/02/sc */
export const wsc2005Namespace = "http://schemas.xmlsoap.org/ws/2005/02/sc";

/** A version of WS-SecureConversation: 1.3 and 1.4 share one namespace; 2005/02 is what older peers speak. */
export type ConversationVersion = "1.3" | "2005/02";

/** The words of one version of WS-SecureConversation. */
export interface ConversationWords {
  readonly version: ConversationVersion;
  readonly namespace: string;
  /** wst:TokenType, and ValueType of references to a SecurityContextToken. */
  readonly contextTokenType: string;
  /** ValueType of references to a DerivedKeyToken. */
  readonly derivedKeyTokenType: string;
  /** The Algorithm of a DerivedKeyToken. */
  readonly pSha1: string;
  readonly names: ReturnType<typeof namesIn>;
}

function namesIn(namespace: string) {
  const name = (localName: string) => registerName(namespace, localName);
  return Object.freeze({
    SecurityContextToken: name("SecurityContextToken"),
    Identifier: name("Identifier"),
    /** An element of a SecurityContextToken, and an attribute of references to it. */
    Instance: name("Instance"),
    DerivedKeyToken: name("DerivedKeyToken"),
    Generation: name("Generation"),
    Offset: name("Offset"),
    /** An element of a DerivedKeyToken, and an attribute of references that derive (section 7.3). */
    Length: name("Length"),
    Label: name("Label"),
    Nonce: name("Nonce"),
  });
}

const words = (version: ConversationVersion, namespace: string): ConversationWords =>
  Object.freeze({
    version,
    namespace,
    contextTokenType: `${namespace}/sct`,
    derivedKeyTokenType: `${namespace}/dk`,
    pSha1: `${namespace}/dk/p_sha1`,
    names: namesIn(namespace),
  });

/** WS-SecureConversation 1.3 and 1.4. */
export const conversation13: ConversationWords = words("1.3", wscNamespace);
/** WS-SecureConversation of February 2005. */
export const conversation2005: ConversationWords = words("2005/02", wsc2005Namespace);

/** Every version that is read. */
export const conversationVersions: readonly ConversationWords[] = Object.freeze([conversation13, conversation2005]);

/** The version in which an element of that name is a SecurityContextToken. */
export const contextTokenWords = (name: number): ConversationWords | undefined =>
  conversationVersions.find(({ names }) => names.SecurityContextToken === name);

/** The version in which an element of that name is a DerivedKeyToken. */
export const derivedKeyWords = (name: number): ConversationWords | undefined =>
  conversationVersions.find(({ names }) => names.DerivedKeyToken === name);

/** The label of both parties where a message names none (section 7): that of the requestor, then that of the service. */
export const defaultLabel = "WS-SecureConversationWS-SecureConversation";
