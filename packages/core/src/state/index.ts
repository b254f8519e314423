export type { ReplayCache, Reservation } from "./replay-cache.js";
