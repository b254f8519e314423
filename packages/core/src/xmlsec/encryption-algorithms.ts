import {
  type AlgorithmSuite,
  type ContentCipher,
  contentCipher,
  type KeyAgreement,
  type KeyDerivation,
  type KeyObject,
  type KeyTransport,
  type KeyWrap,
  keyAgreement,
  keyDerivation,
  keyTransport,
  keyTransportUri,
  keyWrap,
} from "../crypto/index.js";
import type { XmlDocument } from "../xml/index.js";
import type { AgreementMethodSyntax } from "./agreement-method.js";
import type { EncryptedDataSyntax } from "./encrypted-data.js";
import type { EncryptedKeySyntax } from "./encrypted-key.js";
import type { EncryptionMethodSyntax } from "./encryption-method.js";
import { refuseAlgorithm, refuseShape } from "./refusals.js";

/** How an agreed key is made, all of it known and allowed. */
export interface AllowedAgreement {
  readonly agreement: KeyAgreement;
  readonly derivation: KeyDerivation;
  /** The originator's public key: of the right kind, and on its curve. */
  readonly originator: KeyObject;
}

/** How an EncryptedKey is opened: by our private key, by a shared key, or by an agreed one. */
export type AllowedKeyMethod = KeyTransport | (KeyWrap & { readonly agreed: AllowedAgreement | undefined });

/**
 * Whether an EncryptedData or EncryptedKey keeps to what the route allows, decided before anything is computed: its own
 * algorithm with all parameters, the key agreement in its KeyInfo and the EncryptedKeys there, those for other recipients too.
 * @returns The algorithm, now known to be allowed.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for anything else: RSA 1.5 always, and an originator's key that is not on its curve.
 * @throws ERR_WSS_INVALID_SECURITY where an EncryptedKey is opened by RSA and by an agreed key at once.
 */
export function checkEncryptionAlgorithms(
  doc: XmlDocument,
  syntax: EncryptedDataSyntax,
  suite: AlgorithmSuite,
): ContentCipher;
export function checkEncryptionAlgorithms(
  doc: XmlDocument,
  syntax: EncryptedKeySyntax,
  suite: AlgorithmSuite,
): AllowedKeyMethod;
export function checkEncryptionAlgorithms(
  doc: XmlDocument,
  syntax: EncryptedDataSyntax | EncryptedKeySyntax,
  suite: AlgorithmSuite,
): ContentCipher | AllowedKeyMethod {
  return syntax.kind === "data" ? checkData(doc, syntax, suite) : checkKey(doc, syntax, suite);
}

function checkData(doc: XmlDocument, { method, keyInfo }: EncryptedDataSyntax, suite: AlgorithmSuite): ContentCipher {
  const cipher = contentCipher(method.uri);
  if (cipher === undefined || !suite.encryption.content.has(method.uri)) {
    refuseMethod(doc, method, suite, "XML Encryption 1.1 section 5.2", suite.encryption.content);
  }
  requireNoOaep(doc, method);
  requireKeySize(doc, method, cipher.keyOctets);
  if (keyInfo?.agreement !== undefined) checkAgreement(doc, keyInfo.agreement, suite, cipher.keyOctets);
  for (const encryptedKey of keyInfo?.encryptedKeys ?? []) checkKey(doc, encryptedKey, suite);
  return cipher;
}

