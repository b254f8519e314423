import { type RequestSecurityToken, refuse } from "@countersign/core/sts";
import { actorClaim, type IssuedClaim } from "./claims.js";
import type { DelegationKind, DelegationRule } from "./delegation-rule.js";
import type { Identity } from "./identity-provider.js";
import type { RememberedToken } from "./issued-tokens.js";
import type { OwnToken } from "./own-tokens.js";

/** The token that a requestor presents for somebody else, and what the broker remembers of it. */
export interface PresentedToken {
  readonly token: OwnToken;
  readonly known: RememberedToken | undefined;
}

/** A delegation that a rule allows. */
export interface AllowedDelegation {
  readonly kind: DelegationKind;
  /** The subject, with the claims that are passed on. */
  readonly subject: Identity;
  /** Who acts for the subject, the latest first; goes into the token. */
  readonly actors: readonly string[];
  readonly depth: number;
  /** Milliseconds since 1970: the token ends then at the latest. */
  readonly until: number;
}

/** Which of the two a request asks for, and the token that it presents; undefined where it asks for neither. */
export function askedDelegation(
  request: RequestSecurityToken,
): { readonly kind: DelegationKind; readonly xml: string } | undefined {
  const { onBehalfOf, actAs } = request;
  if (onBehalfOf !== undefined && actAs !== undefined) {
    refuse("ERR_TRUST_BAD_REQUEST", "OnBehalfOf and ActAs are asked for at once", {
      rule: "WS-Trust 1.4, 9.1",
      remedy: "Ask for one of them.",
    });
  }
  if (onBehalfOf !== undefined) return { kind: "on-behalf-of", xml: onBehalfOf };
  return actAs === undefined ? undefined : { kind: "act-as", xml: actAs };
}

/**
 * Decides whether a requestor may speak for the subject of a token (WS-Trust 1.4 section 9.1). What comes of it is never wider
 * than the token: not its claims, not its life.
 * @throws ERR_TRUST_DELEGATION_DENIED where no rule allows it, ERR_TRUST_INVALID_SECURITY_TOKEN where the token cannot be
 * the ground: tied to a key, for another audience, over, revoked, unknown, or meant not to be delegated
 */
export function allowDelegation(
  rules: readonly DelegationRule[],
  kind: DelegationKind,
  delegate: Identity,
  { token, known }: PresentedToken,
  asked: { readonly appliesTo: string; readonly now: number },
): AllowedDelegation {
  const { appliesTo, now } = asked;
  const candidates = rules.filter(
    (rule) =>
      rule.kinds.includes(kind) &&
      rule.delegates.includes(delegate.name) &&
      rule.appliesTo.includes(appliesTo) &&
      hasClaims(delegate, rule.delegateClaims) &&
      (rule.during?.(new Date(now)) ?? true),
  );
  if (candidates.length === 0) deny("no rule lets the requestor ask for this, here and now");
  const live = requireGround({ token, known }, now);
  const rule = candidates.find(({ audiences }) => token.audiences.some((audience) => audiences.includes(audience)));
  if (rule === undefined) refuseGround(`the token is for ${token.audiences.join(", ")}, not for the requestor`);
  const { subjects, maxDepth = 1, maxLifetimeSeconds = 300 } = rule;
  if (subjects !== undefined && !subjects.includes(token.subject)) deny("the rule is about other subjects");
  const depth = live.depth + 1;
  if (depth > maxDepth) deny(`the token would be the ${depth}. of a chain that may have ${maxDepth}`);
  return {
    kind,
    subject: { name: token.subject, format: token.format, claims: passedOn(token, rule) },
    actors: kind === "act-as" ? [delegate.name, ...token.actors] : token.actors,
    depth,
    until: Math.min(token.expires, now + maxLifetimeSeconds * 1000),
  };
}

/** The claim that lists the chain; none where nobody acts for the subject. */
export const chainClaims = (actors: readonly string[]): readonly IssuedClaim[] =>
  actors.length === 0 ? [] : [{ type: actorClaim, values: actors }];

function requireGround({ token, known }: PresentedToken, now: number): RememberedToken {
  if (!token.bearer || token.key !== undefined) refuseGround("the token is tied to a key, which the requestor lacks");
  if (!(now < token.expires)) refuseGround("the token's life is over");
  if (known === undefined) refuseGround("nothing is known of the token");
  if (known.revoked) refuseGround("the token was revoked");
  if (!known.delegatable) refuseGround("whoever asked for the token does not want it delegated");
  return known;
}

function hasClaims({ claims = {} }: Identity, wanted: DelegationRule["delegateClaims"] = {}): boolean {
  return Object.entries(wanted).every(([type, value]) => [claims[type] ?? []].flat().includes(value));
}

function passedOn(
  { claims }: OwnToken,
  { claims: types }: DelegationRule,
): Readonly<Record<string, readonly string[]>> {
  const passed = [...claims].filter(([type]) => types?.includes(type) ?? true);
  return Object.fromEntries(passed);
}

function deny(reason: string): never {
  refuse("ERR_TRUST_DELEGATION_DENIED", reason, {
    rule: "delegation",
    remedy: "Add a rule that lets this requestor ask, or ask for a token of its own.",
  });
}

function refuseGround(reason: string): never {
  refuse("ERR_TRUST_INVALID_SECURITY_TOKEN", reason, {
    rule: "WS-Trust 1.4, 9.1",
    remedy: "Present a live bearer token of this broker that was issued for the requestor's own service.",
  });
}
