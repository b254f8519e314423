import { registerName } from "../xml/index.js";
import {
  dsNames,
  saml20Namespace,
  samlNames,
  wsse11Namespace,
  wsseNames,
  wsseNamespace,
  wsuNamespace,
  xencNamespace,
} from "../xmlsec/index.js";

export { wsse11Namespace, wsseNamespace, wsuNamespace };

/** Elements of the wsse namespace that a Security header may hold. */
export const wsse = {
  Security: registerName(wsseNamespace, "Security"),
  UsernameToken: registerName(wsseNamespace, "UsernameToken"),
  BinarySecurityToken: registerName(wsseNamespace, "BinarySecurityToken"),
  SecurityTokenReference: wsseNames.securityTokenReference,
} as const;

/** Names of the wsu namespace. */
export const wsu = {
  Id: registerName(wsuNamespace, "Id"),
  Timestamp: registerName(wsuNamespace, "Timestamp"),
  Created: registerName(wsuNamespace, "Created"),
  Expires: registerName(wsuNamespace, "Expires"),
} as const;

/** Names of WS-Security 1.1. */
export const wsse11 = {
  SignatureConfirmation: registerName(wsse11Namespace, "SignatureConfirmation"),
  EncryptedHeader: registerName(wsse11Namespace, "EncryptedHeader"),
} as const;

/** Elements of other specifications that stand in a Security header. */
export const foreign = {
  Signature: dsNames.signature,
  Assertion: samlNames.assertion20,
  Assertion11: samlNames.assertion11,
} as const;

/** Elements by which a Security header says what is encrypted, and with which key. */
export const encryption = {
  EncryptedKey: registerName(xencNamespace, "EncryptedKey"),
  EncryptedData: registerName(xencNamespace, "EncryptedData"),
  ReferenceList: registerName(xencNamespace, "ReferenceList"),
  EncryptedAssertion: registerName(saml20Namespace, "EncryptedAssertion"),
} as const;
