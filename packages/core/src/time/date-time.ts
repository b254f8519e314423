import { refuse } from "../errors/index.js";

const lexical = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]00:00)$/;
const xmlSpace = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** Longest text that is looked at; the longest valid dateTime is much shorter. */
const maxText = 64;

/**
 * Reads an xs:dateTime in UTC as WS-Security and SAML demand it (BSP R3217, R3220, R3223; SAML 2.0 Core 1.3.3): four-digit
 * years 0001 to 9999, a day that the calendar has, hours to 23, seconds to 59, 0 to 9 fraction digits (cut to
 * milliseconds), and `Z`, `+00:00` or `-00:00`. XML white space around it does not count.
 * @returns Milliseconds since 1970, or undefined where the text is anything else.
 */
export function parseUtcDateTime(text: string): number | undefined {
  if (text.length > maxText) return undefined;
  const trimmed = isPlain(text) ? text : text.replace(xmlSpace, "");
  if (!lexical.test(trimmed)) return undefined;
  // Every field has its place, so that no substrings need be made.
  const two = (at: number) => trimmed.charCodeAt(at) * 10 + trimmed.charCodeAt(at + 1) - 528;
  const whole = utcTime(two(0) * 100 + two(2), two(5), two(8), two(11), two(14), two(17));
  return whole === undefined ? undefined : whole + millisecondsAt(trimmed, 19);
}

/** Whether neither end of a text can be white space. */
function isPlain(text: string): boolean {
  return text.charCodeAt(0) > 0x20 && text.charCodeAt(text.length - 1) > 0x20;
}

/** The first three digits behind a point, where there is one. */
function millisecondsAt(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x2e) return 0;
  let milliseconds = 0;
  for (let i = at + 1; i < at + 4; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    milliseconds = milliseconds * 10 + (digit >= 0 && digit <= 9 ? digit : 0);
  }
  return milliseconds;
}

/**
 * The instant of a calendar time in UTC, in milliseconds since 1970; undefined where the calendar or the clock has no such
 * time. Month and day count from 1; years are 1 to 9999; leap seconds do not exist.
 */
export function utcTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Date.UTC takes years 0 to 99 for 1900 to 1999, so they are moved by a whole cycle of the calendar.
  return Date.UTC(year + 400, month - 1, day, hour, minute, second) - cycle;
}

/** The Gregorian calendar repeats after 400 years, which are this many milliseconds. */
const cycle = 146_097 * 86_400_000;

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Writes an instant as xs:dateTime with milliseconds and `Z`. Takes milliseconds since 1970 in the years 1 to 9999. */
export function formatDateTime(time: number): string {
  if (!(time >= earliest && time <= latest)) refuse("ERR_INTERNAL", `${time} is not a time in the years 1 to 9999`);
  return new Date(time).toISOString();
}

const earliest = -62_135_596_800_000;
const latest = 253_402_300_799_999;
