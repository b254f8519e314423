// For users of an adapter, the client or the broker.
export type { AuditEvent, AuditSink } from "./audit/index.js";
export {
  Certificate,
  type CertificateInput,
  type KeyInput,
  type KeyRing,
  keyRing,
  type SealingKeyInput,
  type SuiteEncryptionOptions,
  type SuiteName,
  type SuiteOptions,
} from "./crypto/index.js";
export {
  ConfigurationError,
  CountersignError,
  type ErrorCode,
  type ErrorDetail,
  type ErrorFamily,
  errorTable,
  isCountersignError,
  type Place,
  type WssVerdict,
} from "./errors/index.js";
export {
  allowInsecureTransport,
  type ConversationOptions,
  createGuard,
  type Guard,
  type GuardOptions,
  type InjectOptions,
  type MessageLimits,
  type ReplyOptions,
  type SecurityContext,
  type TrustOptions,
  type Verdict,
} from "./guard/index.js";
export {
  type Claim,
  ClaimSet,
  type Principal,
  type Proof,
  type RevocationFinding,
  type TokenKind,
  type ValidatedToken,
} from "./identity/index.js";
export {
  type Alternative,
  type AssertionOptions,
  type ClaimRule,
  has,
  type JwtOptions,
  jwt,
  type MessagePart,
  type MessageProtection,
  type Presentation,
  type PresentedToken,
  type Saml2Options,
  type Saml11Options,
  type SecurityContextOptions,
  saml2,
  saml11,
  securityContext,
  type TokenStatusSource,
  type TokenValidator,
  type UsernameTokenOptions,
  usernameToken,
  type X509Options,
  x509,
} from "./policy/index.js";
export {
  type AliasOptions,
  type AliasVariables,
  type AuthenticationReply,
  type ForwardedRequest,
  responseFromVariables,
  returnAuthenticationData,
} from "./response/index.js";
export type { RevocationFetchOptions, RevocationOptions } from "./revocation/index.js";
export {
  type ContextChange,
  type ContextInstance,
  InMemoryReplayCache,
  InMemorySecurityContextStore,
  type InMemorySecurityContextStoreOptions,
  InMemorySessionStore,
  type InMemorySessionStoreOptions,
  type NewSession,
  type NoSession,
  type ReplayCache,
  type Reservation,
  type SecurityContextStore,
  type SessionStore,
  type StoredContext,
  type StoredSession,
} from "./state/index.js";
export { type Clock, systemClock } from "./time/index.js";
export type { JwtKeys } from "./tokens/jwt/index.js";
export type { PasswordVerifier, SecretLookup } from "./tokens/username/index.js";
export type { AccountStatus } from "./tokens/x509/index.js";
export type {
  EncryptedPart,
  PossessionProof,
  Protection,
  ProtectionOrder,
  RecipientReference,
  SecurityEvidence,
  VerifiedAttachment,
  VerifiedElement,
  VerifiedMessage,
} from "./wss/index.js";
