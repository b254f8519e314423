export { type Claim, ClaimSet, noClaims } from "./claims.js";
export type {
  AssertionCredentials,
  Attributes,
  BearerCredentials,
  CertificateCredentials,
  Credentials,
  DigestCredentials,
  PasswordCredentials,
} from "./credentials.js";
export type {
  AgentNeed,
  AuthenticatedSubject,
  AuthenticationRequest,
  AuthenticationResult,
  AuthorizationRequest,
  AuthorizationResult,
  DecisionPoint,
  ProtectedResource,
  ReservedNames,
  ResourceProtection,
  ResourceQuery,
  SessionResult,
  VariableRequest,
  Variables,
} from "./decision.js";
export type { Proof, ReplayEntry, RevocationFinding, ValidatedToken } from "./evidence.js";
export type { Principal, TokenKind } from "./principal.js";
export type {
  CookieResponse,
  HeaderResponse,
  ResponseAttribute,
  ResponseOf,
  ResponseRule,
  SessionTicketResponse,
  SubjectKey,
  ValueContext,
  ValueSource,
  WsSecurityResponse,
} from "./response-attribute.js";
export type {
  BasicScheme,
  BearerScheme,
  CertificateScheme,
  DocumentField,
  SchemeRequirement,
  SessionTicketScheme,
  WsSecurityScheme,
  XmlDocumentScheme,
  XmlSignatureScheme,
} from "./scheme.js";
export type { SessionInfo } from "./session-info.js";
