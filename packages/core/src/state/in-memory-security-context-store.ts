import type { ContextChange, ContextInstance, SecurityContextStore, StoredContext } from "./security-context-store.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link InMemorySecurityContextStore}. */
export interface InMemorySecurityContextStoreOptions {
  /** The most contexts. Default 100,000. */
  readonly capacity?: number | undefined;
  /** The most contexts of one owner, so that nobody can fill the store alone. Default 1,000. */
  readonly perOwner?: number | undefined;
  /** The clock by which contexts expire. Default: the machine's. */
  readonly clock?: { now(): number } | undefined;
}

/** What has expired is looked for at most this often, in milliseconds: it costs a walk over all contexts. */
const sweepInterval = 1_000;

/** Characters of a subject. */
const maxSubject = 65_536;

/** Security contexts in this process's memory: for one node, or for tests. A restart ends them all. */
export class InMemorySecurityContextStore implements SecurityContextStore {
  readonly #contexts = new Map<string, StoredContext>();
  readonly #perOwner = new Map<string, number>();
  readonly #capacity: number;
  readonly #ownerCapacity: number;
  readonly #clock: { now(): number };
  #swept = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @throws ConfigurationError where a capacity is not a whole number from 1 up */
  constructor(options: InMemorySecurityContextStoreOptions = {}) {
    this.#capacity = wholeNumber(options.capacity ?? 100_000, 1, "contexts.capacity");
    this.#ownerCapacity = wholeNumber(options.perOwner ?? 1_000, 1, "contexts.perOwner");
    this.#clock = options.clock ?? Date;
  }

  /** The number of contexts held, those that expired but were not cleared yet included. */
  get size(): number {
    return this.#contexts.size;
  }

  create(context: StoredContext): "done" | "refused" | "unavailable" {
    if (this.#closed || context.subject.length > maxSubject || !context.instances.every(hasEnd)) return "unavailable";
    const { key, owner } = context;
    if (this.#isFull(owner)) this.#sweep();
    if (this.#live(key) !== undefined || this.#countOf(owner) >= this.#ownerCapacity) return "refused";
    if (this.#contexts.size >= this.#capacity) return "unavailable";
    this.#contexts.set(key, { ...context, instances: context.instances.map(copied) });
    this.#perOwner.set(owner, this.#countOf(owner) + 1);
    return "done";
  }

  find(key: string): StoredContext | "unknown" | "unavailable" {
    if (this.#closed) return "unavailable";
    const found = this.#live(key);
    return found === undefined ? "unknown" : { ...found, instances: found.instances.map(copied) };
  }

  amend(key: string, owner: string, subject: string, before: string): ContextChange {
    if (subject.length > maxSubject) return "unavailable";
    return this.#change(key, owner, (context) => (context.subject === before ? { ...context, subject } : "unknown"));
  }

  renew(key: string, owner: string, instance: ContextInstance): ContextChange {
    if (!hasEnd(instance)) return "unavailable";
    return this.#change(key, owner, (context) => ({
      ...context,
      instances: [copied(instance), ...context.instances.slice(0, 1)],
    }));
  }

  cancel(key: string, owner: string): ContextChange {
    return this.#change(key, owner, () => undefined);
  }

  /** Forgets everything; every later call is answered `unavailable`. */
  close(): void {
    this.#closed = true;
    this.#contexts.clear();
    this.#perOwner.clear();
  }

  #change(
    key: string,
    owner: string,
    change: (context: StoredContext) => StoredContext | "unknown" | undefined,
  ): ContextChange {
    if (this.#closed) return "unavailable";
    const found = this.#live(key);
    if (found === undefined) return "unknown";
    if (found.owner !== owner) return "foreign";
    const changed = change(found);
    if (changed === "unknown") return changed;
    if (changed === undefined) this.#forget(found);
    else this.#contexts.set(key, changed);
    return "done";
  }

  /** The context with its living instances; forgotten here where it has none. */
  #live(key: string): StoredContext | undefined {
    const found = this.#contexts.get(key);
    if (found === undefined) return undefined;
    const now = this.#clock.now();
    const instances = found.instances.filter(({ expires }) => now < expires);
    if (instances.length > 0) return { ...found, instances };
    this.#forget(found);
    return undefined;
  }

  #forget({ key, owner }: StoredContext): void {
    this.#contexts.delete(key);
    const left = this.#countOf(owner) - 1;
    if (left > 0) this.#perOwner.set(owner, left);
    else this.#perOwner.delete(owner);
  }

  #countOf(owner: string): number {
    return this.#perOwner.get(owner) ?? 0;
  }

  #isFull(owner: string): boolean {
    return this.#contexts.size >= this.#capacity || this.#countOf(owner) >= this.#ownerCapacity;
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now - this.#swept >= 0 && now - this.#swept < sweepInterval) return;
    this.#swept = now;
    for (const key of [...this.#contexts.keys()]) this.#live(key);
  }
}

/** Nobody else's array: a caller may overwrite the secret that it gave, or was given. */
const copied = (instance: ContextInstance): ContextInstance => ({
  ...instance,
  secret: Uint8Array.from(instance.secret),
});

const hasEnd = ({ expires }: ContextInstance): boolean => Number.isFinite(expires);
