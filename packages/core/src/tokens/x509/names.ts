import { registerName } from "../../xml/index.js";
import { base64Binary, valueTypes, wsseNamespace, wsuId, wsuNamespace } from "../../xmlsec/index.js";

export { base64Binary, valueTypes, wsseNamespace, wsuId, wsuNamespace };

/** The element that carries a binary token (WS-Security 1.1 section 6.3). */
export const binarySecurityToken: number = registerName(wsseNamespace, "BinarySecurityToken");
/** Its attributes. */
export const valueType: number = registerName("", "ValueType");
export const encodingType: number = registerName("", "EncodingType");
