import type { Lifetime } from "./clock.js";

/** Rules for the age of what a message says about its own time. Milliseconds. */
export interface FreshnessRules {
  /** The greatest age of `created`. Default 300,000 (5 minutes). */
  readonly maxAge?: number | undefined;
  /** How far `created` may lie ahead of our clock; the skew is not added. Default 60,000. */
  readonly future?: number | undefined;
  /** What the sender's clock may lag behind ours: added to `maxAge` and to `expires`. Default 60,000. */
  readonly skew?: number | undefined;
}

/** The rules that apply where a route says nothing. */
export const defaultFreshness = Object.freeze({
  maxAge: 300_000,
  future: 60_000,
  skew: 60_000,
}) satisfies FreshnessRules;

/** Whether a time is fresh; where it is not, why, and by how many milliseconds it misses. */
export type Freshness =
  | {
      readonly fresh: true;
      /** The last moment at which the same times would still be fresh: how long a replay must be remembered. */
      readonly until: number;
    }
  | {
      readonly fresh: false;
      readonly fault: "future" | "too-old" | "expired" | "expires-before-created" | "not-a-time";
      readonly by: number;
    };

/**
 * Judges `created` and, where given, `expires` against `now`. The one place that defines the edges: every limit is inside
 * (a message exactly `maxAge + skew` old, or exactly `future` ahead, is fresh; one millisecond more is not). A far `expires`
 * never outlives `maxAge`. Anything that is not a number is refused, as NaN would pass every comparison written the other way.
 */
export function freshness(
  { created, expires }: { readonly created: number; readonly expires?: Lifetime["expires"] | undefined },
  now: number,
  rules: FreshnessRules = {},
): Freshness {
  const { maxAge = defaultFreshness.maxAge, future = defaultFreshness.future, skew = defaultFreshness.skew } = rules;
  const byAge = created + maxAge + skew;
  const until = expires === undefined ? byAge : Math.min(byAge, expires + skew);
  if (!Number.isFinite(until) || !Number.isFinite(now)) return { fresh: false, fault: "not-a-time", by: 0 };
  if (expires !== undefined && expires < created)
    return { fresh: false, fault: "expires-before-created", by: created - expires };
  if (created - now > future) return { fresh: false, fault: "future", by: created - now - future };
  if (now > byAge) return { fresh: false, fault: "too-old", by: now - byAge };
  if (now > until) return { fresh: false, fault: "expired", by: now - until };
  return { fresh: true, until };
}
