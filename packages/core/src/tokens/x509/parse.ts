import { LRUCache } from "lru-cache";
import { Certificate, decodeBase64, parsePkcs7, parsePkiPath, sha256Hex } from "../../crypto/index.js";
import { refuse } from "../../errors/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { plainText } from "../../xmlsec/index.js";
import { base64Binary, binarySecurityToken, encodingType, valueType, valueTypes, wsuId } from "./names.js";

/** Decoded octets of one token. */
const maxTokenOctets = 65_536;

/** A BinarySecurityToken that holds certificates. Nothing in it is trusted. */
export interface BinarySecurityTokenSyntax {
  readonly element: number;
  /** Its wsu:Id. */
  readonly id: string | undefined;
  readonly valueType: string;
  /** The sender's certificate first, then what it brought along. */
  readonly certificates: readonly Certificate[];
}

/**
 * Reads a wsse:BinarySecurityToken with an X.509 certificate, a PKIPath or PKCS #7 certificates (X.509 Certificate Token Profile 1.1 section 3.1).
 * @throws ERR_WSS_INVALID_SECURITY where EncodingType or ValueType is missing or wrong (BSP R3029 to R3032), or the content is
 * no strict base64 of at most 64 KiB
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for another ValueType
 * @throws ERR_WSS_INVALID_TOKEN for malformed certificates
 */
export function parseBinarySecurityToken(document: XmlDocument, element: number): BinarySecurityTokenSyntax {
  if (document.name(element) !== binarySecurityToken)
    refuseShape(document, element, "this is no BinarySecurityToken", "WS-Security 1.1, 6.3");
  const encoding = document.attribute(element, encodingType);
  if (encoding === undefined) refuseShape(document, element, "EncodingType is missing", "BSP R3029");
  if (encoding !== base64Binary) refuseShape(document, element, "the EncodingType is not Base64Binary", "BSP R3030");
  const type = document.attribute(element, valueType);
  if (type === undefined) refuseShape(document, element, "ValueType is missing", "BSP R3031");
  const read = readers[type];
  if (read === undefined) {
    refuse("ERR_WSS_UNSUPPORTED_TOKEN", `a binary token of type ${type.slice(0, 128)}`, {
      place: () => document.place(element),
      rule: "BSP R3032",
      remedy: `Send ${valueTypes.x509v3}, ${valueTypes.x509PkiPath} or ${valueTypes.x509Pkcs7}.`,
    });
  }
  const certificates = knownCertificates(document, element, type, () => {
    const octets = decodeBase64(plainText(document, element), { maxOctets: maxTokenOctets });
    if (octets !== undefined && octets.length > 0) return read(octets);
    refuseShape(document, element, "the content is not strict base64 of 1 octet to 64 KiB", "BSP R3029");
  });
  return { element, id: document.attribute(element, wsuId), valueType: type, certificates };
}

/** What tokens were read as, by their type and SHA-256 of their text: a requestor sends the same one with every message. */
const known = new LRUCache<string, readonly Certificate[]>({ max: 500 });

function knownCertificates(
  document: XmlDocument,
  element: number,
  type: string,
  read: () => readonly Certificate[],
): readonly Certificate[] {
  const key = type + sha256Hex(document.bytes.subarray(document.contentStart(element), document.contentEnd(element)));
  let certificates = known.get(key);
  if (certificates === undefined) {
    certificates = read();
    known.set(key, certificates);
  }
  return certificates;
}

const readers: Readonly<Record<string, (octets: Buffer) => readonly Certificate[]>> = Object.assign(
  Object.create(null),
  {
    [valueTypes.x509v3]: (octets: Buffer) => [version3(Certificate.parse(octets))],
    [valueTypes.x509PkiPath]: parsePkiPath,
    [valueTypes.x509Pkcs7]: parsePkcs7,
  },
);

/** The profile's type is for version 3 certificates: an older one has no extensions that could limit its use. */
function version3(certificate: Certificate): Certificate {
  if (certificate.version === 3) return certificate;
  refuse("ERR_WSS_INVALID_TOKEN", `the certificate is of version ${certificate.version}`, {
    rule: "X.509 Certificate Token Profile 1.1, 3.1.1",
    remedy: "Use a version 3 certificate.",
  });
}

function refuseShape(document: XmlDocument, element: number, reason: string, rule: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", `the BinarySecurityToken is not valid: ${reason}`, {
    place: () => document.place(element),
    rule,
    remedy: "Send EncodingType, ValueType and the certificate in base64.",
  });
}
