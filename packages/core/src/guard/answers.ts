import { type CountersignError, errorTable } from "../errors/index.js";
import { contentTypeOf, type FaultContent, type SoapVersion, writeFault } from "../soap/index.js";
import { InvalidContextError, wscNamespace } from "../tokens/context/index.js";
import { wsseNamespace } from "../wss/index.js";
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
}

/** Rendering of one route. */
export interface AnswerOptions {
  readonly soap12SenderStatus: 400 | 500;
  readonly preciseFaults: boolean;
  /** The realm of challenges: the route's origin. */
  readonly realm: string;
  /** Whether a challenge offers Bearer. */
  readonly bearer: boolean;
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
  if (error.code === "ERR_POLICY_CLAIM") return soapReply(httpStatus, claimFault(error, base), context);
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

/** The caller is verified and proven; only a claim is missing, and which ones a route demands is public. */
function claimFault(error: CountersignError, base: { version: SoapVersion; relatesTo: string | undefined }): string {
  const subcode = { prefix: "wsse", namespace: wsseNamespace, name: "FailedAuthentication" };
  return writeFault({ ...base, code: "Sender", subcode, reason: error.detail.reason });
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

function plainAnswer(error: CountersignError, { id }: AnswerContext, options: AnswerOptions): ServerReply {
  const { status, family, sentence: published, oauth } = errorTable[error.code];
  if (family === "message") return plain(status, published, id);
  if (status === 503 || status === 502 || status === 500) {
    return plain(status, published, id, status === 503 ? { "retry-after": String(retryAfterSeconds) } : {});
  }
  if (error.code === "ERR_POLICY_CLAIM") {
    return plain(403, error.detail.reason, id, options.bearer ? { "www-authenticate": `Bearer error="${oauth}"` } : {});
  }
  const challenge = options.bearer ? { "www-authenticate": `Bearer realm="${options.realm}"` } : {};
  return plain(401, options.preciseFaults ? published : sentence, id, challenge);
}

function exchangeAnswer(error: CountersignError, { id }: AnswerContext): ServerReply {
  const headers: Record<string, string> = error.code === "ERR_HTTP_METHOD" ? { allow: "POST" } : {};
  // What follows a refused body is not read: the connection must not be reused for it.
  if (error.code === "ERR_HTTP_TOO_LARGE") headers.connection = "close";
  return plain(errorTable[error.code].status, errorTable[error.code].sentence, id, headers);
}

function plain(status: number, text: string, id: string, more: Readonly<Record<string, string>> = {}): ServerReply {
  return {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      [correlationHeader]: id,
      ...more,
    },
    body: Buffer.from(text),
  };
}
