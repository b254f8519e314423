import type { AssertionCredentials, Attributes, BearerCredentials, CertificateCredentials } from "../identity/index.js";
import type { PasswordVerifier, SecretLookup } from "../tokens/username/index.js";

type Answer<T> = T | Promise<T>;

/** A user as the directory knows it. */
export interface DirectoryUser {
  /** The one spelling of the name: what handlers and services are told. */
  readonly name: string;
  /** What policies and responses may read. It stays at the policy server, but for what a response names. */
  readonly attributes?: Attributes | undefined;
}

/**
 * Where users are known. Every callback is asked for names as they were sent: compare them byte for byte. A callback that
 * throws, rejects or is late is an outage (503), never a wrong password. What the directory has no callback for, nobody can
 * authenticate with.
 */
export interface UserDirectory {
  /** What audit records and the header `sm_authdirname` call it. */
  readonly name: string;
  /** A user that may authenticate and act; undefined where it is unknown or disabled. Asked at every decision. */
  readonly find: (name: string) => Answer<DirectoryUser | undefined>;
  /** Checks a clear-text password. For an unknown name it should do the same work as for a known one. */
  readonly verify?: PasswordVerifier | undefined;
  /** The clear-text secret of a user, for password digests. */
  readonly secret?: SecretLookup | undefined;
  /** The name of the user that a certificate belongs to. Its path was validated: whose it is, is said here. */
  readonly certificate?: ((certificate: CertificateCredentials) => Answer<string | undefined>) | undefined;
  /** The name of the user that an assertion is about. */
  readonly assertion?: ((assertion: AssertionCredentials) => Answer<string | undefined>) | undefined;
  /** The name of the user that a JWT is about. */
  readonly bearer?: ((token: BearerCredentials) => Answer<string | undefined>) | undefined;
}
