export { type Clock, type Lifetime, systemClock } from "./clock.js";
