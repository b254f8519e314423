import { registerName } from "../../xml/index.js";

/** WS-Security 1.0 extension namespace: https://docs.oasis-open.org/wss/v1.1/wss-v1.1-spec-os-SOAPMessageSecurity.pdf section 2.2 */
export const wsseNamespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/** WS-Security utility namespace: the same, section 2.2 */
export const wsuNamespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/** WS-Security 1.1 additions: the same, section 2.2 */
export const wsse11Namespace = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";

/** The encoding of a Nonce: SOAP Message Security 1.1 section 6.3 */
export const base64Binary =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

const profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";

/** What a Password element holds: UsernameToken Profile 1.1 section 3.1 */
export const passwordTypes = Object.freeze({
  text: `${profile}#PasswordText`,
  digest: `${profile}#PasswordDigest`,
});

/** Elements of a UsernameToken: UsernameToken Profile 1.1 sections 3.1 and 4 */
export const names = Object.freeze({
  usernameToken: registerName(wsseNamespace, "UsernameToken"),
  username: registerName(wsseNamespace, "Username"),
  password: registerName(wsseNamespace, "Password"),
  nonce: registerName(wsseNamespace, "Nonce"),
  created: registerName(wsuNamespace, "Created"),
  salt: registerName(wsse11Namespace, "Salt"),
  iteration: registerName(wsse11Namespace, "Iteration"),
});

/** Attributes of a UsernameToken and its children. */
export const attributes = Object.freeze({
  id: registerName(wsuNamespace, "Id"),
  type: registerName("", "Type"),
  /** Some WCF versions qualify the Type attribute. */
  qualifiedType: registerName(wsseNamespace, "Type"),
  encodingType: registerName("", "EncodingType"),
});
