import type { Certificate, KeyObject } from "../../crypto/index.js";
import type { XmlDocument } from "../../xml/index.js";
import type { EncryptedKeySyntax, SignatureSyntax } from "../../xmlsec/index.js";

/** The versions of SAML whose assertions are read and written. */
export type SamlVersion = "1.1" | "2.0";

/** How an assertion's subject is confirmed: SAML Token Profile 1.1 section 3.5 */
export type ConfirmationMethod = "bearer" | "holder-of-key" | "sender-vouches";

/**
 * An assertion as it was sent, in the words of SAML 2.0 whatever its version: each version's reader says what its elements
 * become. Nothing in it has been verified.
 */
export interface AssertionSyntax {
  readonly version: SamlVersion;
  readonly document: XmlDocument;
  readonly element: number;
  /** ID, or AssertionID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly issueInstant: number;
  /** The exact text of Issuer. */
  readonly issuer: string;
  readonly signature: SignatureSyntax | undefined;
  readonly subject: SubjectSyntax | undefined;
  readonly conditions: ConditionsSyntax | undefined;
  readonly authnStatements: readonly AuthnStatementSyntax[];
  /** The attributes of all AttributeStatements, in order; a name may stand there more than once. */
  readonly attributes: readonly AttributeSyntax[];
}

/** A name of a subject: NameID (SAML 2.0 core section 2.2.3) or NameIdentifier (SAML 1.1 core section 2.4.2.2). */
export interface NameIdSyntax {
  /** The exact text. */
  readonly value: string;
  readonly format: string | undefined;
  readonly nameQualifier: string | undefined;
  /** SAML 2.0 only. */
  readonly spNameQualifier: string | undefined;
}

/** A key that a confirmation names. */
export interface ConfirmationKey {
  readonly key: KeyObject;
  readonly certificate: Certificate | undefined;
}

/**
 * One way of confirming a subject: a SubjectConfirmation with its data (SAML 2.0 core sections 2.4.1.1 to 2.4.1.3), or one
 * ConfirmationMethod (SAML 1.1 core section 2.4.2.3).
 */
export interface SubjectConfirmationSyntax {
  readonly element: number;
  /** URI of the method. */
  readonly method: string;
  /** The method, where it is one of this version's that the SAML Token Profile has. */
  readonly confirm: ConfirmationMethod | undefined;
  /** Who must confirm, where that is somebody else than the subject. SAML 2.0 only, as the limits that follow. */
  readonly nameId: NameIdSyntax | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number | undefined;
  /** Milliseconds since 1970, exclusive. */
  readonly notOnOrAfter: number | undefined;
  readonly recipient: string | undefined;
  readonly inResponseTo: string | undefined;
  readonly address: string | undefined;
  /** The public keys of a holder-of-key confirmation; empty for other methods, whatever they carry. */
  readonly keys: readonly ConfirmationKey[];
  /** The symmetric keys of a holder-of-key confirmation, each encrypted for a relying party; there is one key of either kind at least. */
  readonly secrets: readonly EncryptedKeySyntax[];
}

/** A Subject (SAML 2.0 core section 2.4.1, SAML 1.1 core section 2.4.2.1). */
export interface SubjectSyntax {
  /** undefined where the subject is only who can confirm to be it. */
  readonly nameId: NameIdSyntax | undefined;
  readonly confirmations: readonly SubjectConfirmationSyntax[];
}

/** Ways of confirming one Subject. */
export const maxConfirmations = 8;

/** The Conditions of an assertion (SAML 2.0 core section 2.5.1, SAML 1.1 core section 2.3.2.1): all of them must hold. */
export interface ConditionsSyntax {
  readonly element: number;
  /** Milliseconds since 1970. */
  readonly notBefore: number | undefined;
  /** Milliseconds since 1970, exclusive. */
  readonly notOnOrAfter: number | undefined;
  /** One list per AudienceRestriction: of each list one audience must be met. */
  readonly audienceRestrictions: readonly (readonly string[])[];
  /** OneTimeUse, or DoNotCacheCondition. */
  readonly oneTimeUse: boolean;
  /** How often the assertion may be passed on as the base of others; undefined for no limit. SAML 2.0 only. */
  readonly proxyCount: number | undefined;
}

/** An AuthnStatement (SAML 2.0 core section 2.7.2) or AuthenticationStatement (SAML 1.1 core section 2.4.3). */
export interface AuthnStatementSyntax {
  readonly element: number;
  /** When the subject was authenticated, milliseconds since 1970. */
  readonly instant: number;
  /** SAML 2.0 only. */
  readonly sessionIndex: string | undefined;
  /** End of the subject's session at the issuer, milliseconds since 1970, exclusive. SAML 2.0 only. */
  readonly sessionNotOnOrAfter: number | undefined;
  /** URI of the AuthnContextClassRef, or the AuthenticationMethod. */
  readonly contextClass: string | undefined;
}

/** An Attribute (SAML 2.0 core section 2.7.3.1, SAML 1.1 core section 2.4.4) whose values are text. */
export interface AttributeSyntax {
  /** The claim type: Name, or AttributeNamespace and AttributeName in one. */
  readonly name: string;
  readonly values: readonly string[];
}

/** The statements of an assertion. */
export interface StatementsSyntax {
  readonly authn: readonly AuthnStatementSyntax[];
  readonly attributes: readonly AttributeSyntax[];
}
