import {
  allowInsecureTransport,
  ConfigurationError,
  contentTypeOf,
  isCountersignError,
  isTicketAssertion,
  parseAssertion,
  parseEncodedTicketAssertion,
  parseEnvelope,
  refuse,
  type SamlVersion,
  type SoapVersion,
  scan,
  systemClock,
  ticketCookie,
  ticketHeader,
} from "@countersign/core/sts";
import type { Client } from "./client-interface.js";
import { type HttpResponse, type HttpTransport, NodeHttpTransport, type TlsOptions } from "./http.js";
import { soapHeaders } from "./media-type.js";
import { isSoap, readSoapReply, transportProtected } from "./reply.js";

/** What is sent to an authentication service. */
export interface AuthenticationRequest {
  /** The document: a SOAP envelope, or for services that take it another XML document. */
  readonly body: string | Uint8Array;
  /** Proves the requestor as this client does. Default: the credentials stand in `body` or `headers`. */
  readonly client?: Client | undefined;
  /** SOAPAction, or the action of the SOAP 1.2 media type. */
  readonly action?: string | undefined;
  /** Further HTTP headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What carries the request; it stays open. Default: one of its own with `tls`. Not with `client`, which has its own. */
  readonly transport?: HttpTransport | undefined;
  /** TLS towards the service. */
  readonly tls?: TlsOptions | undefined;
  /** Time for the service to answer. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Allows `http:`, over which anybody may read credentials and answers. For development only. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}

/** An assertion that an authentication service returned. It was read, not verified: that is for the services that take it. */
export interface HeldAssertion {
  /** The assertion as XML that stands alone. */
  readonly xml: string;
  readonly id: string;
  readonly version: SamlVersion;
  /** End of its validity, milliseconds since 1970; undefined where it names none. */
  readonly expires: number | undefined;
  /** Whether it is a session ticket assertion. */
  readonly ticket: boolean;
}

/** A Security header that an authentication service returned. */
export interface SecurityHeaders {
  /** The wsse:Security element as XML that stands alone. */
  readonly xml: string;
  /** The assertion in it; undefined for other tokens, which go with the original message only. */
  readonly assertion: HeldAssertion | undefined;
}

const maxReply = 1 << 20;
const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/**
 * Authenticates at a service and takes the WS-Security header that it returns.
 * @throws SoapFaultError for a fault in its place, ERR_SERVICE_RESPONSE_INVALID for a reply without one Security header,
 * ERR_UNAVAILABLE where the service cannot be reached; ConfigurationError for an address without TLS
 */
export async function obtainSecurityHeaders(
  url: string | URL,
  request: AuthenticationRequest,
): Promise<SecurityHeaders> {
  const { body } = await exchange(new URL(url), request, true);
  const [header, second] = transportProtected(body).headers.filter(
    ({ localName, namespace }) => localName === "Security" && namespace === wsse,
  );
  if (header === undefined || second !== undefined) {
    refuse("ERR_SERVICE_RESPONSE_INVALID", "the reply has not exactly one Security header", {
      remedy: "Ask the authentication service: its handler returns the header, where a policy adds one.",
    });
  }
  const [assertion] = header.children("Assertion");
  const xml = Buffer.from(header.bytes).toString();
  return { xml, assertion: assertion && heldAssertion(assertion.bytes) };
}

/**
 * Authenticates at a service and takes the session ticket assertion that it returns: in the SOAP Header, the HTTP header
 * `tmsamlsessionticket` or the cookie `tmsamlsession`.
 * @throws as {@link obtainSecurityHeaders}; ERR_SERVICE_RESPONSE_INVALID where there is no assertion in any of these places
 */
export async function obtainAssertion(url: string | URL, request: AuthenticationRequest): Promise<HeldAssertion> {
  const response = await exchange(new URL(url), request, false);
  const found = ticketInEnvelope(response) ?? ticketInHeaders(response);
  if (found !== undefined) return found;
  refuse("ERR_SERVICE_RESPONSE_INVALID", "the reply holds no session ticket assertion", {
    remedy: "Ask the authentication service: its policy adds the assertion, and its handler returns it.",
  });
}

async function exchange(url: URL, request: AuthenticationRequest, soapOnly: boolean): Promise<HttpResponse> {
  const { client, body, action, headers, signal } = request;
  if (client !== undefined) return client.fetch(url, { body, action, headers, signal });
  if (url.protocol !== "https:" && !(url.protocol === "http:" && request[allowInsecureTransport] === true)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "url",
      `${url.origin} is not an https address, and credentials would travel to it.`,
      "Use https, or allowInsecureTransport on a development machine.",
    );
  }
  const octets = Buffer.from(body);
  const version = soapVersionOf(octets);
  const media =
    version === undefined ? { "content-type": "text/xml; charset=utf-8" } : soapHeaders(contentTypeOf(version), action);
  const response = await send(url, { ...request, headers: { ...headers, ...media } }, octets);
  if (soapOnly || isSoap(response)) await requireReply(response, version);
  else if (response.status < 200 || response.status > 299) {
    refuse("ERR_SERVICE_RESPONSE_INVALID", `the answer has status ${response.status}`);
  }
  return response;
}

