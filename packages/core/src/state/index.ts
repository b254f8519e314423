export { InMemoryReplayCache, type InMemoryReplayCacheOptions } from "./in-memory-replay-cache.js";
export type { ReplayCache, Reservation } from "./replay-cache.js";
