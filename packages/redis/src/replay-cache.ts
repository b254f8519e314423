import type { ReplayCache, Reservation } from "@countersign/core";
import { randomId, refuse } from "@countersign/core/sts";
import type { RedisConnection } from "./connection.js";
import { script, serverTime } from "./script.js";

/**
 * Reserves all keys or none. KEYS: the epoch, then the entries. ARGV: request id, run id of the server, the node's time, the
 * allowed difference of clocks, the window in which entries without a time of their own are refused after a loss of memory;
 * then `until` and `since` of each entry.
 *
 * The epoch says since when this server process remembers. It is gone after a flush, and names another process after a
 * restart or a failover: then a new one begins, and what was made before is refused, since it may have been accepted.
 */
const reserveScript = script(
  `${serverTime}
local id, run, clock, difference, window = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if math.abs(now - clock) > difference then return 'clock' end
local epoch = redis.call('GET', KEYS[1])
local began = epoch and tonumber(string.match(epoch, '^' .. run .. ':(%d+)$'))
if not began then
  began = now
  redis.call('SET', KEYS[1], run .. ':' .. whole(began))
end
for i = 2, #KEYS do
  local owner = redis.call('GET', KEYS[i])
  if owner and owner ~= id then return 'seen' end
end
for i = 2, #KEYS do
  local ends, since = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
  if ends + difference <= now then return 'late' end
  if since then
    if since <= began + difference then return 'epoch' end
  elseif now < began + window then
    return 'epoch'
  end
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], id, 'PXAT', whole(tonumber(ARGV[2 * i + 2]) + difference))
end
return 'fresh'`,
  true,
);

const reasons: Readonly<Record<string, string>> = Object.freeze({
  clock: "the clocks of this node and of Redis differ by more than is allowed",
  late: "the message was over before it came to be reserved",
  epoch: "Redis remembers only what came after this message was made: it may have been accepted before",
});

/** The longest life of what says no time of its own: it is refused for that long after a loss of memory, 12 h. */
const window = 43_200_000;

/** Options of {@link RedisReplayCache}. */
export interface RedisReplayCacheOptions {
  /** The wall clock by which `until` is meant. Default: the machine's. */
  readonly clock?: { now(): number } | undefined;
}

/**
 * A replay cache in Redis, for all nodes that share it. Each reservation is one script: of any number of nodes that bring the
 * same message, exactly one is told `fresh`. It forgets nothing before its time; where Redis has, it says so.
 */
export class RedisReplayCache implements ReplayCache {
  readonly #connection: RedisConnection;
  readonly #clock: { now(): number };

  constructor(connection: RedisConnection, options: RedisReplayCacheOptions = {}) {
    this.#connection = connection;
    this.#clock = options.clock ?? Date;
  }

  /** @throws ERR_UNAVAILABLE with the exact reason, for the audit record */
  async reserve(entries: readonly Reservation[]): Promise<"fresh" | "seen" | "unavailable"> {
    if (entries.length === 0) return "fresh";
    if (new Set(entries.map(({ key }) => key)).size < entries.length) return "seen";
    if (!entries.every(({ until }) => Math.abs(until) < latest)) return "unavailable";
    // One id for the call and its repetition: what the lost answer was about is recognised as this call's own.
    const id = randomId("");
    const { clockDifferenceMilliseconds } = this.#connection;
    const times = entries.flatMap(({ until, since }) => [
      String(Math.ceil(until)),
      // What is no time says nothing: Lua would take "NaN" for a number that is older than none.
      Number.isFinite(since) ? String(Math.floor(since as number)) : "",
    ]);
    const answer = await this.#connection.run(
      reserveScript,
      ["epoch", ...entries.map(({ key }) => `replay:${key}`)],
      ({ runId }) => [
        id,
        runId,
        String(this.#clock.now()),
        String(clockDifferenceMilliseconds),
        String(window),
        ...times,
      ],
    );
    if (answer === "fresh" || answer === "seen") return answer;
    refuse("ERR_UNAVAILABLE", reasons[String(answer)] ?? "Redis gave an answer that is none", {
      rule: "replay",
      remedy: "Send a new message in a minute; check the clocks, and why Redis lost its memory.",
    });
  }
}

/** The latest moment that a `Date` can hold, in milliseconds since 1970. */
const latest = 8.64e15;
