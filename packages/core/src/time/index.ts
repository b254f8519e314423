export { type Clock, checkedClock, type Lifetime, systemClock } from "./clock.js";
export { formatDateTime, parseUtcDateTime, utcTime } from "./date-time.js";
export { disregard, withinDeadline } from "./deadline.js";
export { defaultFreshness, type Freshness, type FreshnessRules, freshness } from "./freshness.js";
