import { deriveKey, encodeBase64, type KeyObject, randomId, randomOctets } from "../../crypto/index.js";
import { element, escapeText } from "../../xml/index.js";
import { wsseNamespace, wsuNamespace } from "../../xmlsec/index.js";
import { seedOf } from "./derivation.js";
import { type ConversationWords, defaultLabel } from "./names.js";
import type { ContextName } from "./parse.js";

/** An outbound token: its XML, canonical by construction, its id, and the ValueType that references to it name. */
export interface IssuedContextToken {
  readonly xml: string;
  readonly id: string;
  readonly valueType: string;
}

/** Writes a wsc:SecurityContextToken (WS-SecureConversation 1.4 section 2). */
export function issueSecurityContextToken(
  { words, identifier, instance }: ContextName,
  id: string = randomId("sct-"),
): IssuedContextToken {
  const xml = element(
    "wsc:SecurityContextToken",
    { "xmlns:wsc": words.namespace, "xmlns:wsu": wsuNamespace, "wsu:Id": id },
    element("wsc:Identifier", {}, escapeText(identifier)),
    ...(instance === "" ? [] : [element("wsc:Instance", {}, escapeText(instance))]),
  );
  return { xml, id, valueType: words.contextTokenType };
}

/** Writes a reference to a context whose token is not in the message: by its Identifier and Instance. */
export function writeContextReference({ words, identifier, instance }: ContextName): string {
  return element(
    "wsse:SecurityTokenReference",
    { "xmlns:wsse": wsseNamespace },
    element("wsse:Reference", {
      ...(instance === "" ? {} : { "xmlns:wsc": words.namespace }),
      URI: identifier,
      ValueType: words.contextTokenType,
      ...(instance === "" ? {} : { "wsc:Instance": instance }),
    }),
  );
}

/** A derived key that was made for one message, and the token that tells the receiver how. */
export interface IssuedDerivedKey extends IssuedContextToken {
  readonly key: KeyObject;
}

/** How a key for one message is derived. */
export interface DerivedKeyWishes {
  /** The context's secret. */
  readonly secret: Uint8Array;
  /** A wsse:SecurityTokenReference to the context. */
  readonly reference: string;
  /** Default: that of the standard, which is then not written. */
  readonly label?: string | undefined;
  /** Octets of the key. Default 32. */
  readonly length?: number | undefined;
}

/** Derives a key by a fresh nonce, and writes its wsc:DerivedKeyToken (WS-SecureConversation 1.4 section 7.1). */
export function issueDerivedKey(words: ConversationWords, wishes: DerivedKeyWishes): IssuedDerivedKey {
  const { secret, reference, label, length = 32 } = wishes;
  const nonce = randomOctets(16);
  const id = randomId("dk-");
  const xml = element(
    "wsc:DerivedKeyToken",
    { "xmlns:wsc": words.namespace, "xmlns:wsu": wsuNamespace, Algorithm: words.pSha1, "wsu:Id": id },
    reference,
    element("wsc:Offset", {}, "0"),
    element("wsc:Length", {}, String(length)),
    ...(label === undefined ? [] : [element("wsc:Label", {}, escapeText(label))]),
    element("wsc:Nonce", {}, encodeBase64(nonce)),
  );
  const key = deriveKey(secret, { seed: seedOf(label ?? defaultLabel, nonce), offset: 0, length });
  return { xml, id, valueType: words.derivedKeyTokenType, key };
}
