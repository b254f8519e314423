import {
  type Certificate,
  type KeyObject,
  keyAgreementFor,
  randomId,
  randomOctets,
  secretKey,
  sha1,
} from "../crypto/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { recipientReference, writeEncryptedKey, writeKeyInfo } from "../xmlsec/index.js";
import type { RecipientReference } from "./outbound-content-key.js";

/** A fresh symmetric key for one message, and the EncryptedKey that brings it to the receiver. */
export interface IssuedEncryptedKey {
  /** The xenc:EncryptedKey, behind a BinarySecurityToken where it is to name the receiver by one. */
  readonly xml: string;
  /** Its Id. */
  readonly id: string;
  /** SHA-1 of its CipherValue octets: what a reply names the key by. */
  readonly sha1: Buffer;
  readonly secret: Buffer;
  readonly key: KeyObject;
}

/** For whom a key is issued. */
export interface EncryptedKeyWishes {
  /** The receiver's certificate: RSA for key transport, P-256, P-384, P-521 or X25519 for key agreement. */
  readonly for: Certificate;
  /** How the receiver's certificate is named. Default `issuer-serial`. */
  readonly reference?: RecipientReference | undefined;
  /** Octets of the key. Default 32. */
  readonly octets?: 16 | 24 | 32 | undefined;
}

/**
 * Makes a symmetric key and encrypts it for a receiver (WS-Security 1.1 sections 7.7 and 9): to sign and encrypt one message
 * with, and its reply. It says nothing of its sender.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM, ERR_WSS_INVALID_TOKEN for a certificate that nothing can be encrypted for
 */
export function issueEncryptedKey({
  for: certificate,
  reference = "issuer-serial",
  octets = 32,
}: EncryptedKeyWishes): IssuedEncryptedKey {
  const secret = randomOctets(octets);
  const id = randomId("ek-");
  const token = reference === "certificate" ? issueBinarySecurityToken([certificate]) : undefined;
  const named = recipientReference(certificate, reference === "certificate" ? { token: token?.id ?? "" } : reference);
  const { publicKey } = certificate;
  const { xml, cipherValue } = writeEncryptedKey({
    key: secret,
    recipient:
      keyAgreementFor(publicKey) === undefined ? { publicKey } : { agreementKey: publicKey, recipientKeyInfo: named },
    keyInfo: writeKeyInfo(named),
    id,
  });
  return { xml: `${token?.xml ?? ""}${xml}`, id, sha1: sha1(cipherValue), secret, key: secretKey(secret) };
}
