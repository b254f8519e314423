export { checkAction } from "./action.js";
export { type AnswerOptions, createAnswers } from "./answers.js";
export type { BearerBinding } from "./bearer-binding.js";
export { type CompiledGuard, compileRoute, type GuardInternals, warnOfWeakness } from "./compile.js";
export type { ConversationOptions } from "./conversation-options.js";
export { createGuard, toCountersignError } from "./create-guard.js";
export { beginExchange, type Exchange } from "./exchange.js";
export { checkHeaderLines, headerLines } from "./header-lines.js";
export { allowInsecureTransport } from "./insecure.js";
export { defaultLimits, type MessageLimits } from "./limits.js";
export { type SoapMediaType, soapMediaType } from "./media-type.js";
export { readMessageBody } from "./message-body.js";
export { guardOptionsSchema, jwtOptions, pemOrDer } from "./option-schema.js";
export type { GuardOptions, InjectOptions, PemOrDer, ReplyOptions, TrustOptions } from "./options.js";
export {
  correlationHeader,
  type Endpoint,
  type Guard,
  type Injection,
  type RequestHeaders,
  type ServerReply,
  type ServerRequest,
  type Transport,
  type Verdict,
} from "./seam.js";
export type { SecurityContext } from "./security-context.js";
export { checkCharset, echoableMessageId, verifySoap } from "./soap-binding.js";
