import type { ContextChange, ContextInstance, SecurityContextStore, StoredContext } from "@countersign/core";
import { refuse } from "@countersign/core/sts";
import { wholeNumber } from "./capacity.js";
import type { RedisConnection } from "./connection.js";
import { amendContext, cancelContext, createContext, findContext, renewContext } from "./context-scripts.js";
import type { Script } from "./script.js";

/** Options of {@link RedisSecurityContextStore}. */
export interface RedisSecurityContextStoreOptions {
  /** The most contexts. Default 100,000. */
  readonly capacity?: number | undefined;
  /** The most contexts of one owner. Default 1,000. */
  readonly perOwner?: number | undefined;
}

const all = "contexts";
const keyOf = (key: string) => `context:${key}`;
const indexOf = (owner: string) => `owner:${owner}`;

/** Characters of a subject. */
const maxSubject = 65_536;
const changes: ReadonlySet<unknown> = new Set(["done", "unknown", "foreign"]);

/**
 * Security contexts in Redis, for all nodes that share it; each call is one script, and Redis's own clock decides. Their
 * secrets stand there as they are: whoever can read that Redis can speak for every owner. A flush ends all contexts.
 */
export class RedisSecurityContextStore implements SecurityContextStore {
  readonly #connection: RedisConnection;
  readonly #capacity: number;
  readonly #perOwner: number;

  /** @throws ConfigurationError where a capacity is not a whole number from 1 up */
  constructor(connection: RedisConnection, options: RedisSecurityContextStoreOptions = {}) {
    this.#connection = connection;
    this.#capacity = wholeNumber(options.capacity ?? 100_000, "contexts.capacity");
    this.#perOwner = wholeNumber(options.perOwner ?? 1_000, "contexts.perOwner");
  }

  /** @throws ERR_UNAVAILABLE; the context may then be there all the same, and nobody knows its secret */
  async create({ key, owner, subject, instances }: StoredContext): Promise<"done" | "refused" | "unavailable"> {
    if (subject.length > maxSubject || instances.length > 2 || !instances.every(isKeepable)) return "unavailable";
    const limits = [String(this.#capacity), String(this.#perOwner)];
    const [answer] = await this.#run(
      createContext,
      [keyOf(key), all, indexOf(owner)],
      [key, owner, subject, ...limits, ...instances.flatMap(words)],
    );
    return answer === "done" || answer === "refused" || answer === "unavailable" ? answer : refuseAnswer();
  }

  /** @throws ERR_UNAVAILABLE */
  async find(key: string): Promise<StoredContext | "unknown"> {
    const [kind, owner, subject, ...rest] = await this.#run(findContext, [keyOf(key)], []);
    if (kind === "unknown") return "unknown";
    if (kind !== "found" || owner === undefined || subject === undefined || rest.length % 3 !== 0) refuseAnswer();
    const instances: ContextInstance[] = [];
    for (let at = 0; at < rest.length; at += 3) {
      const [instance = "", secret = "", expires = ""] = rest.slice(at, at + 3);
      instances.push({ instance, secret: Uint8Array.from(Buffer.from(secret, "base64")), expires: Number(expires) });
    }
    return { key, owner, subject, instances };
  }

  /** @throws ERR_UNAVAILABLE; whether it was amended is then not known */
  async amend(key: string, owner: string, subject: string, before: string): Promise<ContextChange> {
    if (subject.length > maxSubject) return "unavailable";
    return this.#change(amendContext, [keyOf(key)], [owner, subject, before]);
  }

  /** @throws ERR_UNAVAILABLE; whether it was renewed is then not known */
  async renew(key: string, owner: string, instance: ContextInstance): Promise<ContextChange> {
    if (!isKeepable(instance)) return "unavailable";
    return this.#change(renewContext, [keyOf(key), all, indexOf(owner)], [owner, key, ...words(instance)]);
  }

  /** @throws ERR_UNAVAILABLE; the context may then live on */
  async cancel(key: string, owner: string): Promise<ContextChange> {
    return this.#change(cancelContext, [keyOf(key), all, indexOf(owner)], [owner, key]);
  }

  async #change(script: Script, keys: readonly string[], words: readonly string[]): Promise<ContextChange> {
    const [answer] = await this.#run(script, keys, words);
    return changes.has(answer) ? (answer as ContextChange) : refuseAnswer();
  }

  async #run(script: Script, keys: readonly string[], words: readonly string[]): Promise<readonly string[]> {
    const answer = await this.#connection.run(script, keys, () => words);
    return Array.isArray(answer) ? answer.map(String) : refuseAnswer();
  }
}

const words = ({ instance, secret, expires }: ContextInstance): readonly string[] => [
  instance,
  Buffer.from(secret).toString("base64"),
  String(expires),
];

const isKeepable = ({ expires }: ContextInstance): boolean => Number.isFinite(expires);

function refuseAnswer(): never {
  refuse("ERR_UNAVAILABLE", "Redis gave an answer that is none", {
    rule: "contexts",
    remedy: "Look at who else writes there: the prefix must be the stores' own.",
  });
}
