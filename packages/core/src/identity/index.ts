export { type Claim, ClaimSet, noClaims } from "./claims.js";
export type { Proof, ReplayEntry, RevocationFinding, ValidatedToken } from "./evidence.js";
export type { Principal, TokenKind } from "./principal.js";
