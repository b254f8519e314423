import type { AlgorithmSuite, Certificate, KeyObject } from "../../crypto/index.js";
import { type CountersignError, isCountersignError, refuse } from "../../errors/index.js";
import { checkAlgorithms, type EncryptedKeySyntax, type SignatureSyntax, verifyEnveloped } from "../../xmlsec/index.js";
import type { AssertionSyntax } from "./assertion.js";
import { coreSection } from "./core-section.js";
import type { AssertionIssuer, AssertionIssuers } from "./issuers.js";

declare const verified: unique symbol;

/**
 * An assertion that its issuer signed. Made here only: claims and keys are read from nothing else. Whether it is still valid,
 * meant for this service and confirmed is not known yet.
 */
export interface VerifiedAssertion extends AssertionSyntax {
  readonly [verified]: true;
  /** The issuer's certificate that verified the signature. */
  readonly signedBy: Certificate;
  /** The public keys that holder-of-key confirmations name, in order. */
  readonly holderOfKey: readonly KeyObject[];
  /** The symmetric keys that they name, encrypted for relying parties, in order. */
  readonly holderOfSecret: readonly EncryptedKeySyntax[];
  /** The certificates among the public keys. */
  readonly holderOfKeyCertificates: readonly Certificate[];
}

/**
 * Verifies an assertion's own signature (SAML core section 5): one Reference, to this very assertion by its ID, and a
 * key of the configured issuer whose name is exactly the Issuer. KeyInfo chooses nothing.
 * @param forms URIs of canonical forms allowed for SignedInfo. Default: exclusive C14N without comments.
 * @throws ERR_TOKEN_ISSUER for an issuer that is not configured
 * @throws ERR_TOKEN_SIGNATURE for an assertion that is unsigned, signed by another key, changed, or signed otherwise
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for algorithms outside the suite
 */
export function verifyAssertion(
  assertion: AssertionSyntax,
  issuers: AssertionIssuers,
  suite: AlgorithmSuite,
  forms?: ReadonlySet<string>,
): VerifiedAssertion {
  const { document, signature } = assertion;
  const issuer = issuers.get(assertion.issuer);
  if (issuer === undefined) {
    refuse("ERR_TOKEN_ISSUER", `the issuer ${assertion.issuer.slice(0, 256)} is not configured`, {
      place: () => document.place(assertion.element),
      rule: "trust.issuers",
      remedy:
        "Add the issuer with the exact text of Issuer and its signing certificate, or send an assertion of a trusted one.",
    });
  }
  if (signature === undefined)
    refuseSignature(assertion, "the assertion is not signed", "SAML Token Profile 1.1 section 3.5");
  checkAlgorithms(document, signature, suite, forms);
  const signedBy = verifyingCertificate(assertion, signature, issuer, suite);
  const confirmations = assertion.subject?.confirmations ?? [];
  const keys = confirmations.flatMap((confirmation) => confirmation.keys);
  // Field by field: a spread with further fields behind it is many times slower, and this is done for every message.
  const result: Omit<VerifiedAssertion, typeof verified> = {
    version: assertion.version,
    document,
    element: assertion.element,
    id: assertion.id,
    issueInstant: assertion.issueInstant,
    issuer: assertion.issuer,
    signature,
    subject: assertion.subject,
    conditions: assertion.conditions,
    authnStatements: assertion.authnStatements,
    attributes: assertion.attributes,
    signedBy,
    holderOfKey: keys.map(({ key }) => key),
    holderOfSecret: confirmations.flatMap(({ secrets }) => secrets),
    holderOfKeyCertificates: keys
      .map(({ certificate }) => certificate)
      .filter((certificate) => certificate !== undefined),
  };
  return result as VerifiedAssertion;
}

function verifyingCertificate(
  assertion: AssertionSyntax,
  signature: SignatureSyntax,
  issuer: AssertionIssuer,
  suite: AlgorithmSuite,
): Certificate {
  const { document, element, id } = assertion;
  let first: CountersignError | undefined;
  for (const certificate of issuer.certificates) {
    try {
      verifyEnveloped(document, signature, certificate.publicKey, element, id, undefined, suite);
      return certificate;
    } catch (error) {
      if (!isCountersignError(error) || error.family !== "wss") throw error;
      first ??= error;
    }
  }
  refuseSignature(assertion, first?.detail.reason ?? "no certificate verifies it", first?.detail.rule, first);
}

function refuseSignature(
  assertion: AssertionSyntax,
  reason: string,
  rule = coreSection(assertion.version, "signature"),
  cause?: CountersignError,
): never {
  const { document, element, signature } = assertion;
  refuse("ERR_TOKEN_SIGNATURE", reason, {
    place: cause?.detail.place ?? (() => document.place(signature?.element ?? element)),
    rule,
    remedy: "Send the assertion unchanged, signed by its issuer with the configured certificate.",
    cause,
  });
}
