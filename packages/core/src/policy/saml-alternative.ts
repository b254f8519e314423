import { Certificate, createCertificateTrust, equalOctets, type KeyObject } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { Principal } from "../identity/index.js";
import {
  type AssertionRules,
  type ValidatedAssertion,
  type VerifiedAssertion,
  validateAssertion,
} from "../tokens/saml/index.js";
import {
  coverageOf,
  endorsedKey,
  type OpenedSecurity,
  requireEncrypted,
  type VerifiedSignature,
} from "../wss/index.js";
import type { Alternative, AssertionOptions } from "./accept.js";
import { bindingSignature } from "./bound-token.js";
import type { Accepted, Circumstances, SignedAlternative } from "./evaluate.js";
import {
  type CompiledProtection,
  compileEncryption,
  compileProtection,
  requireDecryption,
  requireTransport,
  signatureReplays,
} from "./protection.js";
import type { RouteTrust } from "./route-trust.js";
import type { Presentation, TokenValidator } from "./token-validator.js";

/** `saml2(...)` or `saml11(...)`. */
type SamlAlternative = Extract<Alternative, { kind: "saml2" | "saml11" }>;

/** Compiles `saml2(...)` and `saml11(...)`: SAML Token Profile 1.1 sections 3.5.1 (holder-of-key), 3.5.2 (sender-vouches), 3.5.3 (bearer). */
export function compileSaml(alternative: SamlAlternative, index: number, trust: RouteTrust): SignedAlternative {
  const { kind, options } = alternative;
  const version = kind === "saml2" ? "2.0" : "1.1";
  const option = `accept[${index}]`;
  if (trust.issuers === undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "No issuer of assertions is trusted.",
      "Set trust.issuers.",
    );
  }
  for (const [position, name] of (options.issuers ?? []).entries()) {
    if (!trust.issuers.has(name)) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        `${option}.issuers[${position}]`,
        `trust.issuers has no "${name}".`,
        "Add it there, or correct the name.",
      );
    }
  }
  const protection = confirmationProtection(options, option, trust);
  // A proof by signature covers the Timestamp at least, also over the transport: else it could be moved to another message.
  const proofParts = protection.signed.length > 0 ? protection.signed : ["timestamp" as const];
  const attesters = compileAttesters(options, option);
  const rules: Omit<AssertionRules, "now"> = {
    audiences: new Set(typeof options.audience === "string" ? [options.audience] : options.audience),
    confirm: options.confirm,
    issuers: options.issuers && new Set(options.issuers),
    skew: trust.skew,
    requireAuthnStatement: options.requireAuthnStatement ?? false,
    recipient: kind === "saml2" ? alternative.options.recipient : undefined,
    oneTime: options.oneTime ?? false,
    maxAge: (options.maxAgeSeconds ?? 43_200) * 1000,
  };
  const validator: TokenValidator<VerifiedAssertion, ValidatedAssertion> = {
    validate: (assertion, { key, secret, now, remoteAddress }) =>
      validateAssertion(assertion, { ...rules, key, secret, now, address: remoteAddress }),
  };
  return {
    index,
    signers:
      attesters.length === 0 ? undefined : createCertificateTrust({ certificates: attesters }, `${option}.attesters`),
    fit({ assertions }) {
      const ours = assertions.filter((assertion) => assertion.version === version);
      if (ours.length === 0) return "none";
      const { confirm } = options;
      const confirmed = ours.some(({ subject }) => subject?.confirmations.some((one) => one.confirm === confirm));
      return confirmed ? "proof" : "kind";
    },
    async evaluate(opened, circumstances): Promise<Accepted> {
      requireTransport(protection, circumstances);
      const assertion = onlyAssertion(opened);
      const binding =
        options.over === "encrypted-key" ? bindingSignature(opened, assertion.element, option) : undefined;
      const signature =
        binding?.signature ??
        provingSignature(opened, assertion, options.confirm, attesters, protection, circumstances);
      const required = signature === undefined ? [] : proofParts;
      const coverage = coverageOf(opened, required, signature, protection.overTransport);
      requireEncrypted(opened, protection.encryption, signature);
      const held = options.confirm === "holder-of-key" ? heldKey(signature, circumstances) : undefined;
      const token = await validator.validate(assertion, { ...circumstances, ...held });
      const replay = [...token.replay, ...signatureReplays(opened)];
      const requestor = options.confirm === "sender-vouches" ? attesterOf(signature, circumstances) : undefined;
      const certificate = options.confirm === "bearer" ? undefined : provenCertificate(signature, circumstances);
      const requestKey = binding?.key ?? (signature && endorsedKey(signature));
      return {
        token,
        requestor,
        proof: token.proof,
        certificate,
        key: held?.key,
        coverage,
        alternative: index,
        replay,
        requestKey,
      };
    },
  };
}

function confirmationProtection(options: AssertionOptions, option: string, trust: RouteTrust): CompiledProtection {
  const { over, ...own } = options;
  if (options.confirm !== "bearer") {
    if (over !== "encrypted-key") return compileProtection({ ...own, over }, option, trust);
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.over`,
      `A ${options.confirm} assertion is tied to its message by a signature of its own.`,
      "Remove over: where that signature covers one with an EncryptedKey, it covers what that covers.",
    );
  }
  if (over === "encrypted-key") {
    requireDecryption(trust, option);
    return compileProtection(own, option, trust);
  }
  if (over !== "transport") {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      `${option}.over`,
      "A bearer assertion binds nothing to the message.",
      'Set over: "transport" or "encrypted-key", or confirm: "holder-of-key".',
    );
  }
  if (options.signed !== undefined && options.signed.length > 0) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.signed`,
      "A bearer assertion has no key that could sign.",
      "Remove signed.",
    );
  }
  return { signed: [], overTransport: true, encryption: compileEncryption(options, option, trust) };
}

