export type { KeyObject } from "node:crypto";
export {
  type DigestAlgorithm,
  digestAlgorithm,
  digestUri,
  type HashName,
  type KeyType,
  mgf1Uri,
  type RsaPssParameters,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithm,
  signatureUri,
} from "./algorithms.js";
export { type Base64Options, decodeBase64, encodeBase64 } from "./base64.js";
export { Certificate, type CertificateInput, maxCertificateOctets } from "./certificate.js";
export {
  type CertificateAuthority,
  type CertificateRequest,
  createAuthority,
  generateKeyPair,
  type IssuedCertificate,
  type KeyPair,
  type KeyPairType,
  type StructureSigner,
  selfSigned,
  structureSigner,
} from "./certificate-authority.js";
export { keyUsageBit } from "./certificate-extensions.js";
export { pemBlocks } from "./certificate-pem.js";
export type { CertificateReference } from "./certificate-reference.js";
export type { AlternativeName, CertificateTemplate, RawExtension } from "./certificate-template.js";
export {
  type CertificateTrust,
  type CertificateTrustOptions,
  createCertificateTrust,
  maxPathCertificates,
  type ValidatedPath,
} from "./certificate-trust.js";
export { type ContentCipher, contentCipher } from "./content-cipher.js";
export { type DerHeader, derHeader, readDer, splitSequence } from "./der.js";
export { computedKey, type Derivation, derivedKeyLimits, deriveKey, pSha1 } from "./derived-key.js";
export { createDigest, type Digester, digest, equalOctets, equalSecrets, sha1, sha256, sha256Hex } from "./digest.js";
export { DistinguishedName } from "./distinguished-name.js";
export { encryptionKeyFault } from "./encryption-key.js";
export type { EncryptionSuite, SuiteEncryptionOptions } from "./encryption-suite.js";
export {
  contentCipherUri,
  keyAgreementUri,
  keyDerivationUri,
  keyTransportUri,
  keyWrapUri,
  maskUri,
} from "./encryption-uris.js";
export { agreementPublicKey, type KeyAgreement, keyAgreement, keyAgreementFor } from "./key-agreement.js";
export {
  type KeyDerivation,
  type KeyDerivationParameters,
  keyDerivation,
  maxDerivationOctets,
} from "./key-derivation.js";
export { examineKey, type KeyFacts, type KeyFault, requireFittingKey } from "./key-facts.js";
export { isSameKeyPair, keyDigest, publicKeyFromJwk, publicKeyInfo, signatureUriFor } from "./key-material.js";
export { KeyRing, keyRing, type SealingKey, type SealingKeyInput } from "./key-ring.js";
export { type KeyTransport, keyTransport, type OaepParameters } from "./key-transport.js";
export { type KeyWrap, keyWrap } from "./key-wrap.js";
export { type KeyInput, loadDecryptionKey, loadPrivateKey, loadPublicKey, loadSecret, secretKey } from "./keys.js";
export { parsePkcs7, writePkcs7 } from "./pkcs7.js";
export { parsePkiPath, writePkiPath } from "./pki-path.js";
export { randomId, randomOctets, randomUuid } from "./random.js";
export { reservationKey } from "./reservation-key.js";
export { openSealed, type SealBinding, seal, sealOverheadOctets } from "./seal.js";
export { signOctets, verifySignatureValue } from "./signature.js";
export { isStructureSignedBy, type SignedStructure } from "./signed-structure.js";
export {
  checkSubjectRules,
  requireAllowedSubject,
  type SubjectConstraint,
  type SubjectRules,
} from "./subject-rules.js";
export {
  type AlgorithmSuite,
  defaultSuite,
  resolveSuite,
  type SuiteName,
  type SuiteOptions,
  suites,
} from "./suites.js";
