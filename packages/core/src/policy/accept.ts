import type { SubjectConstraint } from "../crypto/index.js";
import type { SecurityContextStore } from "../state/index.js";
import type { JwtKeys } from "../tokens/jwt/index.js";
import type { DigestVerifier, PasswordVerifier, SecretLookup } from "../tokens/username/index.js";
import type { AccountStatus } from "../tokens/x509/index.js";
import type { EncryptedPart, MessagePart, ProtectionOrder } from "../wss/index.js";

/** How a message is protected: by a signature over parts, by the transport, or by both (a TLS-endorsing signature). */
export interface MessageProtection {
  /**
   * Parts that the accepted token's signature must cover. Default without `over`: `["body", "timestamp"]`.
   * With `over: "transport"`: default none; `["timestamp"]` asks for an endorsing signature (WS-SecurityPolicy 1.3 section 8.3).
   */
  readonly signed?: readonly MessagePart[] | undefined;
  /** `"transport"`: TLS, own or by a trusted proxy, protects what no signature covers. */
  readonly over?: "transport" | undefined;
  /**
   * Parts that must come encrypted for a key of `trust.decryption`, or with `securityContext` under the context that signs; one
   * that comes in clear is refused. Default none: then what comes encrypted is decrypted, and nothing has to.
   */
  readonly encrypted?: readonly EncryptedPart[] | undefined;
  /** The order in which an encrypted Body and encrypted header blocks must have been signed and encrypted. Default: either. */
  readonly order?: ProtectionOrder | undefined;
}

/** Options of {@link usernameToken}. */
export interface UsernameTokenOptions {
  /** Checks a clear-text password. */
  readonly verify?: PasswordVerifier | undefined;
  /** Looks up the clear-text secret, for password digests. A one-way password store cannot serve digests. */
  readonly secret?: SecretLookup | undefined;
  /** Checks a password digest where the secret is kept, for stores that never hand one out. In place of `secret`. */
  readonly digest?: DigestVerifier | undefined;
  /**
   * What ties the token to its message, since nothing in it does. `"transport"`: TLS, own or by a trusted proxy.
   * `"encrypted-key"`: a key in an EncryptedKey for a certificate of `trust.decryption`, with which Body, Timestamp and token
   * are signed and the token is encrypted (WS-SecurityPolicy symmetric binding).
   */
  readonly over: "transport" | "encrypted-key";
  /** With `over: "encrypted-key"`: parts that the signature must cover besides the token. Default `["body", "timestamp"]`. */
  readonly signed?: readonly MessagePart[] | undefined;
  /** Parts that must come encrypted for a key of `trust.decryption`, besides what TLS does. Default none. */
  readonly encrypted?: readonly EncryptedPart[] | undefined;
  /** Age in seconds above which a digest's Created is refused. Default 300. */
  readonly maxAgeSeconds?: number | undefined;
}

/** Options of {@link x509}. */
export interface X509Options extends MessageProtection {
  /**
   * Which certificates may speak here. Mandatory where `trust.authorities` is set: a valid chain does not say who.
   * Certificates pinned in `trust.certificates` are allowed by being listed.
   */
  readonly subjects?: readonly SubjectConstraint[] | undefined;
  /** Issuers (RFC 4514 names) from which the certificate must come directly. */
  readonly issuers?: readonly string[] | undefined;
  /** Tells whether the mapped account may be used. */
  readonly account?: AccountStatus | undefined;
}

/** What {@link saml2} and {@link saml11} have in common. */
export interface AssertionOptions extends Omit<MessageProtection, "over"> {
  /**
   * As everywhere, and with `confirm: "bearer"` also `"encrypted-key"`: a key in an EncryptedKey for a certificate of
   * `trust.decryption`, with which Body, Timestamp and assertion are signed and the assertion is encrypted.
   */
  readonly over?: "transport" | "encrypted-key" | undefined;
  /** The audience this service answers to; compared exactly. */
  readonly audience: string | readonly string[];
  /** The subject confirmation method demanded. */
  readonly confirm: "bearer" | "holder-of-key" | "sender-vouches";
  /** Names of the issuers (of `trust.issuers`) accepted on this route. Default: all of them. */
  readonly issuers?: readonly string[] | undefined;
  /** Sender-vouches only, and mandatory there: who may vouch. Certificates, PEM or DER. */
  readonly attesters?: readonly (string | Uint8Array)[] | undefined;
  /** Refuses an assertion without AuthnStatement (SAML 1.1: AuthenticationStatement). Default false. */
  readonly requireAuthnStatement?: boolean | undefined;
  /** Accepts every assertion once only, as if it said OneTimeUse (SAML 1.1: DoNotCacheCondition). Default false. */
  readonly oneTime?: boolean | undefined;
  /** Oldest IssueInstant accepted, in seconds. Default 43,200 (12 h). */
  readonly maxAgeSeconds?: number | undefined;
}

