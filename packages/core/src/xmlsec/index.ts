export type { AgreementMethodSyntax } from "./agreement-method.js";
export type { AgreementRecipient } from "./agreement-writer.js";
export { checkAlgorithms, defaultCanonicalForms } from "./algorithms.js";
export type { AttachmentCoverage, AttachmentDigester } from "./attachment-digester.js";
export { base64Content, plainText } from "./base64-content.js";
export { type CanonicalMethod, canonicalForm, canonicalFormUri } from "./canonical-method.js";
export { type DecryptDataOptions, type DecryptKeyOptions, decryptData, decryptKey } from "./decrypt.js";
export { requireDecryptedXml } from "./decrypted-xml.js";
export { DecryptionBudget } from "./decryption-budget.js";
export type { DigestRequest } from "./digest-request.js";
export { DocumentDigester, type ReferenceDigester, type RemoteReferenceDigester } from "./digester.js";
export { DocumentWorkers, type DocumentWorkersOptions } from "./document-workers.js";
export { type DataToEncrypt, writeEncryptedData, writeEncryptedDataReferences } from "./encrypt-data.js";
export { type BuiltEncryptedKey, type KeyRecipient, type KeyToEncrypt, writeEncryptedKey } from "./encrypt-key.js";
export { type ContentKeyInfoSyntax, type EncryptedDataSyntax, parseEncryptedData } from "./encrypted-data.js";
export { type EncryptedKeySyntax, parseEncryptedKey, type WrappingKeyInfoSyntax } from "./encrypted-key.js";
export type { EncryptedTypeSyntax } from "./encrypted-type.js";
export { type AllowedAgreement, type AllowedKeyMethod, checkEncryptionAlgorithms } from "./encryption-algorithms.js";
export { defaultEncryptionLimits, type EncryptionLimits } from "./encryption-limits.js";
export type { EncryptionMethodSyntax } from "./encryption-method.js";
export * from "./encryption-names.js";
export { IdIndex } from "./id-index.js";
export { type KeyInfoSyntax, parseKeyInfo } from "./key-info.js";
export {
  type TokenReferenceOptions,
  writeAssertionReference,
  writeDerKeyValue,
  writeDirectReference,
  writeEmbeddedToken,
  writeEncryptedKeySha1,
  writeIssuerSerialReference,
  writeKeyInfo,
  writeKeyName,
  writeRsaKeyValue,
  writeSubjectKeyIdentifier,
  writeThumbprint,
  writeX509Data,
} from "./key-info-writer.js";
export { KeyValueSyntax } from "./key-value.js";
export { LargeDocument, type OpenOptions } from "./large-document.js";
export { defaultSignatureLimits, type SignatureLimits } from "./limits.js";
export * from "./names.js";
export { isNcName } from "./nc-name.js";
export {
  type CertificateReferenceKind,
  type RecipientReferenceKind,
  recipientReference,
  writeCertificateReference,
} from "./recipient-reference.js";
export { parseReferenceList, type ReferenceListSyntax } from "./reference-list.js";
export {
  type AttachmentTarget,
  type ReferenceTarget,
  type ResolveOptions,
  resolveEnveloped,
  resolveReferences,
} from "./references.js";
export { refuseDecryption } from "./refusals.js";
export {
  type BuiltSignature,
  buildSignature,
  type EnvelopedSignatureToBuild,
  type ReferenceToSign,
  type SignatureToBuild,
  type SignedContent,
  signEnveloped,
} from "./sign.js";
export { parseSignature, type ReferenceSyntax, type SignatureSyntax } from "./signature-syntax.js";
export * from "./token-names.js";
export { parseTokenReference, type TokenReferenceSyntax, type TokenReferenceTarget } from "./token-reference.js";
export type { TransformsSyntax } from "./transforms.js";
export {
  type VerifiedReference,
  type VerifiedSignature,
  type VerifyOptions,
  verifyEnveloped,
  verifySignature,
  verifySignatureRemotely,
} from "./verify.js";
export { type IssuerSerial, parseX509Data, type X509DataSyntax } from "./x509-data.js";
