import { type AlgorithmSuite, equalOctets, type KeyObject, secretKey, sha1 } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import {
  checkEncryptionAlgorithms,
  DecryptionBudget,
  decryptKey,
  defaultEncryptionLimits,
  type EncryptedKeySyntax,
  parseEncryptedKey,
} from "../xmlsec/index.js";
import type { DecryptionKey, DecryptionRules } from "./decryption-keys.js";
import { encryption } from "./names.js";
import type { ReadHeader } from "./read-header.js";
import { findRecipientKey } from "./recipient-key.js";

/** A symmetric key that both sides know from an earlier message. */
export interface KnownKey {
  /** SHA-1 of the CipherValue octets of the EncryptedKey that it came in: what EncryptedKeySHA1 names. */
  readonly sha1: Uint8Array;
  readonly secret: Uint8Array;
  /** SignatureValues that were made under it on this side: whoever sends them back proves nothing. Default: none. */
  readonly own?: readonly Uint8Array[] | undefined;
}

/**
 * A symmetric key that a message uses by naming an EncryptedKey. Whoever knows our certificate can send one: it proves that
 * what is signed and encrypted with it comes from one and the same sender, and not who that is.
 */
export interface MessageKey {
  /** See {@link KnownKey}. */
  readonly sha1: Uint8Array;
  /** Its octets; opened when first asked for, once. */
  readonly secret: Uint8Array;
  /** The key itself, for signatures that use it without derivation. */
  readonly key: KeyObject;
  /** Whether it is known without the message, as a key of the other side: then it proves who has it too. */
  readonly known: boolean;
  readonly own: readonly Uint8Array[];
  /**
   * Says that it is used.
   * @param octets The length that it must have, of a key that a content cipher takes as it is. Default: any that HMAC takes.
   */
  use(octets?: number): void;
}

/** Octets that a key may have that signs, or that keys are derived from. */
const signingLengths: readonly number[] = [32, 16, 24, 48, 64];

/** The EncryptedKeys of one message, each read and opened at most once, and the keys that are known without one. */
export class MessageKeys {
  /** What opening them may cost, with everything that is decrypted under them. */
  readonly budget: DecryptionBudget;
  readonly #state: ReadHeader;
  readonly #suite: AlgorithmSuite;
  readonly #rules: DecryptionRules;
  readonly #known: readonly MessageKey[];
  readonly #keys = new Map<number, CarriedKey>();
  /** Of assertions, by their CipherValue. */
  readonly #confirmed = new Map<string, CarriedKey>();

  /** @param state The message as it came: EncryptedKeys that come out of cipher text are not used. */
  constructor(state: ReadHeader, suite: AlgorithmSuite, rules: DecryptionRules, known: readonly KnownKey[] = []) {
    const octets = state.envelope.document.bytes.length;
    this.budget = new DecryptionBudget({
      ...defaultEncryptionLimits,
      maxCipherOctets: octets,
      maxDecryptedOctets: octets,
    });
    this.#state = state;
    this.#suite = suite;
    this.#rules = rules;
    this.#known = known.map((one) => new SharedKey(one));
  }

