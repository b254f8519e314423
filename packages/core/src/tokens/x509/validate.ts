import {
  type Certificate,
  type CertificateTrust,
  requireAllowedSubject,
  type SubjectRules,
  type ValidatedPath,
} from "../../crypto/index.js";
import { isOutage, refuse } from "../../errors/index.js";
import { noClaims, type Principal, type RevocationFinding, type ValidatedToken } from "../../identity/index.js";

/**
 * Tells whether the account of a certificate's subject may be used now. Called after the certificate was found valid.
 * A rejection or throw is an outage of the store (503), never a disabled account.
 */
export type AccountStatus = (principal: Principal, certificate: Certificate) => boolean | Promise<boolean>;

/** What a route says about X.509 certificates. */
export interface X509Rules extends SubjectRules {
  /** Authorities and listed certificates. */
  readonly trust: CertificateTrust;
  /**
   * Tells whether a certificate of the path was revoked; asked for every message, however long the path is kept. Throws where
   * one was, and where that cannot be told.
   */
  readonly revocation?: ((path: ValidatedPath) => RevocationFinding | Promise<RevocationFinding>) | undefined;
  readonly account?: AccountStatus | undefined;
}

/** A certificate that may speak on a route. */
export interface ValidatedX509 extends ValidatedToken {
  readonly kind: "x509";
  readonly certificate: Certificate;
}

/**
 * Decides about a certificate (RFC 5280 section 6, by the route's trust). Whether the sender holds its key is the
 * signature's part.
 * @param path The certificate, then what came with it.
 * @param now Milliseconds since 1970.
 * @throws ERR_WSS_FAILED_CHECK, ERR_WSS_INVALID_TOKEN and ERR_WSS_FAILED_AUTHENTICATION as `CertificateTrust.validate`
 * @throws ERR_WSS_INVALID_TOKEN where the certificate names no subject
 * @throws ERR_TOKEN_REVOKED, ERR_WSS_INVALID_TOKEN and ERR_UNAVAILABLE as `rules.revocation`
 * @throws ERR_WSS_FAILED_AUTHENTICATION where the account is disabled, ERR_UNAVAILABLE where nobody can tell
 */
export async function validateX509(
  path: readonly Certificate[],
  rules: X509Rules,
  now: number,
): Promise<ValidatedX509> {
  const { trust, revocation, account } = rules;
  const validated = await trust.validate(path, now);
  requireAllowedSubject(validated, rules);
  const { certificate, notAfter } = validated;
  if (certificate.subject === "") {
    refuse("ERR_WSS_INVALID_TOKEN", "the certificate names no subject", {
      rule: "RFC 5280 section 4.1.2.6",
      remedy: "Use a certificate whose subject is not empty: it becomes the principal's name.",
    });
  }
  const finding = await revocation?.(validated);
  const principal: Principal = { name: certificate.subject, kind: "x509" };
  if (account !== undefined) await requireAccount(account, principal, certificate);
  return {
    kind: "x509",
    principal,
    claims: noClaims,
    issuer: certificate.issuer,
    expires: notAfter,
    digest: certificate.fingerprint256,
    replay: [],
    revocation: finding,
    certificate,
  };
}

async function requireAccount(account: AccountStatus, principal: Principal, certificate: Certificate): Promise<void> {
  let answer: unknown;
  try {
    answer = await account(principal, certificate);
  } catch (cause) {
    if (isOutage(cause)) throw cause;
    refuse("ERR_UNAVAILABLE", "the account callback failed", { rule: "accept[].account", cause });
  }
  if (answer === true) return;
  refuse("ERR_WSS_FAILED_AUTHENTICATION", `the account of ${certificate.subject} is not usable`, {
    rule: "accept[].account",
    remedy: "Enable the account, or send another certificate.",
  });
}
