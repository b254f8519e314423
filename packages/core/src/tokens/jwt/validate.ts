import { sha256Hex } from "../../crypto/index.js";
import { type ErrorCode, refuse } from "../../errors/index.js";
import type { ClaimSet, Principal, ReplayEntry, ValidatedToken } from "../../identity/index.js";
import { claimsOf } from "./claims.js";
import { lastNumericDate } from "./limits.js";
import type { VerifiedJwt } from "./verify.js";

/** What a route says about JWTs. Times in milliseconds. */
export interface JwtRules {
  /** The exact `iss`. */
  readonly issuer: string;
  /** One of these must be in `aud`; compared exactly. */
  readonly audience: readonly string[];
  /** Demanded `typ`. Default: `JWT`, `at+jwt` or none. */
  readonly type?: string | undefined;
  /** Accepts a token once only, by `jti`, which it must then have. Default false. */
  readonly oneTime?: boolean | undefined;
  /** Oldest `iat` accepted, which the token must then have. Default: not limited. */
  readonly maxAge?: number | undefined;
  /** What the issuer's clock may differ from ours. Default 5,000. */
  readonly skew?: number | undefined;
}

/** A JWT that speaks for its subject. */
export interface ValidatedJwt extends ValidatedToken {
  readonly kind: "jwt";
  readonly proof: "bearer";
}

/**
 * Decides about a verified JWT (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.12). `iss`, `aud`, `exp` and `sub` must be
 * there. Both edges of every time are inside: a token is good until exactly `exp + skew`, and from `nbf - skew`.
 * @throws ERR_TOKEN_MALFORMED for claims that are missing or of the wrong JSON type, and for another `typ`
 * @throws ERR_TOKEN_ISSUER, ERR_TOKEN_AUDIENCE, ERR_TOKEN_EXPIRED, ERR_TOKEN_NOT_YET_VALID
 * @throws ERR_TOKEN_PROOF for a token that is bound to a key (`cnf`): whoever holds the text alone must not be able to use it
 */
export function validateJwt(jwt: VerifiedJwt, rules: JwtRules, now: number): ValidatedJwt {
  requireType(jwt.type, rules.type);
  if (jwt.claims.get("iss") !== rules.issuer) {
    refuseToken("ERR_TOKEN_ISSUER", "iss is not the issuer of this route", "RFC 7519 section 4.1.1");
  }
  requireAudience(jwt.claims.get("aud"), rules.audience);
  const until = requireTimes(jwt, rules, now);
  if (jwt.claims.has("cnf")) {
    refuseToken("ERR_TOKEN_PROOF", "cnf binds the token to a key, and a bearer proves none", "RFC 7800 section 3");
  }
  const subject = requiredText(jwt, "sub", "RFC 7519 section 4.1.2");
  const id =
    jwt.claims.has("jti") || rules.oneTime === true ? requiredText(jwt, "jti", "RFC 7519 section 4.1.7") : undefined;
  const replay = rules.oneTime === true && id !== undefined ? [entry(rules.issuer, id, until)] : [];
  return new AcceptedJwt(jwt, { subject, issuer: rules.issuer, id, expires: until.expires, replay });
}

/** A class, so that the token's text and digest cost nothing until somebody asks, and are not enumerated. */
class AcceptedJwt implements ValidatedJwt {
  readonly kind = "jwt";
  readonly proof = "bearer";
  readonly principal: Principal;
  readonly claims: ClaimSet;
  readonly issuer: string;
  readonly id: string | undefined;
  readonly expires: number;
  readonly replay: readonly ReplayEntry[];
  readonly #text: string;

  constructor(
    jwt: VerifiedJwt,
    said: {
      readonly subject: string;
      readonly issuer: string;
      readonly id: string | undefined;
      readonly expires: number;
      readonly replay: readonly ReplayEntry[];
    },
  ) {
    this.principal = { name: said.subject, kind: "jwt" };
    this.claims = claimsOf(jwt.claims, said.issuer);
    this.issuer = said.issuer;
    this.id = said.id;
    this.expires = said.expires;
    this.replay = said.replay;
    this.#text = jwt.text;
  }

  get text(): string {
    return this.#text;
  }