function checkKey(
  doc: XmlDocument,
  { element, method, keyInfo }: EncryptedKeySyntax,
  suite: AlgorithmSuite,
): AllowedKeyMethod {
  const { encryption } = suite;
  const wrap = encryption.keyWrap.has(method.uri) ? keyWrap(method.uri) : undefined;
  if (wrap !== undefined) {
    requireNoOaep(doc, method);
    requireKeySize(doc, method, wrap.keyOctets);
    const agreed = keyInfo?.agreement && checkAgreement(doc, keyInfo.agreement, suite, wrap.keyOctets);
    return { ...wrap, agreed };
  }
  if (method.uri === keyTransportUri.rsa15) {
    refuseAlgorithm(
      doc,
      method.element,
      "RSA 1.5 key transport is never taken: its padding tells strangers what the key is",
      "XML Encryption 1.1 section 5.5.1",
      `Encrypt the key with ${keyTransportUri.rsaOaep}`,
    );
  }
  const transport = encryption.keyTransport.has(method.uri) ? keyTransport(method.uri, method.oaep) : undefined;
  if (transport === undefined) {
    refuseMethod(doc, method, suite, "XML Encryption 1.1 section 5.5", [
      ...encryption.keyTransport,
      ...encryption.keyWrap,
    ]);
  }
  if (!encryption.digests.has(transport.digest) || !encryption.masks.has(transport.mask)) {
    refuseAlgorithm(
      doc,
      method.element,
      `RSA-OAEP with ${transport.digest} and ${transport.mask} is not in the suite "${suite.name}"`,
      "XML Encryption 1.1 section 5.5.2",
      `Use one of ${[...encryption.digests].join(", ")} and one of ${[...encryption.masks].join(", ")}`,
    );
  }
  if (keyInfo?.agreement !== undefined) {
    refuseShape(doc, element, "a transported key is not agreed upon", "XML Encryption 1.1 section 5.6");
  }
  return transport;
}

/**
 * Whether a key agreement keeps to what the route allows.
 * @param octets Length of the key that it is to give.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM as {@link checkEncryptionAlgorithms}.
 */
function checkAgreement(
  doc: XmlDocument,
  { element, uri, derivation, originator }: AgreementMethodSyntax,
  suite: AlgorithmSuite,
  octets: number,
): AllowedAgreement {
  const { encryption } = suite;
  const rule = "XML Encryption 1.1 section 5.6";
  const agreement = encryption.keyAgreement.has(uri) ? keyAgreement(uri) : undefined;
  if (agreement === undefined) {
    refuseAlgorithm(
      doc,
      element,
      `the key agreement ${uri} is not in the suite "${suite.name}"`,
      rule,
      `Agree by one of ${[...encryption.keyAgreement].join(", ")}`,
    );
  }
  const allowed = encryption.keyDerivation.has(derivation.uri)
    ? keyDerivation(derivation.uri, derivation.parameters)
    : undefined;
  if (allowed === undefined || !encryption.digests.has(allowed.digest)) {
    refuseAlgorithm(
      doc,
      derivation.element,
      `the key derivation ${derivation.uri}, or one of its parameters, is not in the suite "${suite.name}"`,
      "XML Encryption 1.1 section 5.4",
      `Derive by one of ${[...encryption.keyDerivation].join(", ")} with SHA-256 or better`,
    );
  }
  if (allowed.keyLength !== undefined && allowed.keyLength !== octets) {
    refuseAlgorithm(
      doc,
      derivation.element,
      `the derived key has ${allowed.keyLength} octets where ${octets} are needed`,
    );
  }
  const key = originator.agreementKey;
  if (key === undefined || !agreement.fits(key)) {
    refuseAlgorithm(doc, originator.element, `the originator's key is no key for ${uri}`, rule);
  }
  return { agreement, derivation: allowed, originator: key };
}

function requireNoOaep(doc: XmlDocument, { element, uri, oaep }: EncryptionMethodSyntax): void {
  if (oaep !== undefined)
    refuseAlgorithm(doc, element, `${uri} takes no parameters of RSA-OAEP`, "XML Encryption 1.1 section 3.2");
}

function requireKeySize(doc: XmlDocument, { element, uri, keySize }: EncryptionMethodSyntax, octets: number): void {
  if (keySize !== undefined && keySize !== octets * 8) {
    refuseAlgorithm(doc, element, `the KeySize ${keySize} is not that of ${uri}`, "XML Encryption 1.1 section 3.2");
  }
}

function refuseMethod(
  doc: XmlDocument,
  { element, uri }: EncryptionMethodSyntax,
  suite: AlgorithmSuite,
  rule: string,
  allowed: Iterable<string>,
): never {
  return refuseAlgorithm(
    doc,
    element,
    `the encryption method ${uri}, or one of its parameters, is not in the suite "${suite.name}"`,
    rule,
    `Encrypt with one of ${[...allowed].join(", ")}`,
  );
}
