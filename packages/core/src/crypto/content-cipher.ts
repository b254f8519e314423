import { type CipherGCMTypes, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { refuse } from "../errors/index.js";
import { contentCipherUri } from "./encryption-uris.js";

/** A content encryption algorithm of XML Encryption, known by its URI. */
export interface ContentCipher {
  readonly uri: string;
  /** Length of its key in octets. */
  readonly keyOctets: number;
  /** Whether a change of the octets is noticed: true for GCM, false for CBC. */
  readonly authenticated: boolean;
  /** Whether it lacks that protection: only a suite whose name says "legacy" may name it, and no message is decrypted with it. */
  readonly legacy: boolean;
  /**
   * The CipherValue of `plaintext`, under a fresh IV.
   * @throws ERR_INTERNAL for a key of another length.
   */
  encrypt(key: Uint8Array, plaintext: Uint8Array): Buffer;
  /**
   * The plaintext of a CipherValue; undefined where it cannot be had, for whatever reason: a key of another length, octets
   * too short or of no whole block, a wrong tag, impossible padding. Nothing says which.
   */
  decrypt(key: Uint8Array, octets: Uint8Array): Buffer | undefined;
}

/** 96 bits: XML Encryption 1.1 section 5.2.4. */
const gcmIvOctets = 12;
/** 128 bits, never fewer: XML Encryption 1.1 section 5.2.4. Node takes shorter tags unless told. */
const gcmTagOctets = 16;

/**
 * AES-GCM (XML Encryption 1.1 section 5.2.4): CipherValue is a 96-bit IV, the ciphertext, and a 128-bit tag; no additional
 * data.
 */
function gcm(uri: string, name: CipherGCMTypes, keyOctets: number): ContentCipher {
  const options = { authTagLength: gcmTagOctets };
  return Object.freeze<ContentCipher>({
    uri,
    keyOctets,
    authenticated: true,
    legacy: false,
    encrypt(key, plaintext) {
      requireLength(uri, key, keyOctets);
      const iv = randomBytes(gcmIvOctets);
      const cipher = createCipheriv(name, key, iv, options);
      return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(key, octets) {
      const end = octets.length - gcmTagOctets;
      if (key.length !== keyOctets || end < gcmIvOctets) return undefined;
      const decipher = createDecipheriv(name, key, octets.subarray(0, gcmIvOctets), options);
      decipher.setAuthTag(octets.subarray(end));
      // Nothing of it is handed out before final() has seen the tag.
      const plaintext = decipher.update(octets.subarray(gcmIvOctets, end));
      try {
        decipher.final();
        return plaintext;
      } catch {
        return undefined;
      }
    },
  });
}

/**
 * CBC (XML Encryption 1.1 sections 5.2.2 and 5.2.3): CipherValue is the IV and whole blocks. The last octet of the plaintext
 * counts the octets of padding, itself included, from 1 to the length of a block; the others hold anything.
 */
function cbc(uri: string, name: string, keyOctets: number, blockOctets: number): ContentCipher {
  return Object.freeze<ContentCipher>({
    uri,
    keyOctets,
    authenticated: false,
    legacy: true,
    encrypt(key, plaintext) {
      requireLength(uri, key, keyOctets);
      const iv = randomBytes(blockOctets);
      const padding = randomBytes(blockOctets - (plaintext.length % blockOctets));
      padding[padding.length - 1] = padding.length;
      const cipher = createCipheriv(name, key, iv).setAutoPadding(false);
      return Buffer.concat([iv, cipher.update(plaintext), cipher.update(padding), cipher.final()]);
    },
    decrypt(key, octets) {
      if (key.length !== keyOctets || octets.length < 2 * blockOctets || octets.length % blockOctets !== 0)
        return undefined;
      const decipher = createDecipheriv(name, key, octets.subarray(0, blockOctets)).setAutoPadding(false);
      const padded = Buffer.concat([decipher.update(octets.subarray(blockOctets)), decipher.final()]);
      const padding = padded[padded.length - 1] as number;
      return padding >= 1 && padding <= blockOctets ? padded.subarray(0, padded.length - padding) : undefined;
    },
  });
}

function requireLength(uri: string, key: Uint8Array, octets: number): void {
  if (key.length !== octets) refuse("ERR_INTERNAL", `${uri} takes a key of ${octets} octets, not ${key.length}`);
}

const ciphers = new Map<string, ContentCipher>(
  [
    gcm(contentCipherUri.aes128Gcm, "aes-128-gcm", 16),
    gcm(contentCipherUri.aes192Gcm, "aes-192-gcm", 24),
    gcm(contentCipherUri.aes256Gcm, "aes-256-gcm", 32),
    cbc(contentCipherUri.aes128Cbc, "aes-128-cbc", 16, 16),
    cbc(contentCipherUri.aes192Cbc, "aes-192-cbc", 24, 16),
    cbc(contentCipherUri.aes256Cbc, "aes-256-cbc", 32, 16),
    cbc(contentCipherUri.tripleDesCbc, "des-ede3-cbc", 24, 8),
  ].map((cipher) => [cipher.uri, cipher]),
);

/** The content cipher with that URI; undefined where Countersign knows none. Whether a route allows it is the suite's decision. */
export function contentCipher(uri: string): ContentCipher | undefined {
  return ciphers.get(uri);
}
