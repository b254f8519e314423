/**
 * WS-Trust messages, and what the broker and the client need from core to issue tokens, to secure messages and to verify
 * replies; and what turns the responses of a policy into parts of a message. For packages that speak to a security token
 * service, or are one.
 */
export { createGuard } from "./agent/index.js";
export { type AuditEvent, type AuditSink, auditError, auditText } from "./audit/index.js";
export {
  Certificate,
  type CertificateAuthority,
  type CertificateRequest,
  computedKey,
  createAuthority,
  defaultSuite,
  generateKeyPair,
  type IssuedCertificate,
  isSameKeyPair,
  type KeyInput,
  type KeyObject,
  type KeyPairType,
  keyDigest,
  loadPrivateKey,
  loadPublicKey,
  publicKeyInfo,
  randomId,
  randomOctets,
  randomUuid,
  requireFittingKey,
  secretKey,
  sha256Hex,
  signatureAlgorithm,
} from "./crypto/index.js";
export {
  ConfigurationError,
  CountersignError,
  checkOptions,
  type ErrorDetail,
  errorTable,
  isCountersignError,
  refuse,
  toConfigurationError,
} from "./errors/index.js";
export {
  allowInsecureTransport,
  correlationHeader,
  type Endpoint,
  type Guard,
  type MessageLimits,
  type PemOrDer,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
} from "./guard/index.js";
export { type PresentedToken, type TokenStatusSource, usernameToken } from "./policy/index.js";
export { generateResponses, loadResponseKeys, PathCache, type ResponseContext } from "./response/index.js";
export {
  addressingNamespace,
  contentTypeOf,
  forEachBlock,
  isAddressing,
  parseEnvelope,
  type SoapVersion,
  type UnverifiedEnvelope,
  writeFault,
} from "./soap/index.js";
export {
  InMemoryIssuedTokenStore,
  type InMemoryIssuedTokenStoreOptions,
  type IssuedTokenRecord,
  type IssuedTokenStore,
  isKeepable,
  type ReplayCache,
  type StoredToken,
} from "./state/index.js";
export { type Clock, type Lifetime, systemClock, withinDeadline } from "./time/index.js";
export {
  type ContextSource,
  type ConversationVersion,
  type ConversationWords,
  conversation13,
  conversation2005,
  InvalidContextError,
  issueDerivedKey,
  issueSecurityContextToken,
  writeContextReference,
} from "./tokens/context/index.js";
export {
  type AssertionSyntax,
  attributeNameFormat,
  authenticationMethod,
  authnContextClass,
  type ConfirmationContent,
  issueAssertion,
  parseAssertion,
  type SamlVersion,
  verifyAssertion,
} from "./tokens/saml/index.js";
export {
  isTicketAssertion,
  parseEncodedTicketAssertion,
  ticketCookie,
  ticketHeader,
} from "./tokens/ticket/index.js";
export { issueUsernameToken, type PasswordVerifier, type SecretLookup } from "./tokens/username/index.js";
export { issueBinarySecurityToken } from "./tokens/x509/index.js";
export * from "./trust/index.js";
export {
  type ContextRecipient,
  createVerifiedMessage,
  type DecryptionKey,
  type DecryptionKeyOptions,
  type EncryptedKeyWishes,
  type EncryptedPart,
  type IssuedEncryptedKey,
  issueEncryptedKey,
  type KeyReference,
  type KnownKey,
  loadDecryptionKeys,
  loadEncryption,
  type MessageEncryptionOptions,
  type OutboundEncryption,
  type OutboundSignature,
  type PossessionProof,
  type ProtectedPart,
  requireCipher,
  type SecuredMessage,
  type SecureMessageOptions,
  type SharedContentKey,
  secureMessage,
  transportPart,
  type VerifiedMessage,
  verifyReply,
  writeReference,
} from "./wss/index.js";
export { element, escapeText, registerName, scan, type XmlDocument } from "./xml/index.js";
export { writeAssertionReference, wsuNamespace } from "./xmlsec/index.js";
