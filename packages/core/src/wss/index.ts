export { type ContextKey, contextKey, isReplyKey, replyLabel } from "./context-key.js";
export {
  type DecryptionKey,
  type DecryptionKeyOptions,
  type DecryptionRules,
  loadDecryptionKeys,
} from "./decryption-keys.js";
export type { DecryptedPart } from "./decryption-round.js";
export type { OutboundEncryption } from "./encrypt-message.js";
export { type EncryptedKeyWishes, type IssuedEncryptedKey, issueEncryptedKey } from "./encrypted-key-token.js";
export {
  type EncryptionDemands,
  encryptedNames,
  type ProtectionOrder,
  requireEncrypted,
  requireOwnCipherText,
} from "./encrypted-parts.js";
export { encryptionFault, loadEncryption, type MessageEncryptionOptions, requireCipher } from "./encryption-options.js";
export { type KeyReference, writeKeyReference, writeReference } from "./key-reference.js";
export type { MessageAttachments } from "./message-attachments.js";
export type { KnownKey, MessageKey } from "./message-keys.js";
export type { EncryptedPart, MessagePart, ReplyPart } from "./message-part.js";
export { endorsedKey, type VerifiedSignature } from "./message-signature.js";
export { createVerifiedMessage, type ProtectedPart, transportPart } from "./message-view.js";
export { wsse, wsse11, wsse11Namespace, wsseNamespace, wsu, wsuNamespace } from "./names.js";
export { type OpenedSecurity, openSecurity, type SecurityRules } from "./open.js";
export type { ContextRecipient, RecipientReference, SharedContentKey } from "./outbound-content-key.js";
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
  VerifiedAttachment,
  VerifiedElement,
  VerifiedMessage,
} from "./verified-message.js";
export { type VerifyReplyOptions, verifyReply } from "./verify-reply.js";
export { inlineIncludes } from "./xop-include.js";
