import type { ClaimSet } from "./claims.js";
import type { Principal, TokenKind } from "./principal.js";

/** How the sender proved that the token is theirs. */
export type Proof =
  | "password-text"
  | "password-digest"
  | "signature"
  | "holder-of-key"
  | "sender-vouches"
  | "bearer"
  | "tls-certificate"
  | "session";

/** What came of asking whether a certificate was revoked, where the certificate may be used. */
export interface RevocationFinding {
  /** `"good"`: not revoked. `"undetermined"`: nobody could tell, and `softFail` let it pass. `"listed"`: trusted by being listed, so nobody was asked. */
  readonly status: "good" | "undetermined" | "listed";
  /** Why nobody could tell. */
  readonly reason?: string | undefined;
}

/** A token after its own validation: what it says, and what that rests on. */
export interface ValidatedToken {
  readonly kind: TokenKind;
  readonly principal: Principal;
  readonly claims: ClaimSet;
  /** Name of the issuer as the trust configuration knows it; for X.509 the issuing authority's subject; for passwords the route's name. */
  readonly issuer: string;
  /** Token id where it has one: SAML ID or AssertionID, JWT `jti`. */
  readonly id?: string | undefined;
  /** End of the token's validity, milliseconds since 1970. */
  readonly expires?: number | undefined;
  /** SHA-256 of the token's bytes, hex: what audit records instead of the token. */
  readonly digest: string;
  /**
   * The token itself, for whoever is asked whether it is good: XML that stands alone, or a compact JWT. SAML and JWT only. A
   * secret where the token is a bearer token.
   */
  readonly text?: string | undefined;
  /** What to reserve against replay before the handler runs; empty for reusable tokens. */
  readonly replay: readonly ReplayEntry[];
  /** Whether the certificate was revoked; undefined for other tokens, and where `trust.revocation` is not set. */
  readonly revocation?: RevocationFinding | undefined;
}

/** One replay reservation: see `ReplayCache`. */
export interface ReplayEntry {
  /** What is reserved, for audit: `username-nonce`, `message-signature`, `saml-one-time`, `jwt-jti`. */
  readonly kind: string;
  /** The key's parts; hashed together with tenant and kind, each with its length, so that parts cannot run into each other. */
  readonly parts: readonly (string | Uint8Array)[];
  /** The last moment at which the entry's message could be accepted, milliseconds since 1970, skew included. */
  readonly until: number;
  /**
   * When the message or token was made, by its own account, milliseconds since 1970. A store that lost its memory refuses
   * what is older than that; where this is not known, everything for a while.
   */
  readonly since?: number | undefined;
}
