import type { ReplayCache, Reservation } from "./replay-cache.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link InMemoryReplayCache}. */
export interface InMemoryReplayCacheOptions {
  /** The most live entries. Default 100,000. */
  readonly capacity?: number | undefined;
  /** The wall clock by which `until` is meant. Default: the machine's. */
  readonly clock?: { now(): number } | undefined;
  /** A clock that never steps, in milliseconds. Default: `performance.now`. */
  readonly monotonic?: (() => number) | undefined;
  /** How far the wall clock may be set back without an entry being missed, in seconds. Default 600. */
  readonly clockStepSeconds?: number | undefined;
}

/** Entries whose time ends together. */
interface Bucket {
  readonly keys: string[];
  /** The latest `until` among them, wall clock. */
  latest: number;
}

/** Entries are forgotten in groups of this many milliseconds, so that a reservation costs the same however many are held. */
const bucketWidth = 5_000;

/**
 * A replay cache in this process's memory: for one node, or for tests. Synchronous, without timers; each reservation also
 * clears what has run out.
 *
 * An entry is forgotten when both clocks agree that its time and `clockStepSeconds` have passed: the monotonic clock, so
 * that a wall clock set ahead by mistake forgets nothing, and the wall clock, so that one set back finds its entries still
 * there. After a step so large that a reservation falls into a time already forgotten, the answer is `unavailable`: the
 * cache cannot know, and never guesses "fresh".
 */
export class InMemoryReplayCache implements ReplayCache {
  readonly #known = new Set<string>();
  readonly #buckets = new Map<number, Bucket>();
  readonly #capacity: number;
  readonly #clock: { now(): number };
  readonly #monotonic: () => number;
  readonly #margin: number;
  /** Buckets below this index have been cleared. */
  #cleared: number;
  /** The latest `until` ever forgotten. */
  #forgotten = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @throws ConfigurationError where capacity or clock step is not a whole number in range */
  constructor(options: InMemoryReplayCacheOptions = {}) {
    this.#capacity = wholeNumber(options.capacity ?? 100_000, 1, "replay.capacity");
    this.#margin = wholeNumber(options.clockStepSeconds ?? 600, 0, "replay.clockStepSeconds") * 1000;
    this.#clock = options.clock ?? Date;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#cleared = bucketOf(this.#monotonic());
  }

  /** The number of entries held, those that ran out but were not cleared yet included. */
  get size(): number {
    return this.#known.size;
  }

  reserve(entries: readonly Reservation[]): "fresh" | "seen" | "unavailable" {
    if (this.#closed) return "unavailable";
    const now = this.#clock.now();
    const ticks = this.#monotonic();
    this.#clear(now, ticks);
    const keys = new Set<string>();
    let forgotten = false;
    for (const { key, until } of entries) {
      if (this.#known.has(key) || keys.has(key)) return "seen";
      keys.add(key);
      // Written so that NaN counts as forgotten too.
      if (!(until > this.#forgotten && until < Number.POSITIVE_INFINITY)) forgotten = true;
    }
    if (forgotten || this.#known.size + keys.size > this.#capacity) return "unavailable";
    for (const { key, until } of entries) {
      this.#known.add(key);
      this.#file([key], until, now, ticks);
    }
    return "fresh";
  }

  /** Forgets everything; every later reservation is answered `unavailable`. */
  close(): void {
    this.#closed = true;
    this.#known.clear();
    this.#buckets.clear();
  }

  #file(keys: readonly string[], until: number, now: number, ticks: number): void {
    const index = Math.max(bucketOf(ticks + Math.max(until + this.#margin - now, 0)), this.#cleared) + 1;
    const bucket = this.#buckets.get(index);
    if (bucket) {
      for (const key of keys) bucket.keys.push(key);
      bucket.latest = Math.max(bucket.latest, until);
    } else {
      this.#buckets.set(index, { keys: [...keys], latest: until });
    }
  }

  #clear(now: number, ticks: number): void {
    const current = bucketOf(ticks);
    if (current <= this.#cleared) return;
    const due = dueBuckets(this.#buckets, this.#cleared, current);
    this.#cleared = current;
    for (const index of due) {
      const bucket = this.#buckets.get(index);
      if (!bucket) continue;
      this.#buckets.delete(index);
      if (bucket.latest + this.#margin >= now) {
        this.#file(bucket.keys, bucket.latest, now, ticks);
        continue;
      }
      for (const key of bucket.keys) this.#known.delete(key);
      this.#forgotten = Math.max(this.#forgotten, bucket.latest);
    }
  }
}

function bucketOf(ticks: number): number {
  return Math.floor(ticks / bucketWidth);
}

/** Indexes from `cleared` up to, but without, `current`: counted through, or picked out of the map where that is shorter. */
function dueBuckets(buckets: ReadonlyMap<number, Bucket>, cleared: number, current: number): readonly number[] {
  if (current - cleared > buckets.size) return [...buckets.keys()].filter((index) => index < current);
  return Array.from({ length: current - cleared }, (_, offset) => cleared + offset);
}
