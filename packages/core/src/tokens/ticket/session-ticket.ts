import type { KeyRing } from "../../crypto/index.js";
import { type ErrorCode, refuse } from "../../errors/index.js";
import type { Lifetime } from "../../time/index.js";
import { decodeText, encodeText, openMembers, sealMembers, textOf, wholeOf } from "./sealed-members.js";

/** What a session ticket says; nobody but the holders of the key ring can read it. */
export interface SessionTicket {
  /** Id of the session. A ticket is only worth what the session store says of it. */
  readonly session: string;
  /** `expires` is the session's absolute end. */
  readonly lifetime: Lifetime;
  /** Protection level of the authentication. */
  readonly level: number;
  /** The only service that may use it. Default: every service of the tenant. */
  readonly audience?: string | undefined;
  /** SHA-256, hexadecimal, of the TLS client certificate it is bound to. Default: bound to none. */
  readonly boundTo?: string | undefined;
}

/** How a ticket came, as far as its validity depends on that. */
export interface TicketRules {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By how much clocks may differ, in milliseconds. */
  readonly skew: number;
  /** The service that is asked for. A ticket for one audience holds only where this is the same. */
  readonly audience?: string | undefined;
  /** SHA-256, hexadecimal, of the TLS client's certificate. A bound ticket holds only where this is the same. */
  readonly boundTo?: string | undefined;
}

const purpose = "session-ticket";
/** Version of the sealed members. */
const version = 1;

/** Characters of a ticket: longer ones are not looked at. */
export const maxTicketText = 2_048;
const maxTicketOctets = 1_536;

/** Seals a ticket for a tenant: opaque text of `A-Z a-z 0-9 _ -`, another one each time. */
export function sealTicket(ticket: SessionTicket, ring: KeyRing, tenant: string): string {
  const { session, lifetime, level, audience, boundTo } = ticket;
  const text = encodeText(
    sealMembers(
      ring,
      {
        v: version,
        sid: session,
        iat: lifetime.created,
        exp: lifetime.expires,
        lvl: level,
        aud: audience,
        cnf: boundTo,
      },
      purpose,
      tenant,
    ),
  );
  if (text.length > maxTicketText)
    refuse("ERR_INTERNAL", `the ticket has ${text.length} characters, more than ${maxTicketText}`);
  return text;
}

/**
 * Opens a ticket. That the session lives is not known yet: ask the session store.
 * @throws ERR_SESSION_INVALID for text that is no ticket of this tenant and key ring, changed in whatever bit, sealed with a
 * key that has left the ring, of another version, for another audience or bound to another client
 * @throws ERR_SESSION_EXPIRED behind its end, and before its start
 */
export function openTicket(text: string, ring: KeyRing, tenant: string, rules: TicketRules): SessionTicket {
  const octets = text.length > maxTicketText ? undefined : decodeText(text, maxTicketOctets);
  const members = octets && openMembers(ring, octets, purpose, tenant);
  const ticket = members?.v === version ? ticketOf(members) : undefined;
  if (ticket === undefined)
    refuseTicket("ERR_SESSION_INVALID", "the text is no session ticket under the keys held here");
  const { lifetime, audience, boundTo } = ticket;
  if (!(rules.now < lifetime.expires + rules.skew)) {
    refuseTicket("ERR_SESSION_EXPIRED", `the ticket ended ${rules.now - lifetime.expires} ms ago`);
  }
  if (!(lifetime.created - rules.now <= rules.skew)) {
    refuseTicket("ERR_SESSION_EXPIRED", `the ticket begins ${lifetime.created - rules.now} ms ahead`);
  }
  if (audience !== undefined && audience !== rules.audience) {
    refuseTicket("ERR_SESSION_INVALID", `the ticket is for ${audience.slice(0, 256)}`);
  }
  if (boundTo !== undefined && boundTo !== rules.boundTo) {
    refuseTicket("ERR_SESSION_INVALID", "the ticket is bound to another TLS client certificate");
  }
  return ticket;
}

function ticketOf({ sid, iat, exp, lvl, aud, cnf }: Readonly<Record<string, unknown>>): SessionTicket | undefined {
  const [session, created, expires, level] = [textOf(sid), wholeOf(iat), wholeOf(exp), wholeOf(lvl)];
  if (session === undefined || created === undefined || expires === undefined || level === undefined) return undefined;
  if ([aud, cnf].some((member) => member !== undefined && typeof member !== "string")) return undefined;
  return { session, lifetime: { created, expires }, level, audience: textOf(aud), boundTo: textOf(cnf) };
}

function refuseTicket(code: ErrorCode, reason: string): never {
  refuse(code, reason, {
    rule: "session tickets",
    remedy: "Authenticate again for a new ticket; check that all nodes hold the same keys and that their clocks agree.",
  });
}
