import type { AlgorithmSuite, ContentCipher } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import {
  checkEncryptionAlgorithms,
  DecryptionBudget,
  decryptKey,
  defaultEncryptionLimits,
  type EncryptedDataSyntax,
  encryptedContentType,
  encryptedElementType,
  IdIndex,
  parseEncryptedData,
  parseEncryptedKey,
  parseReferenceList,
} from "../xmlsec/index.js";
import { type ContentKey, ContextContentKey, keyNameOf, TransportedKey } from "./content-key.js";
import {
  type ContextKey,
  type ContextSources,
  contextOf,
  type NamedContext,
  requireNoDerivation,
} from "./context-key.js";
import type { DecryptionRules } from "./decryption-keys.js";
import { dataById, type EncryptedPlace, type PlaintextType, placeOf } from "./encrypted-place.js";
import { type ReadHeader, tokenById } from "./message-state.js";
import { encryption } from "./names.js";
import { findRecipientKey } from "./recipient-key.js";

/** Cipher text that the header names, read and allowed, and what opens it. */
export interface PlannedData {
  readonly syntax: EncryptedDataSyntax;
  readonly place: EncryptedPlace;
  readonly cipher: ContentCipher;
  /** The content key; unwrapped when it is first asked for, once. */
  readonly key: () => Uint8Array;
  /** Set where that is a key of a security context. */
  readonly context: ContextKey | undefined;
}

/** What each child of the header decrypts, by the child's ordinal: only children that say something of encryption are there. */
export type DecryptionPlan = ReadonlyMap<number, readonly PlannedData[]>;

/** The children of an element, in order. */
export function childrenOf(document: XmlDocument, element: number): readonly number[] {
  const children: number[] = [];
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    children.push(child);
  }
  return children;
}

/**
 * Reads what a message says of its encryption, and checks all of it before anything is computed: every EncryptedData is named
 * once, stands where cipher text may stand, has one key that is ours or of one security context, and algorithms of the suite.
 * What is named must be there as the message came: nothing that comes out of cipher text is decrypted again. Contexts are
 * looked up in the end.
 * @param from Where contexts are found, and the time.
 * @throws ERR_WSS_INVALID_SECURITY for shape and place, ERR_WSS_UNSUPPORTED_ALGORITHM, ERR_WSS_TOKEN_UNAVAILABLE for a key
 * that is not ours; of a context as `contextOf` and `contextKey`
 */
export async function planDecryption(
  state: ReadHeader,
  suite: AlgorithmSuite,
  rules: DecryptionRules,
  from: Pick<ContextSources, "contexts" | "now">,
): Promise<DecryptionPlan> {
  return new Planning(state, suite, rules, from).plan();
}

/** What is planned before contexts are looked up. */
interface Planned extends Omit<PlannedData, "key" | "context"> {
  readonly key: ContentKey;
}

class Planning {
  readonly #state: ReadHeader;
  readonly #document: XmlDocument;
  readonly #suite: AlgorithmSuite;
  readonly #rules: DecryptionRules;
  readonly #budget: DecryptionBudget;
  /** EncryptedData by Id, wherever it stands. */
  readonly #data: ReadonlyMap<string, readonly number[]>;
  readonly #contextSources: ContextSources;
  readonly #keys = new Map<number, TransportedKey>();
  /** By `keyNameOf`. */
  readonly #contextKeys = new Map<string, ContextContentKey>();
  /** Elements that plaintext will replace. */
  readonly #replaced = new Set<number>();

