export type { PasswordVerifier, SecretLookup } from "./callbacks.js";
