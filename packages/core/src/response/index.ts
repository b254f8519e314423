export type { AliasValue, AliasVariables } from "./alias-reader.js";
export { type AliasOptions, responseFromVariables } from "./aliases.js";
export {
  cookieVariable,
  headerVariable,
  type SessionTicketOptions,
  samlSessionTicket,
  type WsSecurityHeaderOptions,
  wsSecurityHeader,
} from "./builders.js";
export { checkResponse } from "./check.js";
export type { ResponseContext, ResponseNote, TicketSealing } from "./context.js";
export { type GeneratedResponses, generateResponses } from "./generate.js";
export {
  type DirectoryFacts,
  type IdentityHeaderName,
  type IdentityHeaderOptions,
  identityHeaderNames,
  identityHeaders,
  isIdentityHeader,
} from "./identity-headers.js";
export { type AffiliateOptions, loadResponseKeys, type ResponseKeyOptions, type ResponseKeys } from "./keys.js";
export { PathCache } from "./path-cache.js";
export { type AuthenticationReply, type ForwardedRequest, returnAuthenticationData } from "./return-data.js";
export { attribute, computed, userName, variable } from "./values.js";
export { maxCookieOctets, type NamedValue, setCookieLine } from "./variables.js";
