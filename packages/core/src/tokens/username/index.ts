export type { DigestVerifier, PasswordVerifier, SecretLookup } from "./callbacks.js";
export { type IssuedUsernameToken, issueUsernameToken, type UsernameTokenContent } from "./issue.js";
export { type CreatedSyntax, type PasswordSyntax, parseUsernameToken, type UsernameTokenSyntax } from "./parse.js";
export {
  passwordDigest,
  type UsernameTokenRules,
  type ValidatedUsernameToken,
  validateUsernameToken,
} from "./validate.js";
