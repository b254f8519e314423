import type { NewSession, NoSession, SessionStore, StoredSession } from "@countersign/core";
import { isKeepable, refuse, sha256Hex } from "@countersign/core/sts";
import { wholeNumber } from "./capacity.js";
import type { RedisConnection } from "./connection.js";
import { createSession, revokeSession, revokeUserSessions, touchSession } from "./session-scripts.js";

/** Options of {@link RedisSessionStore}. */
export interface RedisSessionStoreOptions {
  /** The most live sessions. Default 100,000. */
  readonly capacity?: number | undefined;
  /** The most live sessions of one user. Default 1,000. */
  readonly perUser?: number | undefined;
}

const all = "sessions";
const keyOf = (id: string) => `session:${id}`;
const indexOf = (user: string) => `user:${sha256Hex(user)}`;
const no: ReadonlySet<unknown> = new Set(["expired", "revoked", "unknown"]);

/**
 * Sessions in Redis, for all nodes that share it; each call is one script, and Redis's own clock decides. A flush ends all
 * sessions. After a failover without `replicas`, a session that was revoked in the last moments may live on.
 */
export class RedisSessionStore implements SessionStore {
  readonly #connection: RedisConnection;
  readonly #capacity: number;
  readonly #perUser: number;

  /** @throws ConfigurationError where a capacity is not a whole number from 1 up */
  constructor(connection: RedisConnection, options: RedisSessionStoreOptions = {}) {
    this.#connection = connection;
    this.#capacity = wholeNumber(options.capacity ?? 100_000, "sessions.capacity");
    this.#perUser = wholeNumber(options.perUser ?? 1_000, "sessions.perUser");
  }

  /** @throws ERR_UNAVAILABLE; the session may then be there all the same, and nobody has its ticket */
  async create(session: NewSession): Promise<StoredSession | "refused" | "unavailable"> {
    if (!isKeepable(session)) return "unavailable";
    const { id, user, data = "", idleSeconds, maxSeconds, level } = session;
    const numbers = [idleSeconds, maxSeconds, level, this.#capacity, this.#perUser].map(String);
    const answer = await this.#run(createSession, [keyOf(id), all, indexOf(user)], [id, user, data, ...numbers]);
    if (answer[0] === "refused" || answer[0] === "unavailable") return answer[0];
    return stored(id, answer);
  }

  /** @throws ERR_UNAVAILABLE */
  async touch(id: string): Promise<StoredSession | NoSession> {
    const answer = await this.#run(touchSession, [keyOf(id), all], [id]);
    return no.has(answer[0]) ? (answer[0] as NoSession) : stored(id, answer);
  }

  /** @throws ERR_UNAVAILABLE; the session may then live on */
  async revoke(id: string): Promise<"done" | "unknown"> {
    const [answer] = await this.#run(revokeSession, [keyOf(id), all], [id]);
    return answer === "done" || answer === "unknown" ? answer : refuseAnswer();
  }

  /** @throws ERR_UNAVAILABLE; the sessions may then live on */
  async revokeUser(user: string): Promise<number> {
    const begin = this.#connection.prefix + keyOf("");
    const [, ended] = await this.#run(revokeUserSessions, [indexOf(user), all], [begin]);
    return /^\d+$/.test(ended ?? "") ? Number(ended) : refuseAnswer();
  }

  async #run(...[script, keys, words]: [typeof touchSession, string[], string[]]): Promise<readonly string[]> {
    const answer = await this.#connection.run(script, keys, () => words);
    return Array.isArray(answer) ? answer.map(String) : refuseAnswer();
  }
}

function stored(id: string, answer: readonly string[]): StoredSession {
  const [kind, user = "", data = "", ...rest] = answer;
  const [idleSeconds, maxSeconds, level, created, lastAccess] = rest.map(Number);
  if (kind !== "live" || lastAccess === undefined || !rest.every((text) => /^\d+$/.test(text))) refuseAnswer();
  const numbers = { idleSeconds, maxSeconds, level, created, lastAccess } as Omit<
    StoredSession,
    "id" | "user" | "data"
  >;
  return Object.freeze({ id, user, data, ...numbers });
}

function refuseAnswer(): never {
  refuse("ERR_UNAVAILABLE", "Redis gave an answer that is none", {
    rule: "sessions",
    remedy: "Look at who else writes there: the prefix must be the stores' own.",
  });
}
