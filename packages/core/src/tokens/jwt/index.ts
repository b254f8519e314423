export type { JsonWebKey, JwksAddress, JwtKey, JwtKeys, JwtPublicKey } from "./keys.js";
