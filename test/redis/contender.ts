import { connectRedis, RedisReplayCache } from "@countersign/redis";

/*
 * One of several nodes that are brought the same messages: a process of its own. Arguments: URL and prefix. For each round
 * the parent sends the entries; the process reserves each as often as it is told, all at once, and sends the answers.
 */

/** What the parent asks for. */
export interface Round {
  readonly key: string;
  readonly until: number;
  readonly since: number;
  readonly copies: number;
}

const [, , url = "", prefix = ""] = process.argv;
const connection = await connectRedis({ url, prefix, timeoutMilliseconds: 5_000 });
const cache = new RedisReplayCache(connection);

process.on("message", async (message: Round | "end") => {
  if (message === "end") {
    await connection.close();
    process.disconnect();
    return;
  }
  const { copies, ...entry } = message;
  const answers = Array.from({ length: copies }, () => cache.reserve([entry]).catch(() => "unavailable"));
  process.send?.(await Promise.all(answers));
});
process.send?.("ready");
