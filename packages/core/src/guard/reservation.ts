import { reservationKey } from "../crypto/index.js";
import { isCountersignError, refuse } from "../errors/index.js";
import type { ReplayEntry } from "../identity/index.js";
import type { ReplayCache, Reservation } from "../state/index.js";
import { withinDeadline } from "../time/index.js";

/**
 * Reserves everything that a message may be accepted with only once: one atomic call, after the verdict and before the
 * handler.
 * @param deadline Milliseconds that the store may take.
 * @throws ERR_TOKEN_REPLAYED where any entry was seen, ERR_UNAVAILABLE where the store cannot answer
 */
export async function reserve(
  cache: ReplayCache,
  tenant: string,
  entries: readonly ReplayEntry[],
  deadline: number,
): Promise<void> {
  const reservations = entries.map(({ kind, parts, until }) => ({ key: reservationKey(tenant, kind, parts), until }));
  const answer = await answerOf(cache, reservations, deadline);
  if (answer === "fresh") return;
  const kinds = entries.map((entry) => entry.kind).join(", ");
  if (answer === "seen") {
    refuse("ERR_TOKEN_REPLAYED", `this message or token was accepted before (${kinds})`, {
      rule: "WS-Security 1.1, 13.2.1",
      remedy: "Send a new message: fresh Timestamp, nonce and signature.",
    });
  }
  refuse("ERR_UNAVAILABLE", `the replay cache cannot answer or is full (${kinds})`, {
    remedy: "Look at the store; raise its capacity if it is full.",
  });
}

/** A store that throws or rejects cannot answer: an outage, not a defect of ours. */
async function answerOf(cache: ReplayCache, reservations: readonly Reservation[], deadline: number) {
  try {
    return await withinDeadline(cache.reserve(reservations), deadline, "the replay cache");
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_UNAVAILABLE", "the replay cache failed", { remedy: "Look at the store.", cause });
  }
}
