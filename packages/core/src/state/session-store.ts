/** What a session is made from. */
export interface NewSession {
  /** A fresh random identifier, 16 to 128 characters of `A-Z a-z 0-9 _ -`: a session never takes over an old one's. */
  readonly id: string;
  /** Who was authenticated; 1 to 1,024 characters. */
  readonly user: string;
  /** For how long it may lie unused. Whole seconds from 1. */
  readonly idleSeconds: number;
  /** For how long it may live at all. Whole seconds from 1. */
  readonly maxSeconds: number;
  /** Protection level of the authentication. A whole number from 0. */
  readonly level: number;
  /** What the store's user keeps with it and the store does not read; at most 16 KiB of text. Default none. */
  readonly data?: string | undefined;
}

/** An authenticated user's session, as a store keeps it. Times are milliseconds since 1970 by the store's clock. */
export interface StoredSession extends NewSession {
  readonly created: number;
  readonly lastAccess: number;
}

/**
 * Why there is no session. `expired`: unused for longer than `idleSeconds`, or older than `maxSeconds`; `revoked`: ended
 * before its time; `unknown`: never there, or ended so long ago that the store has forgotten it; `unavailable`: the store
 * cannot answer. A throw or a rejection counts as `unavailable`. None of them is a session.
 */
export type NoSession = "expired" | "revoked" | "unknown" | "unavailable";

type Answer<T> = T | Promise<T>;

/**
 * Keeps the sessions of a policy server for all its nodes. Each call is atomic. A store is bounded: a full one answers
 * `unavailable` to `create`, and forgets no live session.
 */
export interface SessionStore {
  /**
   * Keeps a new session from now on.
   * @returns `refused` where the id is known already, or the user has as many sessions as one may have
   */
  create(session: NewSession): Answer<StoredSession | "refused" | "unavailable">;
  /** A live session, with this moment as its last access: one step, so that a session that ends meanwhile is not revived. */
  touch(id: string): Answer<StoredSession | NoSession>;
  /** Ends a session at once: every later `touch` on every node is refused. */
  revoke(id: string): Answer<"done" | "unknown" | "unavailable">;
  /** Ends all sessions of a user at once. Returns how many there were. */
  revokeUser(user: string): Answer<number | "unavailable">;
  close?(): Promise<void> | void;
}

const limits = Object.freeze({ user: 1_024, data: 16_384, seconds: 31_622_400 });
const idPattern = /^[A-Za-z0-9_-]{16,128}$/;

/** Whether a store can keep such a session; one that cannot be kept is answered `unavailable`. */
export function isKeepable({ id, user, idleSeconds, maxSeconds, level, data = "" }: NewSession): boolean {
  return (
    idPattern.test(id) &&
    user.length >= 1 &&
    user.length <= limits.user &&
    data.length <= limits.data &&
    [idleSeconds, maxSeconds].every((span) => isWhole(span, 1) && span <= limits.seconds) &&
    isWhole(level, 0)
  );
}

const isWhole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
