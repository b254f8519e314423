import { registerName } from "../../xml/index.js";
import { wsse11Namespace, wsseNamespace, wsuId, wsuNamespace } from "../../xmlsec/index.js";

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
  id: wsuId,
  type: registerName("", "Type"),
  /** Some WCF versions qualify the Type attribute. */
  qualifiedType: registerName(wsseNamespace, "Type"),
  encodingType: registerName("", "EncodingType"),
});
