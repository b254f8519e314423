import { isKeepable, type NewSession, type NoSession, type SessionStore, type StoredSession } from "./session-store.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link InMemorySessionStore}. */
export interface InMemorySessionStoreOptions {
  /** The most sessions. Default 100,000. */
  readonly capacity?: number | undefined;
  /** The most sessions of one user, so that nobody can fill the store alone. Default 1,000. */
  readonly perUser?: number | undefined;
  /** The clock by which sessions are created, used and expire. Default: the machine's. */
  readonly clock?: { now(): number } | undefined;
}

interface Entry {
  session: StoredSession;
  revoked: boolean;
}

/** What has ended is looked for at most this often, in milliseconds: it costs a walk over all sessions. */
const sweepInterval = 1_000;

/** Sessions in this process's memory: for one node, or for tests. A restart ends them all. */
export class InMemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, Entry>();
  readonly #byUser = new Map<string, Set<string>>();
  readonly #capacity: number;
  readonly #userCapacity: number;
  readonly #clock: { now(): number };
  #swept = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @throws ConfigurationError where a capacity is not a whole number from 1 up */
  constructor(options: InMemorySessionStoreOptions = {}) {
    this.#capacity = wholeNumber(options.capacity ?? 100_000, 1, "sessions.capacity");
    this.#userCapacity = wholeNumber(options.perUser ?? 1_000, 1, "sessions.perUser");
    this.#clock = options.clock ?? Date;
  }

  /** The number of sessions held, those that ended but were not cleared yet included. */
  get size(): number {
    return this.#sessions.size;
  }

  create(session: NewSession): StoredSession | "refused" | "unavailable" {
    if (this.#closed || !isKeepable(session)) return "unavailable";
    const now = this.#clock.now();
    const { id, user } = session;
    if (this.#isFull(user)) this.#sweep(now);
    if (this.#sessions.has(id) || this.#countOf(user) >= this.#userCapacity) return "refused";
    if (this.#sessions.size >= this.#capacity) return "unavailable";
    const stored = Object.freeze({ ...session, created: now, lastAccess: now });
    this.#sessions.set(id, { session: stored, revoked: false });
    const ids = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, ids.add(id));
    return stored;
  }

  touch(id: string): StoredSession | NoSession {
    if (this.#closed) return "unavailable";
    const entry = this.#sessions.get(id);
    if (entry === undefined) return "unknown";
    if (entry.revoked) return "revoked";
    const now = this.#clock.now();
    if (!isLive(entry.session, now)) return "expired";
    // A clock that was set back makes no use older than it is.
    const lastAccess = Math.max(now, entry.session.lastAccess);
    entry.session = Object.freeze({ ...entry.session, lastAccess });
    return entry.session;
  }

  revoke(id: string): "done" | "unknown" | "unavailable" {
    if (this.#closed) return "unavailable";
    const entry = this.#sessions.get(id);
    if (entry === undefined) return "unknown";
    entry.revoked = true;
    return "done";
  }

  revokeUser(user: string): number | "unavailable" {
    if (this.#closed) return "unavailable";
    const now = this.#clock.now();
    let ended = 0;
    for (const id of this.#byUser.get(user) ?? []) {
      const entry = this.#sessions.get(id);
      if (entry === undefined) continue;
      if (!entry.revoked && isLive(entry.session, now)) ended++;
      entry.revoked = true;
    }
    return ended;
  }

  /** Forgets everything; every later call is answered `unavailable`. */
  close(): void {
    this.#closed = true;
    this.#sessions.clear();
    this.#byUser.clear();
  }

  #countOf(user: string): number {
    return this.#byUser.get(user)?.size ?? 0;
  }

  #isFull(user: string): boolean {
    return this.#sessions.size >= this.#capacity || this.#countOf(user) >= this.#userCapacity;
  }

  #sweep(now: number): void {
    if (now - this.#swept >= 0 && now - this.#swept < sweepInterval) return;
    this.#swept = now;
    for (const [id, { session, revoked }] of this.#sessions) {
      if (!revoked && isLive(session, now)) continue;
      this.#sessions.delete(id);
      const ids = this.#byUser.get(session.user);
      ids?.delete(id);
      if (ids?.size === 0) this.#byUser.delete(session.user);
    }
  }
}

/** Both ends are outside. Written so that a clock that tells no time leaves nothing alive. */
function isLive({ created, lastAccess, idleSeconds, maxSeconds }: StoredSession, now: number): boolean {
  return now < created + maxSeconds * 1000 && now < lastAccess + idleSeconds * 1000;
}
