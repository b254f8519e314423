export { allowInsecureTransport } from "@countersign/core";
export { type AuthenticationBroker, type Broker, createBroker } from "./broker.js";
export type { AuthenticateCallback, Identity, IdentityProvider, IdentitySecret } from "./identity-provider.js";
export type { BrokerAuditSink, IssuanceEvent } from "./issuance-event.js";
export type { BrokerOptions } from "./options.js";
export { type PasswordFileOptions, passwordFile } from "./password-file.js";
export { hashPassword } from "./password-hash.js";
export type { IssuedKeyType, IssuedTokenType, RelyingParty } from "./relying-party.js";
export { type ServedBroker, type ServeOptions, serve } from "./serve.js";
