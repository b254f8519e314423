import { ConfigurationError, refuse, withinDeadline } from "@countersign/core/sts";
import { ErrorReply } from "redis";
import { Link, reasonOf } from "./link.js";
import { checkRedisOptions } from "./option-schema.js";
import type { RedisOptions } from "./options.js";
import type { Script } from "./script.js";
import { type ServerFacts, serverFault } from "./server-facts.js";

/** How long to wait before a further attempt to connect, in milliseconds: doubled each time up to the second. */
const backoff = { first: 50, most: 1_000 };
/** What connecting may take at least, in milliseconds. A call does not wait for it longer than for its own time. */
const leastConnectTime = 2_000;
/** How often the server is asked again what it is, in milliseconds. */
const checkInterval = 5_000;
/** Answers of a server that is not, or no more, the right one: it is connected to anew. */
const wrongServer = /^(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|NOAUTH)/;

/** Arguments of a script, made for the server that is asked. */
export type Words = (facts: ServerFacts) => readonly string[];

/**
 * A connection to Redis that the stores share. It answers, or refuses with ERR_UNAVAILABLE, within twice the time of a call;
 * nothing is queued while Redis is away. It connects again by itself.
 */
export class RedisConnection {
  /** What every key begins with. In a cluster all keys of a prefix are in one slot. */
  readonly prefix: string;
  readonly clockDifferenceMilliseconds: number;
  readonly #options: RedisOptions;
  readonly #timeout: number;
  #link: Link | undefined;
  #checked = 0;
  #opening: Promise<Link> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = backoff.first;
  #trouble = "it was not connected to yet";
  #closed = false;

  private constructor(options: RedisOptions) {
    checkRedisOptions(options);
    const { prefix = "countersign", timeoutMilliseconds = 250, clockDifferenceSeconds = 60 } = options;
    this.#options = { ...options };
    this.#timeout = timeoutMilliseconds;
    this.prefix = `{${prefix}}:`;
    this.clockDifferenceMilliseconds = clockDifferenceSeconds * 1000;
  }

  /** @throws as {@link connectRedis} */
  static async open(options: RedisOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(options);
    try {
      await connection.#open();
    } catch (cause) {
      await connection.close();
      if (cause instanceof ConfigurationError) throw cause;
      refuse("ERR_UNAVAILABLE", `Redis cannot be reached: ${reasonOf(cause)}`, {
        rule: "url",
        remedy: "Start it, or correct address, user and password.",
        cause,
      });
    }
    return connection;
  }

  /**
   * Runs a script.
   * @param make Its arguments; called again where it is repeated on another server.
   * @throws ERR_UNAVAILABLE where Redis does not answer in time, answers with an error, is full, or must not be relied upon
   */
  async run(script: Script, keys: readonly string[], make: Words): Promise<unknown> {
    const link = this.#link;
    if (link === undefined) return this.#refuse(this.#closed ? "the connection was closed" : this.#trouble);
    this.#check(link);
    try {
      return await this.#evaluate(link, script, keys, make);
    } catch (error) {
      if (error instanceof ErrorReply) return this.#refuseReply(link, error);
      this.#drop(link, reasonOf(error));
      if (!script.repeatable) return this.#refuse(`it did not answer: ${reasonOf(error)}`, error);
    }
    return this.#repeat(script, keys, make);
  }

  /** Ends the connection; every later call is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#link?.destroy();
    this.#link = undefined;
  }

  /** What was sent may have been done, its answer lost: a new connection is asked the same, in the time of one more call. */
  async #repeat(script: Script, keys: readonly string[], make: Words): Promise<unknown> {
    const again = async () => {
      const link = await this.#open();
      return this.#evaluate(link, script, keys, make);
    };
    try {
      return await withinDeadline(again(), this.#timeout, "Redis");
    } catch (error) {
      return this.#refuse(`it did not answer, and not when asked again: ${reasonOf(error)}`, error);
    }
  }

  async #evaluate(link: Link, script: Script, keys: readonly string[], make: Words): Promise<unknown> {
    const answer = await link.evaluate(
      script,
      keys.map((key) => this.prefix + key),
      make(link.facts),
    );
    const { replicas = 0 } = this.#options;
    if (replicas > 0 && (await link.acknowledged(replicas)) < replicas) {
      this.#refuse(`fewer than ${replicas} replicas have what was changed`);
    }
    return answer;
  }

  /** The link that is being opened, or a new one. */
  #open(): Promise<Link> {
    if (this.#link !== undefined) return Promise.resolve(this.#link);
    clearTimeout(this.#timer);
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<Link> {
    let gone: string | undefined;
    const opened: { link?: Link } = {};
    const lost = (reason: string) => {
      gone = reason;
      if (opened.link !== undefined) this.#drop(opened.link, reason);
    };
    try {
      const link = await Link.open(this.#options, this.#timeout, leastConnectTime, lost);
      opened.link = link;
      const fault = serverFault(link.facts);
      if (fault !== undefined || gone !== undefined || this.#closed) {
        link.destroy();
        throw fault ?? new ConnectionLost(gone);
      }
      this.#link = link;
      this.#checked = performance.now();
      this.#wait = backoff.first;
      return link;
    } catch (error) {
      this.#trouble = error instanceof ConfigurationError ? error.message : `it cannot be reached: ${reasonOf(error)}`;
      this.#schedule();
      throw error;
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    // Not all nodes at the same moment.
    this.#timer = setTimeout(() => void this.#open().catch(() => undefined), this.#wait * (0.5 + Math.random() / 2));
    this.#timer.unref();
    this.#wait = Math.min(this.#wait * 2, backoff.most);
  }

  #drop(link: Link, reason: string): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#trouble = `the connection was lost: ${reason}`;
    link.destroy();
    void this.#open().catch(() => undefined);
  }

  /** Asks the server now and then whether it is still fit, so that a changed configuration is found. */
  #check(link: Link): void {
    const now = performance.now();
    if (now - this.#checked < checkInterval) return;
    this.#checked = now;
    link.ask().then(
      (facts) => {
        const fault = serverFault(facts);
        if (fault !== undefined) this.#drop(link, fault.message);
      },
      (error) => this.#drop(link, reasonOf(error)),
    );
  }

  #refuseReply(link: Link, error: ErrorReply): never {
    if (wrongServer.test(error.message)) this.#drop(link, reasonOf(error));
    return this.#refuse(`it answered ${reasonOf(error)}`, error);
  }

  #refuse(reason: string, cause?: unknown): never {
    refuse("ERR_UNAVAILABLE", `Redis: ${reason}`, {
      rule: "redis",
      remedy: "Look at the server: memory, role, maxmemory-policy, load, network.",
      cause,
    });
  }
}

/** The connection went while it was being opened. */
class ConnectionLost extends Error {}

/**
 * Connects to Redis.
 * @throws ConfigurationError for wrong options, and for a server that must not be relied upon: one that evicts, or a replica
 * @throws ERR_UNAVAILABLE where it cannot be reached
 */
export function connectRedis(options: RedisOptions): Promise<RedisConnection> {
  return RedisConnection.open(options);
}
