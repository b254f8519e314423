export type { ConfirmationRules } from "./confirm.js";
export {
  type AssertionContent,
  type AssertionSigner,
  type AttributeContent,
  type AuthenticationContent,
  type ConfirmationContent,
  type IssuedAssertion,
  issueAssertion,
} from "./issue.js";
export {
  type AssertionIssuer,
  type AssertionIssuerOptions,
  type AssertionIssuers,
  createAssertionIssuers,
} from "./issuers.js";
export {
  attributeNameFormat,
  authnContextClass,
  type ConfirmationMethod,
  confirmationUri,
  nameIdFormat,
} from "./names.js";
export { type AssertionSyntax, parseAssertion } from "./parse.js";
export type { ConditionsSyntax } from "./parse-conditions.js";
export type { AttributeSyntax, AuthnStatementSyntax } from "./parse-statements.js";
export type { ConfirmationKey, NameIdSyntax, SubjectConfirmationSyntax, SubjectSyntax } from "./parse-subject.js";
export { type AssertionRules, type ValidatedAssertion, validateAssertion } from "./validate.js";
export { type VerifiedAssertion, verifyAssertion } from "./verify.js";
