import {
  Certificate,
  ConfigurationError,
  generateKeyPair,
  isSameKeyPair,
  issueBinarySecurityToken,
  type KeyObject,
  type KeyReference,
  loadPrivateKey,
  loadPublicKey,
  publicKeyInfo,
} from "@countersign/core/sts";
import type { RequestorKey } from "./options.js";

/** A key that the requestor signs with. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly certificate: Certificate | undefined;
  /** URI; undefined for the key's own default. */
  readonly algorithm: string | undefined;
  readonly reference: NonNullable<RequestorKey["reference"]>;
}

/**
 * Loads the key of an option.
 * @throws ConfigurationError where key and certificate do not belong together, or either cannot be used
 */
export function loadSigningKey(given: RequestorKey): SigningKey {
  const privateKey = loadPrivateKey(given.privateKey, "key.privateKey");
  const certificate =
    given.certificate === undefined ? undefined : Certificate.load(given.certificate, "key.certificate");
  if (certificate !== undefined && !isSameKeyPair(certificate.publicKey, privateKey)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "key.certificate",
      "The certificate is not for key.privateKey.",
      "Give the key and its own certificate.",
    );
  }
  const publicKey = certificate?.publicKey ?? loadPublicKey(publicKeyInfo(privateKey), "key.privateKey");
  return {
    privateKey,
    publicKey,
    certificate,
    algorithm: given.algorithm,
    reference: given.reference ?? "certificate",
  };
}

/** Makes a key for tokens that nobody else needs to know: P-256, kept in memory only. */
export function makeSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPair("ec");
  return { privateKey, publicKey, certificate: undefined, algorithm: undefined, reference: "certificate" };
}

/** How a message names a signing key, and the token that it must carry for that. */
export function keyReferenceOf(key: SigningKey): {
  readonly reference: KeyReference;
  readonly tokens: readonly string[];
} {
  const { certificate, reference, publicKey } = key;
  if (certificate === undefined) return { reference: { by: "key-value", key: publicKey }, tokens: [] };
  if (reference !== "certificate") return { reference: { by: reference, certificate }, tokens: [] };
  const { xml, id } = issueBinarySecurityToken([certificate]);
  return { reference: { by: "token", id }, tokens: [xml] };
}
