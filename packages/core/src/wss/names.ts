import { registerName } from "../xml/index.js";
import { dsNames, samlNames, wsse11Namespace, wsseNames, wsseNamespace, wsuNamespace } from "../xmlsec/index.js";

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
} as const;

/** Elements of other specifications that stand in a Security header. */
export const foreign = {
  Signature: dsNames.signature,
  Assertion: samlNames.assertion20,
  Assertion11: samlNames.assertion11,
} as const;