/** Options of {@link saml2}. */
export interface Saml2Options extends AssertionOptions {
  /** Demands that SubjectConfirmationData names this Recipient. Default: checked where present. */
  readonly recipient?: string | undefined;
}

/** Options of {@link saml11}. */
export interface Saml11Options extends AssertionOptions {}

/** Options of {@link jwt}. */
export interface JwtOptions {
  /** The `iss` of the tokens accepted here; compared exactly. */
  readonly issuer: string;
  /** The audience this service answers to: one of `aud` must be it; compared exactly. */
  readonly audience: string | readonly string[];
  /** Static keys, or a JWKS address; see {@link JwtKeys}. */
  readonly keys: JwtKeys;
  /** JWS algorithms accepted. Default: RS256, PS256, ES256, EdDSA and their longer kin; never `none`, never HS* with a public key. */
  readonly algorithms?: readonly string[] | undefined;
  /** Demanded `typ` header, for example `at+jwt`. Default: `JWT`, `at+jwt` or none. */
  readonly type?: string | undefined;
  /** Accepts every token once only, by `jti`. Default false. */
  readonly oneTime?: boolean | undefined;
  /** Oldest `iat` accepted, in seconds. Default: not checked. */
  readonly maxAgeSeconds?: number | undefined;
  /** A bearer token binds nothing to the request: it needs TLS, own or by a trusted proxy. */
  readonly over: "transport";
}

/** Options of {@link securityContext}. */
export interface SecurityContextOptions extends MessageProtection {
  /** Where established contexts are kept: the store of the service's `conversation`, one for all its nodes. */
  readonly contexts: SecurityContextStore;
  /** Refuses what is signed or encrypted with the context's own key: each message needs keys derived for it. Default false. */
  readonly requireDerivedKeys?: boolean | undefined;
}

/** One way in: a kind of token, how it is proved, and how the message is protected. */
export type Alternative =
  | { readonly kind: "username"; readonly options: UsernameTokenOptions }
  | { readonly kind: "x509"; readonly options: X509Options }
  | { readonly kind: "saml2"; readonly options: Saml2Options }
  | { readonly kind: "saml11"; readonly options: Saml11Options }
  | { readonly kind: "context"; readonly options: SecurityContextOptions }
  | { readonly kind: "jwt"; readonly options: JwtOptions };

/** Accepts a WS-Security UsernameToken (UsernameToken Profile 1.1). */
export const usernameToken = (options: UsernameTokenOptions): Alternative => ({ kind: "username", options });

/** Accepts a message signed with an X.509 certificate (X.509 Certificate Token Profile 1.1). */
export const x509 = (options: X509Options = {}): Alternative => ({ kind: "x509", options });

/** Accepts a SAML 2.0 assertion in the Security header (SAML Token Profile 1.1). */
export const saml2 = (options: Saml2Options): Alternative => ({ kind: "saml2", options });

/**
 * Accepts a SAML 1.1 assertion in the Security header (SAML Token Profile 1.1). All its statements must be about one subject;
 * claim types are AttributeNamespace, a slash and AttributeName, as WS-Federation has them.
 */
export const saml11 = (options: Saml11Options): Alternative => ({ kind: "saml11", options });

/**
 * Accepts a message signed with a key of a security context that was established before: the context's own, or one
 * derived from it (WS-SecureConversation 1.4, and 2005/02). The caller is whoever established it.
 */
export const securityContext = (options: SecurityContextOptions): Alternative => ({ kind: "context", options });

/** Accepts a JWT as `Authorization: Bearer` (RFC 6750, RFC 7519, RFC 8725). */
export const jwt = (options: JwtOptions): Alternative => ({ kind: "jwt", options });
