export { type IssuedBinarySecurityToken, issueBinarySecurityToken } from "./issue.js";
export { type BinarySecurityTokenSyntax, parseBinarySecurityToken } from "./parse.js";
export { type AccountStatus, type ValidatedX509, validateX509, type X509Rules } from "./validate.js";
