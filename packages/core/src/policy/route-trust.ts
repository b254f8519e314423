import type { Certificate } from "../crypto/index.js";
import type { RevocationCheck } from "../revocation/index.js";
import type { AssertionIssuers } from "../tokens/saml/index.js";

/** What all alternatives of a route share, compiled from its trust options. */
export interface RouteTrust {
  /** From `trust.issuers`; undefined where none is configured. */
  readonly issuers: AssertionIssuers | undefined;
  /** From `trust.authorities`. */
  readonly authorities: readonly Certificate[];
  /** From `trust.certificates`. */
  readonly certificates: readonly Certificate[];
  /** From `trust.revocation`; undefined where certificates count until they expire. */
  readonly revocation?: RevocationCheck | undefined;
  /** Whether messages may be encrypted for a key of `trust.decryption`. */
  readonly decrypts: boolean;
  /** Milliseconds. */
  readonly skew: number;
  /** The route's origin: who vouches for passwords here. */
  readonly origin: string;
}
