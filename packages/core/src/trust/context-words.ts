import { type ConversationWords, conversation13, conversation2005 } from "../tokens/context/index.js";
import { type TrustVocabulary, trust13, trust2005 } from "./vocabulary.js";

/** What may be asked about a security context (WS-SecureConversation 1.4 sections 3 to 6). */
export type ContextOperation = "issue" | "amend" | "renew" | "cancel";

/** The words of WS-Trust that go with one version of WS-SecureConversation. */
export interface ContextWords extends Pick<TrustVocabulary, "namespace" | "names" | "pSha1" | "secretTypes"> {
  readonly conversation: ConversationWords;
  /** URIs of wst:RequestType. */
  readonly requestTypes: Readonly<Record<ContextOperation, string>>;
  /** URI of wst:KeyType. */
  readonly symmetricKey: string;
}

const words = (trust: TrustVocabulary, conversation: ConversationWords): ContextWords => {
  const { namespace, names, requestTypes, keyTypes, pSha1, secretTypes } = trust;
  const { issue, renew, cancel } = requestTypes;
  return Object.freeze({
    namespace,
    conversation,
    names,
    requestTypes: Object.freeze({ issue, amend: `${namespace}/Amend`, renew, cancel }),
    symmetricKey: keyTypes["symmetric-key"],
    pSha1,
    secretTypes,
  });
};

/** WS-Trust 1.3 and 1.4 with WS-SecureConversation 1.3 and 1.4. */
export const contextWords13: ContextWords = words(trust13, conversation13);
/** Both of February 2005. */
export const contextWords2005: ContextWords = words(trust2005, conversation2005);

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
