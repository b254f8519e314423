/**
 * Checks a clear-text password. Called for every name, known or not: for an unknown name it should do the same work as
 * for a known one (hash against a dummy), so that time does not tell which names exist.
 *
 * A rejection or throw is an outage of the store (503), never a wrong password.
 * @param name The name exactly as sent: compare it byte for byte, do not normalise or fold it.
 */
export type PasswordVerifier = (name: string, password: string) => boolean | Promise<boolean>;

/**
 * Looks up the clear-text secret of a name, for password digests; undefined where the name is unknown or locked. Look
 * names up in a `Map` or a database, never in an object literal (`__proto__`).
 *
 * A rejection or throw is an outage of the store (503), never an unknown name.
 */
export type SecretLookup = (name: string) => string | undefined | Promise<string | undefined>;

/**
 * Checks a password digest where the secret is kept, for stores that never hand one out: SHA-1 over `nonce`, `created` and the
 * password must be `digest` (UsernameToken Profile 1.1 section 3.1). Compare in constant time.
 *
 * A rejection or throw is an outage of the store (503), never a wrong password.
 */
export type DigestVerifier = (
  name: string,
  given: {
    /** 20 octets. */
    readonly digest: Uint8Array;
    readonly nonce: Uint8Array;
    /** The text of Created, which was found to be fresh. */
    readonly created: string;
  },
) => boolean | Promise<boolean>;
