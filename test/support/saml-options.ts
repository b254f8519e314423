import type { DigestAlgorithmName, SignatureAlgorithmName } from "./algorithms.js";
import type { Signer } from "./credentials.js";

/** Versions of SAML. */
export type SamlVersion = "1.1" | "2.0";

/** What a SAML assertion says. Every field has a default, so that a test names only what it is about. */
export interface AssertionOptions {
  /** The issuer's key; its certificate goes into the assertion's KeyInfo. */
  readonly issuedBy: Signer;
  /** Default 2.0. */
  readonly version?: SamlVersion;
  readonly id?: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: string;
  readonly confirmation?: "bearer" | "holder-of-key" | "sender-vouches";
  /** Whose key confirms the subject, for holder-of-key. */
  readonly holder?: Signer;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** Moment of issue; default now. */
  readonly now?: Date;
  /** Default 1,800. */
  readonly lifetimeSeconds?: number;
  readonly algorithm?: SignatureAlgorithmName;
  readonly digest?: DigestAlgorithmName;
}