  get digest(): string {
    return sha256Hex(this.#text);
  }
}

function entry(issuer: string, id: string, { acceptable, issued }: TokenTimes): ReplayEntry {
  return { kind: "jwt-jti", parts: [issuer, id], until: acceptable, since: issued };
}

/** RFC 7515 section 4.1.9: a media type whose "application/" may be left out; RFC 8725 section 3.11. */
function requireType(given: string | undefined, wanted: string | undefined): void {
  const type = given === undefined ? undefined : mediaSubtype(given);
  if (wanted === undefined ? type === undefined || type === "jwt" || type === "at+jwt" : type === mediaSubtype(wanted))
    return;
  refuseToken(
    "ERR_TOKEN_MALFORMED",
    `typ is ${given ?? "absent"}, and this route wants ${wanted ?? "JWT, at+jwt or none"}`,
    "RFC 8725 section 3.11",
  );
}

function mediaSubtype(type: string): string {
  const lower = type.toLowerCase();
  return lower.startsWith("application/") ? lower.slice("application/".length) : lower;
}

function requireAudience(given: unknown, wanted: readonly string[]): void {
  const audiences: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (!audiences.every((audience) => typeof audience === "string")) {
    refuseToken("ERR_TOKEN_MALFORMED", "aud is missing, or not text or a list of texts", "RFC 7519 section 4.1.3");
  }
  if (!audiences.some((audience) => wanted.includes(audience))) {
    refuseToken("ERR_TOKEN_AUDIENCE", "aud names other services only", "RFC 7519 section 4.1.3");
  }
}

function requireTimes(jwt: VerifiedJwt, { maxAge, skew = 5_000 }: JwtRules, now: number): TokenTimes {
  const expires = dateOf(jwt, "exp");
  if (expires === undefined)
    refuseToken("ERR_TOKEN_EXPIRED", "exp is missing: the token would never end", "RFC 7519 section 4.1.4");
  if (!(now <= expires + skew))
    refuseToken("ERR_TOKEN_EXPIRED", `exp passed ${now - expires} ms ago`, "RFC 7519 section 4.1.4");
  const notBefore = dateOf(jwt, "nbf");
  if (notBefore !== undefined && !(now >= notBefore - skew)) {
    refuseToken("ERR_TOKEN_NOT_YET_VALID", `nbf is ${notBefore - now} ms ahead`, "RFC 7519 section 4.1.5");
  }
  const issued = dateOf(jwt, "iat");
  if (issued !== undefined && !(issued - now <= skew)) {
    refuseToken("ERR_TOKEN_NOT_YET_VALID", `iat is ${issued - now} ms ahead`, "RFC 7519 section 4.1.6");
  }
  if (maxAge === undefined) return { expires, acceptable: expires + skew, issued };
  if (issued === undefined)
    refuseToken(
      "ERR_TOKEN_MALFORMED",
      "iat is missing, and this route limits the age of tokens",
      "RFC 7519 section 4.1.6",
    );
  if (!(now <= issued + maxAge + skew))
    refuseToken("ERR_TOKEN_EXPIRED", `the token was issued ${now - issued} ms ago`, "RFC 7519 section 4.1.6");
  return { expires, acceptable: Math.min(expires, issued + maxAge) + skew, issued };
}

/** Milliseconds since 1970. */
interface TokenTimes {
  readonly expires: number;
  /** The last moment at which the token could be accepted. */
  readonly acceptable: number;
  readonly issued: number | undefined;
}

/** A NumericDate (RFC 7519 section 2) in milliseconds since 1970: a JSON number, never text that looks like one. */
function dateOf(jwt: VerifiedJwt, name: "exp" | "nbf" | "iat"): number | undefined {
  const value = jwt.claims.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(value >= 0 && value <= lastNumericDate)) {
    refuseToken("ERR_TOKEN_MALFORMED", `${name} is not a number of seconds up to the year 9999`, "RFC 7519 section 2");
  }
  return value * 1000;
}

function requiredText(jwt: VerifiedJwt, name: "sub" | "jti", rule: string): string {
  const value = jwt.claims.get(name);
  if (typeof value === "string" && value.trim() !== "") return value;
  return refuseToken("ERR_TOKEN_MALFORMED", `${name} is missing, empty, or not text`, rule);
}

function refuseToken(code: ErrorCode, reason: string, rule: string): never {
  refuse(code, reason, { rule, remedy: "Ask the issuer for a token that is meant for this service and still valid." });
}
