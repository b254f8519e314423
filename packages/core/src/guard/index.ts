export type { GuardInternals } from "./compile.js";
export type { ConversationOptions } from "./conversation-options.js";
export { createGuard } from "./create-guard.js";
export { allowInsecureTransport } from "./insecure.js";
export { defaultLimits, type MessageLimits } from "./limits.js";
export { checkOptions, toConfigurationError } from "./option-errors.js";
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
