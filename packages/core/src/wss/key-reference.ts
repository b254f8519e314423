import type { Certificate, KeyObject } from "../crypto/index.js";
import { publicKeyInfo } from "../crypto/index.js";
import {
  type CertificateReferenceKind,
  valueTypes,
  writeAssertionReference,
  writeCertificateReference,
  writeDerKeyValue,
  writeDirectReference,
  writeEncryptedKeySha1,
  writeKeyInfo,
  writeKeyName,
} from "../xmlsec/index.js";

/** How a signature names its key (WS-Security 1.1 section 7, X.509 profile section 3.2, SAML profile section 3.4). */
export type KeyReference =
  /** A BinarySecurityToken of this header, by its wsu:Id. */
  | { readonly by: "token"; readonly id: string; readonly valueType?: string | undefined }
  | { readonly by: CertificateReferenceKind; readonly certificate: Certificate }
  /** A SAML 2.0 assertion of this header by its ID, or a SAML 1.1 assertion by its AssertionID. */
  | { readonly by: "saml2" | "saml11"; readonly id: string }
  /** An EncryptedKey of this header, by its Id. */
  | { readonly by: "encrypted-key"; readonly id: string }
  /** An EncryptedKey that the receiver sent or got before, by the SHA-1 of its CipherValue octets. */
  | { readonly by: "encrypted-key-sha1"; readonly sha1: Uint8Array }
  /** A wsse:SecurityTokenReference as an STS gave it. */
  | { readonly by: "reference"; readonly xml: string }
  /** A certificate that the receiver knows by this name (ds:KeyName). */
  | { readonly by: "key-name"; readonly name: string }
  /** The bare public key: proves possession, identifies nobody. */
  | { readonly by: "key-value"; readonly key: KeyObject };

/** Writes the ds:KeyInfo of a key reference. */
export function writeKeyReference(reference: KeyReference): string {
  return writeKeyInfo(writeReference(reference));
}

/** Writes what a key reference says, without the ds:KeyInfo around it: what a DerivedKeyToken refers to its token by. */
export function writeReference(reference: KeyReference): string {
  switch (reference.by) {
    case "token":
      return writeDirectReference(reference.id, reference.valueType ?? valueTypes.x509v3);
    case "thumbprint":
    case "issuer-serial":
    case "subject-key-identifier":
      return writeCertificateReference(reference.certificate, reference.by);
    case "saml2":
      return writeAssertionReference("2.0", reference.id);
    case "saml11":
      return writeAssertionReference("1.1", reference.id);
    case "encrypted-key":
      return writeDirectReference(reference.id, undefined, { tokenType: valueTypes.encryptedKey });
    case "encrypted-key-sha1":
      return writeEncryptedKeySha1(reference.sha1);
    case "reference":
      return reference.xml;
    case "key-name":
      return writeKeyName(reference.name);
    case "key-value":
      return writeDerKeyValue(publicKeyInfo(reference.key));
  }
}
