import { replayCacheContract, securityContextStoreContract, sessionStoreContract } from "@countersign/core/testing";
import { RedisReplayCache, RedisSecurityContextStore, RedisSessionStore } from "@countersign/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisServer } from "../support/redis-server.js";
import { redisServer, settled } from "./stage.js";

redisServer.describe("stores on a real Redis", () => {
  let server: RedisServer;
  const connections: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server.close();
  });
  const connected = async (prefix?: string) => {
    const connection = await settled(server, prefix === undefined ? {} : { prefix });
    connections.push(connection);
    return connection;
  };

  describe("RedisReplayCache", () => {
    const cases = replayCacheContract({
      create: async () => new RedisReplayCache(await connected("replay")),
      join: async () => new RedisReplayCache(await connected("replay")),
    });
    for (const { title, run } of cases) it(title, run);
  });

  describe("RedisSessionStore", () => {
    const cases = sessionStoreContract({
      create: async () => new RedisSessionStore(await connected("sessions")),
      join: async () => new RedisSessionStore(await connected("sessions")),
      createLimited: async (limits) => new RedisSessionStore(await connected(), limits),
    });
    for (const { title, run } of cases) it(title, run);
  });

  describe("RedisSecurityContextStore", () => {
    const cases = securityContextStoreContract({
      create: async () => new RedisSecurityContextStore(await connected("contexts")),
      join: async () => new RedisSecurityContextStore(await connected("contexts")),
      createLimited: async (capacity) => new RedisSecurityContextStore(await connected(), { capacity }),
    });
    for (const { title, run } of cases) it(title, run);
  });

  it.each([0, -1, 1.5, Number.NaN])("rejects a capacity of %d with ERR_CONFIG_INVALID", async (capacity) => {
    const connection = await connected();
    const invalid = expect.objectContaining({ code: "ERR_CONFIG_INVALID" });
    expect(() => new RedisSessionStore(connection, { capacity })).toThrow(invalid);
    expect(() => new RedisSessionStore(connection, { perUser: capacity })).toThrow(invalid);
    expect(() => new RedisSecurityContextStore(connection, { capacity })).toThrow(invalid);
    expect(() => new RedisSecurityContextStore(connection, { perOwner: capacity })).toThrow(invalid);
  });

  it("keeps the sessions of one prefix from another", async () => {
    const [one, other] = [new RedisSessionStore(await connected()), new RedisSessionStore(await connected())];
    const session = { id: "a".repeat(16), user: "alice", idleSeconds: 60, maxSeconds: 60, level: 1 };
    await one.create(session);
    expect(await other.touch(session.id)).toBe("unknown");
    expect(await one.touch(session.id)).toMatchObject({ user: "alice" });
  });
});
