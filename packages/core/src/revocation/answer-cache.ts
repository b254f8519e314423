import { LRUCache } from "lru-cache";
import { RevocationSourceError } from "./source-error.js";

/** An answer that was verified: what must be known to keep it. */
export interface KeptAnswer {
  /** When it was true, milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Last moment at which it may be relied on, milliseconds since 1970, skew included. */
  readonly validUntil: number;
  /** Octets that it holds on to. */
  readonly octets: number;
}

/** How answers are kept. Milliseconds. */
export interface AnswerCacheSettings {
  /** Age at which an answer is asked for again. */
  readonly maxAge: number;
  /** Least time between two attempts after one that failed. Default 30,000. */
  readonly coolDown?: number | undefined;
  /** A clock that never steps back. Default: the process's own. */
  readonly elapsed?: (() => number) | undefined;
}

/** Most answers and failures kept, and most octets of all answers together. */
const maxAnswers = 1_000;
const maxOctets = 32 * 1024 * 1024;

/**
 * Keeps verified answers of revocation sources. While an answer may be relied on it is at hand, whatever the network does; when
 * it gets old it is asked for again in the background. One question at a time for each key, whoever asks; a failure is
 * remembered for the cool-down, so that an outage costs one request its time-out and not all of them.
 */
export class AnswerCache<T extends KeptAnswer> {
  readonly #settings: Required<{ [Name in keyof AnswerCacheSettings]: NonNullable<AnswerCacheSettings[Name]> }>;
  readonly #answers = new LRUCache<string, { readonly answer: T; readonly renewAt: number }>({
    max: maxAnswers,
    maxSize: maxOctets,
    sizeCalculation: ({ answer }) => Math.max(1, answer.octets),
  });
  readonly #failures = new LRUCache<string, { readonly cause: unknown; readonly at: number }>({ max: maxAnswers });
  readonly #pending = new Map<string, Promise<T>>();

  constructor(settings: AnswerCacheSettings) {
    this.#settings = {
      maxAge: settings.maxAge,
      coolDown: settings.coolDown ?? 30_000,
      elapsed: settings.elapsed ?? (() => performance.now()),
    };
  }

  /** The answer at hand, where it may still be relied on. An old one is asked for again behind it. */
  at(key: string, now: number, ask: () => Promise<T>): T | undefined {
    const kept = this.#answers.get(key);
    if (kept === undefined || now > kept.answer.validUntil) return undefined;
    if (this.#settings.elapsed() >= kept.renewAt && this.#failure(key) === undefined) {
      this.#ask(key, now, ask).catch(() => undefined);
    }
    return kept.answer;
  }

  /**
   * The answer at hand, else a new one.
   * @throws what `ask` threw, also while it is remembered
   */
  async get(key: string, now: number, ask: () => Promise<T>): Promise<T> {
    const kept = this.at(key, now, ask);
    if (kept !== undefined) return kept;
    const failure = this.#pending.has(key) ? undefined : this.#failure(key);
    if (failure !== undefined) throw failure.cause;
    return this.#ask(key, now, ask);
  }

  #failure(key: string): { readonly cause: unknown } | undefined {
    const failure = this.#failures.get(key);
    return failure && this.#settings.elapsed() - failure.at < this.#settings.coolDown ? failure : undefined;
  }

  #ask(key: string, now: number, ask: () => Promise<T>): Promise<T> {
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#askOnce(key, now, ask).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #askOnce(key: string, now: number, ask: () => Promise<T>): Promise<T> {
    const { elapsed, maxAge } = this.#settings;
    try {
      const answer = await ask();
      const last = this.#answers.peek(key)?.answer;
      if (last !== undefined && answer.thisUpdate < last.thisUpdate) {
        throw new RevocationSourceError("the answer is older than the last one");
      }
      // Not all at one moment: what was fetched together need not be fetched together again.
      const life = Math.min(maxAge, answer.validUntil - now) * (1 - Math.random() / 5);
      this.#answers.set(key, { answer, renewAt: elapsed() + life });
      this.#failures.delete(key);
      return answer;
    } catch (cause) {
      this.#failures.set(key, { cause, at: elapsed() });
      throw cause;
    }
  }
}
