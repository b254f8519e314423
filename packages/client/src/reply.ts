import {
  type Certificate,
  type Clock,
  type ContextSource,
  CountersignError,
  contentTypeOf,
  createVerifiedMessage,
  type DecryptionKey,
  forEachBlock,
  isAddressing,
  isCountersignError,
  type ProtectedPart,
  parseEnvelope,
  refuse,
  type SoapVersion,
  scan,
  transportPart,
  type VerifiedMessage,
  verifyReply,
} from "@countersign/core/sts";
import type { HttpResponse } from "./http.js";
import { parseFault, type SoapFault, SoapFaultError } from "./soap-fault.js";

/** What is demanded of the replies of one peer, and how what is wrong with them is called. */
export interface ReplyRules {
  readonly certificates: readonly Certificate[] | undefined;
  /** The context that the request was sent under: its key signs replies too. */
  readonly contexts?: ContextSource | undefined;
  readonly signed: boolean;
  /** Keys that they may be encrypted for. */
  readonly decryption: readonly DecryptionKey[] | undefined;
  /** Whether their Body must be encrypted. */
  readonly encrypted: boolean;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly skew: number;
  readonly codes:
    | { readonly fault: "ERR_STS_FAULT"; readonly invalid: "ERR_STS_RESPONSE_INVALID" }
    | { readonly fault: "ERR_SERVICE_FAULT"; readonly invalid: "ERR_SERVICE_RESPONSE_INVALID" };
}

/** What a reply must fit. */
export interface Sent {
  readonly version: SoapVersion;
  /** SignatureValues that the reply must confirm; undefined where that is not demanded. */
  readonly confirm: readonly Uint8Array[] | undefined;
  /** MessageID of the request, where it had one. */
  readonly messageId: string | undefined;
}

/**
 * Reads a SOAP reply: verifies it as demanded, and surfaces a fault before anything else that may be wrong with it.
 * @throws SoapFaultError for a fault; otherwise the rules' code for an invalid response
 */
export async function readSoapReply(response: HttpResponse, rules: ReplyRules, sent: Sent): Promise<VerifiedMessage> {
  const { invalid } = rules.codes;
  if (!isSoap(response)) {
    refuse(invalid, `the answer has status ${response.status} and is no SOAP message`, { rule: "SOAP 1.2 part 2, 7" });
  }
  const message = await verified(response, rules, sent);
  const fault = faultOf(message);
  if (fault !== undefined)
    throw new SoapFaultError(rules.codes.fault, { fault, httpStatus: response.status, verified: true });
  if (message.soapVersion !== sent.version)
    refuse(invalid, `the answer is SOAP ${message.soapVersion}`, { rule: "SOAP 1.2 part 1, 2.8" });
  const relatesTo = addressing(message, "RelatesTo");
  if (sent.messageId !== undefined && relatesTo !== undefined && relatesTo !== sent.messageId) {
    refuse(invalid, "the answer belongs to another request (RelatesTo)", { rule: "WS-Addressing 1.0 Core, 3.4" });
  }
  if (response.status < 200 || response.status > 299) {
    refuse(invalid, `the answer has status ${response.status} and holds no fault`, { rule: "SOAP 1.2 part 2, 7.5" });
  }
  return message;
}

async function verified({ body, status }: HttpResponse, rules: ReplyRules, sent: Sent): Promise<VerifiedMessage> {
  const { certificates, contexts, signed, decryption, encrypted, clock, skew, codes } = rules;
  try {
    if (certificates === undefined && contexts === undefined && decryption === undefined)
      return transportProtected(body);
    return await verifyReply(body, {
      certificates,
      contexts,
      decryption,
      encrypted: encrypted ? ["body"] : [],
      required: signed ? ["body", "timestamp"] : "transport",
      confirm: sent.confirm,
      clock,
      timestamp: { maxAge: maxAge, future: skew, skew, requireExpires: false },
    });
  } catch (error) {
    if (!isCountersignError(error) || error.family === "internal") throw error;
    const fault = unverifiedFault(body);
    if (fault !== undefined)
      throw new SoapFaultError(codes.fault, { fault, httpStatus: status, verified: false }, { cause: error });
    const { reason, place, rule, remedy } = error.detail;
    throw new CountersignError(codes.invalid, {
      reason: `the answer cannot be accepted: ${reason}`,
      place,
      rule,
      remedy,
      cause: error,
    });
  }
}

/** The message of a peer whose certificate is not known: the connection vouches for all of it, and no signature says more. */
export function transportProtected(body: Uint8Array): VerifiedMessage {
  const envelope = parseEnvelope(scan(body));
  const headers: ProtectedPart[] = [];
  forEachBlock(envelope, (block) => headers.push(transportPart(block)));
  return createVerifiedMessage(envelope, transportPart(envelope.body), headers);
}

/** Age of a reply's Timestamp, in milliseconds. */
const maxAge = 300_000;

/** Whether a response declares a SOAP media type, without content coding. */
export function isSoap({ headers, body }: HttpResponse): boolean {
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  const coding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const known = [contentTypeOf("1.1"), contentTypeOf("1.2")].some((full) => full.split(";", 1)[0] === type);
  return known && coding === "identity" && body.length > 0;
}

function faultOf(message: VerifiedMessage): SoapFault | undefined {
  const [first] = message.body.children();
  return first?.localName === "Fault" ? parseFault(parseEnvelope(scan(message.envelope))) : undefined;
}

function unverifiedFault(body: Uint8Array): SoapFault | undefined {
  try {
    return parseFault(parseEnvelope(scan(body)));
  } catch (error) {
    if (isCountersignError(error)) return undefined;
    throw error;
  }
}

function addressing(message: VerifiedMessage, name: string): string | undefined {
  return message.headers.find((header) => header.localName === name && isAddressing(header.namespace))?.text?.trim();
}
