export type {
  AssertionSyntax,
  AttributeSyntax,
  AuthnStatementSyntax,
  ConditionsSyntax,
  ConfirmationKey,
  ConfirmationMethod,
  NameIdSyntax,
  SamlVersion,
  SubjectConfirmationSyntax,
  SubjectSyntax,
} from "./assertion.js";
export type { ConfirmationRules } from "./confirm.js";
export { writeConfirmationKey } from "./confirmation-key.js";
export type { AssertionContent, AttributeContent, AuthenticationContent, ConfirmationContent } from "./content.js";
export { type AssertionSigner, type IssuedAssertion, issueAssertion } from "./issue.js";
export {
  type AssertionIssuer,
  type AssertionIssuerOptions,
  type AssertionIssuers,
  createAssertionIssuers,
} from "./issuers.js";
export { parseAssertion } from "./parse.js";
export {
  attributeNameFormat,
  authnContextClass,
  confirmationUri20,
  isTicketAttribute,
  nameIdFormat,
} from "./saml2-names.js";
export { authenticationMethod } from "./saml11-names.js";
export { type AssertionRules, type ValidatedAssertion, validateAssertion } from "./validate.js";
export { type VerifiedAssertion, verifyAssertion } from "./verify.js";
