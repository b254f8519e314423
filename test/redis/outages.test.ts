import type { ReplayCache } from "@countersign/core";
import { connectRedis, type RedisConnection, RedisReplayCache, RedisSessionStore } from "@countersign/redis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pause, RedisServer } from "../support/redis-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { entry, freshPrefix, outcomeOf, redisServer, settled } from "./stage.js";

/** A loaded machine may be late; what hangs would be later by far. */
const slack = 1_500;
const bounded = 2 * 250 + slack;

redisServer.describe("Redis in trouble", () => {
  let server: RedisServer;
  const open: { close(): Promise<void> }[] = [];
  const kept = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  beforeEach(async () => {
    server = kept(await RedisServer.start());
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  /** Asks until it answers again. */
  async function recovered(cache: ReplayCache, make = () => entry({ since: Date.now() + 3_600_000 })): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const { answer } = await outcomeOf(() => cache.reserve([make()]));
      if (answer === "fresh") return;
      if (attempt === 200) expect(answer).toBe("fresh");
      await pause(50);
    }
  }

  const refused = async (call: () => unknown, within = bounded) => {
    const { answer, milliseconds } = await outcomeOf(call);
    expect(answer).toBe("ERR_UNAVAILABLE");
    expect(milliseconds).toBeLessThan(within);
  };

  describe("at start", () => {
    it("FM6 rejects an address where nothing listens with ERR_UNAVAILABLE, in bounded time", async () => {
      const { url } = server;
      await server.kill();
      await refused(() => connectRedis({ url }));
    });

    it("FM6 rejects a server that hangs with ERR_UNAVAILABLE, in bounded time", async () => {
      server.hang();
      await refused(() => connectRedis({ url: server.url }), 2_000 + slack);
    });

    it.each(["allkeys-lru", "allkeys-random", "volatile-ttl", "volatile-lru"])(
      "rejects a server that evicts by %s with ERR_CONFIG_INSECURE, and accepts noeviction",
      async (policy) => {
        await server.command("CONFIG", "SET", "maxmemory-policy", policy);
        await expect(connectRedis({ url: server.url })).rejects.toMatchObject({ code: "ERR_CONFIG_INSECURE" });
        await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        kept(await connectRedis({ url: server.url }));
      },
    );

    it("rejects a replica with ERR_CONFIG_INSECURE", async () => {
      const replica = kept(await RedisServer.start("--replicaof", "127.0.0.1", String(server.port)));
      await expect(connectRedis({ url: replica.url })).rejects.toMatchObject({ code: "ERR_CONFIG_INSECURE" });
    });

    it("rejects a wrong password with ERR_UNAVAILABLE that tells nothing of it, and accepts the right one", async () => {
      const locked = kept(await RedisServer.start());
      await locked.command("CONFIG", "SET", "requirepass", "the right one");
      const error = await connectRedis({ url: locked.url, password: "hunter2" }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "ERR_UNAVAILABLE" });
      expect((error as { detail: { reason: string } }).detail.reason).not.toContain("hunter2");
      kept(await connectRedis({ url: locked.url, password: "the right one" }));
    });
  });

  describe("while it is used", () => {
    let connection: RedisConnection;
    let cache: RedisReplayCache;
    let sessions: RedisSessionStore;
    const session = { id: "session-of-alice-1", user: "alice", idleSeconds: 600, maxSeconds: 600, level: 1 };
    const connect = async (port = server.port) => {
      connection = kept(await settled(server, { url: `redis://127.0.0.1:${port}`, clockDifferenceSeconds: 1 }));
      cache = new RedisReplayCache(connection);
      sessions = new RedisSessionStore(connection);
      await sessions.create(session);
      expect(await cache.reserve([entry()])).toBe("fresh");
    };

    it("FM7 rejects while it is dead with ERR_UNAVAILABLE in bounded time, and recovers", async () => {
      await connect();
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      await server.kill();
      await refused(() => cache.reserve([entry()]));
      await refused(() => cache.reserve([known]), slack);
      await refused(() => sessions.touch(session.id), slack);
      await refused(() => sessions.revoke(session.id), slack);
      await server.restart();
      await recovered(cache);
      // It has lost its memory: what it knew is not taken for new.
      await refused(() => cache.reserve([known]));
      expect(await sessions.touch(session.id)).toBe("unknown");
    });

    it("FM7 rejects while it hangs with ERR_UNAVAILABLE in bounded time, queues nothing, and recovers", async () => {
      await connect();
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      server.hang();
      const calls = Array.from({ length: 1_000 }, () => outcomeOf(() => cache.reserve([entry()])));
      const outcomes = await Promise.all(calls);
      expect(outcomes.every(({ answer }) => answer === "ERR_UNAVAILABLE")).toBe(true);
      expect(Math.max(...outcomes.map(({ milliseconds }) => milliseconds))).toBeLessThan(bounded);
      await refused(() => cache.reserve([known]), slack);
      await refused(() => sessions.touch(session.id), slack);
      server.resume();
      await recovered(cache, entry);
      expect(await cache.reserve([known])).toBe("seen");
      expect(await sessions.touch(session.id)).toMatchObject({ user: "alice" });
    });

    it("FM7 rejects while it is a replica with ERR_UNAVAILABLE, and recovers", async () => {
      await connect();
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      const primary = kept(await RedisServer.start());
      await server.command("REPLICAOF", "127.0.0.1", String(primary.port));
      await refused(() => cache.reserve([entry()]));
      await refused(() => sessions.create({ ...session, id: "session-of-alice-2" }));
      await server.command("REPLICAOF", "NO", "ONE");
      await recovered(cache);
    });

    it("FM7 rejects while its memory is full with ERR_UNAVAILABLE, forgets nothing, and recovers", async () => {
      await connect();
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      await server.command("CONFIG", "SET", "maxmemory", "1");
      await refused(() => cache.reserve([entry()]));
      expect(await cache.reserve([known])).toBe("seen");
      await refused(() => sessions.create({ ...session, id: "session-of-alice-2" }));
      // Where nothing can be written, a session can be ended all the same.
      expect(await sessions.revoke(session.id)).toBe("done");
      expect(await sessions.touch(session.id)).toBe("unknown");
      await server.command("CONFIG", "SET", "maxmemory", "0");
      await recovered(cache, entry);
      expect(await cache.reserve([known])).toBe("seen");
    });

    it("I16 rejects with ERR_UNAVAILABLE from a few seconds after it begins to evict, and recovers", async () => {
      await connect();
      await server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      await pause(5_050);
      await outcomeOf(() => cache.reserve([entry()]));
      await pause(300);
      await refused(() => cache.reserve([entry()]));
      await refused(() => sessions.touch(session.id));
      await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await recovered(cache, entry);
    });

    it("FM8 accepts what it had reserved when only the answer was lost, and rejects its replay", async () => {
      const proxy = kept(await TcpProxy.start(server.port));
      await connect(proxy.port);
      const one = entry();
      proxy.loseAnswers();
      expect(await cache.reserve([one])).toBe("fresh");
      expect(await cache.reserve([one])).toBe("seen");
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      proxy.loseAnswers();
      expect(await cache.reserve([known])).toBe("seen");
    });

    it("accepts answers that come slowly but in time, and rejects those that come too late", async () => {
      const proxy = kept(await TcpProxy.start(server.port));
      await connect(proxy.port);
      proxy.delay = 60;
      expect(await cache.reserve([entry()])).toBe("fresh");
      proxy.delay = 2_000;
      await refused(() => cache.reserve([entry()]));
      proxy.delay = 0;
      await recovered(cache, entry);
    });

    it("rejects every call once it is closed", async () => {
      await connect();
      await connection.close();
      await refused(() => cache.reserve([entry()]), slack);
      await refused(() => sessions.touch(session.id), slack);
    });

    it("FM13 rejects where the clocks of node and Redis differ by more than is allowed", async () => {
      await connect();
      for (const off of [-61_000, 61_000]) {
        const wrong = new RedisReplayCache(connection, { clock: { now: () => Date.now() + off } });
        await refused(() => wrong.reserve([entry()]));
      }
      const right = new RedisReplayCache(connection, { clock: { now: () => Date.now() + 500 } });
      expect(await right.reserve([entry()])).toBe("fresh");
    });
  });

  describe("a lost memory (FM10)", () => {
    const connect = async (settings: Parameters<typeof settled>[1] = {}) => {
      const connection = kept(await settled(server, { clockDifferenceSeconds: 1, ...settings }));
      return new RedisReplayCache(connection);
    };

    it("rejects after a flush what was made before it, and accepts what was made after it", async () => {
      const cache = await connect();
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      await server.command("FLUSHALL");
      await refused(() => cache.reserve([known]));
      await refused(() => cache.reserve([entry({ since: Date.now() - 1 })]));
      await refused(() => cache.reserve([entry({ since: undefined })]));
      await refused(() => cache.reserve([entry({ since: Number.NaN })]));
      expect(await cache.reserve([entry({ since: Date.now() + 2_000 })])).toBe("fresh");
      await pause(1_100);
      const later = entry();
      expect(await cache.reserve([later])).toBe("fresh");
      expect(await cache.reserve([later])).toBe("seen");
    });

    it("rejects after a restart from an old snapshot what was made before it", async () => {
      const cache = await connect();
      await server.command("SAVE");
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      await server.kill();
      await server.restart();
      await recovered(cache);
      await refused(() => cache.reserve([known]));
    });

    it("FM9 rejects after a failover that lost the last writes what was made before it", async () => {
      const replica = kept(await RedisServer.start("--replicaof", "127.0.0.1", String(server.port)));
      for (let attempt = 0; attempt < 200; attempt++) {
        if (String(await replica.command("INFO", "replication")).includes("master_link_status:up")) break;
        await pause(50);
      }
      const prefix = freshPrefix();
      const cache = await connect({ prefix });
      await replica.command("REPLICAOF", "NO", "ONE");
      const known = entry();
      expect(await cache.reserve([known])).toBe("fresh");
      await server.kill();
      const next = kept(await connectRedis({ url: replica.url, prefix, clockDifferenceSeconds: 1 }));
      const promoted = new RedisReplayCache(next);
      await refused(() => promoted.reserve([known]));
      expect(await promoted.reserve([entry({ since: Date.now() + 5_000 })])).toBe("fresh");
    });

    it("FM9 accepts what enough replicas have, and rejects what they have not", async () => {
      const prefix = freshPrefix();
      const cache = await connect({ prefix, replicas: 1 });
      await refused(() => cache.reserve([entry()]), bounded + 500);
      kept(await RedisServer.start("--replicaof", "127.0.0.1", String(server.port)));
      await recovered(cache, entry);
    });
  });
});

