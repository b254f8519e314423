import { type AlgorithmSuite, type KeyObject, randomOctets } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import type { DecryptionBudget } from "./decryption-budget.js";
import type { EncryptedDataSyntax } from "./encrypted-data.js";
import type { EncryptedKeySyntax } from "./encrypted-key.js";
import { type AllowedAgreement, checkEncryptionAlgorithms } from "./encryption-algorithms.js";
import { refuseDecryption } from "./refusals.js";

/** How keys are opened. */
export interface DecryptKeyOptions {
  readonly suite: AlgorithmSuite;
  /** Our private key (RSA, or EC and X25519 where the message agrees on a key), or the shared key that wraps. */
  readonly key: KeyObject;
  /** Lengths in octets that the opened key may have: one for a content key, see `ContentCipher.keyOctets`. */
  readonly lengths: readonly number[];
  readonly budget: DecryptionBudget;
}

/**
 * Opens an EncryptedKey. A key that cannot be opened is replaced by a random one of the first length, so that every failure
 * shows at the same later point, in the same way: when what was encrypted under it does not decrypt (implicit rejection).
 * The result proves nothing about the sender: anybody can encrypt for us.
 * @throws As {@link checkEncryptionAlgorithms}, which is done first.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where our key is of another kind than the method needs, ERR_WSS_INVALID_SECURITY where
 * the budget is spent: neither depends on the secret.
 */
export function decryptKey(
  doc: XmlDocument,
  syntax: EncryptedKeySyntax,
  { suite, key, lengths, budget }: DecryptKeyOptions,
): Buffer {
  const method = checkEncryptionAlgorithms(doc, syntax, suite);
  budget.spendKey(doc, syntax.element);
  if (method.kind === "transport") {
    if (key.type !== "private") refuseKind(doc, syntax.element, method.uri, "private");
    return method.decrypt(key, syntax.cipherValue, lengths);
  }
  if (method.agreed === undefined && key.type !== "secret") refuseKind(doc, syntax.element, method.uri, "shared");
  const wrappingKey =
    method.agreed === undefined ? key.export() : agree(doc, syntax.element, method.agreed, key, method.keyOctets);
  return method.unwrap(wrappingKey, syntax.cipherValue, lengths);
}

function agree(
  doc: XmlDocument,
  element: number,
  { agreement, derivation, originator }: AllowedAgreement,
  key: KeyObject,
  octets: number,
): Buffer {
  if (key.type !== "private" || !agreement.fits(key)) refuseKind(doc, element, agreement.uri, "private");
  const secret = agreement.agree(key, originator);
  return secret === undefined ? randomOctets(octets) : derivation.derive(secret, octets);
}

function refuseKind(doc: XmlDocument, element: number, uri: string, kind: string): never {
  return refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `${uri} does not go with the key that is configured here`, {
    place: () => doc.place(element),
    remedy: `Encrypt for a ${kind} key of the kind that ${uri} takes`,
  });
}

/** How data is decrypted. */
export interface DecryptDataOptions {
  readonly suite: AlgorithmSuite;
  /** The content key: from {@link decryptKey}, or known to both sides. */
  readonly key: Uint8Array;
  readonly budget: DecryptionBudget;
}

/**
 * The plaintext of an EncryptedData: octets, as they were encrypted. Whether they are XML is asked later, see
 * {@link requireDecryptedXml}.
 * @throws As {@link checkEncryptionAlgorithms}, which is done first; ERR_WSS_INVALID_SECURITY where the budget is spent.
 * @throws ERR_WSS_DECRYPTION_FAILED, always the same, for every failure of decryption.
 */
export function decryptData(
  doc: XmlDocument,
  syntax: EncryptedDataSyntax,
  { suite, key, budget }: DecryptDataOptions,
): Buffer {
  const cipher = checkEncryptionAlgorithms(doc, syntax, suite);
  budget.spendData(doc, syntax.element, syntax.cipherValue.length);
  return cipher.decrypt(key, syntax.cipherValue) ?? refuseDecryption(doc, syntax.element);
}
