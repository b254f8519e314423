import { Certificate, type KeyObject, keyAgreementFor, publicKeyInfo } from "../../crypto/index.js";
import type { XmlDocument } from "../../xml/index.js";
import {
  type EncryptedKeySyntax,
  parseEncryptedKey,
  parseKeyInfo,
  writeCertificateReference,
  writeDerKeyValue,
  writeEncryptedKey,
  writeKeyInfo,
  writeRsaKeyValue,
  writeX509Data,
  xencNames,
} from "../../xmlsec/index.js";
import type { ConfirmationKey, SubjectConfirmationSyntax } from "./assertion.js";
import type { ConfirmationContent, SecretConfirmation } from "./content.js";
import { refuseShape, refuseUnsupported } from "./schema-reader.js";

/** The keys that a confirmation names. */
export type ConfirmationKeys = Pick<SubjectConfirmationSyntax, "keys" | "secrets">;

/** Of a method without keys. */
export const noKeys: ConfirmationKeys = Object.freeze({ keys: [], secrets: [] });

/**
 * Reads the keys that a holder-of-key confirmation names, one in each ds:KeyInfo.
 * @throws as {@link parseConfirmationKey}
 */
export function parseConfirmationKeys(document: XmlDocument, elements: readonly number[]): ConfirmationKeys {
  if (elements.length === 0) return noKeys;
  const keys: ConfirmationKey[] = [];
  const secrets: EncryptedKeySyntax[] = [];
  for (const element of elements) {
    const key = parseConfirmationKey(document, element);
    if ("kind" in key) secrets.push(key);
    else keys.push(key);
  }
  return { keys, secrets };
}

/**
 * Reads the key that a holder-of-key confirmation names: a certificate, a public key, or both where they agree; or a symmetric
 * key in an EncryptedKey, which stands alone.
 * @param element The ds:KeyInfo.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for several certificates, and where there is neither certificate nor key
 * @throws ERR_TOKEN_MALFORMED for a key that is not its certificate's, ERR_WSS_INVALID_TOKEN for an unreadable certificate
 */
export function parseConfirmationKey(document: XmlDocument, element: number): ConfirmationKey | EncryptedKeySyntax {
  const secrets: EncryptedKeySyntax[] = [];
  const { x509Data, keyValue, tokenReference } = parseKeyInfo(document, element, (child) => {
    if (document.name(child) !== xencNames.encryptedKey) return false;
    secrets.push(parseEncryptedKey(document, child));
    return true;
  });
  const [secret, ...others] = secrets;
  if (secret !== undefined) {
    if (others.length === 0 && x509Data.length === 0 && keyValue === undefined && tokenReference === undefined) {
      return secret;
    }
    refuseUnsupported(
      document,
      element,
      "the KeyInfo holds an EncryptedKey and more",
      "Have the issuer put the one key there that the subject holds.",
    );
  }
  const ders = x509Data.flatMap(({ certificates }) => certificates);
  if (ders.length > 1) {
    refuseUnsupported(
      document,
      element,
      "the KeyInfo holds several certificates",
      "Have the issuer put only the subject's certificate there.",
    );
  }
  const certificate = ders[0] && Certificate.parse(ders[0]);
  const key = certificate?.publicKey ?? keyValue?.key;
  if (key === undefined) {
    refuseUnsupported(
      document,
      element,
      "the KeyInfo holds neither certificate nor key",
      "Have the issuer put the subject's certificate or public key there.",
    );
  }
  if (keyValue !== undefined && !keyValue.key.equals(key)) {
    refuseShape(
      document,
      element,
      "the KeyInfo holds a key that is not its certificate's",
      "XML Signature 1.1 section 4.5",
    );
  }
  return { key, certificate };
}

/** Writes the ds:KeyInfo of a confirmation; "" for methods without a key. */
export function writeConfirmationKey(confirmation: ConfirmationContent): string {
  if (confirmation.method !== "holder-of-key") return "";
  if ("certificate" in confirmation) {
    return writeKeyInfo(writeX509Data({ certificates: [confirmation.certificate.der] }));
  }
  if ("secret" in confirmation) return writeKeyInfo(writeSecret(confirmation));
  return writeKeyInfo(writeBareKey(confirmation.publicKey));
}

/** The relying party finds its private key by issuer and serial number, as every peer names certificates unless told otherwise. */
function writeSecret({ secret, for: certificate }: SecretConfirmation): string {
  const { publicKey } = certificate;
  const named = writeCertificateReference(certificate, "issuer-serial");
  const recipient =
    keyAgreementFor(publicKey) === undefined ? { publicKey } : { agreementKey: publicKey, recipientKeyInfo: named };
  return writeEncryptedKey({ key: secret, recipient, keyInfo: writeKeyInfo(named) }).xml;
}

/** RSA keys by modulus and exponent, which every peer reads; others as SubjectPublicKeyInfo. */
function writeBareKey(publicKey: KeyObject): string {
  const { n, e } = publicKey.export({ format: "jwk" });
  if (n !== undefined && e !== undefined)
    return writeRsaKeyValue(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
  return writeDerKeyValue(publicKeyInfo(publicKey));
}
