import type { Injection, ServerRequest } from "../guard/index.js";
import type { ReservedNames, ResponseAttribute } from "../identity/index.js";
import { type GeneratedResponses, generateResponses } from "../response/index.js";
import type { Caller } from "./authenticate-caller.js";
import type { CompiledAgent } from "./compile.js";

/** What responses became, and the body to forward. */
export interface Responses extends GeneratedResponses {
  readonly body: Injection["body"];
}

/**
 * Makes of a policy's responses what is put into the request.
 * @throws as `generateResponses`
 */
export function respond(
  { base, keys, affiliates, paths, options }: CompiledAgent,
  attributes: readonly ResponseAttribute[],
  reserved: ReservedNames,
  caller: Caller,
  request: ServerRequest,
  now: number,
): Responses {
  const { document: read, subject, session, encrypted } = caller;
  const generated = generateResponses(attributes, {
    subject,
    session,
    document: read?.document,
    actor: base.actor,
    reserved: reserved.actors,
    keys,
    affiliates,
    paths,
    encrypted,
    passwordsInClear: options.forwardPasswords === true && request.transport.encrypted,
    ticket: caller.ticket,
    tickets: options.tickets && { ring: options.tickets.keys, tenant: options.tickets.tenant ?? "countersign" },
    began: caller.began,
    now,
  });
  const bytes = generated.envelope ?? (read && octetsOf(read));
  return { ...generated, body: bytes && read && { bytes, contentType: read.contentType } };
}

/** The document in UTF-8, from its first tag to its last. */
const octetsOf = ({ document }: NonNullable<Caller["document"]>): Uint8Array =>
  document.bytes.subarray(document.start(0), document.end(0));
