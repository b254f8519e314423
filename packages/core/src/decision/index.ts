export type { DirectoryUser, UserDirectory } from "./directory.js";
export type {
  PolicyOptions,
  PolicyRule,
  PolicyServerOptions,
  PolicyUser,
  RealmOptions,
  SessionOptions,
} from "./options.js";
export { policyServer } from "./policy-server.js";
export {
  bearerToken,
  clientCertificate,
  httpBasic,
  sessionTicket,
  wsSecurity,
  type XmlDocumentCredentialsOptions,
  xmlDocumentCredentials,
  xmlSignature,
} from "./schemes.js";
