import { refuse } from "../errors/index.js";
import { disregard } from "./deadline.js";

/** The source of "now" for every time comparison, so that tests can hold time still. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** The latest moment that a `Date` can hold, in milliseconds since 1970. */
const latest = 8.64e15;

/** A clock of somebody else's making, read with care: what is no time would be compared with times, and so let things pass. */
export function checkedClock(clock: Clock): Clock {
  if (clock === systemClock) return clock;
  return {
    /** @throws ERR_INTERNAL where the clock throws or answers anything but a moment */
    now() {
      const answer: unknown = readClock(clock);
      if (typeof answer === "number" && Math.abs(answer) <= latest) return answer;
      disregard(answer);
      refuse("ERR_INTERNAL", "the clock told no time", {
        rule: "clock",
        remedy: "Answer milliseconds since 1970, at once: promises are not waited for.",
      });
    },
  };
}

function readClock(clock: Clock): unknown {
  try {
    return clock.now();
  } catch (cause) {
    refuse("ERR_INTERNAL", "the clock failed", { rule: "clock", cause });
  }
}

/** A span of validity, in milliseconds since 1970: `created` inclusive, `expires` exclusive. */
export interface Lifetime {
  readonly created: number;
  readonly expires: number;
}