  /** The EncryptedKeys of the header that nothing used. */
  get unused(): readonly number[] {
    return [...this.#keys].filter(([, { used }]) => !used).map(([element]) => element);
  }

  /** The EncryptedKeys of the header under which nothing is encrypted that the message says of: they sign. */
  get signing(): readonly EncryptedKeySyntax[] {
    return [...this.#keys.values()].filter(({ lengths }) => lengths.size === 0).map(({ syntax }) => syntax);
  }

  /**
   * Reads an EncryptedKey, of the header or of an assertion, and finds our key for it.
   * @throws ERR_WSS_INVALID_SECURITY, ERR_WSS_UNSUPPORTED_ALGORITHM, ERR_WSS_TOKEN_UNAVAILABLE for a key that is not for us
   */
  at(element: number, where: "header" | "assertion"): MessageKey & { readonly syntax: EncryptedKeySyntax } {
    const known = this.#keys.get(element);
    if (known !== undefined) return known;
    const { document } = this.#state.envelope;
    const syntax = parseEncryptedKey(document, element, this.budget.limits);
    const { type, mimeType, encoding, recipient } = syntax;
    // Outside a Security header SAML lets an EncryptedKey name its recipient.
    if (type ?? mimeType ?? encoding ?? (where === "header" ? recipient : undefined)) {
      refuse(
        "ERR_WSS_INVALID_SECURITY",
        "the message holds an EncryptedKey with Type, MimeType, Encoding or Recipient",
        {
          place: () => document.place(element),
          rule: "BSP R3209, R5602, R5622, R5623",
          remedy: "Leave the attribute out.",
        },
      );
    }
    checkEncryptionAlgorithms(document, syntax, this.#suite);
    const recipientKey = findRecipientKey(this.#state, syntax, this.#rules);
    const key = new CarriedKey(document, syntax, recipientKey, this.#suite, this.budget);
    this.#keys.set(element, key);
    return key;
  }

  /**
   * The key of an EncryptedKey that a verified assertion holds, in whatever state of decryption.
   * @throws as {@link at}
   */
  inAssertion(state: ReadHeader, syntax: EncryptedKeySyntax): MessageKey {
    const name = syntax.cipherValue.toString("base64");
    const known = this.#confirmed.get(name);
    if (known !== undefined) return known;
    const { document } = state.envelope;
    checkEncryptionAlgorithms(document, syntax, this.#suite);
    const recipient = findRecipientKey(state, syntax, this.#rules);
    const key = new CarriedKey(document, syntax, recipient, this.#suite, this.budget);
    this.#confirmed.set(name, key);
    return key;
  }

  /**
   * The key of an EncryptedKey that stands in our header in some state of decryption; undefined where the element is none, or
   * came out of cipher text.
   */
  inHeader(document: XmlDocument, header: number, element: number): MessageKey | undefined {
    if (document.name(element) !== encryption.EncryptedKey || document.parent(element) !== header) return undefined;
    // Children of the header keep their order, whatever is decrypted.
    let ordinal = 0;
    for (let child = document.firstChild(header); child !== element; child = document.nextSibling(child)) ordinal++;
    const before = this.#child(ordinal);
    return before === -1 ? undefined : this.at(before, "header");
  }

  /** The key that EncryptedKeySHA1 names: one that is known without the message, or of an EncryptedKey of our header. */
  named(sha1: Uint8Array): MessageKey | undefined {
    const known = this.#known.find((key) => equalOctets(key.sha1, sha1));
    if (known !== undefined) return known;
    const { document } = this.#state.envelope;
    for (const element of this.#state.header.encryptions) {
      if (document.name(element) !== encryption.EncryptedKey) continue;
      const key = this.at(element, "header");
      if (equalOctets(key.sha1, sha1)) return key;
    }
    return undefined;
  }

  #child(ordinal: number): number {
    const { envelope, header } = this.#state;
    let child = envelope.document.firstChild(header.element);
    for (let left = ordinal; left > 0 && child !== -1; left--) child = envelope.document.nextSibling(child);
    return child !== -1 && envelope.document.name(child) === encryption.EncryptedKey ? child : -1;
  }
}

/** A key as the message carries it, and the private key that opens it. */
class CarriedKey implements MessageKey {
  readonly syntax: EncryptedKeySyntax;
  readonly sha1: Uint8Array;
  readonly known = false;
  readonly own: readonly Uint8Array[] = [];
  /** Lengths of key, in octets, that what it opens was encrypted with. */
  readonly lengths = new Set<number>();
  /** Whether something was encrypted, signed or derived with it. */
  used = false;
  readonly #document: XmlDocument;
  readonly #recipient: DecryptionKey;
  readonly #suite: AlgorithmSuite;
  readonly #budget: DecryptionBudget;
  #secret: Uint8Array | undefined;
  #key: KeyObject | undefined;

  constructor(
    document: XmlDocument,
    syntax: EncryptedKeySyntax,
    recipient: DecryptionKey,
    suite: AlgorithmSuite,
    budget: DecryptionBudget,
  ) {
    this.#document = document;
    this.syntax = syntax;
    this.#recipient = recipient;
    this.#suite = suite;
    this.#budget = budget;
    this.sha1 = sha1(syntax.cipherValue);
  }

  use(octets?: number): void {
    this.used = true;
    if (octets !== undefined) this.lengths.add(octets);
  }

  /** Random octets where the message carries no key for us, so that what follows fails like with any wrong key. */
  get secret(): Uint8Array {
    this.#secret ??= decryptKey(this.#document, this.syntax, {
      suite: this.#suite,
      key: this.#recipient.key,
      lengths: this.lengths.size === 0 ? signingLengths : [...this.lengths],
      budget: this.#budget,
    });
    return this.#secret;
  }

  get key(): KeyObject {
    this.#key ??= secretKey(this.secret);
    return this.#key;
  }
}

/** A key that is known without an EncryptedKey in the message. */
class SharedKey implements MessageKey {
  readonly sha1: Uint8Array;
  readonly secret: Uint8Array;
  readonly known = true;
  readonly own: readonly Uint8Array[];
  readonly key: KeyObject;

  constructor({ sha1, secret, own = [] }: KnownKey) {
    this.sha1 = sha1;
    this.secret = secret;
    this.own = own;
    this.key = secretKey(secret);
  }

  use(): void {}
}
