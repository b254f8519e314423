import { type Derivation, deriveKey, type KeyObject } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import {
  type ContextName,
  contextName,
  contextTokenWords,
  conversationVersions,
  derivedKeyWords,
  impliedDerivation,
  parseDerivedKeyToken,
  parseSecurityContextToken,
} from "../tokens/context/index.js";
import type { VerifiedAssertion } from "../tokens/saml/index.js";
import type { XmlDocument } from "../xml/index.js";
import { type EncryptedKeySyntax, IdIndex, type TokenReferenceSyntax } from "../xmlsec/index.js";
import type { MessageKey, MessageKeys } from "./message-keys.js";
import type { ReadHeader } from "./read-header.js";

/** What a reference to a symmetric key is resolved by. */
export interface SymmetricSources {
  readonly document: XmlDocument;
  /** The Security header. */
  readonly header: number;
  /** Element of an id that stands in the Security header; -1 where there is none. */
  readonly elementById: (id: string) => number;
  /** Undefined where nothing can be encrypted for us. */
  readonly keys?: MessageKeys | undefined;
  /** Assertions whose keys count. Default: none. */
  readonly assertions?: readonly VerifiedAssertion[] | undefined;
}

/** A token that holds a symmetric key. */
type SymmetricToken =
  | { readonly kind: "context"; readonly name: ContextName }
  | { readonly kind: "encrypted-key"; readonly source: MessageKey }
  | {
      readonly kind: "assertion";
      readonly assertion: VerifiedAssertion;
      readonly secret: EncryptedKeySyntax;
    };

/** The token that a reference names, and how the key is derived from its own; undefined: the key is the token's own. */
export type NamedKey = SymmetricToken & {
  readonly derivation: Derivation | undefined;
  /** The reference's element, for refusals. */
  readonly element: number;
};

/** A key that came in an EncryptedKey, or was derived from one. It identifies nobody. */
export interface EncryptedKeySigner {
  readonly kind: "encrypted-key";
  readonly key: KeyObject;
  readonly source: MessageKey;
  readonly derivation: Derivation | undefined;
}

/**
 * The symmetric key that a wsse:SecurityTokenReference leads to: of a context by its token or Identifier, of an EncryptedKey
 * by its Id or EncryptedKeySHA1 (WS-Security 1.1 section 7.7); their own, or derived through one DerivedKeyToken or by what the
 * reference implies (WS-SecureConversation 1.4 sections 7 and 8). Undefined where it leads to something else. Nothing is
 * looked up, opened or derived here.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure, for a key derived twice, and for what is beyond the limits;
 * ERR_WSS_UNSUPPORTED_TOKEN for a key derived from another token
 */
export function namedKeyOf(reference: TokenReferenceSyntax, sources: SymmetricSources): NamedKey | undefined {
  const { document } = sources;
  const { element } = reference;
  const token = tokenOf(reference, sources);
  if (token === -1 || derivedKeyWords(document.name(token)) === undefined) {
    const found = symmetricToken(reference, token, sources);
    return found && { ...found, derivation: impliedDerivation(document, element), element };
  }
  requireNoDerivation(reference, sources);
  const { reference: source, derivation } = parseDerivedKeyToken(document, token);
  requireNoDerivation(source, sources);
  const found = symmetricToken(source, tokenOf(source, sources), sources);
  if (found !== undefined) return { ...found, derivation, element };
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", "a key is derived from a token that holds no symmetric key", {
    place: () => document.place(source.element),
    rule: "WS-SecureConversation 1.4, 7",
    remedy:
      "Derive from the SecurityContextToken, from an EncryptedKey of this header, or from an assertion's symmetric key.",
  });
}

/** A key that a verified assertion confirms its subject by, or that was derived from one. */
export interface AssertionSigner {
  readonly kind: "assertion";
  readonly key: KeyObject;
  readonly assertion: VerifiedAssertion;
  /** Set for a symmetric key: the EncryptedKey that it came in, opened. */
  readonly secret?: { readonly cipherValue: Uint8Array; readonly octets: Uint8Array } | undefined;
}

/** Makes the symmetric key of an assertion, for a signature. */
export function assertionSigner(
  { assertion, secret, derivation }: Extract<NamedKey, { kind: "assertion" }>,
  keys: MessageKeys,
  state: ReadHeader,
): AssertionSigner {
  const opened = keys.inAssertion(state, secret);
  const key = derivation === undefined ? opened.key : deriveKey(opened.secret, derivation);
  return { kind: "assertion", key, assertion, secret: { cipherValue: secret.cipherValue, octets: opened.secret } };
}

/** Makes the key of an EncryptedKey, for a signature. */
export function encryptedKeySigner(source: MessageKey, derivation: Derivation | undefined): EncryptedKeySigner {
  source.use();
  const key = derivation === undefined ? source.key : deriveKey(source.secret, derivation);
  return { kind: "encrypted-key", key, source, derivation };
}

/**
 * Refuses a reference that implies a derived key where none is derived: its sender means another key than that of the token.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN
 */
export function requireNoDerivation(
  reference: TokenReferenceSyntax | undefined,
  { document }: Pick<SymmetricSources, "document">,
): void {
  if (reference === undefined || impliedDerivation(document, reference.element) === undefined) return;
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", "a key is to be derived from a token that holds no symmetric key", {
    place: () => document.place(reference.element),
    rule: "WS-SecureConversation 1.4, 7.3",
    remedy: "Leave wsc:Nonce and wsc:Length out of the reference.",
  });
}

/** The element that a reference leads to in this message; -1 where it leads elsewhere. */
function tokenOf({ target, element }: TokenReferenceSyntax, { document, elementById }: SymmetricSources): number {
  if (target.kind === "embedded") return target.token;
  if (target.kind !== "direct") return -1;
  const id = IdIndex.fragment(document, element, target.uri);
  return id === undefined ? -1 : elementById(id);
}

/** The token that a reference names, where that holds a symmetric key. */
function symmetricToken(
  { target, element }: TokenReferenceSyntax,
  token: number,
  { document, header, keys, assertions = [] }: SymmetricSources,
): SymmetricToken | undefined {
  if (token !== -1) {
    const assertion = assertions.find((one) => one.element === token);
    if (assertion !== undefined) return ofAssertion(assertion);
    if (contextTokenWords(document.name(token)) !== undefined) {
      return { kind: "context", name: parseSecurityContextToken(document, token) };
    }
    const source = keys?.inHeader(document, header, token);
    return source && { kind: "encrypted-key", source };
  }
  if (target.kind === "samlAssertionId") {
    return ofAssertion(assertions.find(({ id, version }) => id === target.id && version === target.version));
  }
  if (target.kind === "encryptedKeySha1") {
    const source = keys?.named(target.value);
    return source && { kind: "encrypted-key", source };
  }
  if (target.kind !== "direct" || target.uri.startsWith("#")) return undefined;
  const words = conversationVersions.find(({ contextTokenType }) => contextTokenType === target.valueType);
  if (words === undefined) return undefined;
  const instance = document.attribute(document.firstChild(element), words.names.Instance);
  return { kind: "context", name: contextName(document, element, words, target.uri, instance) };
}

/** The symmetric key of an assertion; undefined where it names a public key, which is looked for elsewhere. */
function ofAssertion(assertion: VerifiedAssertion | undefined): SymmetricToken | undefined {
  const secret = assertion?.holderOfKey.length === 0 ? assertion.holderOfSecret[0] : undefined;
  return assertion && secret && { kind: "assertion", assertion, secret };
}
