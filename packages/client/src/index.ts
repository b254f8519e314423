export { allowInsecureTransport } from "@countersign/core";
export {
  type AuthenticationRequest,
  type HeldAssertion,
  obtainAssertion,
  obtainSecurityHeaders,
  type SecurityHeaders,
} from "./authentication.js";
export { createClient } from "./client.js";
export type {
  AmendOptions,
  Client,
  FetchOptions,
  SecuredEnvelope,
  SecureOptions,
  ServiceReply,
  TargetOptions,
} from "./client-interface.js";
export {
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  NodeHttpTransport,
  type TlsOptions,
} from "./http.js";
export { type IntrospectionOptions, introspection } from "./introspection.js";
export type { IssuedToken } from "./issued-token.js";
export type {
  BearerCallback,
  BrokerTarget,
  ClientOptions,
  ConversationDemands,
  Credentials,
  CredentialsCallback,
  MessageEncryptionDemands,
  ReplyDemands,
  RequestorKey,
} from "./options.js";
export { type RemoteValidator, type RemoteValidatorOptions, remoteValidator } from "./remote-validator.js";
export { type SignedRequest, type SignRequestOptions, signRequest } from "./sign-request.js";
export { type FaultCode, type SoapFault, SoapFaultError } from "./soap-fault.js";
export { type SoapSecurity, type SoapSecurityOptions, soapSecurity } from "./soap-security.js";
