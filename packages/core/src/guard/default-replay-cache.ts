import { InMemoryReplayCache, type ReplayCache } from "../state/index.js";
import type { Clock } from "../time/index.js";

const caches = new WeakMap<Clock, Map<string, ReplayCache>>();

/**
 * The replay cache of guards that were given none: one in this process for each clock and tenant label, so that what one
 * guard of a service accepted is seen by its other guards, and by the one that replaces it. It is never closed.
 */
export function defaultReplayCache(clock: Clock, tenant: string): ReplayCache {
  const byTenant = caches.get(clock) ?? new Map<string, ReplayCache>();
  caches.set(clock, byTenant);
  const cache = byTenant.get(tenant) ?? new InMemoryReplayCache({ clock });
  byTenant.set(tenant, cache);
  return cache;
}
