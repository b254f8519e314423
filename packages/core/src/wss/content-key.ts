import type { Derivation } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { EncryptedKeySyntax } from "../xmlsec/index.js";
import { type ContextKey, type ContextSources, contextKey, type NamedContext } from "./context-key.js";
import type { DecryptionKey } from "./decryption-keys.js";

/** What opens cipher text of a message. */
export type ContentKey = TransportedKey | ContextContentKey;

/** A content key as the message carries it, and the private key that opens it. */
export class TransportedKey {
  readonly kind = "transported";
  readonly syntax: EncryptedKeySyntax;
  readonly recipient: DecryptionKey;
  /** Lengths of key, in octets, that what it opens was encrypted with. */
  readonly lengths = new Set<number>();
  /** Once it was opened. */
  octets: Uint8Array | undefined;

  constructor(syntax: EncryptedKeySyntax, recipient: DecryptionKey) {
    this.syntax = syntax;
    this.recipient = recipient;
  }
}

/** A key of a security context, or one derived from it. */
export class ContextContentKey {
  readonly kind = "context";
  readonly named: NamedContext;
  readonly lengths = new Set<number>();
  /** Once the context was found. */
  found: ContextKey | undefined;

  constructor(named: NamedContext) {
    this.named = named;
  }

  /**
   * Looks the context up.
   * @throws as {@link contextKey}
   */
  async find(sources: ContextSources): Promise<void> {
    this.found = await contextKey(this.named, sources);
  }

  get octets(): Uint8Array {
    return this.found?.key.export() ?? refuse("ERR_INTERNAL", "a context was not looked up");
  }
}

/** What a key of a context is recognised by within one message. */
export function keyNameOf({ name: { identifier, instance }, derivation }: NamedContext): string {
  return JSON.stringify([identifier, instance, derivation && derivationName(derivation)]);
}

const derivationName = ({ seed, offset, length }: Derivation) => [Buffer.from(seed).toString("hex"), offset, length];
