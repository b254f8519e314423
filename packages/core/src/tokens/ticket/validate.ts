import {
  type AlgorithmSuite,
  type Certificate,
  type KeyObject,
  type KeyRing,
  keyDigest,
  loadPublicKey,
  sha256Hex,
} from "../../crypto/index.js";
import { type ErrorCode, refuse } from "../../errors/index.js";
import type { Lifetime } from "../../time/index.js";
import { type AssertionIssuers, verifyAssertion } from "../saml/index.js";
import { assertionPurpose, type SealedContent, sealedContent } from "./content.js";
import type { TicketAssertionSyntax } from "./parse.js";
import { openMembers } from "./sealed-members.js";

/** What a service demands of session ticket assertions, and when this one came. Times in milliseconds. */
export interface TicketAssertionRules {
  readonly ring: KeyRing;
  readonly tenant: string;
  /** The service's own names: the assertion must be for one of them. */
  readonly audiences: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By how much clocks may differ, in milliseconds. */
  readonly skew: number;
  /**
   * The assertion's own signature. Default `"required"`. `"when-present"`: one that is there must be valid; `"ignored"`: the
   * sealed part decides alone, which is enough among the holders of the ring.
   */
  readonly signature?: "required" | "when-present" | "ignored" | undefined;
  /** Who signs assertions. Without any, no signature is valid. */
  readonly issuers?: AssertionIssuers | undefined;
  /** Algorithms of that signature. */
  readonly suite: AlgorithmSuite;
}

/** A session ticket assertion that was made by a holder of the ring, for this service, and is in time. */
export interface ValidatedTicketAssertion {
  readonly id: string;
  /** The session ticket. That its session lives is not known yet: ask the policy server. */
  readonly ticket: string;
  readonly subject: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly lifetime: Lifetime;
  /** Protection level of the authentication. */
  readonly level: number;
  /** The key with which its holder signs; undefined for an assertion without one, which proves nothing of its sender. */
  readonly key: KeyObject | undefined;
  /** The key's certificate, where the assertion holds one. */
  readonly certificate: Certificate | undefined;
  /** SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal. */
  readonly thumbprint: string | undefined;
  /** The certificate that verified the assertion's own signature, where one was looked at. */
  readonly signedBy: Certificate | undefined;
  /** SHA-256 of the assertion's octets, hexadecimal: what audit records instead of the token. */
  readonly digest: string;
}

/**
 * Opens a session ticket assertion and decides about it. Everything it says in clear must be what the sealed part says, so
 * that any reader of it sees what the agent wrote, signed or not.
 * @throws ERR_SESSION_INVALID where the sealed part does not open: another ring or tenant, a key that has left the ring, one
 * bit changed, another version
 * @throws ERR_TOKEN_MALFORMED where the clear part says something else than the sealed one, ERR_TOKEN_PROOF where it names
 * another key
 * @throws ERR_TOKEN_SIGNATURE for a missing or wrong signature where one counts, ERR_TOKEN_ISSUER for one of somebody else,
 * ERR_WSS_UNSUPPORTED_ALGORITHM
 * @throws ERR_TOKEN_AUDIENCE, ERR_TOKEN_EXPIRED, ERR_TOKEN_NOT_YET_VALID
 */
export function openTicketAssertion(
  syntax: TicketAssertionSyntax,
  rules: TicketAssertionRules,
): ValidatedTicketAssertion {
  const { document, element } = syntax.assertion;
  const members = openMembers(rules.ring, syntax.sealed, assertionPurpose, rules.tenant);
  const content = members && sealedContent(members);
  if (content === undefined) {
    refuseAssertion(syntax, "ERR_SESSION_INVALID", "the sealed part does not open under the keys and tenant held here");
  }
  requireSameInClear(syntax, content);
  const { key, certificate } = requireKey(syntax, content);
  const signedBy = requireSignature(syntax, rules);
  requireTime(syntax, content.lifetime, rules);
  if (!content.audience.some((one) => rules.audiences.has(one))) {
    const named = content.audience.join(", ").slice(0, 256);
    refuseAssertion(syntax, "ERR_TOKEN_AUDIENCE", `the assertion is for ${named}`);
  }
  const { id, ticket, subject, issuer, audience, lifetime, level, thumbprint } = content;
  const digest = sha256Hex(document.bytes.subarray(document.start(element), document.end(element)));
  return { id, ticket, subject, issuer, audience, lifetime, level, key, certificate, thumbprint, signedBy, digest };
}

