export { allowInsecureTransport } from "@countersign/core";
export {
  type Client,
  createClient,
  type FetchOptions,
  type SecuredEnvelope,
  type SecureOptions,
  type ServiceReply,
  type TargetOptions,
} from "./client.js";
export {
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  NodeHttpTransport,
  type TlsOptions,
} from "./http.js";
export type { IssuedToken } from "./issued-token.js";
export type {
  BearerCallback,
  BrokerTarget,
  ClientOptions,
  ConversationDemands,
  Credentials,
  CredentialsCallback,
  ReplyDemands,
  RequestorKey,
} from "./options.js";
export { type FaultCode, type SoapFault, SoapFaultError } from "./soap-fault.js";
export { type SoapSecurity, type SoapSecurityOptions, soapSecurity } from "./soap-security.js";
