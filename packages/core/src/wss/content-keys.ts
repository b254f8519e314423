import { type Derivation, pSha1 } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { dsNames, type EncryptedDataSyntax, wsseNames } from "../xmlsec/index.js";
import { type ContextKey, contextKey } from "./context-key.js";
import type { MessageKey, MessageKeys } from "./message-keys.js";
import { type ReadHeader, tokenById } from "./read-header.js";
import { type NamedKey, namedKeyOf, requireNoDerivation } from "./symmetric-key.js";

/** A key that opens cipher text: that of an EncryptedKey or of a security context, or one derived from either. */
export type ContentKey = MessageKey | DerivedContentKey | ContextContentKey;

/** The EncryptedKey that a content key comes from; undefined where it comes from a context. */
export const sourceOf = (key: ContentKey): MessageKey | undefined =>
  key instanceof ContextContentKey ? undefined : key instanceof DerivedContentKey ? key.source : key;

/** The context that a content key comes from, once it was found. */
export const contextFor = (key: ContentKey): ContextKey | undefined =>
  key instanceof ContextContentKey ? key.found : undefined;

/** Where contexts are looked up, and the time. */
export type ContextLookup = Pick<Parameters<typeof contextKey>[1], "contexts" | "now">;

/** The keys that the EncryptedData of one message refer to. */
export class ContentKeys {
  readonly #state: ReadHeader;
  readonly #keys: MessageKeys;
  readonly #derived: DerivedContentKey[] = [];
  /** By `keyNameOf`. */
  readonly #contexts = new Map<string, ContextContentKey>();

  constructor(state: ReadHeader, keys: MessageKeys) {
    this.#state = state;
    this.#keys = keys;
  }

  /**
   * The key that an EncryptedData refers to: an EncryptedKey of our header, by its Id or EncryptedKeySHA1, a security context,
   * or a DerivedKeyToken of one of them; undefined where it refers to none at all.
   * @throws ERR_WSS_INVALID_SECURITY where it refers to something else
   */
  referred({ element, keyInfo }: EncryptedDataSyntax): ContentKey | undefined {
    if (keyInfo === undefined || keyInfo.encryptedKeys.length > 0) return undefined;
    const { envelope, header } = this.#state;
    const { document } = envelope;
    const { tokenReference } = keyInfo;
    const elementById = (id: string) => tokenById(this.#state, id);
    const sources = { document, header: header.element, elementById, keys: this.#keys };
    const named = tokenReference && namedKeyOf(tokenReference, sources);
    if (named?.kind === "context") return this.#contextKey(named);
    if (named?.kind === "encrypted-key") {
      return named.derivation === undefined ? named.source : this.#derive(named.source, named.derivation);
    }
    requireNoDerivation(tokenReference, sources);
    refuse(
      "ERR_WSS_INVALID_SECURITY",
      "the message holds an EncryptedData that refers to no EncryptedKey of this header",
      {
        place: () => document.place(element),
        rule: "BSP R5629",
        remedy: "Name each EncryptedData once, in the ReferenceList of the EncryptedKey that opens it.",
      },
    );
  }

  /** Whether an EncryptedData that no list names may be meant for us: it is all of a part, or names no key, or one by a reference. */
  mayBeOurs(element: number): boolean {
    const { envelope } = this.#state;
    const { document } = envelope;
    const parent = document.parent(element);
    if (parent === envelope.body || document.parent(parent) === envelope.header) return true;
    const keyInfo = document.child(element, dsNames.keyInfo);
    return keyInfo === -1 || document.child(keyInfo, wsseNames.securityTokenReference) !== -1;
  }

  /**
   * Looks up the contexts that were referred to.
   * @throws as {@link contextKey}
   */
  async findContexts(from: ContextLookup): Promise<void> {
    const { document } = this.#state.envelope;
    for (const key of this.#contexts.values()) key.found = await contextKey(key.named, { ...from, document });
  }

  /** One context at most: only its owner's signature lets the message in, and each would be one question to the store. */
  #contextKey(named: NamedContext): ContextContentKey {
    const name = keyNameOf(named);
    const known = this.#contexts.get(name);
    if (known !== undefined) return known;
    const [first = named] = [...this.#contexts.values()].map((key) => key.named);
    if (first.name.identifier !== named.name.identifier || first.name.instance !== named.name.instance) {
      refuse("ERR_WSS_INVALID_SECURITY", "the message holds cipher text under keys of two contexts", {
        place: () => this.#state.envelope.document.place(named.element),
        rule: "WS-SecureConversation 1.4, 7",
        remedy: "Encrypt under the context that signs.",
      });
    }
    const key = new ContextContentKey(named);
    this.#contexts.set(name, key);
    return key;
  }

  #derive(source: MessageKey, derivation: Derivation): DerivedContentKey {
    const known = this.#derived.find((one) => one.source === source && isSame(one.derivation, derivation));
    if (known !== undefined) return known;
    const made = new DerivedContentKey(source, derivation);
    this.#derived.push(made);
    return made;
  }
}

const isSame = (one: Derivation, other: Derivation): boolean =>
  one.offset === other.offset && one.length === other.length && Buffer.compare(one.seed, other.seed) === 0;

/** A key derived from that of an EncryptedKey. */
export class DerivedContentKey {
  readonly source: MessageKey;
  readonly derivation: Derivation;
  #secret: Uint8Array | undefined;

  constructor(source: MessageKey, derivation: Derivation) {
    this.source = source;
    this.derivation = derivation;
  }

  /** Its length is that of the derivation; where the cipher takes another, nothing is opened. */
  use(): void {
    this.source.use();
  }

  get secret(): Uint8Array {
    const { seed, offset, length } = this.derivation;
    this.#secret ??= pSha1(this.source.secret, seed, length, offset);
    return this.#secret;
  }
}

type NamedContext = Extract<NamedKey, { kind: "context" }>;

/** A key of a security context, or one derived from it. */
export class ContextContentKey {
  readonly named: NamedContext;
  /** Once the context was found. */
  found: ContextKey | undefined;

  constructor(named: NamedContext) {
    this.named = named;
  }

  /** Its length is what the context or the derivation makes it; where the cipher takes another, nothing is opened. */
  use(): void {}

  get secret(): Uint8Array {
    return this.found?.key.export() ?? refuse("ERR_INTERNAL", "a context was not looked up");
  }
}

/** What a key of a context is recognised by within one message. */
function keyNameOf({ name: { identifier, instance }, derivation }: NamedContext): string {
  const { seed, offset, length } = derivation ?? { seed: "" };
  return JSON.stringify([identifier, instance, Buffer.from(seed).toString("hex"), offset, length]);
}
