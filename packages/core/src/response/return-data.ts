import { contentTypeOf, forEachBlock, parseEnvelope, soap11Namespace, soap12Namespace } from "../soap/index.js";
import { ticketHeader } from "../tokens/ticket/index.js";
import { wsse } from "../wss/index.js";
import { canonicalize, scan } from "../xml/index.js";

/** A request as a handler behind an agent has it. */
export interface ForwardedRequest {
  /** The envelope that the agent forwarded: `req.body`, `ctx.request.body`, `request.body`. */
  readonly body: unknown;
  /** The request's headers, as Node and the frameworks have them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A reply that hands authentication data to the caller. */
export interface AuthenticationReply {
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8. */
  readonly body: Uint8Array;
}

/**
 * The reply by which the handler of an authentication service returns what the agent put into the request: a SOAP envelope
 * of the request's version with the same Security headers, and the session ticket assertion of the HTTP header where there is
 * one. Nothing is returned that a handler does not return. A cookie needs nothing: the agent sets it.
 * @param payload XML for the Body, complete with its namespaces. Default: an empty Body.
 * @throws ERR_XML_ and ERR_SOAP_ codes where the request's body, or the reply with this payload, is no SOAP envelope
 */
export function returnAuthenticationData({ body, headers }: ForwardedRequest, payload = ""): AuthenticationReply {
  const document = scan(body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : ""));
  const envelope = parseEnvelope(document);
  const blocks: Uint8Array[] = [];
  forEachBlock(envelope, (block) => {
    if (document.name(block) !== wsse.Security) return;
    blocks.push(canonicalize(document, block, { method: "inclusive", comments: false }));
  });
  const namespace = envelope.version === "1.1" ? soap11Namespace : soap12Namespace;
  const reply = Buffer.concat([
    Buffer.from(`<soap:Envelope xmlns:soap="${namespace}"><soap:Header>`),
    ...blocks,
    Buffer.from(`</soap:Header><soap:Body>${payload}</soap:Body></soap:Envelope>`),
  ]);
  parseEnvelope(scan(reply));
  const ticket = headers[ticketHeader];
  return {
    headers: {
      "content-type": contentTypeOf(envelope.version),
      "cache-control": "no-store",
      ...(typeof ticket === "string" ? { [ticketHeader]: ticket } : {}),
    },
    body: reply,
  };
}