describe("options", () => {
  const address = "redis://127.0.0.1:1";
  it.each([
    ["url", {}],
    ["url", { url: "http://127.0.0.1" }],
    ["url", { url: "redis://127.0.0.1/x" }],
    ["url", { url: "redis://127.0.0.1?x=1" }],
    ["prefix", { url: address, prefix: "" }],
    ["prefix", { url: address, prefix: "a}b" }],
    ["timeoutMilliseconds", { url: address, timeoutMilliseconds: 0 }],
    ["clockDifferenceSeconds", { url: address, clockDifferenceSeconds: 0 }],
    ["replicas", { url: address, replicas: -1 }],
    ["tls", { url: address, tls: {} }],
    ["timeout", { url: address, timeout: 250 }],
  ])("rejects a wrong %s with ERR_CONFIG_INVALID", async (option, options) => {
    const error = await connectRedis(options as never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_CONFIG_INVALID" });
    expect(String((error as { message: string }).message)).toContain(option);
  });

  it("rejects an unencrypted connection to another machine with ERR_CONFIG_INSECURE", async () => {
    await expect(connectRedis({ url: "redis://redis.example" })).rejects.toMatchObject({ code: "ERR_CONFIG_INSECURE" });
    await expect(connectRedis({ url: address })).rejects.toMatchObject({ code: "ERR_UNAVAILABLE" });
  });
});