async function send(url: URL, request: AuthenticationRequest, body: Uint8Array): Promise<HttpResponse> {
  const { headers = {}, timeoutSeconds = 30, signal, tls } = request;
  const transport = request.transport ?? new NodeHttpTransport(tls);
  try {
    const timeoutMilliseconds = timeoutSeconds * 1000;
    return await transport.send({
      url,
      method: "POST",
      headers,
      body,
      timeoutMilliseconds,
      maxResponse: maxReply,
      signal,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    if (isCountersignError(cause)) return refuse("ERR_SERVICE_RESPONSE_INVALID", cause.detail.reason, { cause });
    return refuse("ERR_UNAVAILABLE", `${url.origin} cannot be reached`, {
      remedy: "Check the address and tls.ca.",
      cause,
    });
  } finally {
    if (request.transport === undefined) transport.close();
  }
}

/** Refuses faults, and whatever is no reply to what was sent. */
async function requireReply(response: HttpResponse, sent: SoapVersion | undefined): Promise<void> {
  const rules = {
    certificates: undefined,
    signed: false,
    decryption: undefined,
    encrypted: false,
    clock: systemClock,
    skew: 0,
    codes: { fault: "ERR_SERVICE_FAULT", invalid: "ERR_SERVICE_RESPONSE_INVALID" },
  } as const;
  const version = sent ?? soapVersionOf(response.body) ?? "1.1";
  await readSoapReply(response, rules, { version, confirm: undefined, messageId: undefined });
}

/** The version of a SOAP envelope; undefined for another document. */
function soapVersionOf(octets: Uint8Array): SoapVersion | undefined {
  const document = scan(octets);
  return document.localName(0) === "Envelope" ? parseEnvelope(document).version : undefined;
}

function ticketInEnvelope(response: HttpResponse): HeldAssertion | undefined {
  if (!isSoap(response)) return undefined;
  for (const header of transportProtected(response.body).headers) {
    if (header.localName !== "Security" || header.namespace !== wsse) continue;
    for (const child of header.children("Assertion")) {
      const held = heldAssertion(child.bytes);
      if (held.ticket) return held;
    }
  }
  return undefined;
}

function ticketInHeaders({ headers }: HttpResponse): HeldAssertion | undefined {
  const cookie = new RegExp(`(?:^|[,;]\\s*)${ticketCookie}=([A-Za-z0-9_-]+)`).exec(headers["set-cookie"] ?? "");
  const encoded = headers[ticketHeader] ?? cookie?.[1];
  if (encoded === undefined) return undefined;
  parseEncodedTicketAssertion(encoded);
  return heldAssertion(Buffer.from(encoded, "base64url"));
}

function heldAssertion(octets: Uint8Array): HeldAssertion {
  const document = scan(Buffer.from(octets));
  const { id, version, conditions } = parseAssertion(document, 0);
  return {
    xml: Buffer.from(octets).toString(),
    id,
    version,
    expires: conditions?.notOnOrAfter,
    ticket: isTicketAssertion(document, 0),
  };
}
