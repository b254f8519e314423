/** The source of "now" for every time comparison, so that tests can hold time still. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A span of validity, in milliseconds since 1970: `created` inclusive, `expires` exclusive. */
export interface Lifetime {
  readonly created: number;
  readonly expires: number;
}
