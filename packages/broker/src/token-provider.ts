import type { Lifetime, UseKey } from "@countersign/core/sts";
import type { IssuedClaim } from "./claims.js";
import type { Identity } from "./identity-provider.js";
import type { IssuedTokenType } from "./relying-party.js";

/** What a token says. All of it was decided before. */
export interface TokenContent {
  readonly identity: Identity;
  readonly audience: string;
  readonly claims: readonly IssuedClaim[];
  /** The key that the requestor proved to hold; undefined for a bearer token. */
  readonly key: UseKey | undefined;
  readonly lifetime: Lifetime;
  /** Whether the subject was authenticated for it, by its password; not where somebody else asked for it. */
  readonly authenticated: boolean;
  /** When the token is issued; milliseconds since 1970. */
  readonly now: number;
}

/** A signed token, ready to be sent. */
export interface IssuedToken {
  /** XML text that stands alone. */
  readonly xml: string;
  readonly id: string;
  /** SHA-256 of the text, hexadecimal, for audit. */
  readonly digest: string;
  /** A wsse:SecurityTokenReference to it. */
  readonly reference: string;
}

/** The providers of a broker, one for each kind of token. */
export type TokenProviders = Readonly<Record<IssuedTokenType, TokenProvider>>;

/** Issues one kind of token. */
export interface TokenProvider {
  /** @throws ERR_TRUST_REQUEST_FAILED where the content cannot be written in this kind of token */
  issue(content: TokenContent): IssuedToken;
}
