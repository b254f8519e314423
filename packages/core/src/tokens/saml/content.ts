import type { Certificate, KeyObject } from "../../crypto/index.js";
import type { Lifetime } from "../../time/index.js";
import type { SamlVersion } from "./assertion.js";

/** A symmetric key that confirms the subject, encrypted for the one relying party that the assertion is for. */
export interface SecretConfirmation {
  readonly method: "holder-of-key";
  /** 16, 24, 32, 48 or 64 octets: the proof key that the requestor got. */
  readonly secret: Uint8Array;
  /** The relying party's certificate: RSA, P-256, P-384, P-521 or X25519. */
  readonly for: Certificate;
}

/** How the subject of an assertion to be issued is confirmed. */
export type ConfirmationContent =
  | { readonly method: "bearer" | "sender-vouches" }
  /** The key as a certificate where there is one, else as a bare public key. */
  | { readonly method: "holder-of-key"; readonly certificate: Certificate }
  | { readonly method: "holder-of-key"; readonly publicKey: KeyObject }
  | SecretConfirmation;

/** What an assertion says. */
export interface AssertionContent {
  /** Default 2.0. */
  readonly version?: SamlVersion | undefined;
  /** The exact text of Issuer, by which relying parties know the signing key. */
  readonly issuer: string;
  readonly subject: { readonly name: string; readonly format?: string | undefined };
  /** One of these must be the relying party's. */
  readonly audience: string | readonly string[];
  /** Becomes Conditions; `created` is NotBefore. */
  readonly lifetime: Lifetime;
  /** IssueInstant, milliseconds since 1970. Default: the lifetime's `created`. */
  readonly now?: number | undefined;
  /** Its limits are SAML 2.0's only. */
  readonly confirmation: ConfirmationContent & {
    readonly recipient?: string | undefined;
    readonly inResponseTo?: string | undefined;
    /** Milliseconds since 1970, exclusive. Default: no end of its own. */
    readonly notOnOrAfter?: number | undefined;
  };
  /**
   * Values are text; an attribute without values says only that it exists, which SAML 1.1 cannot say: there it is left out.
   */
  readonly attributes?: readonly AttributeContent[] | undefined;
  /** Writes an AuthnStatement or AuthenticationStatement. Default: none; SAML 1.1 needs it where there are no attributes. */
  readonly authentication?: AuthenticationContent | undefined;
  /** Writes OneTimeUse or DoNotCacheCondition. Default false. */
  readonly oneTimeUse?: boolean | undefined;
  /** The ID. Default: a fresh one with 128 random bits. */
  readonly id?: string | undefined;
}

/** An attribute of the subject. */
export interface AttributeContent {
  /** The claim type. In SAML 1.1 what follows the last slash becomes AttributeName, the rest AttributeNamespace. */
  readonly name: string;
  /** SAML 2.0 only. */
  readonly nameFormat?: string | undefined;
  readonly values: readonly string[];
}

/** How and when the subject was authenticated; times in milliseconds since 1970. */
export interface AuthenticationContent {
  readonly instant: number;
  /** URI of the AuthnContextClassRef or of the AuthenticationMethod. Default: the version's for "unspecified". */
  readonly contextClass?: string | undefined;
  /** SAML 2.0 only. */
  readonly sessionIndex?: string | undefined;
  /** SAML 2.0 only. */
  readonly sessionNotOnOrAfter?: number | undefined;
}

/** An assertion as text, before it is signed. */
export interface UnsignedAssertion {
  readonly xml: string;
  /** The name of the child behind which its signature goes. */
  readonly behind: number;
}
