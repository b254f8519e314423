export { connectRedis, type RedisConnection } from "./connection.js";
export type { RedisOptions } from "./options.js";
export { RedisReplayCache, type RedisReplayCacheOptions } from "./replay-cache.js";
export { RedisSecurityContextStore, type RedisSecurityContextStoreOptions } from "./security-context-store.js";
export { RedisSessionStore, type RedisSessionStoreOptions } from "./session-store.js";
