import { type CountersignError, errorTable } from "../errors/index.js";
import { contentTypeOf, type FaultContent, type SoapVersion, writeFault } from "../soap/index.js";
import { InvalidContextError, wscNamespace } from "../tokens/context/index.js";
import { wsseNamespace } from "../wss/index.js";
import { element, escapeText } from "../xml/index.js";
import { correlationHeader, type ServerReply } from "./seam.js";

/** What an answer depends on besides the error. */
export interface AnswerContext {
  /** Correlation id. */
  readonly id: string;
  /** The SOAP version to answer in; undefined on routes and requests without SOAP. */
  readonly soap: SoapVersion | undefined;
  /** MessageID to echo; set only where it is well-formed. */
  readonly relatesTo?: string | undefined;
  /** The WS-Trust namespace of a request about a context. */
  readonly trust?: string | undefined;
  /** Whether the request was an XML document that is no SOAP: then the answer is one too. */
  readonly xml?: boolean | undefined;
}

/** Rendering of one route. */
export interface AnswerOptions {
  readonly soap12SenderStatus: 400 | 500;
  readonly preciseFaults: boolean;
  /** The realm of challenges: the route's origin. */
  readonly realm: string;
  /** Whether a challenge offers Bearer. */
  readonly bearer: boolean;
  /** Whether a challenge offers Basic. Default false. */
  readonly basic?: boolean | undefined;
}

const sentence = "The security check failed.";
const retryAfterSeconds = 5;

/**
 * Turns refusals into answers. Every verification failure gets one neutral answer of the same octets; guidance is given
 * only where a caller was verified and merely lacks a claim, or where nothing about credentials is involved.
 */
export function createAnswers(
  options: AnswerOptions,
): (error: CountersignError, context: AnswerContext) => ServerReply {
  return (error, context) => {
    const { family } = errorTable[error.code];
    if (family === "exchange") return exchangeAnswer(error, context);
    if (context.soap === undefined) return plainAnswer(error, context, options);
    return soapAnswer(error, { ...context, soap: context.soap }, options);
  };
}

function soapAnswer(
  error: CountersignError,
  context: AnswerContext & { soap: SoapVersion },
  options: AnswerOptions,
): ServerReply {
  const { family, status, soap: code, sentence: published, verdict } = errorTable[error.code];
  const version = context.soap;
  const base = { version, relatesTo: context.relatesTo };
  if (family === "upstream" || family === "internal") {
    const httpStatus = status === 503 || status === 502 ? status : 500;
    return soapReply(httpStatus, writeFault({ ...base, code: "Receiver", reason: published }), context);
  }
  if (family === "message") {
    const httpStatus = code === "Sender" ? 400 : 500;
    return soapReply(httpStatus, writeFault({ ...base, code, reason: published }), context);
  }
  const httpStatus = version === "1.1" ? 500 : options.soap12SenderStatus;
  if (error.code === "ERR_POLICY_CLAIM") return soapReply(httpStatus, rightFault(error.detail.reason, base), context);
  if (error.code === "ERR_POLICY_DENIED") return soapReply(httpStatus, rightFault(published, base), context);
  const told = toldSubcode(error, context);
  if (told !== undefined) {
    return soapReply(httpStatus, writeFault({ ...base, code: "Sender", subcode: told, reason: published }), context);
  }
  const name = options.preciseFaults && verdict !== undefined ? verdict : "InvalidSecurity";
  const reason = options.preciseFaults ? published : sentence;
  const subcode = { prefix: "wsse", namespace: wsseNamespace, name };
  return soapReply(httpStatus, writeFault({ ...base, code: "Sender", subcode, reason }), context);
}

/**
 * A context that does not live is told as the standard wants (WS-SecureConversation 1.4 section 9), whoever names it: without
 * that no requestor could establish a new one. A requestor about whose context something cannot be done is authenticated,
 * and is told which `wst:` fault it is (WS-Trust 1.4 section 11).
 */
function toldSubcode(error: CountersignError, { trust }: AnswerContext): FaultContent["subcode"] {
  if (error.code === "ERR_CONTEXT_INVALID") {
    const namespace = error instanceof InvalidContextError ? error.words.namespace : wscNamespace;
    return { prefix: "wsc", namespace, name: "BadContextToken" };
  }
  const name = errorTable[error.code].trust;
  return name === undefined || trust === undefined ? undefined : { prefix: "wst", namespace: trust, name };
}

/** The caller is verified and proven; only a claim or a right is missing, and which claims a route demands is public. */
function rightFault(reason: string, base: { version: SoapVersion; relatesTo: string | undefined }): string {
  const subcode = { prefix: "wsse", namespace: wsseNamespace, name: "FailedAuthentication" };
  return writeFault({ ...base, code: "Sender", subcode, reason });
}

function soapReply(status: number, fault: string, { id, soap }: AnswerContext): ServerReply {
  const headers: Record<string, string> = {
    "content-type": contentTypeOf(soap ?? "1.1"),
    "cache-control": "no-store",
    [correlationHeader]: id,
  };
  if (status === 503) headers["retry-after"] = String(retryAfterSeconds);
  return { status, headers, body: Buffer.from(fault) };
}

function plainAnswer(error: CountersignError, context: AnswerContext, options: AnswerOptions): ServerReply {
  const { status, family, sentence: published, oauth } = errorTable[error.code];
  if (family === "message") return plain(status, published, context);
  if (status === 503 || status === 502 || status === 500) {
    return plain(status, published, context, status === 503 ? { "retry-after": String(retryAfterSeconds) } : {});
  }
  if (error.code === "ERR_POLICY_CLAIM" || error.code === "ERR_POLICY_DENIED") {
    const told = error.code === "ERR_POLICY_CLAIM" ? error.detail.reason : published;
    return plain(403, told, context, options.bearer ? { "www-authenticate": `Bearer error="${oauth}"` } : {});
  }
  return plain(401, options.preciseFaults ? published : sentence, context, challengeOf(options));
}

/** What a route takes in the Authorization header (RFC 9110 section 11.6.1). */
function challengeOf({ bearer, basic, realm }: AnswerOptions): Readonly<Record<string, string>> {
  if (!bearer && !basic) return {};
  const offered = [
    ...(bearer ? [`Bearer realm="${realm}"`] : []),
    ...(basic ? [`Basic realm="${realm}", charset="UTF-8"`] : []),
  ];
  return { "www-authenticate": offered.join(", ") };
}

function exchangeAnswer(error: CountersignError, context: AnswerContext): ServerReply {
  const headers: Record<string, string> = error.code === "ERR_HTTP_METHOD" ? { allow: "POST" } : {};
  // What follows a refused body is not read: the connection must not be reused for it.
  if (error.code === "ERR_HTTP_TOO_LARGE") headers.connection = "close";
  return plain(errorTable[error.code].status, errorTable[error.code].sentence, context, headers);
}

/** One sentence: as text, or as a small document for callers who read documents. */
function plain(
  status: number,
  text: string,
  { id, xml }: AnswerContext,
  more: Readonly<Record<string, string>> = {},
): ServerReply {
  return {
    status,
    headers: {
      "content-type": xml ? "text/xml; charset=utf-8" : "text/plain; charset=utf-8",
      "cache-control": "no-store",
      [correlationHeader]: id,
      ...more,
    },
    body: Buffer.from(xml ? element("fault", {}, escapeText(text)) : text),
  };
}
