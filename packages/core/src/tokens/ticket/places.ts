import { ConfigurationError } from "../../errors/index.js";
import { ticketCookie } from "./names.js";

/** Where a cookie is sent. */
export interface TicketCookieScope {
  /** Default `/`. */
  readonly path?: string | undefined;
  /** Default: the host alone that set it. */
  readonly domain?: string | undefined;
}

/** Octets of a cookie with name and attributes that browsers keep: RFC 6265 section 6.1. */
export const maxCookieOctets = 4_096;

/**
 * The Set-Cookie value that hands an encoded session ticket assertion to the caller: for this session only, over TLS only,
 * out of reach of scripts and of other sites.
 * @returns undefined where it would have more than 4,096 octets: a browser would cut or drop it, so no cookie is set
 * @throws ConfigurationError for a path or domain that is none
 */
export function writeTicketCookie(encoded: string, { path = "/", domain }: TicketCookieScope = {}): string | undefined {
  if (!/^\/[!-:<-~]*$/.test(path)) invalid("cookie.path", "This is no path of a cookie.", "Begin it with a slash.");
  if (domain !== undefined && !/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(domain)) {
    invalid("cookie.domain", "This is no domain of a cookie.", "Give a host name, without a leading dot.");
  }
  const scope = domain === undefined ? "" : `; Domain=${domain}`;
  const line = `${ticketCookie}=${encoded}; Path=${path}${scope}; Secure; HttpOnly; SameSite=Strict`;
  return Buffer.byteLength(line) <= maxCookieOctets ? line : undefined;
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
