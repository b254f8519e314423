import { sha256Hex } from "@countersign/core/sts";
import type { IssuedToken } from "./issued-token.js";

/** Tokens kept: the oldest goes first. */
const maxTokens = 1000;
/** A token is renewed in the last fifth of its life, at most a minute ahead. */
const aheadPart = 0.2;
const maxAhead = 60_000;
/** How long after a renewal that failed the next is tried, while the token lives. */
const retryAfter = 5_000;

/** A token with the time from which a new one is asked for although it still lives. */
interface Kept {
  readonly token: IssuedToken;
  renewFrom: number;
}

/**
 * Keeps tokens until shortly before their end, and asks for each only once at a time. Towards the end of a token's life the
 * first caller causes the next one to be asked for, and nobody waits for it. Keys are SHA-256 over everything that a token
 * depends on: two requests that differ in anything never share one.
 */
export class TokenCache {
  readonly #tokens = new Map<string, Kept>();
  #pending = new Map<string, Promise<IssuedToken>>();
  readonly #margin: number;
  readonly #now: () => number;
  readonly #random: () => number;

  /**
   * @param margin Milliseconds before its end in which a token is no longer given out.
   * @param random From 0 to 1: so that many clients that started together do not renew together.
   */
  constructor(margin: number, now: () => number, random: () => number = Math.random) {
    this.#margin = margin;
    this.#now = now;
    this.#random = random;
  }

  /** The key of a request: over the parts with their lengths, so that they cannot run into each other. */
  static keyOf(parts: readonly (string | number | undefined)[]): string {
    return sha256Hex(JSON.stringify(parts.map((part) => part ?? null)));
  }

  /** A live token, or the one that `obtain` gets. What it rejects with is not kept. */
  async get(key: string, obtain: () => Promise<IssuedToken>): Promise<IssuedToken> {
    const known = this.#tokens.get(key);
    if (known !== undefined && this.#isLive(known.token)) {
      if (this.#now() >= known.renewFrom) this.#renew(key, known, obtain);
      return known.token;
    }
    this.#tokens.delete(key);
    return this.#once(key, obtain);
  }

  /** Forgets one token. */
  forget(xml: string): void {
    for (const [key, { token }] of this.#tokens) if (token.xml === xml) this.#tokens.delete(key);
  }

  /** Forgets every token, those that are being asked for too. */
  clear(): void {
    this.#tokens.clear();
    this.#pending = new Map();
  }

  #renew(key: string, known: Kept, obtain: () => Promise<IssuedToken>): void {
    known.renewFrom = this.#now() + retryAfter;
    // Whoever needs a token when this one has ended is told what is wrong.
    this.#once(key, obtain).catch(() => undefined);
  }

  #once(key: string, obtain: () => Promise<IssuedToken>): Promise<IssuedToken> {
    const all = this.#pending;
    const pending = all.get(key);
    if (pending !== undefined) return pending;
    const started = this.#obtain(key, obtain, all).finally(() => all.delete(key));
    all.set(key, started);
    return started;
  }

  async #obtain(key: string, obtain: () => Promise<IssuedToken>, all: Map<string, unknown>): Promise<IssuedToken> {
    const token = await obtain();
    if (!this.#isLive(token) || all !== this.#pending) return token;
    this.#tokens.delete(key);
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined && this.#tokens.size >= maxTokens) this.#tokens.delete(oldest);
    this.#tokens.set(key, { token, renewFrom: this.#renewFrom(token) });
    return token;
  }

  #renewFrom({ expires = 0 }: IssuedToken): number {
    const end = expires - this.#margin;
    const ahead = Math.min(maxAhead, (end - this.#now()) * aheadPart);
    return end - ahead * (0.5 + this.#random() / 2);
  }

  #isLive({ expires }: IssuedToken): boolean {
    return expires !== undefined && this.#now() < expires - this.#margin;
  }
}
