/** How a requestor asks to speak for somebody else. */
export type DelegationKind =
  /** wst:OnBehalfOf: the token names the subject alone, as if it had asked itself (impersonation). */
  | "on-behalf-of"
  /** wst14:ActAs: the token names the subject, and lists who acts for it (delegation). */
  | "act-as";

/** Lets requestors be issued tokens for the subject of a token that they hold. What no rule allows is refused. */
export interface DelegationRule {
  /** Names of the requestors that may ask, as the identity provider gives them. */
  readonly delegates: readonly string[];
  /** What they may ask for. */
  readonly kinds: readonly DelegationKind[];
  /** Audiences of the tokens that they may present: their own as services, since nobody else's reach them rightly. */
  readonly audiences: readonly string[];
  /** Addresses of the relying parties that they may be issued tokens for. */
  readonly appliesTo: readonly string[];
  /** Subjects for whom. Default: any. */
  readonly subjects?: readonly string[] | undefined;
  /** Types of the claims that are passed on, of those that the presented token has. Default: all of them. */
  readonly claims?: readonly string[] | undefined;
  /** Claims that the delegate must have itself, by type. Default: none. */
  readonly delegateClaims?: Readonly<Record<string, string>> | undefined;
  /** How many tokens may descend from one another. Default 1: a delegated token is not the ground for another. */
  readonly maxDepth?: number | undefined;
  /** Longest life of a delegated token; it never outlives the one presented. Default 300. */
  readonly maxLifetimeSeconds?: number | undefined;
  /** Whether the rule holds at a moment, for example on Tuesdays only. Default: always. */
  readonly during?: ((moment: Date) => boolean) | undefined;
}
