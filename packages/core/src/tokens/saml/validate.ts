import { sha256Hex } from "../../crypto/index.js";
import { type ErrorCode, refuse } from "../../errors/index.js";
import { ClaimSet, type Principal, type ReplayEntry, type ValidatedToken } from "../../identity/index.js";
import { type CanonicalForm, canonicalize } from "../../xml/index.js";
import type { ConditionsSyntax, ConfirmationMethod, NameIdSyntax, SubjectConfirmationSyntax } from "./assertion.js";
import { type ConfirmationRules, requireConfirmation } from "./confirm.js";
import { type CoreTopic, coreSection } from "./core-section.js";
import { isTicketAttribute } from "./saml2-names.js";
import type { VerifiedAssertion } from "./verify.js";

/** What a route says about SAML assertions, and when this one came in. Times in milliseconds. */
export interface AssertionRules extends ConfirmationRules {
  /** Names of the issuers accepted here. Default: all that verify. */
  readonly issuers?: ReadonlySet<string> | undefined;
  /** Refuses an assertion without AuthnStatement or AuthenticationStatement. Default false. */
  readonly requireAuthnStatement?: boolean | undefined;
  /** Accepts every assertion once only, as if it said OneTimeUse or DoNotCacheCondition. Default false. */
  readonly oneTime?: boolean | undefined;
  /** Oldest IssueInstant accepted. Default 43,200,000 (12 h). */
  readonly maxAge?: number | undefined;
}

/** An assertion that speaks for its subject in this exchange, as far as the assertion itself can say. */
export interface ValidatedAssertion extends ValidatedToken {
  readonly kind: "saml2" | "saml11";
  /** The method by which it is confirmed; proving it with keys, attesters or transport is the caller's part. */
  readonly proof: ConfirmationMethod;
  readonly id: string;
  readonly nameId: NameIdSyntax;
  readonly confirmation: SubjectConfirmationSyntax;
}

/** Keeps every namespace in scope, so that the assertion means the same outside its message. */
const standAlone: CanonicalForm = { method: "inclusive", comments: false };

const defaultMaxAge = 12 * 3600 * 1000;

/**
 * Decides about a verified assertion (SAML core section 2, SAML Token Profile 1.1 section 3.5): issuer, times, audience,
 * conditions, session, confirmation. Conditions with an end and an audience are mandatory. A skew is allowed at both ends of
 * every time; the start is inside, the end outside (NotOnOrAfter).
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for a session ticket assertion
 * @throws ERR_TOKEN_ISSUER, ERR_TOKEN_SIGNATURE (the issuer's certificate is out of date), ERR_TOKEN_EXPIRED,
 * ERR_TOKEN_NOT_YET_VALID, ERR_TOKEN_AUDIENCE, ERR_TOKEN_PROOF, ERR_WSS_INVALID_TOKEN (not confirmed for this exchange), and
 * ERR_TOKEN_MALFORMED for what must be there and is not
 */
export function validateAssertion(assertion: VerifiedAssertion, rules: AssertionRules): ValidatedAssertion {
  const { conditions, subject, issuer, id } = assertion;
  requireOrdinary(assertion);
  requireIssuer(assertion, rules);
  if (conditions === undefined)
    refuseToken(assertion, "ERR_TOKEN_AUDIENCE", "the assertion has no Conditions", "conditions");
  const acceptable = requireTimes(assertion, conditions, rules);
  requireAudience(assertion, conditions, rules);
  if (conditions.proxyCount === 0) {
    refuseToken(assertion, "ERR_TOKEN_MALFORMED", "ProxyRestriction forbids every use but the first", "proxy");
  }
  requireSession(assertion, rules);
  const nameId = subject?.nameId;
  if (nameId === undefined) refuseToken(assertion, "ERR_TOKEN_MALFORMED", "the assertion names no subject", "subject");
  const confirmation = requireConfirmation(assertion, rules);
  const once = conditions.oneTimeUse || rules.oneTime === true;
  return new AcceptedAssertion(assertion, nameId, confirmation, {
    proof: rules.confirm,
    expires: endOf(assertion, conditions, confirmation),
    replay: once
      ? [{ kind: "saml-one-time", parts: [issuer, id], until: acceptable, since: assertion.issueInstant }]
      : [],
  });
}

/** A class for the digest's sake: it is asked for by auditors only, and an accessor of its own would cost every request. */
class AcceptedAssertion implements ValidatedAssertion {
  readonly kind: ValidatedAssertion["kind"];
  readonly proof: ConfirmationMethod;
  readonly principal: Principal;
  readonly claims: ClaimSet;
  readonly issuer: string;
  readonly id: string;
  readonly nameId: NameIdSyntax;
  readonly confirmation: SubjectConfirmationSyntax;
  readonly expires: number | undefined;
  readonly replay: readonly ReplayEntry[];
  readonly #assertion: VerifiedAssertion;

  constructor(
    assertion: VerifiedAssertion,
    nameId: NameIdSyntax,
    confirmation: SubjectConfirmationSyntax,
    { proof, expires, replay }: Pick<ValidatedAssertion, "proof" | "expires" | "replay">,
  ) {
    const { version, attributes, issuer, id } = assertion;
    this.kind = version === "2.0" ? "saml2" : "saml11";
    this.proof = proof;
    this.principal = { name: nameId.value, kind: this.kind, format: nameId.format };
    this.claims = new ClaimSet(attributes.map(({ name, values }) => ({ type: name, values, issuer })));
    this.issuer = issuer;
    this.id = id;
    this.nameId = nameId;
    this.confirmation = confirmation;
    this.expires = expires;
    this.replay = replay;
    this.#assertion = assertion;
  }

