import { sha256Hex } from "@countersign/core/sts";
import type { IssuedToken } from "./issued-token.js";

/** Tokens kept: the oldest goes first. */
const maxTokens = 1000;

/**
 * Keeps tokens until shortly before their end, and asks for each only once at a time. Keys are SHA-256 over everything that
 * a token depends on: two requests that differ in anything never share one.
 */
export class TokenCache {
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #pending = new Map<string, Promise<IssuedToken>>();
  readonly #margin: number;
  readonly #now: () => number;

  /** @param margin Milliseconds before its end in which a token is no longer given out. */
  constructor(margin: number, now: () => number) {
    this.#margin = margin;
    this.#now = now;
  }

  /** The key of a request: over the parts with their lengths, so that they cannot run into each other. */
  static keyOf(parts: readonly (string | number | undefined)[]): string {
    return sha256Hex(JSON.stringify(parts.map((part) => part ?? null)));
  }

  /** A live token, or the one that `obtain` gets. What it rejects with is not kept. */
  async get(key: string, obtain: () => Promise<IssuedToken>): Promise<IssuedToken> {
    const known = this.#tokens.get(key);
    if (known !== undefined && this.#isLive(known)) return known;
    this.#tokens.delete(key);
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#obtain(key, obtain).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  clear(): void {
    this.#tokens.clear();
  }

  async #obtain(key: string, obtain: () => Promise<IssuedToken>): Promise<IssuedToken> {
    const token = await obtain();
    if (!this.#isLive(token)) return token;
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined && this.#tokens.size >= maxTokens) this.#tokens.delete(oldest);
    this.#tokens.set(key, token);
    return token;
  }

  #isLive({ expires }: IssuedToken): boolean {
    return expires !== undefined && this.#now() < expires - this.#margin;
  }
}
