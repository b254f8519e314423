import { type Lifetime, type RequestedLifetime, refuse } from "@countersign/core/sts";
import type { RegisteredRelyingParty } from "./relying-party.js";

/** How far ahead of now the life of a token may begin, in milliseconds. */
const maxStartAhead = 60_000;

/**
 * Fixes the life of a token. A span longer than the maximum is cut, one that began in the past begins now; a token never
 * begins more than a minute ahead.
 * @param now Milliseconds since 1970.
 * @throws ERR_TRUST_INVALID_TIME_RANGE for an inverted or past span, or one that begins later
 */
export function grantLifetime(
  asked: RequestedLifetime | undefined,
  party: RegisteredRelyingParty,
  now: number,
): Lifetime {
  const created = Math.max(asked?.created ?? now, now);
  if (created - now > maxStartAhead)
    refuseRange("the token should begin more than 60 s from now", "Ask for a token that begins now.");
  const { expires } = asked ?? {};
  if (expires === undefined) return { created, expires: created + party.lifetimeSeconds * 1000 };
  if (asked?.created !== undefined && expires <= asked.created)
    refuseRange("Expires is not after Created", "Turn the span round.");
  if (expires <= created) refuseRange("the span is over", "Ask for a span that ends in the future.");
  return { created, expires: Math.min(expires, created + party.maxLifetimeSeconds * 1000) };
}

function refuseRange(reason: string, remedy: string): never {
  refuse("ERR_TRUST_INVALID_TIME_RANGE", reason, { rule: "WS-Trust 1.4, 4.4", remedy });
}
