import { refuse } from "../errors/index.js";
import type { RequestHeaders } from "./seam.js";

/** The values of a header, one for each received line, in order. */
export function headerLines(headers: RequestHeaders, name: string): readonly string[] {
  let found: string[] | undefined;
  for (const [key, value] of headers) {
    if (key === name) {
      if (found) found.push(value);
      else found = [value];
    }
  }
  return found ?? none;
}

const none: readonly string[] = Object.freeze([]);

/** Tokens that a Connection header may name; any other would let a proxy drop a header that this service relies on. */
const connectionTokens = new Set(["close", "keep-alive", "upgrade", "te", "trailer", "http2-settings"]);

/**
 * Refuses header sets that two readers would read differently: a Connection header that names end-to-end headers
 * (RFC 9110 section 7.6.1), a repeated Authorization or Content-Encoding.
 * @throws ERR_HTTP_HEADERS
 */
export function checkHeaderLines(headers: RequestHeaders): void {
  let authorizations = 0;
  let encodings = 0;
  for (const [name, value] of headers) {
    if (name === "authorization") authorizations++;
    else if (name === "content-encoding") encodings++;
    else if (name === "connection") checkConnection(value);
  }
  if (authorizations > 1 || encodings > 1) {
    refuse("ERR_HTTP_HEADERS", "Authorization or Content-Encoding was sent twice", {
      rule: "RFC 9110, 5.3",
      remedy: "Send each of them once.",
    });
  }
}

function checkConnection(value: string): void {
  if (value === "keep-alive" || value === "close") return;
  for (const item of value.split(",")) {
    const token = item.trim().toLowerCase();
    if (token !== "" && !connectionTokens.has(token)) {
      refuse("ERR_HTTP_HEADERS", "the Connection header names an end-to-end header", {
        rule: "RFC 9110, 7.6.1",
        remedy: "Name only hop-by-hop headers in Connection.",
      });
    }
  }
}
