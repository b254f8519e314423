import {
  Certificate,
  type CertificateInput,
  type CertificateReference,
  isSameKeyPair,
  type KeyInput,
  type KeyObject,
  loadDecryptionKey,
} from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import type { XmlLimits } from "../xml/index.js";

/** A key pair that messages may be encrypted for. */
export interface DecryptionKeyOptions {
  /** The private key: RSA for key transport, P-256, P-384, P-521 or X25519 for key agreement. */
  readonly key: KeyInput;
  /** Its certificate, by which messages name the key. */
  readonly certificate: CertificateInput;
}

/** A private key and the certificate that messages name it by. */
export interface DecryptionKey {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

/** What decrypting needs to know of the route. */
export interface DecryptionRules {
  readonly keys: readonly DecryptionKey[];
  /** The actor or role whose Security header is ours. Default: the ultimate receiver. */
  readonly actor?: string | undefined;
  /** Octets of a message that may be decrypted. Default: no limit of its own. */
  readonly maxOctets?: number | undefined;
  /** Limits of the message with its plaintext: those of the message as it came. */
  readonly limits?: XmlLimits | undefined;
}

/**
 * Loads the keys that messages may be encrypted for; several where one follows another.
 * @param option Path of the list, for errors.
 * @throws ConfigurationError for a key that cannot be used, and for a certificate of another key
 */
export function loadDecryptionKeys(given: readonly DecryptionKeyOptions[], option: string): readonly DecryptionKey[] {
  return given.map((one, index) => {
    const key = loadDecryptionKey(one.key, `${option}[${index}].key`);
    const certificate = Certificate.load(one.certificate, `${option}[${index}].certificate`);
    if (!isSameKeyPair(certificate.publicKey, key)) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        `${option}[${index}].certificate`,
        `The certificate is not for ${option}[${index}].key.`,
        "Give the key and its own certificate.",
      );
    }
    return { key, certificate };
  });
}

/** The key whose certificate a message names. */
export function findDecryptionKey(
  { keys }: DecryptionRules,
  reference: CertificateReference | { readonly fingerprint256: string },
): DecryptionKey | undefined {
  return keys.find(({ certificate }) =>
    "fingerprint256" in reference
      ? certificate.fingerprint256 === reference.fingerprint256
      : certificate.matches(reference),
  );
}
