import type { KeyObject } from "../crypto/index.js";
import type { ValidatedToken } from "../identity/index.js";

/** When and how a token came, as far as its validation depends on that. */
export interface Presentation {
  /** Milliseconds since 1970, read once for the whole message. */
  readonly now: number;
  /** Monotonic milliseconds (`performance.now`) by which every callback must have answered. */
  readonly until: number;
  /** Whether the transport protects the message: TLS, own or by a trusted proxy. */
  readonly encrypted: boolean;
  readonly remoteAddress?: string | undefined;
  /** The key that the sender proved to hold, where the token is tied to one. */
  readonly key?: KeyObject | undefined;
  /** In place of it: the CipherValue octets of the EncryptedKey that brought the symmetric key. */
  readonly secret?: Uint8Array | undefined;
}

/**
 * Decides whether a token holds here and now, and what it says; the signatures of a SOAP message were verified before. The
 * validators of a guard decide from its configuration and callbacks: they ask neither a broker nor an identity provider.
 */
export interface TokenValidator<Token, Validated extends ValidatedToken = ValidatedToken> {
  /** @throws CountersignError for a token that does not hold; ERR_UNAVAILABLE where that cannot be told */
  validate(token: Token, presentation: Presentation): Validated | Promise<Validated>;
}
