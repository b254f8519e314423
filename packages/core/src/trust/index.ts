export { writeRequestSecurityToken, writeRequestSecurityTokenCollection } from "./build-request.js";
export {
  writeRequestSecurityTokenResponse,
  writeRequestSecurityTokenResponseCollection,
} from "./build-response.js";
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
} from "./context-words.js";
export { type TrustEnvelope, writeTrustEnvelope } from "./envelope.js";
export type {
  AlgorithmWishes,
  RequestedClaim,
  RequestedLifetime,
  RequestSecurityToken,
  RequestSecurityTokenResponse,
  ResponseContent,
  TokenProof,
  TokenStatus,
  UseKey,
} from "./message.js";
export { parseRequestSecurityToken } from "./parse-request.js";
export { parseRequestSecurityTokenResponse, parseRequestSecurityTokenResponses } from "./parse-response.js";
export { referencedAssertion } from "./token-target.js";
export {
  type KeyType,
  requestedOperation,
  type TrustOperation,
  type TrustVocabulary,
  tokenTypes,
  trust13,
  trust2005,
  trustOperations,
  trustVersions,
  wst14Namespace,
  wst2005Namespace,
  wstNamespace,
} from "./vocabulary.js";
