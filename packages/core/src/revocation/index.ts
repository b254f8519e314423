export type { RevocationFetchOptions, RevocationOptions } from "./options.js";
export { createRevocationCheck, type RevocationCheck } from "./revocation-check.js";
