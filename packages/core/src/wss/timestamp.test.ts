import { describe, expect, it } from "vitest";
import { formatDateTime } from "../time/index.js";
import { scan } from "../xml/index.js";
import { wsuNamespace } from "./names.js";
import { readTimestamp } from "./timestamp.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const rules = { maxAge: 300_000, future: 60_000, skew: 60_000, requireExpires: false };
const read = (content: string, more: Partial<typeof rules> = {}) =>
  readTimestamp(
    scan(Buffer.from(`<u:Timestamp xmlns:u="${wsuNamespace}">${content}</u:Timestamp>`)),
    0,
    { ...rules, ...more },
    now,
  );
const at = (offset: number) => formatDateTime(now + offset);
const created = (offset: number) => `<u:Created>${at(offset)}</u:Created>`;
const expires = (offset: number) => `<u:Expires>${at(offset)}</u:Expires>`;
const refusal = (code: string) => expect.objectContaining({ code });

describe("readTimestamp", () => {
  it("accepts Created alone, and with Expires; tells how long it could be accepted", () => {
    expect(read(created(0))).toEqual({ element: 0, created: now, expires: undefined, acceptableUntil: now + 360_000 });
    expect(read(created(0) + expires(60_000))).toMatchObject({
      expires: now + 60_000,
      acceptableUntil: now + 120_000,
    });
    expect(read(created(0) + expires(10 * 365 * 86_400_000)).acceptableUntil).toBe(now + 360_000);
  });

  it.each([
    ["as old as it may be", created(-360_000), created(-360_001)],
    ["as far ahead as it may be", created(60_000), created(60_001)],
    ["at the end of Expires and skew", created(-120_000) + expires(-60_000), created(-120_000) + expires(-60_001)],
    ["Expires as early as Created", created(0) + expires(0), created(0) + expires(-1)],
  ])(
    "accepts one %s, and rejects one a millisecond beyond with ERR_WSS_MESSAGE_EXPIRED (I2, I3, I5)",
    (_, good, bad) => {
      expect(() => read(good)).not.toThrow();
      expect(() => read(bad)).toThrow(refusal("ERR_WSS_MESSAGE_EXPIRED"));
    },
  );

  it("rejects a missing Expires with ERR_WSS_INVALID_SECURITY where the route demands it (I4)", () => {
    expect(() => read(created(0) + expires(1_000), { requireExpires: true })).not.toThrow();
    expect(() => read(created(0), { requireExpires: true })).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("accepts white space and up to nine fraction digits (I6)", () => {
    expect(read("<u:Created>\n 2026-03-01T12:00:00.123456789Z </u:Created>").created).toBe(now + 123);
    expect(read("<u:Created>2026-03-01T12:00:00+00:00</u:Created>").created).toBe(now);
  });

  it.each([
    ["nothing", ""],
    ["no Created", expires(1_000)],
    ["Expires before Created", expires(1_000) + created(0)],
    ["two Created", created(0) + created(0)],
    ["two Expires", created(0) + expires(1_000) + expires(1_000)],
    ["a stranger", `${created(0)}<x:a xmlns:x="urn:x"/>`],
    ["a stranger behind Expires", `${created(0)}${expires(1_000)}<x:a xmlns:x="urn:x"/>`],
    ["Created without namespace", `<Created>${at(0)}</Created>`],
    ["a ValueType", `<u:Created ValueType="xs:dateTime">${at(0)}</u:Created>`],
    ["an element in Created", `<u:Created><u:Id>${at(0)}</u:Id></u:Created>`],
    ["no time zone", "<u:Created>2026-03-01T12:00:00</u:Created>"],
    ["another time zone", "<u:Created>2026-03-01T13:00:00+01:00</u:Created>"],
    ["a leap second (I18)", "<u:Created>2026-03-01T11:59:60Z</u:Created>"],
    ["a day that is none", "<u:Created>2026-02-30T12:00:00Z</u:Created>"],
    ["ten fraction digits", "<u:Created>2026-03-01T12:00:00.1234567890Z</u:Created>"],
    ["a space that XML has none of", "<u:Created>\u00a02026-03-01T12:00:00Z</u:Created>"],
    ["a word", `${created(0)}<u:Expires>never</u:Expires>`],
    ["nothing in Expires", `${created(0)}<u:Expires/>`],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, content) => {
    expect(() => read(content)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("tells by how much a time misses", () => {
    expect(() => read(created(-361_000))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ reason: expect.stringContaining("by 1 s") }) }),
    );
  });
});
