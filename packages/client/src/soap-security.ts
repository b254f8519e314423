import { ConfigurationError } from "@countersign/core/sts";
import type { Client, ServiceReply, TargetOptions } from "./client-interface.js";

/** What `client.setSecurity` of node-soap (the npm package `soap`) takes; it is asked before every call. */
export interface SoapSecurity {
  /** Takes over the call's transport. */
  addOptions(options: object): void;
  /** Writes nothing: the message is secured whole, behind node-soap. */
  toXML(): string;
}

/** Options of {@link soapSecurity}. */
export interface SoapSecurityOptions extends TargetOptions {
  /** Gives up every call when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A request as node-soap hands it to what carries it: axios's own form. */
interface SoapRequest {
  readonly url?: string | undefined;
  readonly data?: unknown;
  readonly headers?: unknown;
  readonly responseType?: string | undefined;
}

/** A response as node-soap reads it. */
interface SoapResponse {
  readonly data: string | Buffer;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly config: SoapRequest;
}

/**
 * Lets a client of the npm package `soap` send through a Countersign client: its messages get tokens and signatures, and it
 * reads only what of the replies was verified as the client's `reply` option demands.
 *
 *     soapClient.setSecurity(soapSecurity(createClient({ ... })));
 *
 * Calls reject as {@link Client.fetch} does: with a SoapFaultError for a fault, ERR_SERVICE_RESPONSE_INVALID for a reply that
 * does not hold. The Countersign client's transport is used: options of a call that node-soap would give to its own are
 * refused, as are attachments, compression and streamed replies.
 * @param client Stays open; closing it is the caller's business.
 * @throws ConfigurationError, out of the call, for an option of the call that has no place here
 */
export function soapSecurity(client: Client, options: SoapSecurityOptions = {}): SoapSecurity {
  const carry = async (request: SoapRequest): Promise<SoapResponse> => {
    const { url, data, responseType } = request;
    if (url === undefined || typeof data !== "string") refuseOption("attachments", "A message is sent as it is.");
    if (responseType === "stream") refuseOption("stream", "A reply is verified before anything of it is read.");
    const { action, headers } = headersOf(request);
    const reply = await client.fetch(url, { ...options, body: data, action, headers });
    const verified = verifiedText(reply);
    const body = responseType === "arraybuffer" ? Buffer.from(verified) : verified;
    return { data: body, status: reply.status, statusText: "", headers: reply.headers, config: request };
  };
  carriers.add(carry);
  return {
    addOptions(call: object) {
      const given = call as Record<string, unknown>;
      for (const name of ofOtherTransports) {
        if (given[name] !== undefined && given[name] !== false && !isEmptyList(given[name])) {
          refuseOption(name, "The Countersign client carries the call.");
        }
      }
      const { adapter } = given;
      if (adapter !== undefined && !carriers.has(adapter as object)) {
        refuseOption("adapter", "The Countersign client carries the call.");
      }
      given.adapter = carry;
    },
    toXML: () => "",
  };
}

/** What this module made: an options object may be used for several calls. */
const carriers = new WeakSet<object>();

/** Options of a call that would be without effect, or would change the message after it was secured. */
const ofOtherTransports = [
  "agent",
  "attachments",
  "auth",
  "forceGzip",
  "forceMTOM",
  "httpAgent",
  "httpsAgent",
  "ntlm",
  "proxy",
  "timeout",
] as const;

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Headers that this client, or node:http, writes itself. */
const ours = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "host",
  "soapaction",
  "transfer-encoding",
]);

/** The caller's own HTTP headers, and the action of the message (SOAP 1.1: SOAPAction; SOAP 1.2: parameter of the media type). */
function headersOf({ headers }: SoapRequest) {
  const own: Record<string, string> = {};
  let action: string | undefined;
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (typeof value !== "string") continue;
    const lower = name.toLowerCase();
    if (lower === "soapaction") action = value.replace(/^"(.*)"$/, "$1");
    if (lower === "content-type") action ??= /;\s*action="([^"]*)"/i.exec(value)?.[1];
    if (!ours.has(lower)) own[lower] = value;
  }
  return { action, headers: own };
}

/** The envelope of what was verified, and of nothing else; empty for a reply that is. */
const verifiedText = ({ message }: ServiceReply): string =>
  message === undefined ? "" : Buffer.from(message.envelope).toString();

function refuseOption(option: string, reason: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, "Remove the option of the call.");
}
