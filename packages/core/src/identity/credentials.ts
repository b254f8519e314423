/**
 * What an agent found out about a caller before it asks a policy server. Whatever an agent can check without the user
 * directory was checked: signatures, freshness, trust. Passwords and digests are checked by the policy server alone.
 */
export type Credentials =
  | PasswordCredentials
  | DigestCredentials
  | CertificateCredentials
  | AssertionCredentials
  | BearerCredentials;

/** A name and a clear-text password: of an XML document, HTTP Basic or a UsernameToken. */
export interface PasswordCredentials {
  readonly kind: "password";
  /** The name exactly as sent. */
  readonly name: string;
  readonly password: string;
}

/** A password digest (UsernameToken Profile 1.1 section 3.1). The agent checked that it is fresh, and reserves it against replay. */
export interface DigestCredentials {
  readonly kind: "password-digest";
  readonly name: string;
  /** The 20 octets of SHA-1 over nonce, `created` and password. */
  readonly digest: Uint8Array;
  readonly nonce: Uint8Array;
  /** The text of Created. */
  readonly created: string;
}

/** A certificate whose key the caller proved to hold, and whose path the agent trusts. */
export interface CertificateCredentials {
  readonly kind: "certificate";
  /** DER. */
  readonly certificate: Uint8Array;
  /** Its key, SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** RFC 4514 text of the certificate's subject. */
  readonly subject: string;
  /** RFC 4514 text of the certificate's issuer. */
  readonly issuer: string;
  /** How the key was proved: by a signature in the message, or by TLS. */
  readonly proof: "signature" | "tls";
}

/** A SAML assertion that the agent verified: who issued it, about whom, saying what. */
export interface AssertionCredentials {
  readonly kind: "assertion";
  /** The issuer's configured name. */
  readonly issuer: string;
  readonly name: string;
  /** Format of the name where it has one. */
  readonly format?: string | undefined;
  readonly attributes: Attributes;
  /** The key that the sender proved to hold, SubjectPublicKeyInfo in DER; of a holder-of-key assertion. */
  readonly publicKey?: Uint8Array | undefined;
}

/** A JWT that the agent verified. */
export interface BearerCredentials {
  readonly kind: "bearer";
  readonly issuer: string;
  readonly name: string;
  readonly attributes: Attributes;
}

/** Values by name: of a user, or of a verified token. Read it with `Object.hasOwn`, or make it without prototype. */
export type Attributes = Readonly<Record<string, readonly string[]>>;
