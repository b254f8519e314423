import type {
  CookieResponse,
  HeaderResponse,
  SessionTicketResponse,
  ValueSource,
  WsSecurityResponse,
} from "../identity/index.js";
import { checkResponse } from "./check.js";

/** Options of {@link wsSecurityHeader}. */
export type WsSecurityHeaderOptions = Omit<WsSecurityResponse<ValueSource>, "kind">;

/** Options of {@link samlSessionTicket}. */
export type SessionTicketOptions = Omit<SessionTicketResponse<ValueSource>, "kind">;

/**
 * A response that adds a WS-Security header to the message as the service sees it.
 *
 * | `token` | Holds | Needs | Reusable |
 * |---|---|---|---|
 * | `saml2`, `saml11` with `holder-of-key` | an assertion naming the user's key | that key | with every message its holder signs |
 * | `saml2`, `saml11` with `sender-vouches` | an assertion, and the agent's signature over it and the Body | the agent's key | with this message alone |
 * | `saml2`, `saml11` with `bearer` | an assertion | TLS, as whoever has it may use it | until it expires |
 * | `x509` | the agent's certificate and signature | the agent's key | with this message alone |
 * | `password-digest` | name, nonce and digest of `password` | the clear-text password | once |
 * | `password` | name and `password` | TLS on both hops, and an agent that allows it | not meant for it: it hands out the password |
 *
 * @throws ConfigurationError ERR_CONFIG_INVALID for what cannot work together, ERR_CONFIG_INSECURE for weak algorithms
 */
export function wsSecurityHeader(options: WsSecurityHeaderOptions): WsSecurityResponse<ValueSource> {
  const response = { ...options, kind: "ws-security" } as const;
  checkResponse(response, "wsSecurityHeader");
  return Object.freeze(response);
}

/**
 * A response that makes the agent build a SAML session ticket assertion: the sealed session ticket and the user's public key,
 * in the SOAP Header (default), the HTTP header `tmsamlsessionticket` or the cookie `tmsamlsession`.
 * @throws ConfigurationError ERR_CONFIG_INVALID for options that it does not have
 */
export function samlSessionTicket(options: SessionTicketOptions = {}): SessionTicketResponse<ValueSource> {
  const response = { ...options, kind: "saml-session-ticket" } as const;
  checkResponse(response, "samlSessionTicket");
  return Object.freeze(response);
}

/**
 * A response that sets a header of the request as the service sees it; never sent to the caller. Several of one name are joined.
 * @throws ConfigurationError ERR_CONFIG_INVALID for what is no header name, and for headers that belong to HTTP
 */
export function headerVariable(name: string, value: ValueSource): HeaderResponse<ValueSource> {
  const response = { kind: "header", name, value } as const;
  checkResponse(response, "headerVariable");
  return Object.freeze(response);
}

/**
 * A response that sets a cookie for the caller, for as long as its browser runs, and in the request as the service sees it.
 * @throws ConfigurationError ERR_CONFIG_INVALID for what is no cookie name
 */
export function cookieVariable(name: string, value: ValueSource): CookieResponse<ValueSource> {
  const response = { kind: "cookie", name, value } as const;
  checkResponse(response, "cookieVariable");
  return Object.freeze(response);
}
