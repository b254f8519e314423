import {
  type IssuedTokenStore,
  isCountersignError,
  type RequestedClaim,
  refuse,
  type StoredToken,
  sha256Hex,
} from "@countersign/core/sts";
import type { IssuedKeyType, IssuedTokenType } from "./relying-party.js";

/** What the broker remembers of a token: what its renewal, cancellation and delegation are decided on. */
export interface IssuedTerms {
  /** Name of the requestor that it was issued to: nobody else renews or cancels it. */
  readonly owner: string;
  /** Name of its subject. */
  readonly subject: string;
  readonly appliesTo: string;
  readonly kind: IssuedTokenType;
  readonly keyType: IssuedKeyType;
  /** SHA-256, hex, of the public key that it is tied to. */
  readonly keyDigest?: string | undefined;
  /** The claims that were asked for. */
  readonly claims?: readonly RequestedClaim[] | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Whether it may be renewed, and until when: milliseconds since 1970. */
  readonly renewableUntil?: number | undefined;
  /** How many tokens it descends from by delegation; 0 for one that its own subject asked for. */
  readonly depth: number;
  /** Whether tokens may be issued to others on the ground of it. */
  readonly delegatable: boolean;
}

/** A token that is remembered. */
export interface RememberedToken extends IssuedTerms {
  readonly revoked: boolean;
}

/** The tokens that a broker issued, in its store. A store that cannot answer is an outage: nothing is decided without it. */
export class IssuedTokens {
  readonly #store: IssuedTokenStore;
  readonly #issuer: string;

  constructor(store: IssuedTokenStore, issuer: string) {
    this.#store = store;
    this.#issuer = issuer;
  }

  /** @throws ERR_UNAVAILABLE where the store does not take it: a token that nobody could revoke is not issued */
  async remember(id: string, terms: IssuedTerms): Promise<void> {
    const until = Math.max(terms.expires, terms.renewableUntil ?? 0) + retention;
    const record = { key: this.#keyOf(id), content: JSON.stringify(terms), until };
    if ((await this.#ask(() => this.#store.add(record))) !== "done") outage();
  }

  /**
   * What is known of a token; undefined where it was not issued here, or is forgotten.
   * @throws ERR_UNAVAILABLE
   */
  async find(id: string): Promise<RememberedToken | undefined> {
    const found = await this.#ask<StoredToken | "unknown" | "unavailable">(() => this.#store.find(this.#keyOf(id)));
    if (found === "unavailable") outage();
    if (found === "unknown") return undefined;
    return { ...(JSON.parse(found.content) as IssuedTerms), revoked: found.revoked };
  }

  /**
   * Revokes a token.
   * @returns whether it was known
   * @throws ERR_UNAVAILABLE
   */
  async revoke(id: string): Promise<boolean> {
    const answer = await this.#ask(() => this.#store.revoke(this.#keyOf(id)));
    if (answer === "unavailable") outage();
    return answer === "done";
  }

  async close(): Promise<void> {
    await this.#store.close?.();
  }

  #keyOf(id: string): string {
    return sha256Hex(JSON.stringify([this.#issuer, id]));
  }

  async #ask<T>(ask: () => T | Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (isCountersignError(cause)) throw cause;
      return outage(cause);
    }
  }
}

/** How long a record outlives its token, in milliseconds: longer than any skew of clocks that is allowed. */
const retention = 3_600_000;

function outage(cause?: unknown): never {
  refuse("ERR_UNAVAILABLE", "the store of issued tokens does not answer, or is full", { rule: "tokens", cause });
}
