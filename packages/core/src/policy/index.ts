export type { MessagePart } from "../wss/index.js";
export {
  type Alternative,
  type AssertionOptions,
  type JwtOptions,
  jwt,
  type MessageProtection,
  type Saml2Options,
  type Saml11Options,
  type SecurityContextOptions,
  saml2,
  saml11,
  securityContext,
  type UsernameTokenOptions,
  usernameToken,
  type X509Options,
  x509,
} from "./accept.js";
export { type CompiledAlternatives, compileAlternatives } from "./alternatives.js";
export { type ClaimRule, has, requireClaims } from "./claims.js";
export { compileContext } from "./context-alternative.js";
export { type Accepted, type Circumstances, type CompiledAlternative, evaluateAlternatives } from "./evaluate.js";
export { requireTransport } from "./protection.js";
export type { RouteTrust } from "./route-trust.js";
export type { PresentedToken, TokenStatusSource } from "./token-status.js";
export type { Presentation, TokenValidator } from "./token-validator.js";
