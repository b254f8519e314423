/** Characters of a user name. */
export const maxNameCharacters = 256;
/** Octets of a password, UTF-8. */
export const maxPasswordOctets = 1024;
/** Octets of a decoded nonce: fewer can be met by chance, more serve nobody. */
export const nonceOctets = Object.freeze({ least: 8, most: 128 });
/** Octets of a decoded salt. */
export const saltOctets = Object.freeze({ least: 8, most: 64 });
/** Rounds of key derivation: BSP R4218 wants 1,000; 10,000 cost about 20 ms, which is all a stranger may have. */
export const iterations = Object.freeze({ least: 1000, most: 10_000 });
/** Characters of a Created text; the longest valid one has 35. */
export const maxCreatedCharacters = 64;
