import type { Broker } from "@countersign/broker";
import {
  issueUsernameToken,
  type KeyObject,
  type OutboundSignature,
  parseEnvelope,
  parseRequestSecurityTokenResponses,
  type RequestSecurityToken,
  scan,
  secureMessage,
  trust13,
  writeRequestSecurityToken,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import { ordersUrl, stsUrl, type TestClock, toServerRequest } from "./estate.js";

/** A request to a broker, made by hand: right in everything but what a test changes. */
export interface Question {
  readonly name?: string;
  readonly password?: string;
  readonly as?: "text" | "digest";
  /** Changes to an Issue request for a bearer token; a value of undefined leaves an element out. */
  readonly request?: Partial<RequestSecurityToken>;
  /** The Body's content instead of all that. */
  readonly content?: string;
  readonly action?: string;
  readonly version?: "1.1" | "1.2";
  readonly signatures?: readonly OutboundSignature[];
  /** Tokens behind the UsernameToken. */
  readonly tokens?: readonly string[];
  /** No Security header at all. */
  readonly bare?: boolean;
  readonly encrypted?: boolean;
  readonly messageId?: string;
  /** Changes the finished message. */
  readonly tamper?: (message: string) => string;
}

/** What a broker answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The qualified name of the innermost fault code as written, such as `wst:InvalidScope`. */
  readonly fault: string | undefined;
}

/** The message of a question. */
export function questionMessage(clock: TestClock, question: Question = {}): { body: Uint8Array; contentType: string } {
  const { version = "1.2", action = trust13.actions.issue, messageId = "urn:uuid:question" } = question;
  const request: RequestSecurityToken = {
    context: "urn:uuid:context",
    requestType: trust13.requestTypes.issue,
    appliesTo: ordersUrl,
    ...question.request,
  };
  const content = question.content ?? writeRequestSecurityToken(request);
  const envelope = writeTrustEnvelope({ version, action, to: stsUrl, messageId, content });
  const { name = "alice", password = "wonderland", as = "text", signatures, tamper = (message) => message } = question;
  const tokens = [issueUsernameToken({ name, password, as, now: clock.now() }).xml, ...(question.tokens ?? [])];
  const secured = question.bare ? envelope : secureMessage(envelope, { tokens, signatures, clock }).envelope;
  const contentType = version === "1.1" ? "text/xml; charset=utf-8" : "application/soap+xml; charset=utf-8";
  return { body: Buffer.from(tamper(Buffer.from(secured).toString())), contentType };
}

/** Sends a finished message to a broker. */
export async function send(
  broker: Broker,
  { body, contentType }: { body: Uint8Array; contentType: string },
  encrypted = true,
): Promise<Answer> {
  const headers = { "content-type": contentType, ...(contentType.startsWith("text/xml") && { soapaction: '""' }) };
  const request = toServerRequest({ method: "POST", url: new URL(stsUrl), headers, body }, encrypted);
  const { status, headers: answered, body: octets = Buffer.alloc(0) } = await broker.handle(request);
  const text = Buffer.from(octets).toString();
  const fault = /<s:Subcode><s:Value[^>]*>([^<]*)</.exec(text)?.[1] ?? /<faultcode[^>]*>([^<]*)</.exec(text)?.[1];
  return { status, headers: answered, text, fault };
}

/** Asks a broker. */
export function ask(broker: Broker, clock: TestClock, question: Question = {}): Promise<Answer> {
  return send(broker, questionMessage(clock, question), question.encrypted);
}

/** The one response in an answer. */
export function responseIn({ text }: Answer) {
  const { document, body } = parseEnvelope(scan(Buffer.from(text)));
  const [response, ...others] = parseRequestSecurityTokenResponses(document, document.firstChild(body));
  if (response === undefined || others.length > 0) throw new TypeError("the answer does not hold one response");
  return response;
}

/** A signature over Body and Timestamp that shows possession of a bare key. */
export function possession(
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  parts: OutboundSignature["parts"] = ["body", "timestamp"],
): OutboundSignature {
  return { key: privateKey, reference: { by: "key-value", key: publicKey }, parts };
}
