import {
  type CountersignError,
  contentTypeOf,
  correlationHeader,
  errorTable,
  type ServerReply,
  type SoapVersion,
  trust13,
  writeFault,
} from "@countersign/core/sts";

/** What an answer takes over from its request. */
export interface AnswerContext {
  /** Correlation id. */
  readonly id: string;
  readonly version: SoapVersion;
  /** MessageID to echo. */
  readonly relatesTo: string | undefined;
  /** The namespace of its version of WS-Trust; undefined where it is in none that is spoken. */
  readonly namespace: string | undefined;
}

const retryAfterSeconds = 5;

/** A SOAP answer with the headers that every answer of the broker has. */
export function soapAnswer(status: number, content: string, { id, version }: AnswerContext): ServerReply {
  return {
    status,
    headers: {
      "content-type": contentTypeOf(version),
      "cache-control": "no-store",
      [correlationHeader]: id,
      ...(status === 503 && { "retry-after": String(retryAfterSeconds) }),
    },
    body: Buffer.from(content),
  };
}

/**
 * The answer to a requestor who is authenticated and whose request is refused: a `wst:` fault (WS-Trust 1.4 section 11).
 * An outage is a Receiver fault with 503, anything unexpected one with 500; neither says more.
 */
export function faultAnswer(error: CountersignError, context: AnswerContext): ServerReply {
  const { trust, family, sentence, status } = errorTable[error.code];
  const { version, relatesTo } = context;
  if (trust === undefined) {
    const httpStatus = family === "upstream" ? status : 500;
    const reason = family === "upstream" ? sentence : errorTable.ERR_INTERNAL.sentence;
    return soapAnswer(httpStatus, writeFault({ version, code: "Receiver", reason, relatesTo }), context);
  }
  const subcode = { prefix: "wst", namespace: context.namespace ?? trust13.namespace, name: trust };
  const httpStatus = version === "1.1" ? 500 : 400;
  return soapAnswer(httpStatus, writeFault({ version, code: "Sender", subcode, reason: sentence, relatesTo }), context);
}
