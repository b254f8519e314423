import type { SessionTicketResponse } from "../identity/index.js";
import { type IssuedTicketAssertion, issueTicketAssertion } from "../tokens/ticket/index.js";
import type { ResponseContext, ResponseNote } from "./context.js";
import { refuseData } from "./refusal.js";
import { type KeyDocument, subjectKey } from "./subject-key.js";

/** A session ticket assertion and where it goes. */
export interface MadeTicket {
  readonly place: NonNullable<SessionTicketResponse<string>["in"]>;
  readonly assertion: IssuedTicketAssertion;
  readonly note: ResponseNote;
}

const defaultSeconds = 300;

/**
 * Makes the session ticket assertion of a response: the sealed ticket and the user's public key. Without key it can be made
 * too, and holds only where no signature is demanded.
 * @param message Where a key of the document is looked for.
 * @returns a note where the response wants the caller to have shown credentials with this request, and it did not
 * @throws ERR_RESPONSE_DATA where the agent holds no keys for it or the session is over, and for a key that cannot be used
 */
export function makeTicket(
  response: SessionTicketResponse<string>,
  message: KeyDocument | undefined,
  context: ResponseContext,
): MadeTicket | ResponseNote {
  const { session, subject, tickets, keys, ticket, now, paths } = context;
  const place = response.in ?? "envelope";
  if (response.forceLogon === true && context.began !== true) {
    return { response: "saml-session-ticket", detail: "left out: no credentials came with this request" };
  }
  if (tickets === undefined || ticket === undefined) refuseData("kind", "the agent holds no keys for session tickets");
  if (response.sign === true && keys === undefined)
    refuseData("sign", "the agent has no key to sign the assertion with");
  const found = subjectKey(response.key ?? { from: "credential" }, subject, message, paths, now);
  const expires = Math.min(
    now + (response.expirySeconds ?? defaultSeconds) * 1000,
    session.created + session.maxSeconds * 1000,
  );
  if (expires <= now) refuseData("kind", "the session is over");
  const assertion = issueTicketAssertion(
    {
      ticket,
      subject: subject.name,
      issuer: keys?.issuer ?? tickets.tenant,
      audience: [response.audience ?? tickets.tenant],
      lifetime: { created: now, expires },
      level: session.level,
    },
    {
      ring: tickets.ring,
      tenant: tickets.tenant,
      key:
        found && ("certificate" in found ? { key: found.certificate.publicKey, ...found } : { key: found.publicKey }),
      encryptKey: response.encryptKey,
      sign: response.sign === true && keys !== undefined ? keys : "unsigned",
    },
  );
  const thumbprint = assertion.thumbprint === undefined ? "without key" : `key ${assertion.thumbprint}`;
  const detail = `${place} ${assertion.id} sha-256 ${assertion.digest} ${thumbprint}`;
  return { place, assertion, note: { response: "saml-session-ticket", detail } };
}
