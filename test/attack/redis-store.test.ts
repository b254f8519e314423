import { ConfigurationError, createGuard, x509 } from "@countersign/core";
import { connectRedis, type RedisConnection, RedisReplayCache } from "@countersign/redis";
import { afterAll, beforeAll } from "vitest";
import { freshPrefix, redisServer, settled } from "../redis/stage.js";
import { credentials } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";
import { RedisServer } from "../support/redis-server.js";
import { attack } from "./attack.js";
import { direct } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * The replay check of guards on several nodes, with one Redis behind them.
 */

const sent = ({ soap, bytes }: SoapMessage): Sent => ({ soap, body: bytes });

redisServer.describe("guards that share a Redis", () => {
  let server: RedisServer;
  const connections: RedisConnection[] = [];
  const connected = async (prefix: string) => {
    const connection = await settled(server, { prefix, timeoutMilliseconds: 2_000 });
    connections.push(connection);
    return connection;
  };
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server.close();
  });

  /** Two nodes of one service. */
  const nodes = async () => {
    const prefix = freshPrefix();
    const make = async () => direct.route.with({ replay: new RedisReplayCache(await connected(prefix)) });
    return [await make(), await make()] as const;
  };

  attack("I9", "the second node of two on one Redis", async () => {
    const [first, second] = await nodes();
    const message = direct.genuine();
    await first.admits(message);
    return (await second.send(sent(message))).verdict;
  });

  attack("E11", "fifty copies at two nodes on one Redis, all at once", async (expect) => {
    const [first, second] = await nodes();
    const message = direct.genuine();
    const copies = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? first : second).send(sent(message)));
    const verdicts = (await Promise.all(copies)).map(({ verdict }) => verdict);
    expect(verdicts.filter((verdict) => verdict === "accepted")).toHaveLength(1);
    const [refused = "accepted", ...others] = verdicts.filter((verdict) => verdict !== "accepted");
    expect(others.every((verdict) => verdict === refused)).toBe(true);
    return refused;
  });

  attack("I10", "a Redis that was flushed between the message and its replay", async (expect) => {
    const [first, second] = await nodes();
    const message = direct.genuine();
    await first.admits(message);
    await server.command("FLUSHALL");
    const { decision, record } = await second.send(sent(message));
    expect(record).toMatchObject({ outcome: "refused", error: { code: "ERR_UNAVAILABLE" } });
    if (decision.kind !== "answered") throw new TypeError("admitted by a store that has lost its memory");
    expect(decision.reply.headers["retry-after"]).toBeDefined();
    return String(decision.reply.status) as "503";
  });

  attack("I16", "a Redis that evicts", async (expect) => {
    const start = async () => {
      const connection = await connectRedis({ url: server.url, prefix: freshPrefix() });
      connections.push(connection);
      return createGuard({
        origin: "https://orders.example",
        trust: { certificates: [credentials().signer.certificate] },
        accept: [x509()],
        replay: new RedisReplayCache(connection),
      });
    };
    await start();
    for (const policy of ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-ttl"]) {
      await server.command("CONFIG", "SET", "maxmemory-policy", policy);
      const error: unknown = await start().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigurationError);
    }
    await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await start();
    return "start refused" as const;
  });
});