/** Each value in clear against its sealed twin: without a signature nothing else protects it. */
function requireSameInClear(syntax: TicketAssertionSyntax, content: SealedContent): void {
  const { id, issuer, issueInstant, subject, conditions } = syntax.assertion;
  const { nameId } = subject ?? {};
  const audience = conditions?.audienceRestrictions[0] ?? [];
  const { created, expires } = content.lifetime;
  const same: readonly (readonly [what: string, holds: boolean])[] = [
    ["ID", id === content.id],
    ["Issuer", issuer === content.issuer],
    ["IssueInstant", issueInstant === created],
    ["NameID", nameId?.value === content.subject],
    ["NameID", [nameId?.format, nameId?.nameQualifier, nameId?.spNameQualifier].every((one) => one === undefined)],
    ["NotBefore", conditions?.notBefore === created],
    ["NotOnOrAfter", conditions?.notOnOrAfter === expires],
    ["Conditions", conditions?.oneTimeUse === false && conditions.proxyCount === undefined],
    [
      "Audience",
      audience.length === content.audience.length && audience.every((one, i) => one === content.audience[i]),
    ],
  ];
  const changed = same.find(([, holds]) => !holds);
  if (changed !== undefined) {
    refuseAssertion(syntax, "ERR_TOKEN_MALFORMED", `${changed[0]} is not what was sealed`);
  }
}

function requireKey(
  syntax: TicketAssertionSyntax,
  content: SealedContent,
): Pick<ValidatedTicketAssertion, "key" | "certificate"> {
  const { thumbprint, fingerprint, hiddenKey } = content;
  const confirmation = syntax.assertion.subject?.confirmations[0];
  const clear = confirmation?.keys[0];
  const limits = [confirmation?.notBefore, confirmation?.notOnOrAfter, confirmation?.recipient, confirmation?.nameId];
  if ([...limits, confirmation?.inResponseTo, confirmation?.address].some((one) => one !== undefined)) {
    refuseAssertion(syntax, "ERR_TOKEN_MALFORMED", "the confirmation has limits that were not sealed");
  }
  const wanted = hiddenKey === undefined ? thumbprint : undefined;
  if ((clear && keyDigest(clear.key).toString("hex")) !== wanted) {
    refuseAssertion(syntax, "ERR_TOKEN_PROOF", "the key in clear is not the key that was sealed");
  }
  if (clear?.certificate?.fingerprint256 !== fingerprint) {
    refuseAssertion(syntax, "ERR_TOKEN_PROOF", "the certificate in clear is not the one that was sealed");
  }
  if (hiddenKey === undefined) return { key: clear?.key, certificate: clear?.certificate };
  const key = loadPublicKey(hiddenKey, "ticket key");
  if (keyDigest(key).toString("hex") !== thumbprint)
    refuseAssertion(syntax, "ERR_TOKEN_PROOF", "the sealed key is not the one of the sealed thumbprint");
  return { key, certificate: undefined };
}

function requireSignature(syntax: TicketAssertionSyntax, rules: TicketAssertionRules): Certificate | undefined {
  const { signature = "required", issuers = new Map(), suite, now, skew } = rules;
  if (signature === "ignored") return undefined;
  if (signature === "when-present" && syntax.assertion.signature === undefined) return undefined;
  const { signedBy } = verifyAssertion(syntax.assertion, issuers, suite);
  if (!signedBy.isValidAt(now, skew)) {
    refuseAssertion(syntax, "ERR_TOKEN_SIGNATURE", "the agent's configured certificate is not valid at this time");
  }
  return signedBy;
}

function requireTime(syntax: TicketAssertionSyntax, { created, expires }: Lifetime, rules: TicketAssertionRules): void {
  const { now, skew } = rules;
  if (!(created - now <= skew)) {
    refuseAssertion(syntax, "ERR_TOKEN_NOT_YET_VALID", `NotBefore is ${created - now} ms ahead`);
  }
  if (!(now < expires + skew)) {
    refuseAssertion(syntax, "ERR_TOKEN_EXPIRED", `NotOnOrAfter passed ${now - expires} ms ago`);
  }
}

function refuseAssertion({ assertion }: TicketAssertionSyntax, code: ErrorCode, reason: string): never {
  refuse(code, reason, {
    place: () => assertion.document.place(assertion.element),
    rule: "session ticket assertion, version 1",
    remedy: "Obtain a new assertion and send it unchanged; check that agents share keys, tenant and time.",
  });
}
