import { refuse } from "../errors/index.js";
import { type FreshnessRules, freshness, parseUtcDateTime } from "../time/index.js";
import type { XmlDocument } from "../xml/index.js";
import { wsu } from "./names.js";

/** Timestamp rules of a route: see `GuardOptions.timestamp`. Milliseconds. */
export interface TimestampRules extends FreshnessRules {
  readonly requireExpires: boolean;
}

/** A Timestamp that was fresh when the message came in. */
export interface Timestamp {
  readonly element: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly expires: number | undefined;
  /** The last moment at which this Timestamp could be accepted, skew included: how long a replay must be remembered. */
  readonly acceptableUntil: number;
}

/**
 * Reads and judges a wsu:Timestamp (WS-Security 1.1 section 10; BSP R3203, R3224, R3221, R3222, R3225 to R3229).
 * The edges are those of `freshness`.
 * @throws ERR_WSS_INVALID_SECURITY for its shape, ERR_WSS_MESSAGE_EXPIRED for its times
 */
export function readTimestamp(document: XmlDocument, element: number, rules: TimestampRules, now: number): Timestamp {
  const createdElement = document.firstChild(element);
  if (createdElement === -1 || document.name(createdElement) !== wsu.Created) {
    refuseShape(document, element, "Created must be its first child", "BSP R3203, R3221");
  }
  const expiresElement = document.nextSibling(createdElement);
  if (expiresElement !== -1) {
    if (document.name(expiresElement) !== wsu.Expires)
      refuseShape(document, expiresElement, "only Expires may follow Created", "BSP R3222, R3224");
    if (document.nextSibling(expiresElement) !== -1)
      refuseShape(document, expiresElement, "something follows Expires", "BSP R3222, R3224");
  } else if (rules.requireExpires) {
    refuseShape(document, element, "Expires is missing and this route demands it", "timestamp.requireExpires");
  }
  const created = readTime(document, createdElement);
  const expires = expiresElement === -1 ? undefined : readTime(document, expiresElement);
  const verdict = freshness({ created, expires }, now, rules);
  if (!verdict.fresh)
    refuseTime(document, element, `${faults[verdict.fault]} by ${Math.ceil(verdict.by / 100) / 10} s`);
  return { element, created, expires, acceptableUntil: verdict.until };
}

const faults = {
  future: "Created lies ahead of this service's clock and misses the allowance",
  "too-old": "the message exceeds the greatest age",
  expired: "Expires and the allowed skew have passed",
  "expires-before-created": "Expires precedes Created",
  "not-a-time": "a time cannot be compared",
} as const;

function readTime(document: XmlDocument, element: number): number {
  if (document.attributeCount(element) > 0 && document.attributes(element).some((a) => a.localName === "ValueType")) {
    refuseShape(document, element, "a time must not have a ValueType", "BSP R3225, R3226");
  }
  const text = document.text(element);
  const time = text === undefined ? undefined : parseUtcDateTime(text);
  if (time === undefined) {
    refuseShape(
      document,
      element,
      "the time is not a UTC xs:dateTime such as 2026-01-31T10:00:00.000Z",
      "BSP R3217, R3220, R3223, R3229",
    );
  }
  return time;
}

function refuseShape(document: XmlDocument, element: number, reason: string, rule: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", `the Timestamp is not valid: ${reason}`, {
    place: () => document.place(element),
    rule,
    remedy: "Send one Created and at most one Expires, in this order, in UTC.",
  });
}

function refuseTime(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_WSS_MESSAGE_EXPIRED", reason, {
    place: () => document.place(element),
    rule: "WS-Security 1.1, 10",
    remedy: "Check both clocks; raise timestamp.maxAgeSeconds or clockSkewSeconds if the peer needs it.",
  });
}
