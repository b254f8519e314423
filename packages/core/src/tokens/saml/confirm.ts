import { equalOctets, isSameKeyPair, type KeyObject } from "../../crypto/index.js";
import { CountersignError, type ErrorCode } from "../../errors/index.js";
import type { ConfirmationMethod, NameIdSyntax, SubjectConfirmationSyntax } from "./assertion.js";
import { coreSection } from "./core-section.js";
import type { VerifiedAssertion } from "./verify.js";

/** What a route demands of the confirmation, and what is known of the exchange. */
export interface ConfirmationRules {
  /** The method demanded. */
  readonly confirm: ConfirmationMethod;
  /**
   * The key that signed the message, for holder-of-key: then the confirmation that names it must hold. Without it every
   * holder-of-key confirmation must, since any of their keys may have signed.
   */
  readonly key?: KeyObject | undefined;
  /** In place of `key`: the CipherValue octets of the EncryptedKey whose key signed the message, or was derived from. */
  readonly secret?: Uint8Array | undefined;
  /** The Recipient demanded. Default: none; a Recipient that is there must be one of the audiences. */
  readonly recipient?: string | undefined;
  readonly audiences: ReadonlySet<string>;
  /** The requestor's network address. A confirmation that names an Address holds only where this is known and the same. */
  readonly address?: string | undefined;
  /** Id of the request that this assertion answers. A confirmation that names one holds only where it is the same. */
  readonly inResponseTo?: string | undefined;
  /** Milliseconds. */
  readonly skew: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Finds the SubjectConfirmation by which the sender may use the assertion (SAML 2.0 core section 2.4.1.1, SAML 1.1 core section
 * 2.4.2.3: one is enough).
 * @throws ERR_WSS_INVALID_TOKEN where none has the method demanded, ERR_TOKEN_PROOF where none has the key; else the
 * refusal of the first that fits: ERR_TOKEN_EXPIRED, ERR_TOKEN_NOT_YET_VALID, ERR_TOKEN_AUDIENCE, ERR_WSS_INVALID_TOKEN
 */
export function requireConfirmation(assertion: VerifiedAssertion, rules: ConfirmationRules): SubjectConfirmationSyntax {
  const { version, subject, document, element } = assertion;
  const { key, secret } = rules;
  const candidates = (subject?.confirmations ?? []).filter(
    ({ confirm, keys, secrets }) =>
      confirm === rules.confirm &&
      (key === undefined || keys.some((named) => isSameKeyPair(named.key, key))) &&
      (secret === undefined || secrets.some(({ cipherValue }) => equalOctets(cipherValue, secret))),
  );
  const faults = candidates.map((confirmation) => faultOf(confirmation, subject?.nameId, rules));
  const all = rules.confirm === "holder-of-key" && key === undefined && secret === undefined;
  const good = faults.indexOf(undefined);
  const first = candidates[good];
  if (first !== undefined && (!all || faults.every((fault) => fault === undefined))) return first;
  const fault = faults.find((found) => found !== undefined) ?? missing(assertion, rules);
  throw new CountersignError(fault.code, {
    reason: fault.reason,
    place: () => document.place(candidates[0]?.element ?? element),
    rule: coreSection(version, "subject"),
    remedy: `Ask the issuer for an assertion that is confirmed by ${rules.confirm} for this exchange.`,
  });
}

/** Why there is no candidate: the assertion is not confirmed in the way demanded, or not with the key that was proved. */
function missing({ subject }: VerifiedAssertion, { confirm }: ConfirmationRules): Fault {
  const confirmed = subject?.confirmations.some((one) => one.confirm === confirm) ?? false;
  return confirmed
    ? fault("ERR_TOKEN_PROOF", `no SubjectConfirmation is by ${confirm} with the key that signed the message`)
    : fault("ERR_WSS_INVALID_TOKEN", `no SubjectConfirmation is by ${confirm}`);
}

interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
}

const fault = (code: ErrorCode, reason: string): Fault => ({ code, reason });

function faultOf(
  confirmation: SubjectConfirmationSyntax,
  subject: NameIdSyntax | undefined,
  rules: ConfirmationRules,
): Fault | undefined {
  const { notBefore, notOnOrAfter, recipient, address, inResponseTo, nameId, keys, secrets } = confirmation;
  const { now, skew } = rules;
  if (notBefore !== undefined && !(now >= notBefore - skew))
    return fault("ERR_TOKEN_NOT_YET_VALID", "the confirmation is not valid yet");
  if (notOnOrAfter !== undefined && !(now < notOnOrAfter + skew))
    return fault("ERR_TOKEN_EXPIRED", "the confirmation is not valid any more");
  if (recipient === undefined ? rules.recipient !== undefined : !isRecipient(recipient, rules)) {
    return fault("ERR_TOKEN_AUDIENCE", `the confirmation is for the Recipient ${recipient ?? "nobody"}`);
  }
  if (address !== undefined && address !== plainAddress(rules.address))
    return fault("ERR_WSS_INVALID_TOKEN", "the confirmation is for another network address");
  if (inResponseTo !== undefined && inResponseTo !== rules.inResponseTo)
    return fault("ERR_WSS_INVALID_TOKEN", "the confirmation answers another request");
  // A key proves who confirms; without one, somebody else than the subject cannot be told from anybody.
  if (nameId !== undefined && keys.length + secrets.length === 0 && !isSameName(nameId, subject)) {
    return fault("ERR_WSS_INVALID_TOKEN", "somebody else than the subject is to confirm");
  }
  return undefined;
}

function isRecipient(recipient: string, { recipient: wanted, audiences }: ConfirmationRules): boolean {
  return wanted === undefined ? audiences.has(recipient) : recipient === wanted;
}

function isSameName(one: NameIdSyntax, other: NameIdSyntax | undefined): boolean {
  return (
    other !== undefined &&
    one.value === other.value &&
    one.format === other.format &&
    one.nameQualifier === other.nameQualifier
  );
}

/** Sockets that take both families write IPv4 addresses as ::ffff:192.0.2.1. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, "");
}
