import type { IssuedTokenRecord, IssuedTokenStore, StoredToken } from "./issued-token-store.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link InMemoryIssuedTokenStore}. */
export interface InMemoryIssuedTokenStoreOptions {
  /** The most records. Default 100,000. */
  readonly capacity?: number | undefined;
  /** The clock by which records are forgotten. Default: the machine's. */
  readonly clock?: { now(): number } | undefined;
}

/** What is not needed any more is looked for at most this often, in milliseconds: it costs a walk over all records. */
const sweepInterval = 1_000;

/** Characters of a record's content. */
const maxContent = 65_536;

/** Records of issued tokens in this process's memory: for one node, or for tests. A restart forgets them all. */
export class InMemoryIssuedTokenStore implements IssuedTokenStore {
  readonly #records = new Map<string, StoredToken>();
  readonly #capacity: number;
  readonly #clock: { now(): number };
  #swept = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @throws ConfigurationError where the capacity is not a whole number from 1 up */
  constructor(options: InMemoryIssuedTokenStoreOptions = {}) {
    this.#capacity = wholeNumber(options.capacity ?? 100_000, 1, "tokens.capacity");
    this.#clock = options.clock ?? Date;
  }

  /** The number of records held, those not needed any more but not cleared yet included. */
  get size(): number {
    return this.#records.size;
  }

  add({ key, content, until }: IssuedTokenRecord): "done" | "refused" | "unavailable" {
    if (this.#closed || content.length > maxContent || !Number.isFinite(until)) return "unavailable";
    if (this.#live(key) !== undefined) return "refused";
    if (this.#records.size >= this.#capacity) this.#sweep();
    if (this.#records.size >= this.#capacity) return "unavailable";
    this.#records.set(key, { key, content, until, revoked: false });
    return "done";
  }

  find(key: string): StoredToken | "unknown" | "unavailable" {
    if (this.#closed) return "unavailable";
    return this.#live(key) ?? "unknown";
  }

  revoke(key: string): "done" | "unknown" | "unavailable" {
    if (this.#closed) return "unavailable";
    const found = this.#live(key);
    if (found === undefined) return "unknown";
    this.#records.set(key, { ...found, revoked: true });
    return "done";
  }

  /** Forgets everything; every later call is answered `unavailable`. */
  close(): void {
    this.#closed = true;
    this.#records.clear();
  }

  #live(key: string): StoredToken | undefined {
    const found = this.#records.get(key);
    if (found === undefined || this.#clock.now() < found.until) return found;
    this.#records.delete(key);
    return undefined;
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now - this.#swept >= 0 && now - this.#swept < sweepInterval) return;
    this.#swept = now;
    for (const key of [...this.#records.keys()]) this.#live(key);
  }
}
