import { type ConversationWords, conversation13, conversation2005 } from "../tokens/context/index.js";
import { trustNames, wstNamespace } from "./vocabulary.js";

/** WS-Trust of February 2005: http://schemas.xmlsoap.org/ws/2005/02/trust */
export const wst2005Namespace = "http://schemas.xmlsoap.org/ws/2005/02/trust";

/** What may be asked about a security context (WS-SecureConversation 1.4 sections 3 to 6). */
export type ContextOperation = "issue" | "amend" | "renew" | "cancel";

/** The words of WS-Trust that go with one version of WS-SecureConversation. */
export interface ContextWords {
  readonly namespace: string;
  readonly conversation: ConversationWords;
  readonly names: ReturnType<typeof trustNames>;
  /** URIs of wst:RequestType. */
  readonly requestTypes: Readonly<Record<ContextOperation, string>>;
  /** URI of wst:KeyType. */
  readonly symmetricKey: string;
  /** URI of the algorithm that makes a key of both entropies (WS-Trust 1.4 section 9.3). */
  readonly pSha1: string;
  /** Types of wst:BinarySecret. */
  readonly secretTypes: { readonly nonce: string; readonly key: string };
}

const words = (namespace: string, conversation: ConversationWords): ContextWords =>
  Object.freeze({
    namespace,
    conversation,
    names: trustNames(namespace),
    requestTypes: Object.freeze({
      issue: `${namespace}/Issue`,
      amend: `${namespace}/Amend`,
      renew: `${namespace}/Renew`,
      cancel: `${namespace}/Cancel`,
    }),
    symmetricKey: `${namespace}/SymmetricKey`,
    pSha1: `${namespace}/CK/PSHA1`,
    secretTypes: Object.freeze({ nonce: `${namespace}/Nonce`, key: `${namespace}/SymmetricKey` }),
  });

/** WS-Trust 1.3 and 1.4 with WS-SecureConversation 1.3 and 1.4. */
export const contextWords13: ContextWords = words(wstNamespace, conversation13);
/** Both of February 2005. */
export const contextWords2005: ContextWords = words(wst2005Namespace, conversation2005);

/** What an action asks for, in which version, and the action of its answer. */
export interface ContextAction {
  readonly words: ContextWords;
  readonly operation: ContextOperation;
  readonly answer: string;
}

const verbs: Readonly<Record<ContextOperation, string>> = {
  issue: "",
  amend: "/Amend",
  renew: "/Renew",
  cancel: "/Cancel",
};

/** The action of a request (WS-SecureConversation 1.4 sections 3 to 6). */
export const contextAction = ({ namespace }: ContextWords, operation: ContextOperation): string =>
  `${namespace}/RST/SCT${verbs[operation]}`;

const actions: ReadonlyMap<string, ContextAction> = new Map(
  [contextWords13, contextWords2005].flatMap((version) =>
    (Object.keys(verbs) as ContextOperation[]).flatMap((operation): [string, ContextAction][] => {
      const request = contextAction(version, operation);
      // Some peers write a hyphen before the verb; the answer keeps to what was asked with.
      return [request, request.replace(/SCT\//, "SCT-")].map((uri) => [
        uri,
        { words: version, operation, answer: uri.replace("/RST/", "/RSTR/") },
      ]);
    }),
  ),
);

/** What an action asks of a context; undefined for every other action. */
export const contextActionOf = (uri: string): ContextAction | undefined => actions.get(uri);