  constructor(
    state: ReadHeader,
    suite: AlgorithmSuite,
    rules: DecryptionRules,
    from: Pick<ContextSources, "contexts" | "now">,
  ) {
    this.#state = state;
    this.#document = state.envelope.document;
    this.#contextSources = { ...from, document: this.#document, elementById: (id) => tokenById(state, id) };
    this.#suite = suite;
    this.#rules = rules;
    const octets = this.#document.bytes.length;
    this.#budget = new DecryptionBudget({
      ...defaultEncryptionLimits,
      maxCipherOctets: octets,
      maxDecryptedOctets: octets,
    });
    this.#data = dataById(this.#document);
  }

  async plan(): Promise<DecryptionPlan> {
    const document = this.#document;
    const plan = new Map<number, readonly Planned[]>();
    const children = [...childrenOf(document, this.#state.header.element).entries()];
    for (const [ordinal, child] of children) {
      if (document.name(child) === encryption.EncryptedKey) plan.set(ordinal, this.#fromKey(child));
      else if (document.name(child) === encryption.ReferenceList) plan.set(ordinal, this.#fromList(child));
    }
    // Behind the lists: an assertion whose cipher text one of them names is decrypted there.
    for (const [ordinal, child] of children) {
      if (document.name(child) === encryption.EncryptedAssertion) plan.set(ordinal, this.#fromAssertion(child));
    }
    this.#requireDisjoint();
    this.#requireKeysUsed();
    for (const key of this.#contextKeys.values()) await key.find(this.#contextSources);
    return new Map([...plan].map(([ordinal, data]) => [ordinal, data.map((one) => this.#completed(one))]));
  }

  #completed({ key, ...data }: Planned): PlannedData {
    return key.kind === "context"
      ? { ...data, key: () => key.octets, context: key.found }
      : { ...data, key: () => this.#octetsOf(key), context: undefined };
  }

  /** A key that opens nothing lost its list on the way: what it was made for would pass as content that is cipher text. */
  #requireKeysUsed(): void {
    for (const [element, { lengths }] of this.#keys) {
      if (lengths.size === 0) this.#refuse(element, "an EncryptedKey that opens nothing", "BSP R3215");
    }
  }

  #fromKey(element: number): readonly Planned[] {
    const key = this.#keyAt(element, "header");
    const { references } = key.syntax;
    if (references === undefined) return [];
    if (references.keys.length > 0) this.#refuse(references.element, "an EncryptedKey that encrypts keys", "BSP R3214");
    return references.data.map((id) => this.#planned(this.#dataWith(id, references.element), () => key));
  }

  #fromList(element: number): readonly Planned[] {
    const references = parseReferenceList(this.#document, element, this.#budget.limits);
    if (references.keys.length > 0) this.#refuse(element, "a list of encrypted keys", "BSP R3214");
    return references.data.map((id) =>
      this.#planned(this.#dataWith(id, element), (data) => this.#referencedKey(data) ?? this.#refuseKeyless(data)),
    );
  }

  /** SAML 2.0 core section 2.3.4: one EncryptedData, and the key in it, beside it, or in the header. */
  #fromAssertion(element: number): readonly Planned[] {
    if (this.#replaced.has(element)) return [];
    const [data, ...keys] = childrenOf(this.#document, element);
    if (
      data === undefined ||
      this.#document.name(data) !== encryption.EncryptedData ||
      keys.length > 1 ||
      keys.some((key) => this.#document.name(key) !== encryption.EncryptedKey)
    ) {
      this.#refuse(element, "an EncryptedAssertion of another shape", "SAML 2.0 core, 2.3.4");
    }
    return [
      this.#planned(data, (syntax) => {
        const [inside, another] = syntax.keyInfo?.encryptedKeys ?? [];
        const [beside] = keys;
        if (another !== undefined || (inside !== undefined && beside !== undefined)) {
          this.#refuse(element, "several keys for one assertion", "SAML 2.0 core, 2.3.4");
        }
        if (inside !== undefined) return this.#keyAt(inside.element, "assertion");
        if (beside !== undefined) return this.#keyAt(beside, "assertion");
        return this.#referencedKey(syntax) ?? this.#refuseKeyless(syntax);
      }),
    ];
  }

  #planned(element: number, keyOf: (data: EncryptedDataSyntax) => ContentKey): Planned {
    const syntax = parseEncryptedData(this.#document, element, this.#budget.limits);
    const place = placeOf(this.#state.envelope, this.#state.header.element, element, this.#typeOf(syntax));
    const key = keyOf(syntax);
    const referenced = this.#referencedKey(syntax);
    if (referenced !== undefined && referenced !== key) {
      this.#refuse(element, "an EncryptedData that refers to another key than the one that names it", "BSP R5629");
    }
    const cipher = checkEncryptionAlgorithms(this.#document, syntax, this.#suite);
    // Counted before any is decrypted; twice the same is refused here too.
    this.#budget.spendData(this.#document, element, syntax.cipherValue.length);
    this.#replaced.add(place.replaced);
    key.lengths.add(cipher.keyOctets);
    return { syntax, place, cipher, key };
  }

  #keyAt(element: number, where: "header" | "assertion"): TransportedKey {
    const known = this.#keys.get(element);
    if (known !== undefined) return known;
    const syntax = parseEncryptedKey(this.#document, element, this.#budget.limits);
    const { type, mimeType, encoding, recipient } = syntax;
    // Outside a Security header SAML lets an EncryptedKey name its recipient.
    if (type ?? mimeType ?? encoding ?? (where === "header" ? recipient : undefined)) {
      this.#refuse(
        element,
        "an EncryptedKey with Type, MimeType, Encoding or Recipient",
        "BSP R3209, R5602, R5622, R5623",
      );
    }
    checkEncryptionAlgorithms(this.#document, syntax, this.#suite);
    const key = new TransportedKey(syntax, findRecipientKey(this.#state, syntax, this.#rules));
    this.#keys.set(element, key);
    return key;
  }

  /** The EncryptedKey of our header, or the key of a context, that an EncryptedData refers to. */
  #referencedKey({ element, keyInfo }: EncryptedDataSyntax): ContentKey | undefined {
    if (keyInfo === undefined || keyInfo.encryptedKeys.length > 0) return undefined;
    const named = contextOf(keyInfo.tokenReference, this.#contextSources);
    if (named !== undefined) return this.#contextKey(named);
    requireNoDerivation(keyInfo.tokenReference, this.#contextSources);
    const target = keyInfo.tokenReference?.target;
    const id = target?.kind === "direct" ? IdIndex.fragment(this.#document, keyInfo.element, target.uri) : undefined;
    const found = id === undefined ? -1 : this.#state.index.find(id);
    if (
      found === -1 ||
      this.#document.name(found) !== encryption.EncryptedKey ||
      this.#document.parent(found) !== this.#state.header.element
    ) {
      this.#refuse(element, "an EncryptedData that refers to no EncryptedKey of this header", "BSP R5629");
    }
    return this.#keyAt(found, "header");
  }

  /** One context at most: only its owner's signature lets the message in, and each would be one question to the store. */
  #contextKey(named: NamedContext): ContextContentKey {
    const name = keyNameOf(named);
    const known = this.#contextKeys.get(name);
    if (known !== undefined) return known;
    const [first = named] = [...this.#contextKeys.values()].map((key) => key.named);
    if (first.name.identifier !== named.name.identifier || first.name.instance !== named.name.instance) {
      this.#refuse(named.element, "cipher text under keys of two contexts", "WS-SecureConversation 1.4, 7");
    }
    const key = new ContextContentKey(named);
    this.#contextKeys.set(name, key);
    return key;
  }

  #dataWith(id: string, list: number): number {
    const [found, another] = this.#data.get(id) ?? [];
    const elsewhere = this.#state.index.find(id);
    if (found === undefined || another !== undefined || (elsewhere !== -1 && elsewhere !== found)) {
      this.#refuse(list, "a DataReference that does not name exactly one EncryptedData", "BSP R3215");
    }
    return found;
  }

  #typeOf({ element, type, mimeType, encoding }: EncryptedDataSyntax): PlaintextType {
    if (encoding !== undefined || (mimeType !== undefined && mimeType !== "text/xml")) {
      this.#refuse(element, "an EncryptedData whose plaintext is encoded once more", "XML Encryption 1.1, 3.1");
    }
    if (type === encryptedElementType) return "element";
    if (type === encryptedContentType) return "content";
    this.#refuse(element, "an EncryptedData that is neither Element nor Content", "XML Encryption 1.1, 3.1");
  }

  /** Nothing that is replaced may lie in something else that is. */
  #requireDisjoint(): void {
    let end = -1;
    for (const element of [...this.#replaced].sort((a, b) => a - b)) {
      if (element < end) this.#refuse(element, "cipher text inside cipher text", "XML Encryption 1.1, 3.4");
      end = this.#document.after(element);
    }
  }

  /** The octets of a key; random ones where the message carries none for us, so that what follows fails like any wrong key. */
  #octetsOf(key: TransportedKey): Uint8Array {
    key.octets ??= decryptKey(this.#document, key.syntax, {
      suite: this.#suite,
      key: key.recipient.key,
      lengths: [...key.lengths],
      budget: this.#budget,
    });
    return key.octets;
  }

  #refuseKeyless({ element }: EncryptedDataSyntax): never {
    this.#refuse(element, "an EncryptedData that names no key", "BSP R5629");
  }

  #refuse(element: number, found: string, rule: string): never {
    refuse("ERR_WSS_INVALID_SECURITY", `the message holds ${found}`, {
      place: () => this.#document.place(element),
      rule,
      remedy: "Name each EncryptedData once, in the ReferenceList of the EncryptedKey that opens it.",
    });
  }
}
