export { allowInsecureTransport } from "@countersign/core";
export {
  InMemoryIssuedTokenStore,
  type InMemoryIssuedTokenStoreOptions,
  type IssuedTokenRecord,
  type IssuedTokenStore,
  type StoredToken,
} from "@countersign/core/sts";
export { type AuthenticationBroker, type Broker, createBroker } from "./broker.js";
export type { DelegationKind, DelegationRule } from "./delegation-rule.js";
export type { AuthenticateCallback, Identity, IdentityProvider, IdentitySecret } from "./identity-provider.js";
export type { BrokerAuditSink, IssuanceEvent } from "./issuance-event.js";
export type { BrokerOptions, BrokerSigning } from "./options.js";
export { type PasswordFileOptions, passwordFile } from "./password-file.js";
export { hashPassword } from "./password-hash.js";
export type { IssuedKeyType, IssuedTokenType, RelyingParty } from "./relying-party.js";
export { type ServedBroker, type ServeOptions, serve } from "./serve.js";
