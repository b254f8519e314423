export type { TicketAssertionContent, TicketKey } from "./content.js";
export { type IssuedTicketAssertion, issueTicketAssertion, type TicketAssertionOptions } from "./issue.js";
export { sealedConfirmation, ticketAttribute, ticketCookie, ticketHeader } from "./names.js";
export {
  isTicketAssertion,
  parseEncodedTicketAssertion,
  parseTicketAssertion,
  type TicketAssertionSyntax,
} from "./parse.js";
export { maxCookieOctets, type TicketCookieScope, writeTicketCookie } from "./places.js";
export { openTicket, type SessionTicket, sealTicket, type TicketRules } from "./session-ticket.js";
export { openTicketAssertion, type TicketAssertionRules, type ValidatedTicketAssertion } from "./validate.js";
