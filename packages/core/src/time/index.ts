export { type Clock, type Lifetime, systemClock } from "./clock.js";
export { withinDeadline } from "./deadline.js";
export { formatDateTime, parseUtcDateTime, utcTime } from "./date-time.js";
export { defaultFreshness, type Freshness, type FreshnessRules, freshness } from "./freshness.js";
