/** Who an identity provider says a requestor is. */
export interface Identity {
  /** The subject's name as it goes into tokens; need not be the name that was typed. */
  readonly name: string;
  /** URI of the name's format (SAML 2.0 Core 8.3, SAML 1.1 Core 7.3). Default: unspecified. */
  readonly format?: string | undefined;
  /** What is known of the subject, by claim type. A relying party gets only the types that its entry lists. */
  readonly claims?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/**
 * Holds the identities of one domain and checks their credentials against its own store; the broker keeps none of it.
 * A rejection or throw of a method is an outage (503), never a wrong password.
 */
export interface IdentityProvider {
  /**
   * Checks a clear-text password. Called once for each issuance.
   * @returns undefined for a wrong password, an unknown or locked name; do the same work for all of them.
   */
  authenticate(name: string, password: string): Identity | undefined | Promise<Identity | undefined>;
  /**
   * Looks up an identity with its clear-text secret, for password digests. Leave it out where the store is one-way: then
   * digests are refused.
   */
  lookUp?(name: string): IdentitySecret | undefined | Promise<IdentitySecret | undefined>;
  /**
   * Finds an identity by the name that it has in tokens, as it is at this moment. With it, a token whose subject is gone, or
   * has lost a claim that the token makes, is valid no more where the broker is asked. Default: that is not looked at.
   * @returns undefined for a subject that is gone, locked or disabled
   */
  find?(subject: string): Identity | undefined | Promise<Identity | undefined>;
}

/** An identity with the secret that a password digest is made from. */
export interface IdentitySecret {
  readonly secret: string;
  readonly identity: Identity;
}

/** An identity provider as one function: `authenticate` alone. */
export type AuthenticateCallback = IdentityProvider["authenticate"];

/** The provider that an option gives, as an object or as a function. */
export function toIdentityProvider(given: IdentityProvider | AuthenticateCallback): IdentityProvider {
  return typeof given === "function" ? { authenticate: given } : given;
}
