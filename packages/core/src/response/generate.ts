import { refuse } from "../errors/index.js";
import type { CookieResponse, HeaderResponse, ResponseAttribute, WsSecurityResponse } from "../identity/index.js";
import { parseEnvelope, soap11, soap12 } from "../soap/index.js";
import { scan, type XmlDocument } from "../xml/index.js";
import type { ResponseContext, ResponseNote } from "./context.js";
import { refuseData } from "./refusal.js";
import { addSecurityHeader } from "./security-header.js";
import { withoutSecurity } from "./strip-security.js";
import {
  cookieVariables,
  headerVariables,
  maxCookieOctets,
  type NamedValue,
  requireBounded,
  setCookieLine,
} from "./variables.js";

/** What an agent changes on a request, and adds to its reply. */
export interface GeneratedResponses {
  /** The message to forward, UTF-8; undefined where it stays as it came. */
  readonly envelope: Uint8Array | undefined;
  /** Headers of the request, to be set after stripping. */
  readonly headers: readonly NamedValue[];
  /** Cookies of the request, to be set in place of received ones of these names. */
  readonly cookies: readonly NamedValue[];
  /** Values of Set-Cookie for the caller. */
  readonly setCookies: readonly string[];
  readonly notes: readonly ResponseNote[];
}

/**
 * Turns the responses of a policy into what is put into a request: the same input makes the same, but for fresh ids, nonces
 * and ciphers. Security headers that came in for the agent, for an actor of a response or for whoever is next are taken out
 * first, so that none passes for one that was made here.
 * @throws ERR_RESPONSE_DATA where something cannot be made: the request must not be forwarded
 * @throws ERR_HTTP_MEDIA_TYPE where the message is no SOAP and a response needs it, ERR_WSS_INVALID_SECURITY where a response
 * says that a header that came in is refused and not removed, or two elements of the message have one id
 */
export function generateResponses(
  responses: readonly ResponseAttribute[],
  context: ResponseContext,
): GeneratedResponses {
  const notes: ResponseNote[] = [];
  if (responses.some(({ kind }) => kind === "saml-session-ticket"))
    refuseData("kind", "the agent makes no session tickets");
  const headed = responses.filter((response) => response.kind === "ws-security");
  const envelope = forwardedEnvelope(headed, context, notes);
  const headers = headerVariables(
    responses.filter((response): response is HeaderResponse<string> => response.kind === "header"),
  );
  const cookies = fitting(
    cookieVariables(responses.filter((response): response is CookieResponse<string> => response.kind === "cookie")),
    notes,
  );
  requireBounded([...headers, ...cookies]);
  for (const [name] of headers) notes.push({ response: "header", detail: name });
  return {
    envelope,
    headers,
    cookies,
    setCookies: cookies.map((cookie) => setCookieLine(cookie, context.encrypted)),
    notes,
  };
}

function forwardedEnvelope(
  responses: readonly WsSecurityResponse<string>[],
  context: ResponseContext,
  notes: ResponseNote[],
): Uint8Array | undefined {
  const { document } = context;
  if (document === undefined || !isEnvelope(document)) {
    if (responses.length === 0) return undefined;
    refuse("ERR_HTTP_MEDIA_TYPE", "the policy adds a Security header, and the request has no SOAP envelope", {
      rule: "responses[].token",
      remedy: "Send the document in a SOAP envelope.",
    });
  }
  let read = parseEnvelope(document);
  requireDistinctActors(responses);
  const removed = responses.filter(({ remove = true }) => remove).map(({ actor }) => actor);
  const stripped = withoutSecurity(read, [context.actor, ...removed]);
  if (stripped !== undefined) notes.push({ response: "removed", detail: "Security headers that came in" });
  if (responses.length === 0) return stripped;
  let octets: Uint8Array = stripped ?? document.bytes.subarray(document.start(0), document.end(0));
  if (stripped !== undefined) read = parseEnvelope(scan(stripped));
  for (const [index, response] of responses.entries()) {
    if (index > 0) read = parseEnvelope(scan(octets));
    const { envelope, note } = addSecurityHeader(octets, read, response, context);
    octets = envelope;
    notes.push(note);
  }
  return octets;
}

const isEnvelope = (document: XmlDocument): boolean =>
  document.name(0) === soap11.Envelope || document.name(0) === soap12.Envelope;

function requireDistinctActors(responses: readonly WsSecurityResponse<string>[]): void {
  const actors = new Set(responses.map(({ actor }) => actor));
  if (actors.size < responses.length) refuseData("actor", "two responses make a Security header for one actor");
}

/** The cookies that browsers keep; the others are left out, and the record warns of them. */
function fitting(cookies: readonly NamedValue[], notes: ResponseNote[]): readonly NamedValue[] {
  return cookies.filter(([name, value]) => {
    const fits = name.length + 1 + value.length <= maxCookieOctets;
    notes.push(
      fits
        ? { response: "cookie", detail: name }
        : { response: "cookie", detail: `${name} left out: over ${maxCookieOctets} octets`, warning: true },
    );
    return fits;
  });
}
