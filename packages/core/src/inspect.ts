/**
 * `@countersign/core/inspect`: structure without trust, for tools that show messages, tokens and certificates. It is the
 * reading half of what a guard does: nothing that comes from here was verified, and no decision may rest on it.
 */
export { auditText } from "./audit/index.js";
export {
  Certificate,
  decodeBase64,
  defaultSuite,
  examineKey,
  type KeyFacts,
  type KeyFault,
  type KeyObject,
  keyUsageBit,
} from "./crypto/index.js";
export { refuse } from "./errors/index.js";
export { defaultLimits } from "./guard/index.js";
export {
  contentTypeOf,
  parseEnvelope,
  type SoapVersion,
  type UnverifiedEnvelope,
} from "./soap/index.js";
export { type JwtSyntax, parseJwt } from "./tokens/jwt/index.js";
export { type AssertionSyntax, parseAssertion } from "./tokens/saml/index.js";
export { parseUsernameToken, type UsernameTokenSyntax } from "./tokens/username/index.js";
export { type BinarySecurityTokenSyntax, parseBinarySecurityToken } from "./tokens/x509/index.js";
export { findSecurityHeader, parseSecurityHeader, type SecurityHeaderSyntax } from "./wss/index.js";
export { defaultXmlLimits, scan, type XmlDocument, type XmlLimits } from "./xml/index.js";
export {
  checkAlgorithms,
  IdIndex,
  type KeyInfoSyntax,
  parseSignature,
  type ReferenceTarget,
  resolveReferences,
  type SignatureSyntax,
} from "./xmlsec/index.js";
