import { withinDeadline } from "@countersign/core/sts";
import { createClient, ErrorReply, type RedisClientOptions } from "redis";
import type { RedisOptions } from "./options.js";
import type { Script } from "./script.js";
import { readServerFacts, type ServerFacts } from "./server-facts.js";

/** What is used of a client. */
interface Client {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: "error" | "end", listener: (error?: unknown) => void): unknown;
  sendCommand(words: readonly string[]): Promise<unknown>;
}

/** Commands that wait for their answer at one time: more are turned away. */
const maxCommands = 10_000;

/** One connection to one server process. It is never mended: whoever loses it opens another. */
export class Link {
  readonly facts: ServerFacts;
  readonly #client: Client;
  readonly #timeout: number;

  private constructor(client: Client, facts: ServerFacts, timeout: number) {
    this.#client = client;
    this.facts = facts;
    this.#timeout = timeout;
  }

  /**
   * Connects, and asks the server what it is.
   * @param timeout What a call may take, in milliseconds.
   * @param leastConnectTime What connecting may take where that is more.
   * @param lost Called when the connection has gone, whyever.
   * @throws whatever keeps it from that; ERR_UNAVAILABLE where it takes too long
   */
  static async open(
    options: RedisOptions,
    timeout: number,
    leastConnectTime: number,
    lost: (reason: string) => void,
  ): Promise<Link> {
    const within = Math.max(timeout, leastConnectTime);
    const client: Client = createClient(clientOptions(options, within));
    // Without a listener an error would end the process.
    client.on("error", (error) => lost(reasonOf(error)));
    client.on("end", () => lost("the connection was closed"));
    try {
      await withinDeadline(client.connect(), within, "Redis");
      const info = await withinDeadline(client.sendCommand(["INFO"]), within, "Redis");
      return new Link(client, readServerFacts(String(info)), timeout);
    } catch (error) {
      destroy(client);
      throw error;
    }
  }

  /** Runs a script. @throws ErrorReply for what Redis answers instead, anything else where it does not answer. */
  async evaluate({ sha, source }: Script, keys: readonly string[], words: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...words];
    try {
      return await this.#send(["EVALSHA", sha, ...rest]);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith("NOSCRIPT")) throw error;
      return this.#send(["EVAL", source, ...rest]);
    }
  }

  /** On how many replicas everything is that was changed here, within the time of a call. */
  async acknowledged(replicas: number): Promise<number> {
    const wait = String(Math.max(1, Math.floor(this.#timeout / 2)));
    return Number(await this.#send(["WAIT", String(replicas), wait]));
  }

  /** What the server says of itself now. */
  async ask(): Promise<ServerFacts> {
    return readServerFacts(String(await this.#send(["INFO"])));
  }

  /** Ends the connection at once; what waits for an answer is rejected. */
  destroy(): void {
    destroy(this.#client);
  }

  #send(words: readonly string[]): Promise<unknown> {
    return Promise.resolve(withinDeadline(this.#client.sendCommand(words), this.#timeout, "Redis"));
  }
}

/** Why something failed, without what was sent. */
export function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (error instanceof ErrorReply) return error.message.split(" ", 1)[0] ?? "an error";
  return typeof code === "string" ? code : error instanceof Error ? error.constructor.name : "no answer";
}

function clientOptions({ url, username, password, tls }: RedisOptions, timeout: number): RedisClientOptions {
  const socket = {
    connectTimeout: timeout,
    // A lost connection is replaced by a new one, after the server was asked what it is.
    reconnectStrategy: false as const,
    ...(tls === undefined ? {} : { tls: true as const, ...(tls as object), rejectUnauthorized: true }),
  };
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    socket,
    // Nothing waits for a server that is not there.
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxCommands,
    name: "countersign",
  };
}

function destroy(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It was never open, or is closed already.
  }
}
