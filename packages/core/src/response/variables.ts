import { headerText, requireHeaderName } from "../http/index.js";
import type { CookieResponse, HeaderResponse } from "../identity/index.js";
import { isCookieName } from "./check.js";
import { refuseData } from "./refusal.js";

/** Most octets that all header and cookie variables of one request may have together. */
const maxOctets = 32_768;

/** Largest cookie, name and value: browsers drop larger ones (RFC 6265 section 6.1). */
export const maxCookieOctets = 4_096;

/** A header or cookie ready to be sent. */
export type NamedValue = readonly [name: string, value: string];

/**
 * The header that a response sets on the request: a lower-case name, a value that is safe in a header; undefined for one
 * without value.
 * @throws ERR_RESPONSE_DATA for a name that cannot be set
 */
export function headerVariable({ name, value }: HeaderResponse<string>): NamedValue | undefined {
  try {
    requireHeaderName(name, "name");
  } catch {
    refuseData("name", "a header of the response cannot be set");
  }
  return value === "" ? undefined : [name.toLowerCase(), headerText(value)];
}

/**
 * The cookie that a response sets: its value percent-encoded where it holds what a cookie cannot (RFC 6265 section 4.1.1);
 * undefined for one without value.
 * @throws ERR_RESPONSE_DATA for a name that no cookie can have
 */
export function cookieVariable({ name, value }: CookieResponse<string>): NamedValue | undefined {
  if (!isCookieName(name)) refuseData("name", "a cookie of the response cannot be set");
  return value === "" ? undefined : [name, cookieText(value)];
}

/** Refuses more than 32 KiB of header and cookie variables: servers behind us refuse it, if not we. */
export function requireBounded(values: readonly NamedValue[]): void {
  let octets = 0;
  for (const [name, value] of values) octets += name.length + value.length;
  if (octets > maxOctets) {
    refuseData("value", `headers and cookies of the responses have ${octets} octets, over ${maxOctets}`, {
      remedy: "Send fewer or shorter values.",
    });
  }
}

/** A cookie as the caller is told of it: for this session of its browser, out of reach of scripts, over TLS alone where the request was. */
export function setCookieLine([name, value]: NamedValue, secure: boolean): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

function cookieText(value: string): string {
  if (/^[!#$&-+\--:<-[\]-~]+$/.test(value)) return value;
  return encodeURIComponent(Buffer.from(value).toString());
}
