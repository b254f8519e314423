import type { PossessionProof, RequestSecurityToken, ResponseContent } from "@countersign/core/sts";
import type { Outcome } from "./audit.js";
import type { DelegationRule } from "./delegation-rule.js";
import type { Identity, IdentityProvider } from "./identity-provider.js";
import type { IssuedTokens } from "./issued-tokens.js";
import type { OwnTokens } from "./own-tokens.js";
import type { RelyingParties } from "./relying-party.js";
import type { TokenProviders } from "./token-provider.js";

/** What an operation is decided on. Everything here was verified, but for what `request` asks. */
export interface Asked {
  readonly request: RequestSecurityToken;
  /** The authenticated requestor. */
  readonly identity: Identity;
  /** Keys that the requestor proved to hold in this message. */
  readonly possession: readonly PossessionProof[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What of a broker its operations work with. */
export interface BrokerParts {
  readonly relyingParties: RelyingParties;
  readonly providers: TokenProviders;
  readonly tokens: IssuedTokens;
  readonly ownTokens: OwnTokens;
  readonly delegation: readonly DelegationRule[];
  /** Tells who somebody is at this moment; undefined where the identity provider cannot. */
  readonly find: IdentityProvider["find"];
}

/** An operation that was done: its response, and what the audit record says of it. */
export interface Done {
  readonly response: ResponseContent;
  readonly record: Pick<Outcome, "issued" | "status" | "delegation" | "target">;
}

/** One operation (WS-Trust 1.4 sections 4 to 7). It rejects with the ERR_TRUST_ code that the requestor is told. */
export type Operation = (asked: Asked, parts: BrokerParts) => Promise<Done>;
