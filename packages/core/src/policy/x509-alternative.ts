import { type Certificate, checkSubjectRules, createCertificateTrust } from "../crypto/index.js";
import { ConfigurationError, type CountersignError, isRefusal, placed, refuse } from "../errors/index.js";
import { type ValidatedX509, validateX509 } from "../tokens/x509/index.js";
import { coverageOf, endorsedKey, requireEncrypted } from "../wss/index.js";
import type { X509Options } from "./accept.js";
import { bounded } from "./bounded.js";
import type { Accepted, SignedAlternative } from "./evaluate.js";
import { compileProtection, requireTransport, signatureReplays } from "./protection.js";
import type { RouteTrust } from "./route-trust.js";
import type { TokenValidator } from "./token-validator.js";

/** Compiles `x509(...)`: a signature by a trusted certificate that may speak here, over the parts demanded. */
export function compileX509(options: X509Options, index: number, trust: RouteTrust): SignedAlternative {
  const option = `accept[${index}]`;
  const { authorities, certificates, revocation, skew } = trust;
  if (authorities.length + certificates.length === 0) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "No certificate and no authority is trusted.",
      "Set trust.certificates or trust.authorities.",
    );
  }
  if (authorities.length > 0 && options.subjects === undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      `${option}.subjects`,
      "Every certificate of the trusted authorities could speak here.",
      "Name the subjects that may, or trust single certificates with trust.certificates.",
    );
  }
  const given = compileProtection(options, option, trust);
  // The certificate is proved by a signature alone: over the transport it endorses the Timestamp at least.
  const protection = given.signed.length > 0 ? given : { ...given, signed: ["timestamp" as const] };
  const { subjects, issuers, account } = options;
  const signers = createCertificateTrust({ authorities, certificates, clockSkewSeconds: skew / 1000 }, option);
  checkSubjectRules({ subjects, issuers }, option);
  const validator: TokenValidator<readonly Certificate[], ValidatedX509> = {
    validate: (path, { now, until }) =>
      validateX509(
        path,
        {
          trust: signers,
          subjects,
          issuers,
          revocation: revocation && ((validated) => revocation.require(validated, now, until)),
          account: bounded(account, until, `${option}.account`),
        },
        now,
      ),
  };
  return {
    index,
    signers,
    fit({ header, signatures }) {
      if (signatures.some(({ signer }) => signer.kind === "certificate")) return "proof";
      return header.binaryTokens.length > 0 ? "kind" : "none";
    },
    async evaluate(opened, circumstances): Promise<Accepted> {
      requireTransport(protection, circumstances);
      let first: CountersignError | undefined;
      for (const signature of opened.signatures) {
        if (signature.signer.kind !== "certificate") continue;
        try {
          const coverage = coverageOf(opened, protection.signed, signature, protection.overTransport);
          requireEncrypted(opened, protection.encryption, signature);
          const token = await validator.validate(signature.signer.path, circumstances);
          const replay = [...token.replay, ...signatureReplays(opened)];
          const { certificate } = signature.signer;
          const requestKey = endorsedKey(signature);
          return { token, proof: "signature", certificate, coverage, alternative: index, replay, requestKey };
        } catch (error) {
          if (!isRefusal(error)) throw error;
          first ??= placed(error, () => opened.envelope.document.place(signature.syntax.element));
        }
      }
      if (first !== undefined) throw first;
      refuse("ERR_POLICY_TOKEN_REQUIRED", "no signature of a trusted certificate is in the message", {
        rule: option,
        remedy: "Sign the message with a certificate that this service trusts.",
      });
    },
  };
}
