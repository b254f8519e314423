import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { keyAgreementUri } from "./encryption-uris.js";

/** A key agreement algorithm of XML Encryption, known by its URI: Diffie-Hellman with an ephemeral key of the originator. */
export interface KeyAgreement {
  readonly uri: string;
  /** Whether a key is of the kind that it takes: P-256, P-384 and P-521 for ECDH-ES, X25519 for X25519. */
  fits(key: KeyObject): boolean;
  /**
   * The shared secret: for ECDH-ES the x-coordinate, as long as the field (XML Encryption 1.1 section 5.6.4, SP 800-56A).
   * @returns undefined where the keys do not go together, or the secret would be no secret (a point of small order).
   */
  agree(privateKey: KeyObject, publicKey: KeyObject): Buffer | undefined;
  /** A fresh key pair of the same kind as the recipient's key. */
  ephemeral(recipient: KeyObject): { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);

function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer | undefined {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // Keys of different curves, or an X25519 secret of zeros (RFC 7748 section 6.1), which OpenSSL refuses.
    return undefined;
  }
}

const ecdhEs: KeyAgreement = Object.freeze<KeyAgreement>({
  uri: keyAgreementUri.ecdhEs,
  fits: (key) => key.asymmetricKeyType === "ec" && curves.has(key.asymmetricKeyDetails?.namedCurve ?? ""),
  agree,
  ephemeral: (recipient) =>
    generateKeyPairSync("ec", { namedCurve: recipient.asymmetricKeyDetails?.namedCurve ?? "prime256v1" }),
});

const x25519: KeyAgreement = Object.freeze<KeyAgreement>({
  uri: keyAgreementUri.x25519,
  fits: (key) => key.asymmetricKeyType === "x25519",
  agree,
  ephemeral: () => generateKeyPairSync("x25519"),
});

const agreements: readonly KeyAgreement[] = [ecdhEs, x25519];

/** The key agreement with that URI; undefined where Countersign knows none (finite-field Diffie-Hellman and X448 among them). */
export function keyAgreement(uri: string): KeyAgreement | undefined {
  return agreements.find((agreement) => agreement.uri === uri);
}

/** The key agreement that a recipient's key is for; undefined for keys that agree on nothing, RSA among them. */
export function keyAgreementFor(key: KeyObject): KeyAgreement | undefined {
  return agreements.find((agreement) => agreement.fits(key));
}

/**
 * The public key in a SubjectPublicKeyInfo that some key agreement takes; undefined for anything else, a point that is not
 * on its curve included.
 */
export function agreementPublicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    return keyAgreementFor(key) === undefined ? undefined : key;
  } catch {
    return undefined;
  }
}
