import { reservationKey } from "../crypto/index.js";
import { isCountersignError, refuse } from "../errors/index.js";
import type { ReplayEntry } from "../identity/index.js";
import type { ReplayCache } from "../state/index.js";
import { withinDeadline } from "../time/index.js";

/** For how long an outage is taken as known before the store is asked again, in milliseconds. */
const outageMemory = 1_000;

/** The reservations of one guard against replay. */
export class Reservations {
  readonly #cache: ReplayCache;
  readonly #tenant: string;
  #outageUntil = 0;

  /** @param tenant Label in every key. */
  constructor(cache: ReplayCache, tenant: string) {
    this.#cache = cache;
    this.#tenant = tenant;
  }

  /**
   * Whether the store could not answer a moment ago. Whoever would need it is then refused before credentials are looked
   * at: a 503 that only good credentials get would tell that they are good.
   */
  get outage(): boolean {
    return this.#outageUntil !== 0 && performance.now() < this.#outageUntil;
  }

  /** @throws ERR_UNAVAILABLE, always */
  refuseOutage(reason = "the replay cache could not answer a moment ago", cause?: unknown): never {
    refuse("ERR_UNAVAILABLE", reason, {
      rule: "replay",
      remedy: "Look at the store; raise its capacity if it is full.",
      cause,
    });
  }

  /**
   * Reserves everything that a message may be accepted with only once: one atomic call, after the verdict and before the
   * handler.
   * @param milliseconds What the store may take.
   * @throws ERR_TOKEN_REPLAYED where any entry was seen, ERR_UNAVAILABLE where the store cannot answer
   */
  async reserve(entries: readonly ReplayEntry[], milliseconds: number): Promise<void> {
    const answer = await this.#ask(entries, milliseconds);
    if (answer === "fresh") {
      this.#outageUntil = 0;
      return;
    }
    const kinds = entries.map((entry) => entry.kind).join(", ");
    if (answer === "seen") {
      refuse("ERR_TOKEN_REPLAYED", `this message or token was accepted before (${kinds})`, {
        rule: "WS-Security 1.1, 13.2.1",
        remedy: "Send a new message: fresh Timestamp, nonce and signature.",
      });
    }
    this.#rememberOutage();
    this.refuseOutage(`the replay cache cannot answer or is full (${kinds})`);
  }

  /** What the store says. One that throws or is late cannot answer: that is never "fresh". */
  async #ask(entries: readonly ReplayEntry[], milliseconds: number): Promise<unknown> {
    try {
      const reservations = entries.map(({ kind, parts, until, since }) => ({
        key: reservationKey(this.#tenant, kind, parts),
        until,
        since,
      }));
      return await withinDeadline(this.#cache.reserve(reservations), milliseconds, "the replay cache");
    } catch (cause) {
      this.#rememberOutage();
      if (isCountersignError(cause)) throw cause;
      this.refuseOutage("the replay cache failed", cause);
    }
  }

  #rememberOutage(): void {
    this.#outageUntil = performance.now() + outageMemory;
  }
}
