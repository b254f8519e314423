export { writeRequestSecurityToken } from "./build-request.js";
export { writeRequestSecurityTokenResponseCollection } from "./build-response.js";
export {
  type ContextRequest,
  type ContextTarget,
  parseContextRequest,
  writeContextRequest,
} from "./context-request.js";
export {
  type ContextProof,
  type ContextResponse,
  parseContextResponse,
  writeContextResponse,
} from "./context-response.js";
export {
  type ContextAction,
  type ContextOperation,
  type ContextWords,
  contextAction,
  contextActionOf,
  contextWords13,
  contextWords2005,
  wst2005Namespace,
} from "./context-words.js";
export { type TrustEnvelope, writeTrustEnvelope } from "./envelope.js";
export type {
  RequestedClaim,
  RequestedLifetime,
  RequestSecurityToken,
  RequestSecurityTokenResponse,
  UseKey,
} from "./message.js";
export { parseRequestSecurityToken } from "./parse-request.js";
export { parseRequestSecurityTokenResponses } from "./parse-response.js";
export { type KeyType, type TrustVocabulary, tokenTypes, trust13, wstNamespace } from "./vocabulary.js";
