import { Certificate, type KeyObject } from "../crypto/index.js";
import { isCountersignError } from "../errors/index.js";
import { element as write, type XmlDocument } from "../xml/index.js";
import { parseKeyInfo, writeDerKeyValue, writeKeyInfo, writeRsaKeyValue, writeX509Data } from "../xmlsec/index.js";
import { refuseRequest, refuseUnread } from "./elements.js";
import type { UseKey } from "./message.js";
import { attributes, foreignNames } from "./vocabulary.js";

const rule = "9.2";

/**
 * Reads a wst:UseKey: a ds:KeyInfo with one certificate or one bare key. That the requestor holds the private half is not
 * known from it.
 * @throws ERR_TRUST_BAD_REQUEST for another way of naming the key, ERR_TRUST_INVALID_REQUEST for a key that cannot be used
 */
export function parseUseKey(document: XmlDocument, element: number): UseKey {
  const keyInfo = document.firstChild(element);
  if (keyInfo === -1 || document.nextSibling(keyInfo) !== -1)
    refuseRequest(document, element, "UseKey must name one key", rule);
  if (document.name(keyInfo) !== foreignNames.keyInfo) {
    refuseUnread(document, keyInfo, "Name the key by a ds:KeyInfo with its certificate or its value.");
  }
  const signatureId = parseSignatureReference(document, element);
  return { ...parseKey(document, keyInfo), ...(signatureId !== undefined && { signatureId }) };
}

function parseSignatureReference(document: XmlDocument, element: number): string | undefined {
  const uri = document.attribute(element, attributes.sig)?.trim();
  if (uri === undefined || uri === "") return undefined;
  if (!uri.startsWith("#")) refuseRequest(document, element, "Sig must name a signature of this message, as #id", rule);
  return uri.slice(1);
}

function parseKey(document: XmlDocument, keyInfo: number): UseKey {
  try {
    const { x509Data, keyValue } = parseKeyInfo(document, keyInfo);
    const certificates = x509Data.flatMap((data) => data.certificates);
    const [der] = certificates;
    if (der !== undefined && certificates.length === 1 && keyValue === undefined) {
      const certificate = Certificate.parse(der);
      return { certificate, publicKey: certificate.publicKey };
    }
    if (keyValue !== undefined && x509Data.length === 0) return { publicKey: keyValue.key };
  } catch (error) {
    if (!isCountersignError(error) || error.family === "internal") throw error;
    refuseRequest(document, keyInfo, error.detail.reason, rule, error);
  }
  return refuseUnread(document, keyInfo, "Name the key by one certificate or one key value.");
}

/** Writes a wst:UseKey with the key's certificate, or its value where it has none. */
export function writeUseKey({ certificate, publicKey, signatureId }: UseKey): string {
  const key =
    certificate === undefined ? writePublicKey(publicKey) : writeX509Data({ certificates: [certificate.der] });
  return write("wst:UseKey", signatureId === undefined ? {} : { Sig: `#${signatureId}` }, writeKeyInfo(key));
}

/** RSA keys by modulus and exponent, which every peer reads; others as SubjectPublicKeyInfo (XML Signature 1.1 section 4.5). */
function writePublicKey(key: KeyObject): string {
  const { n, e } = key.export({ format: "jwk" });
  if (n !== undefined && e !== undefined)
    return writeRsaKeyValue(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
  return writeDerKeyValue(key.export({ type: "spki", format: "der" }));
}
