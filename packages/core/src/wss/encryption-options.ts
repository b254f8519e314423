import { Certificate, type CertificateInput, contentCipher, examineKey, keyAgreementFor } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import type { OutboundEncryption } from "./encrypt-message.js";
import type { ProtectionOrder } from "./encrypted-parts.js";
import type { EncryptedPart } from "./message-part.js";
import type { RecipientReference } from "./outbound-content-key.js";

/** For whom and how messages are encrypted, as configuration says it. */
export interface MessageEncryptionOptions {
  /** The receiver's certificate: RSA, P-256, P-384, P-521 or X25519. */
  readonly for: CertificateInput;
  /** Default `["body"]`. */
  readonly parts?: readonly EncryptedPart[] | undefined;
  /** Whether Body and header blocks are signed first or encrypted first. Default `sign-then-encrypt`. */
  readonly order?: ProtectionOrder | undefined;
  /** How messages name the certificate. Default `issuer-serial`. */
  readonly reference?: RecipientReference | undefined;
  /** URI of the content cipher: AES-GCM. Default AES-256-GCM. */
  readonly algorithm?: string | undefined;
}

/**
 * Checks how messages are encrypted.
 * @param option Path of the options, for errors.
 * @throws ConfigurationError for a certificate that nothing can be encrypted for, or that cannot be named as asked; for a
 * content cipher that is not known, or that does not authenticate (ERR_CONFIG_INSECURE)
 */
export function loadEncryption(options: MessageEncryptionOptions, option: string): OutboundEncryption {
  const { for: given, ...rest } = options;
  const certificate = Certificate.load(given, `${option}.for`);
  const fault = encryptionFault(certificate, rest.reference);
  if (fault !== undefined) {
    throw new ConfigurationError("ERR_CONFIG_INVALID", `${option}.for`, `${fault}.`, "Give another certificate.");
  }
  requireCipher(rest.algorithm, `${option}.algorithm`);
  return { ...rest, for: certificate };
}

/** Checks the URI of a content cipher for outbound messages; see {@link loadEncryption}. */
export function requireCipher(uri: string | undefined, option: string): void {
  if (uri === undefined) return;
  const cipher = contentCipher(uri);
  if (cipher?.authenticated) return;
  throw new ConfigurationError(
    cipher === undefined ? "ERR_CONFIG_INVALID" : "ERR_CONFIG_INSECURE",
    option,
    cipher === undefined ? `${uri} is no content cipher that is supported.` : `${uri} does not authenticate.`,
    "Name AES-GCM, or leave it out.",
  );
}

/** Why nothing can be encrypted for a certificate, or undefined. */
export function encryptionFault(
  { publicKey, subject, subjectKeyIdentifier }: Certificate,
  reference: RecipientReference | undefined,
): string | undefined {
  const facts = examineKey(publicKey);
  const transports = !("reason" in facts) && facts.type === "rsa" && facts.pssOnly === undefined;
  if (!transports && keyAgreementFor(publicKey) === undefined) return `The key of ${subject} can only sign`;
  if (reference === "subject-key-identifier" && subjectKeyIdentifier === undefined) {
    return `The certificate of ${subject} has no subject key identifier`;
  }
  return undefined;
}
