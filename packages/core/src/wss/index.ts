export { type ContextKey, contextKey, contextOf, isReplyKey, replyLabel } from "./context-key.js";
export { type KeyReference, writeKeyReference } from "./key-reference.js";
export type { MessagePart, ReplyPart } from "./message-part.js";
export { createVerifiedMessage, type ProtectedPart, transportPart } from "./message-view.js";
export { wsse, wsse11, wsse11Namespace, wsseNamespace, wsu, wsuNamespace } from "./names.js";
export { type OpenedSecurity, openSecurity, type SecurityRules, type VerifiedSignature } from "./open.js";
export { type Coverage, coverageOf } from "./parts.js";
export {
  type OutboundSignature,
  type SecuredMessage,
  type SecureMessageOptions,
  secureMessage,
} from "./secure-message.js";
export { findSecurityHeader, parseSecurityHeader, type SecurityHeaderSyntax } from "./security-header.js";
export type { Signer } from "./signer.js";
export { readTimestamp, type Timestamp, type TimestampRules } from "./timestamp.js";
export type {
  PossessionProof,
  Protection,
  SecurityEvidence,
  VerifiedElement,
  VerifiedMessage,
} from "./verified-message.js";
export { type VerifyReplyOptions, verifyReply } from "./verify-reply.js";
