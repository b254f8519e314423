import {
  type AssertionSyntax,
  type Certificate,
  CountersignError,
  defaultSuite,
  isCountersignError,
  type KeyObject,
  parseAssertion,
  referencedAssertion,
  refuse,
  scan,
  verifyAssertion,
} from "@countersign/core/sts";
import { actorClaim } from "./claims.js";

/** A token that this broker signed. Whether it still lives is not said. */
export interface OwnToken {
  readonly id: string;
  readonly subject: string;
  readonly format: string | undefined;
  /** Values by claim type, without those that list the chain. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
  /** Who acts for the subject, the latest first. */
  readonly actors: readonly string[];
  readonly audiences: readonly string[];
  /** Milliseconds since 1970; both ends are always written. */
  readonly created: number;
  readonly expires: number;
  /** The key that it is tied to; undefined for a bearer token. */
  readonly key: KeyObject | undefined;
  readonly bearer: boolean;
}

/** Octets of a token in a request. */
const maxToken = 131_072;

/** Reads tokens in requests: only those that the broker itself signed, with its present key or one that it had before. */
export class OwnTokens {
  readonly #issuers: ReadonlyMap<string, { readonly name: string; readonly certificates: readonly Certificate[] }>;

  constructor(issuer: string, certificates: readonly Certificate[]) {
    this.#issuers = new Map([[issuer, { name: issuer, certificates }]]);
  }

  /**
   * Verifies an assertion that stands alone.
   * @throws ERR_TRUST_INVALID_SECURITY_TOKEN for anything that this broker did not sign as it is
   */
  verify(xml: string): OwnToken {
    try {
      if (xml.length > maxToken) refuse("ERR_XML_LIMIT", `the token has more than ${maxToken} characters`);
      const assertion = parseAssertion(scan(Buffer.from(xml)), 0);
      return toOwnToken(verifyAssertion(assertion, this.#issuers, defaultSuite));
    } catch (cause) {
      if (!isCountersignError(cause) || cause.family === "internal") throw cause;
      throw new CountersignError("ERR_TRUST_INVALID_SECURITY_TOKEN", {
        reason: `the token in the request is none of this broker's: ${cause.detail.reason}`,
        rule: cause.detail.rule,
        remedy: "Send an assertion of this broker, unchanged.",
        cause,
      });
    }
  }

  /**
   * The id of the token that a request means: of an assertion that is verified, or that a wsse:KeyIdentifier names. Naming
   * a token proves nothing.
   * @throws ERR_TRUST_INVALID_SECURITY_TOKEN; ERR_TRUST_BAD_REQUEST and ERR_TRUST_INVALID_REQUEST for another reference
   */
  idOf(xml: string): string {
    if (xml.length > maxToken) return this.verify(xml).id;
    return referencedAssertion(xml) ?? this.verify(xml).id;
  }
}

function toOwnToken(assertion: AssertionSyntax): OwnToken {
  const { id, subject, conditions, attributes } = assertion;
  const { nameId, confirmations = [] } = subject ?? {};
  if (nameId === undefined || conditions?.notOnOrAfter === undefined)
    refuse("ERR_TOKEN_MALFORMED", "the assertion lacks its subject or its end");
  const claims = new Map<string, readonly string[]>();
  for (const { name, values } of attributes) claims.set(name, [...(claims.get(name) ?? []), ...values]);
  const actors = claims.get(actorClaim) ?? [];
  claims.delete(actorClaim);
  return {
    id,
    subject: nameId.value,
    format: nameId.format,
    claims,
    actors,
    audiences: conditions.audienceRestrictions.flat(),
    created: conditions.notBefore ?? assertion.issueInstant,
    expires: conditions.notOnOrAfter,
    key: confirmations.flatMap(({ keys }) => keys)[0]?.key,
    bearer: confirmations.some(({ confirm }) => confirm === "bearer"),
  };
}
