/** Bounds on the encryption of one message, applied while structure is read and while it is decrypted. */
export interface EncryptionLimits {
  /** EncryptedKey elements that are read, and key operations that are done. Default 8. */
  readonly maxEncryptedKeys: number;
  /** EncryptedData elements that are decrypted. Default 50. */
  readonly maxEncryptedData: number;
  /** Decoded octets of the CipherValue of one EncryptedData. Default 1 MiB: that of a body. */
  readonly maxCipherOctets: number;
  /** Decrypted octets of one message, all EncryptedData together, those inside decrypted ones included. Default 1 MiB. */
  readonly maxDecryptedOctets: number;
  /** References in one ReferenceList. Default 50. */
  readonly maxReferences: number;
}

/** The defaults of {@link EncryptionLimits}. */
export const defaultEncryptionLimits: EncryptionLimits = Object.freeze({
  maxEncryptedKeys: 8,
  maxEncryptedData: 50,
  maxCipherOctets: 1024 * 1024,
  maxDecryptedOctets: 1024 * 1024,
  maxReferences: 50,
});

/** Decoded octets of the CipherValue of an EncryptedKey: RSA with 8,192 bits. */
export const maxEncryptedKeyOctets = 1024;
/** Decoded octets of OAEPparams. */
export const maxLabelOctets = 1024;
/** Characters of a MimeType, Encoding, Type, Recipient or CarriedKeyName. */
export const maxHintCharacters = 1024;
