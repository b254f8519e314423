import { type Certificate, encodeBase64, randomId, writePkcs7, writePkiPath } from "../../crypto/index.js";
import { element } from "../../xml/index.js";
import { base64Binary, valueTypes, wsseNamespace, wsuNamespace } from "./names.js";

/** An outbound token: its XML, canonical by construction, its id, and the ValueType that references to it name. */
export interface IssuedBinarySecurityToken {
  readonly xml: string;
  readonly id: string;
  readonly valueType: string;
}

/**
 * Writes a wsse:BinarySecurityToken: one certificate as X509v3, several as X509PKIPathv1.
 * @param path The signer's certificate first, then its issuers.
 * @param as `"pkcs7"`: as PKCS #7 instead, for peers that read no PKIPath.
 */
export function issueBinarySecurityToken(
  path: readonly [Certificate, ...Certificate[]],
  id: string = randomId("x509-"),
  as?: "pkcs7",
): IssuedBinarySecurityToken {
  const [certificate] = path;
  const single = path.length === 1 ? valueTypes.x509v3 : valueTypes.x509PkiPath;
  const valueType = as === "pkcs7" ? valueTypes.x509Pkcs7 : single;
  const xml = element(
    "wsse:BinarySecurityToken",
    {
      "xmlns:wsse": wsseNamespace,
      "xmlns:wsu": wsuNamespace,
      EncodingType: base64Binary,
      ValueType: valueType,
      "wsu:Id": id,
    },
    encodeBase64(as === "pkcs7" ? writePkcs7(path) : path.length === 1 ? certificate.der : writePkiPath(path)),
  );
  return { xml, id, valueType };
}
