import { Certificate, type KeyObject, publicKeyInfo } from "../../crypto/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { parseKeyInfo, writeDerKeyValue, writeKeyInfo, writeRsaKeyValue, writeX509Data } from "../../xmlsec/index.js";
import type { ConfirmationKey } from "./assertion.js";
import type { ConfirmationContent } from "./content.js";
import { refuseShape, refuseUnsupported } from "./schema-reader.js";

/**
 * Reads the key that a holder-of-key confirmation names: a certificate, a public key, or both where they agree.
 * @param element The ds:KeyInfo.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for several certificates, and where there is neither certificate nor key
 * @throws ERR_TOKEN_MALFORMED for a key that is not its certificate's, ERR_WSS_INVALID_TOKEN for an unreadable certificate
 */
export function parseConfirmationKey(document: XmlDocument, element: number): ConfirmationKey {
  const { x509Data, keyValue } = parseKeyInfo(document, element);
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
  return writeKeyInfo(writeBareKey(confirmation.publicKey));
}

/** RSA keys by modulus and exponent, which every peer reads; others as SubjectPublicKeyInfo. */
function writeBareKey(publicKey: KeyObject): string {
  const { n, e } = publicKey.export({ format: "jwk" });
  if (n !== undefined && e !== undefined)
    return writeRsaKeyValue(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
  return writeDerKeyValue(publicKeyInfo(publicKey));
}
