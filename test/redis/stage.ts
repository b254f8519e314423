import { randomBytes } from "node:crypto";
import type { Reservation } from "@countersign/core";
import { connectRedis, type RedisConnection, type RedisOptions } from "@countersign/redis";
import { requireProgram } from "../require/external.js";
import type { RedisServer } from "../support/redis-server.js";

export const redisServer = requireProgram("redis-server");

/** A prefix of its own for each test, so that one server serves all. */
export const freshPrefix = () => randomBytes(8).toString("hex");

/**
 * A connection to a server that has remembered for long: its memory begins an hour ago. Tests of what a young memory
 * refuses connect without.
 */
export async function settled(server: RedisServer, options: Partial<RedisOptions> = {}): Promise<RedisConnection> {
  const prefix = options.prefix ?? freshPrefix();
  const [, runId = ""] = /run_id:(\w+)/.exec(String(await server.command("INFO", "server"))) ?? [];
  await server.command("SET", `{${prefix}}:epoch`, `${runId}:${Date.now() - 13 * 3_600_000}`);
  return connectRedis({ url: server.url, ...options, prefix });
}

/** Something to reserve that was made now. */
export function entry(more: Partial<Reservation> = {}): Reservation {
  return { key: randomBytes(32).toString("hex"), until: Date.now() + 300_000, since: Date.now(), ...more };
}

/** What a call comes to: its answer, or the code of its refusal; and how long it took. */
export async function outcomeOf(call: () => unknown): Promise<{ answer: unknown; milliseconds: number }> {
  const from = performance.now();
  try {
    const answer = await call();
    return { answer, milliseconds: performance.now() - from };
  } catch (error) {
    return { answer: (error as { code?: unknown }).code ?? error, milliseconds: performance.now() - from };
  }
}
