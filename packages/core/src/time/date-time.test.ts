import { describe, expect, it } from "vitest";
import { formatDateTime, parseUtcDateTime, utcTime } from "./date-time.js";

describe("parseUtcDateTime", () => {
  it.each([
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22T10:00:00+00:00", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22T10:00:00-00:00", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00.500Z"],
    ["2026-11-22T10:00:00.123456Z", "2026-11-22T10:00:00.123Z"],
    ["2026-11-22T10:00:00.999999999Z", "2026-11-22T10:00:00.999Z"],
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
    ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["0099-12-31T00:00:00Z", "0099-12-31T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
    ["2038-01-19T03:14:08Z", "2038-01-19T03:14:08.000Z"],
    ["\n  2026-11-22T10:00:00Z\t", "2026-11-22T10:00:00.000Z"],
  ])("accepts %j", (text, same) => {
    const time = parseUtcDateTime(text);
    expect(time).toBeTypeOf("number");
    expect(formatDateTime(time ?? 0)).toBe(same);
  });

  it.each([
    ["a day that February has not (G9)", "2026-02-30T00:00:00Z"],
    ["29 February of a common year", "2026-02-29T00:00:00Z"],
    ["29 February 1900", "1900-02-29T00:00:00Z"],
    ["31 April", "2026-04-31T00:00:00Z"],
    ["month 0", "2026-00-10T00:00:00Z"],
    ["month 13", "2026-13-10T00:00:00Z"],
    ["day 0", "2026-01-00T00:00:00Z"],
    ["hour 24", "2026-01-01T24:00:00Z"],
    ["a moment behind hour 24 (G9)", "2026-01-01T24:00:01Z"],
    ["minute 60", "2026-01-01T00:60:00Z"],
    ["a leap second (I18)", "2026-12-31T23:59:60Z"],
    ["year 0", "0000-01-01T00:00:00Z"],
    ["a year of five digits", "12026-01-01T00:00:00Z"],
    ["a negative year", "-2026-01-01T00:00:00Z"],
    ["no zone (G9)", "2026-11-22T10:00:00"],
    ["another zone", "2026-11-22T10:00:00+01:00"],
    ["an offset of minutes", "2026-11-22T10:00:00+00:01"],
    ["a short offset", "2026-11-22T10:00:00+00"],
    ["a small z", "2026-11-22T10:00:00z"],
    ["ten fraction digits (I6)", "2026-11-22T10:00:00.1234567890Z"],
    ["a point without digits", "2026-11-22T10:00:00.Z"],
    ["a comma", "2026-11-22T10:00:00,5Z"],
    ["a blank for T", "2026-11-22 10:00:00Z"],
    ["no seconds", "2026-11-22T10:00Z"],
    ["a date", "2026-11-22"],
    ["a spelt month (G9)", "1 Jan 2026"],
    ["a word", "never"],
    ["nothing", ""],
    ["digits of another script", "２０２６-11-22T10:00:00Z"],
    ["something behind it", "2026-11-22T10:00:00Z2"],
    ["a line of its own behind it", "2026-11-22T10:00:00Z\n2026-11-22T10:00:00Z"],
    ["a no-break space before it", "\u00a02026-11-22T10:00:00Z"],
    ["endless white space", `${" ".repeat(100_000)}2026-11-22T10:00:00Z`],
  ])("rejects %s", (_name, text) => {
    expect(parseUtcDateTime(text)).toBeUndefined();
  });

  it("agrees with Date on every day of 400 years", () => {
    const wrong: string[] = [];
    for (let time = Date.UTC(1890, 0, 1); time < Date.UTC(2290, 0, 1); time += 86_400_000) {
      const day = new Date(time);
      if (utcTime(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate(), 0, 0, 0) !== time)
        wrong.push(day.toISOString());
    }
    expect(wrong).toEqual([]);
  });
});

describe("formatDateTime", () => {
  it("accepts the years 1 to 9999 and rejects anything else with ERR_INTERNAL", () => {
    expect(formatDateTime(0)).toBe("1970-01-01T00:00:00.000Z");
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 253_402_300_800_000, -62_135_596_800_001]) {
      expect(() => formatDateTime(time)).toThrow(expect.objectContaining({ code: "ERR_INTERNAL" }));
    }
  });
});
