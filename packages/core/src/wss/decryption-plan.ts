import type { AlgorithmSuite, ContentCipher } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import {
  checkEncryptionAlgorithms,
  type EncryptedDataSyntax,
  encryptedContentType,
  encryptedElementType,
  parseEncryptedData,
  parseReferenceList,
} from "../xmlsec/index.js";
import { type ContentKey, ContentKeys, type ContextLookup } from "./content-keys.js";
import { dataById, type EncryptedPlace, type PlaintextType, placeOf } from "./encrypted-place.js";
import type { MessageKeys } from "./message-keys.js";
import { encryption } from "./names.js";
import type { ReadHeader } from "./read-header.js";

/** Cipher text that the header names, read and allowed, and what opens it. */
export interface PlannedData {
  readonly syntax: EncryptedDataSyntax;
  readonly place: EncryptedPlace;
  readonly cipher: ContentCipher;
  readonly key: ContentKey;
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
 * that is not ours; of a context as `namedKeyOf` and `contextKey`
 */
export async function planDecryption(
  state: ReadHeader,
  suite: AlgorithmSuite,
  keys: MessageKeys,
  from: ContextLookup,
): Promise<DecryptionPlan> {
  return new Planning(state, suite, keys).plan(from);
}

class Planning {
  readonly #state: ReadHeader;
  readonly #document: XmlDocument;
  readonly #suite: AlgorithmSuite;
  readonly #keys: MessageKeys;
  readonly #contentKeys: ContentKeys;
  /** EncryptedData by Id, wherever it stands. */
  readonly #data: ReadonlyMap<string, readonly number[]>;
  /** EncryptedData that is decrypted. */
  readonly #plannedData = new Set<number>();
  /** Elements that plaintext will replace. */
  readonly #replaced = new Set<number>();

  constructor(state: ReadHeader, suite: AlgorithmSuite, keys: MessageKeys) {
    this.#state = state;
    this.#document = state.envelope.document;
    this.#suite = suite;
    this.#keys = keys;
    this.#contentKeys = new ContentKeys(state, keys);
    this.#data = dataById(this.#document);
  }

  async plan(from: ContextLookup): Promise<DecryptionPlan> {
    const document = this.#document;
    const plan = new Map<number, readonly PlannedData[]>();
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
    this.#requireAllNamed();
    await this.#contentKeys.findContexts(from);
    return plan;
  }

  /**
   * A key under which nothing is encrypted is there to sign, or lost its list on the way: then what it was made for would pass
   * as content that is cipher text.
   */
  #requireAllNamed(): void {
    const [signing] = this.#keys.signing;
    if (signing === undefined) return;
    for (const element of [...this.#data.values()].flat()) {
      if (!this.#plannedData.has(element) && this.#contentKeys.mayBeOurs(element)) {
        this.#refuse(element, "an EncryptedData that no list names", "BSP R3215");
      }
    }
  }

  #fromKey(element: number): readonly PlannedData[] {
    const key = this.#keys.at(element, "header");
    const { references } = key.syntax;
    if (references === undefined) return [];
    if (references.keys.length > 0) this.#refuse(references.element, "an EncryptedKey that encrypts keys", "BSP R3214");
    return references.data.map((id) => this.#planned(this.#dataWith(id, references.element), () => key));
  }

  #fromList(element: number): readonly PlannedData[] {
    const references = parseReferenceList(this.#document, element, this.#keys.budget.limits);
    if (references.keys.length > 0) this.#refuse(element, "a list of encrypted keys", "BSP R3214");
    return references.data.map((id) =>
      this.#planned(
        this.#dataWith(id, element),
        (data) => this.#contentKeys.referred(data) ?? this.#refuseKeyless(data),
      ),
    );
  }

  /** SAML 2.0 core section 2.3.4: one EncryptedData, and the key in it, beside it, or in the header. */
  #fromAssertion(element: number): readonly PlannedData[] {
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
        if (inside !== undefined) return this.#keys.at(inside.element, "assertion");
        if (beside !== undefined) return this.#keys.at(beside, "assertion");
        return this.#contentKeys.referred(syntax) ?? this.#refuseKeyless(syntax);
      }),
    ];
  }

  #planned(element: number, keyOf: (data: EncryptedDataSyntax) => ContentKey): PlannedData {
    const syntax = parseEncryptedData(this.#document, element, this.#keys.budget.limits);
    const place = placeOf(this.#state.envelope, this.#state.header.element, element, this.#typeOf(syntax));
    const key = keyOf(syntax);
    const referenced = this.#contentKeys.referred(syntax);
    if (referenced !== undefined && referenced !== key) {
      this.#refuse(element, "an EncryptedData that refers to another key than the one that names it", "BSP R5629");
    }
    const cipher = checkEncryptionAlgorithms(this.#document, syntax, this.#suite);
    // Counted before any is decrypted; twice the same is refused here too.
    this.#keys.budget.spendData(this.#document, element, syntax.cipherValue.length);
    this.#replaced.add(place.replaced);
    this.#plannedData.add(element);
    key.use(cipher.keyOctets);
    return { syntax, place, cipher, key };
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
