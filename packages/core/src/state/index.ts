export { InMemoryIssuedTokenStore, type InMemoryIssuedTokenStoreOptions } from "./in-memory-issued-token-store.js";
export { InMemoryReplayCache, type InMemoryReplayCacheOptions } from "./in-memory-replay-cache.js";
export {
  InMemorySecurityContextStore,
  type InMemorySecurityContextStoreOptions,
} from "./in-memory-security-context-store.js";
export { InMemorySessionStore, type InMemorySessionStoreOptions } from "./in-memory-session-store.js";
export type { IssuedTokenRecord, IssuedTokenStore, StoredToken } from "./issued-token-store.js";
export type { ReplayCache, Reservation } from "./replay-cache.js";
export type {
  ContextChange,
  ContextInstance,
  SecurityContextStore,
  StoredContext,
} from "./security-context-store.js";
export { isKeepable, type NewSession, type NoSession, type SessionStore, type StoredSession } from "./session-store.js";
