export { allowInsecureTransport } from "@countersign/core";
export type { IssuanceEvent } from "./audit.js";
export { type Broker, createBroker } from "./broker.js";
export type { AuthenticateCallback, Identity, IdentityProvider, IdentitySecret } from "./identity-provider.js";
export type { BrokerAuditSink, BrokerOptions } from "./options.js";
export type { IssuedKeyType, IssuedTokenType, RelyingParty } from "./relying-party.js";
export { type ServedBroker, type ServeOptions, serve } from "./serve.js";