function compileAttesters({ confirm, attesters }: AssertionOptions, option: string): readonly Certificate[] {
  if (confirm === "sender-vouches") {
    if (attesters === undefined) {
      throw new ConfigurationError(
        "ERR_CONFIG_INSECURE",
        `${option}.attesters`,
        "Anybody could vouch for anybody.",
        "Name the certificates that may vouch.",
      );
    }
    return attesters.map((attester, index) => Certificate.load(attester, `${option}.attesters[${index}]`));
  }
  if (attesters !== undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.attesters`,
      `Attesters have no part in ${confirm}.`,
      'Remove it, or set confirm: "sender-vouches".',
    );
  }
  return [];
}

function onlyAssertion({ assertions, header, envelope }: OpenedSecurity): VerifiedAssertion {
  const [assertion, second] = assertions;
  if (assertion !== undefined && second === undefined) return assertion;
  refuse("ERR_WSS_INVALID_TOKEN", "the Security header holds more than one assertion", {
    place: () => envelope.document.place(second?.element ?? header.element),
    rule: "accept",
    remedy: "Send the one assertion that speaks for the subject.",
  });
}

/**
 * The signature that proves the sender's right to the assertion: by the confirmed key, or by an attester and over the
 * assertion too. Undefined where the transport proves it: bearer, or the sender's TLS certificate.
 */
function provingSignature(
  opened: OpenedSecurity,
  assertion: VerifiedAssertion,
  confirm: AssertionOptions["confirm"],
  attesters: readonly Certificate[],
  protection: CompiledProtection,
  circumstances: Circumstances,
): VerifiedSignature | undefined {
  if (confirm === "bearer") return undefined;
  const byTls = protection.signed.length === 0;
  if (confirm === "holder-of-key") {
    if (byTls && provesByTls(assertion.holderOfKeyCertificates, circumstances)) return undefined;
    const signature = opened.signatures.find(
      ({ signer }) => signer.kind === "assertion" && signer.assertion === assertion,
    );
    return signature ?? refuseProof(opened, assertion, "no signature by the key that the assertion confirms", "3.5.1");
  }
  if (byTls && provesByTls(attesters, circumstances)) return undefined;
  const signature = opened.signatures.find(
    ({ signer, targets, tokens }) =>
      signer.kind === "certificate" &&
      attesters.some((attester) => equalOctets(attester.der, signer.certificate.der)) &&
      (targets.some(({ element }) => element === assertion.element) || tokens.includes(assertion.element)),
  );
  return signature ?? refuseProof(opened, assertion, "no signature by an attester that covers the assertion", "3.5.2");
}

function provesByTls(certificates: readonly Certificate[], { encrypted, peerCertificate }: Circumstances): boolean {
  if (!encrypted || peerCertificate === undefined) return false;
  return certificates.some((certificate) => equalOctets(certificate.der, peerCertificate));
}

const peerKey = ({ peerCertificate }: Circumstances): KeyObject | undefined =>
  peerCertificate && Certificate.parse(peerCertificate).publicKey;

/** The key that the sender proved to hold: by a signature, or as that of its TLS certificate. */
function heldKey(
  signature: VerifiedSignature | undefined,
  circumstances: Circumstances,
): Pick<Presentation, "key" | "secret"> {
  if (signature?.signer.kind === "assertion" && signature.signer.secret !== undefined) {
    return { secret: signature.signer.secret.cipherValue };
  }
  return { key: signature?.signer.key ?? peerKey(circumstances) };
}

/** Who vouches, and so sends the message for the subject. */
function attesterOf(
  signature: VerifiedSignature | undefined,
  { peerCertificate }: Circumstances,
): Principal | undefined {
  if (signature?.signer.kind === "certificate") return { name: signature.signer.certificate.subject, kind: "x509" };
  return peerCertificate && { name: Certificate.parse(peerCertificate).subject, kind: "x509" };
}

/** The certificate whose key signed, or made the TLS connection; undefined for a key that was confirmed without one. */
function provenCertificate(
  signature: VerifiedSignature | undefined,
  { peerCertificate }: Circumstances,
): Certificate | undefined {
  if (signature === undefined) return peerCertificate && Certificate.parse(peerCertificate);
  const { signer } = signature;
  if (signer.kind === "context" || signer.kind === "encrypted-key") return undefined;
  if (signer.kind !== "assertion") return signer.certificate;
  return signer.assertion.holderOfKeyCertificates.find(({ publicKey }) => publicKey.equals(signer.key));
}

function refuseProof(
  { envelope }: OpenedSecurity,
  assertion: VerifiedAssertion,
  reason: string,
  section: string,
): never {
  refuse("ERR_TOKEN_PROOF", `the message has ${reason}`, {
    place: () => envelope.document.place(assertion.element),
    rule: `SAML Token Profile 1.1, ${section}`,
    remedy: "Sign the Body and the Timestamp (and, as an attester, the assertion) with that key.",
  });
}