  get text(): string {
    const { document, element } = this.#assertion;
    return Buffer.from(canonicalize(document, element, standAlone)).toString();
  }

  get digest(): string {
    const { document, element } = this.#assertion;
    return sha256Hex(document.bytes.subarray(document.start(element), document.end(element)));
  }
}

/** A session ticket assertion says nothing by itself, whoever signed it: its session may have ended. */
function requireOrdinary(assertion: VerifiedAssertion): void {
  for (const { name } of assertion.attributes) {
    if (!isTicketAttribute(name)) continue;
    refuseToken(assertion, "ERR_WSS_UNSUPPORTED_TOKEN", "this is a session ticket, no assertion of SAML", "assertion");
  }
}

function requireIssuer(assertion: VerifiedAssertion, { issuers, now, skew }: AssertionRules): void {
  if (issuers !== undefined && !issuers.has(assertion.issuer)) {
    refuseToken(assertion, "ERR_TOKEN_ISSUER", "the issuer is trusted, but not on this route", "issuer");
  }
  if (!assertion.signedBy.isValidAt(now, skew)) {
    refuseToken(
      assertion,
      "ERR_TOKEN_SIGNATURE",
      "the issuer's configured certificate is not valid at this time",
      "signature",
    );
  }
}

/** @returns the last moment at which the assertion could be accepted */
function requireTimes(
  assertion: VerifiedAssertion,
  { notBefore, notOnOrAfter }: ConditionsSyntax,
  rules: AssertionRules,
): number {
  const { issueInstant } = assertion;
  const { now, skew, maxAge = defaultMaxAge } = rules;
  if (!(issueInstant - now <= skew)) {
    refuseToken(assertion, "ERR_TOKEN_NOT_YET_VALID", `IssueInstant is ${issueInstant - now} ms ahead`, "assertion");
  }
  if (!(now - issueInstant <= maxAge + skew)) {
    refuseToken(assertion, "ERR_TOKEN_EXPIRED", `the assertion was issued ${now - issueInstant} ms ago`, "assertion");
  }
  if (notBefore !== undefined && !(now >= notBefore - skew)) {
    refuseToken(assertion, "ERR_TOKEN_NOT_YET_VALID", `NotBefore is ${notBefore - now} ms ahead`, "times");
  }
  if (notOnOrAfter === undefined)
    refuseToken(assertion, "ERR_TOKEN_EXPIRED", "the assertion has no end: NotOnOrAfter is missing", "times");
  if (!(now < notOnOrAfter + skew)) {
    refuseToken(assertion, "ERR_TOKEN_EXPIRED", `NotOnOrAfter passed ${now - notOnOrAfter} ms ago`, "times");
  }
  return Math.min(notOnOrAfter, issueInstant + maxAge) + skew;
}

/** SAML 2.0 core section 2.5.1.4, SAML 1.1 core section 2.3.2.1.3: every restriction must be met, each by one of its audiences. */
function requireAudience(
  assertion: VerifiedAssertion,
  { audienceRestrictions }: ConditionsSyntax,
  { audiences }: AssertionRules,
): void {
  const met = audienceRestrictions.every((restriction) => restriction.some((audience) => audiences.has(audience)));
  if (met && audienceRestrictions.length > 0) return;
  const named = audienceRestrictions.flat().join(", ").slice(0, 256);
  refuseToken(
    assertion,
    "ERR_TOKEN_AUDIENCE",
    `the assertion is for ${named === "" ? "any audience" : named}`,
    "audience",
  );
}

function requireSession(assertion: VerifiedAssertion, { requireAuthnStatement, now, skew }: AssertionRules): void {
  const { authnStatements } = assertion;
  if (requireAuthnStatement === true && authnStatements.length === 0) {
    refuseToken(
      assertion,
      "ERR_TOKEN_MALFORMED",
      "there is no statement of an authentication, and this route demands one",
      "authentication",
    );
  }
  for (const { sessionNotOnOrAfter, instant } of authnStatements) {
    if (!(instant - now <= skew))
      refuseToken(
        assertion,
        "ERR_TOKEN_NOT_YET_VALID",
        `the authentication is ${instant - now} ms ahead`,
        "authentication",
      );
    if (sessionNotOnOrAfter !== undefined && !(now < sessionNotOnOrAfter + skew)) {
      refuseToken(
        assertion,
        "ERR_TOKEN_EXPIRED",
        `the subject's session ended ${now - sessionNotOnOrAfter} ms ago`,
        "authentication",
      );
    }
  }
}

function endOf(
  { authnStatements }: VerifiedAssertion,
  { notOnOrAfter }: ConditionsSyntax,
  confirmation: SubjectConfirmationSyntax,
): number | undefined {
  const ends = [
    notOnOrAfter,
    confirmation.notOnOrAfter,
    ...authnStatements.map(({ sessionNotOnOrAfter }) => sessionNotOnOrAfter),
  ];
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function refuseToken(
  { version, document, element }: VerifiedAssertion,
  code: ErrorCode,
  reason: string,
  topic: CoreTopic,
): never {
  refuse(code, reason, {
    place: () => document.place(element),
    rule: coreSection(version, topic),
    remedy: "Ask the issuer for an assertion that is meant for this service and valid now; check both clocks.",
  });
}
