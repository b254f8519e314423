/**
 * WS-Trust messages, and what the broker and the client need from core to issue tokens, to secure messages and to verify
 * replies. For packages that speak to or are a security token service.
 */
export { type AuditEvent, type AuditSink, auditError, auditText } from "./audit/index.js";
export {
  Certificate,
  generateKeyPair,
  type KeyInput,
  type KeyObject,
  loadPrivateKey,
  randomId,
  randomUuid,
  sha256,
  sha256Hex,
} from "./crypto/index.js";
export {
  ConfigurationError,
  CountersignError,
  type ErrorCode,
  type ErrorDetail,
  errorTable,
  isCountersignError,
  refuse,
} from "./errors/index.js";
export {
  allowInsecureTransport,
  correlationHeader,
  createGuard,
  type Endpoint,
  type Guard,
  type GuardOptions,
  type MessageLimits,
  type PemOrDer,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
  toConfigurationError,
} from "./guard/index.js";
export { usernameToken } from "./policy/index.js";
export {
  addressingNamespace,
  contentTypeOf,
  isAddressing,
  parseEnvelope,
  type SoapVersion,
  type UnverifiedEnvelope,
  writeFault,
} from "./soap/index.js";
export type { ReplayCache } from "./state/index.js";
export { type Clock, formatDateTime, type Lifetime, systemClock } from "./time/index.js";
export type { PasswordVerifier, SecretLookup } from "./tokens/username/index.js";
export * from "./trust/index.js";
export type { PossessionProof, VerifiedElement, VerifiedMessage } from "./wss/index.js";
export { element, escapeText, registerName, scan, type XmlDocument } from "./xml/index.js";
export { writeAssertionReference } from "./xmlsec/index.js";
