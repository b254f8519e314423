import {
  Certificate,
  ConfigurationError,
  isCountersignError,
  isSameKeyPair,
  type KeyObject,
  loadPrivateKey,
  requireFittingKey,
  signatureAlgorithm,
} from "@countersign/core/sts";
import type { BrokerSigning } from "./options.js";

/** What tokens are signed with. */
export interface TokenSigner {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  readonly algorithm: string | undefined;
}

/**
 * Loads the key of a broker.
 * @throws ConfigurationError where key and certificate do not belong together, or either cannot be used
 */
export function loadSigner(signing: BrokerSigning): TokenSigner {
  const key = loadPrivateKey(signing.key, "signing.key");
  const certificate = Certificate.load(signing.certificate, "signing.certificate");
  const { algorithm } = signing;
  if (!isSameKeyPair(key, certificate.publicKey)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "signing.certificate",
      "The certificate is not for signing.key.",
      "Give the key and its own certificate.",
    );
  }
  if (algorithm !== undefined) requireMethod(algorithm, key);
  return { key, certificate, algorithm };
}

function requireMethod(uri: string, key: KeyObject): void {
  const algorithm = signatureAlgorithm(uri);
  const remedy = "Use one of the key's own family, with SHA-256 or better.";
  if (algorithm === undefined || algorithm.legacy) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "signing.algorithm",
      `${uri} is no signature method for tokens.`,
      remedy,
    );
  }
  try {
    requireFittingKey(algorithm, key);
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "signing.algorithm",
      `It does not fit signing.key: ${error.detail.reason}.`,
      remedy,
    );
  }
}
