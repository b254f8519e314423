import { type ErrorCode, errorTable, type Verdict } from "@countersign/core";
import { expect } from "vitest";
import { namespaces } from "../../support/namespaces.js";
import type { Sent } from "./sent.js";

/*
 * The answers on the wire, written out once more: a refusal that says anything else tells an attacker something.
 */

const { soap, env, wsse } = namespaces;

const securityFault = {
  "1.1":
    `<s:Envelope xmlns:s="${soap}"><s:Body><s:Fault><faultcode xmlns:wsse="${wsse}">wsse:InvalidSecurity</faultcode>` +
    "<faultstring>The security check failed.</faultstring></s:Fault></s:Body></s:Envelope>",
  "1.2":
    `<s:Envelope xmlns:s="${env}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>` +
    `<s:Value xmlns:wsse="${wsse}">wsse:InvalidSecurity</s:Value></s:Subcode></s:Code>` +
    '<s:Reason><s:Text xml:lang="en">The security check failed.</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>',
} as const;

const messageFault = {
  "1.1": (code: string, sentence: string) =>
    `<s:Envelope xmlns:s="${soap}"><s:Body><s:Fault><faultcode>s:${code}</faultcode>` +
    `<faultstring>${sentence}</faultstring></s:Fault></s:Body></s:Envelope>`,
  "1.2": (code: string, sentence: string) =>
    `<s:Envelope xmlns:s="${env}"><s:Body><s:Fault><s:Code><s:Value>s:${code}</s:Value></s:Code>` +
    `<s:Reason><s:Text xml:lang="en">${sentence}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`,
} as const;

const contentType = {
  "1.1": "text/xml; charset=utf-8",
  "1.2": "application/soap+xml; charset=utf-8",
} as const;

/** Sentences of refusals before there is an envelope; none says more than its status. */
const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  ERR_XML_MALFORMED: "The message is not well-formed.",
  ERR_XML_FORBIDDEN: "The message uses a forbidden construct.",
  ERR_XML_LIMIT: "The message exceeds a limit.",
  ERR_MIME_INVALID: "The multipart message is not valid.",
  ERR_SOAP_INVALID: "The message is not a SOAP envelope.",
  ERR_SOAP_VERSION: "The SOAP version is not supported.",
  ERR_SOAP_MUST_UNDERSTAND: "A mandatory header is not understood.",
  ERR_HTTP_TOO_LARGE: "The request is too large.",
  ERR_HTTP_HEADERS: "The request headers are not valid.",
  ERR_HTTP_MEDIA_TYPE: "The media type is not supported.",
};

/** What an outage says, whatever it is that is out. */
const unavailable = "A service this one depends on is not available.";

/** Codes of SOAP itself, which the standards want told as they are. */
const own: Readonly<Partial<Record<ErrorCode, string>>> = {
  ERR_SOAP_VERSION: "VersionMismatch",
  ERR_SOAP_MUST_UNDERSTAND: "MustUnderstand",
};

/** Asserts that an answer is, octet for octet and header for header, the one for its kind of refusal. */
export function expectFixedAnswer(decision: Extract<Verdict, { kind: "answered" }>, code: ErrorCode, sent: Sent): void {
  const { status, headers, body } = decision.reply;
  const text = Buffer.from(body ?? []).toString("utf8");
  const { "x-correlation-id": id, ...fixed } = headers;
  expect(id).toBe(decision.id);
  const { family } = errorTable[code];
  if (family === "exchange") {
    expect(text).toBe(sentences[code]);
    return;
  }
  const outage = family === "upstream" ? { "retry-after": "5" } : {};
  expect(fixed).toEqual({ "content-type": contentType[sent.soap], "cache-control": "no-store", ...outage });
  if (family === "upstream") {
    expect(status).toBe(503);
    const said = messageFault[sent.soap](sent.soap === "1.1" ? "Server" : "Receiver", unavailable);
    expect(withoutRelatesTo(text, sent)).toBe(said);
    return;
  }
  if (family === "message") {
    const said = own[code] ?? (sent.soap === "1.1" ? "Client" : "Sender");
    expect(status).toBe(own[code] === undefined ? 400 : 500);
    expect(withoutRelatesTo(text, sent)).toBe(
      messageFault[sent.soap](said, sentences[code] ?? "an unexpected sentence"),
    );
    return;
  }
  expect(status).toBe(sent.soap === "1.1" ? 500 : 400);
  expect(withoutRelatesTo(text, sent)).toBe(securityFault[sent.soap]);
}

/** An answer as octets on the wire, but for its correlation id: what a stranger can tell apart. */
export function wireForm(decision: Verdict): string {
  if (decision.kind !== "answered") return decision.kind;
  const { status, headers, body } = decision.reply;
  const { "x-correlation-id": _, ...fixed } = headers;
  return JSON.stringify([status, fixed, Buffer.from(body ?? []).toString("latin1")]);
}

/** A MessageID of the request that is an address without anything to escape is echoed, and nothing else. */
function withoutRelatesTo(fault: string, { body }: Sent): string {
  if (!Buffer.from(body).includes("MessageID")) return fault;
  const action = `<wsa:Action xmlns:wsa="${namespaces.wsa}">${namespaces.wsa}/soap/fault</wsa:Action>`;
  const start = `<s:Header>${action}<wsa:RelatesTo xmlns:wsa="${namespaces.wsa}">`;
  const at = fault.indexOf(start);
  if (at === -1) return fault;
  const echoed = /^[A-Za-z][\w.+-]*:[^\s<>&"'{}\\^`|]{1,250}<\/wsa:RelatesTo><\/s:Header>/.exec(
    fault.slice(at + start.length),
  );
  return fault.slice(0, at) + fault.slice(at + start.length + (echoed?.[0].length ?? 0));
}
