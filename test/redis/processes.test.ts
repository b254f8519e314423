import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { RedisReplayCache } from "@countersign/redis";
import { expect } from "vitest";
import { RedisServer } from "../support/redis-server.js";
import type { Round } from "./contender.js";
import { entry, freshPrefix, redisServer, settled } from "./stage.js";

const program = resolve(import.meta.dirname, "../dist/redis/contender.js");

redisServer.it(
  "FM11 accepts exactly one of fifty copies that three processes bring at once, in each of 200 rounds",
  async () => {
    const server = await RedisServer.start();
    const prefix = freshPrefix();
    const connection = await settled(server, { prefix });
    const nodes: ChildProcess[] = Array.from({ length: 3 }, () => fork(program, [server.url, prefix]));
    try {
      await Promise.all(nodes.map((node) => once(node, "message")));
      for (let round = 0; round < 200; round++) {
        const { key, until } = entry();
        const sent = nodes.map(async (node, index) => {
          const answered = once(node, "message");
          node.send({ key, until, since: Date.now(), copies: index === 0 ? 16 : 17 } satisfies Round);
          return (await answered)[0] as string[];
        });
        const answers = (await Promise.all(sent)).flat();
        expect(answers.filter((answer) => answer === "fresh")).toHaveLength(1);
        expect(answers.filter((answer) => answer === "seen")).toHaveLength(49);
        expect(await new RedisReplayCache(connection).reserve([entry({ key, until })])).toBe("seen");
      }
    } finally {
      for (const node of nodes) if (node.connected) node.send("end");
      await connection.close();
      await server.close();
    }
  },
  60_000,
);
