import {
  Certificate,
  type CertificateInput,
  isSameKeyPair,
  type KeyInput,
  type KeyObject,
  loadPrivateKey,
} from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";

/** With what an agent signs what it adds to messages, as configuration gives it. */
export interface ResponseKeyOptions {
  /** The private key. */
  readonly key: KeyInput;
  /** Its certificate. */
  readonly certificate: CertificateInput;
  /** The text of Issuer in its assertions: the name under which associated services trust the certificate. */
  readonly issuer?: string | undefined;
}

/** Settings for assertions, by affiliate. */
export interface AffiliateOptions {
  /** The text of Issuer. Default: that of the agent. */
  readonly issuer?: string | undefined;
  /** Audience. Default: that of the response. */
  readonly audience?: string | undefined;
}

/** With what an agent signs, loaded. */
export interface ResponseKeys {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  readonly issuer: string | undefined;
}

/**
 * Loads what an agent signs with; once, at start.
 * @param option Path of the options, for errors.
 * @throws ConfigurationError for a key that cannot sign, or a certificate of another key
 */
export function loadResponseKeys(given: ResponseKeyOptions, option: string): ResponseKeys {
  const key = loadPrivateKey(given.key, `${option}.key`);
  const certificate = Certificate.load(given.certificate, `${option}.certificate`);
  if (isSameKeyPair(certificate.publicKey, key)) return Object.freeze({ key, certificate, issuer: given.issuer });
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    `${option}.certificate`,
    `The certificate is not for ${option}.key.`,
    "Give the key and its own certificate.",
  );
}
