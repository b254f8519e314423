/** A session at a policy server: that somebody authenticated, when, how strongly, and for how long it counts. */
export interface SessionInfo {
  /** Names the session in stores and audit records. It is no secret and opens nothing: tickets do. */
  readonly id: string;
  /** The user's name in the directory. */
  readonly user: string;
  /** The directory that knows the user. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Milliseconds since 1970. */
  readonly lastAccess: number;
  /** Seconds without use after which the session ends. */
  readonly idleSeconds: number;
  /** Seconds after `created` at which the session ends, used or not. */
  readonly maxSeconds: number;
  /** Protection level of the scheme that authenticated the user. */
  readonly level: number;
}
