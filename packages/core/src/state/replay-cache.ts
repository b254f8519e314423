/** An entry of a replay cache: a fixed-size key and the time until which it must be remembered. */
export interface Reservation {
  /** SHA-256, hex, over tenant, kind and parts. */
  readonly key: string;
  /** Milliseconds since 1970; the entry lives at least that long. */
  readonly until: number;
  /**
   * When what is reserved was made, by its own account, milliseconds since 1970. A store that lost its memory answers
   * `unavailable` for what is older than that: it may have been accepted before.
   */
  readonly since?: number | undefined;
}

/**
 * Remembers what may be accepted only once. One atomic call, all or nothing: nothing ever asks first and adds later.
 * A full cache answers `unavailable`; it never forgets a live entry.
 */
export interface ReplayCache {
  /**
   * Reserves all entries, or none.
   * @returns `fresh` when none was known and all are now reserved; `seen` when one was known; `unavailable` when the
   * store cannot answer or is full. A throw or a rejection counts as `unavailable`.
   */
  reserve(
    entries: readonly Reservation[],
  ): Promise<"fresh" | "seen" | "unavailable"> | "fresh" | "seen" | "unavailable";
  close?(): Promise<void> | void;
}
