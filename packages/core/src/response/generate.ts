import { refuse } from "../errors/index.js";
import type { ResponseAttribute, SessionTicketResponse, WsSecurityResponse } from "../identity/index.js";
import { parseEnvelope, soap11, soap12, type UnverifiedEnvelope } from "../soap/index.js";
import { ticketCookie, ticketHeader, writeTicketCookie } from "../tokens/ticket/index.js";
import { secureMessage } from "../wss/index.js";
import { scan, type XmlDocument } from "../xml/index.js";
import type { ResponseContext, ResponseNote } from "./context.js";
import { refuseData } from "./refusal.js";
import { addSecurityHeader } from "./security-header.js";
import { makeTicket } from "./session-ticket.js";
import { withoutSecurity } from "./strip-security.js";
import {
  cookieVariable,
  headerVariable,
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
  const generation = new Generation(context, responses);
  for (const response of responses) generation.add(response);
  return generation.finish();
}

/** A response that becomes a Security header. */
type Headed = WsSecurityResponse<string> | SessionTicketResponse<string>;

class Generation {
  readonly #context: ResponseContext;
  readonly #soap: UnverifiedEnvelope | undefined;
  /** The message as far as it is done; undefined where it stays as it came. */
  #octets: Uint8Array | undefined;
  readonly #headers: NamedValue[] = [];
  readonly #cookies: NamedValue[] = [];
  readonly #setCookies: string[] = [];
  readonly #notes: ResponseNote[] = [];

  constructor(context: ResponseContext, responses: readonly ResponseAttribute[]) {
    this.#context = context;
    const { document, actor } = context;
    const headed = responses.filter(isHeaded);
    if (document === undefined || !isEnvelope(document)) {
      if (headed.length > 0) refuseNoSoap();
      return;
    }
    this.#soap = parseEnvelope(document);
    requireDistinctActors(headed);
    const removed = headed.filter((response) => response.kind !== "ws-security" || response.remove !== false);
    const kept = headed.filter((response) => !removed.includes(response)).map(actorOf);
    const reserved = (context.reserved ?? []).filter((one) => !kept.includes(one));
    this.#octets = withoutSecurity(this.#soap, [actor, ...reserved, ...removed.map(actorOf)]);
    if (this.#octets !== undefined) this.#notes.push({ response: "removed", detail: "Security headers that came in" });
  }

  add(response: ResponseAttribute): void {
    switch (response.kind) {
      case "ws-security": {
        const { envelope, note } = addSecurityHeader(this.#message(), response, this.#context);
        this.#octets = envelope;
        this.#notes.push(note);
        return;
      }
      case "saml-session-ticket":
        this.#addTicket(response);
        return;
      case "header": {
        const header = headerVariable(response);
        if (header !== undefined) this.#headers.push(header);
        this.#notes.push({ response: "header", detail: response.name });
        return;
      }
      case "cookie": {
        const cookie = cookieVariable(response);
        if (cookie !== undefined) this.#addCookie(cookie, setCookieLine(cookie, this.#context.encrypted));
      }
    }
  }

  finish(): GeneratedResponses {
    requireBounded([...this.#headers, ...this.#cookies]);
    return {
      envelope: this.#octets,
      headers: this.#headers,
      cookies: this.#cookies,
      setCookies: this.#setCookies,
      notes: this.#notes,
    };
  }

  #addTicket(response: SessionTicketResponse<string>): void {
    const document = this.#context.document;
    const message = document && { document, from: this.#soap?.body ?? -1 };
    const made = makeTicket(response, message, this.#context);
    if (!("assertion" in made)) {
      this.#notes.push(made);
      return;
    }
    const { place, assertion, note } = made;
    if (place === "envelope") {
      const header = { tokens: [assertion.xml], timestamp: false, mustUnderstand: false } as const;
      this.#octets = secureMessage(this.#message(), header).envelope;
    } else if (place === "header") {
      this.#headers.push([ticketHeader, assertion.encoded]);
    } else {
      const line = writeTicketCookie(assertion.encoded);
      this.#addCookie([ticketCookie, assertion.encoded], line);
      if (line === undefined) return;
    }
    this.#notes.push(note);
  }

  /** Browsers drop larger cookies: one of those is left out, and the record warns of it. */
  #addCookie(cookie: NamedValue, line: string | undefined): void {
    const [name, value] = cookie;
    if (line === undefined || name.length + 1 + value.length > maxCookieOctets) {
      this.#notes.push({
        response: "cookie",
        detail: `${name} left out: over ${maxCookieOctets} octets`,
        warning: true,
      });
      return;
    }
    this.#cookies.push(cookie);
    this.#setCookies.push(line);
    this.#notes.push({ response: "cookie", detail: name });
  }

  /** The message as far as it is done, and read. */
  #message(): UnverifiedEnvelope {
    return this.#octets === undefined ? (this.#soap ?? refuseNoSoap()) : parseEnvelope(scan(this.#octets));
  }
}

const isHeaded = (response: ResponseAttribute): response is Headed =>
  response.kind === "ws-security" ||
  (response.kind === "saml-session-ticket" && (response.in ?? "envelope") === "envelope");

const actorOf = (response: Headed): string | undefined =>
  response.kind === "ws-security" ? response.actor : undefined;

const isEnvelope = (document: XmlDocument): boolean =>
  document.name(0) === soap11.Envelope || document.name(0) === soap12.Envelope;

function requireDistinctActors(responses: readonly Headed[]): void {
  const actors = new Set(responses.map(actorOf));
  if (actors.size < responses.length) refuseData("actor", "two responses make a Security header for one actor");
}

function refuseNoSoap(): never {
  refuse("ERR_HTTP_MEDIA_TYPE", "the policy adds a Security header, and the request has no SOAP envelope", {
    rule: "responses[].kind",
    remedy: "Send the document in a SOAP envelope.",
  });
}
