/** Characters of a whole token. */
export const maxTokenCharacters = 16_384;
/** Characters of the encoded header. */
export const maxHeaderCharacters = 4096;
/** Objects and arrays inside each other; the outermost counts 1. */
export const maxJsonDepth = 10;
/** Members of the claims object. */
export const maxClaims = 200;
/** Keys that one token may be tried with: only a token without `kid` meets more than one. */
export const maxTrials = 8;
/** Octets of a JWK set. */
export const maxKeySetOctets = 262_144;
/** Keys of a JWK set. */
export const maxKeySetKeys = 100;
/** The last NumericDate taken, in seconds: the end of the year 9999. */
export const lastNumericDate = 253_402_300_799;
