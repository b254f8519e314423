import { encodeBase64, randomId, randomOctets } from "../../crypto/index.js";
import { formatDateTime } from "../../time/index.js";
import { element, escapeText } from "../../xml/index.js";
import { base64Binary, wsseNamespace, wsuNamespace } from "../../xmlsec/index.js";
import { passwordTypes } from "./names.js";
import { passwordDigest } from "./validate.js";

/** What a UsernameToken is written from. */
export interface UsernameTokenContent {
  readonly name: string;
  readonly password: string;
  /** `text` sends the password itself and needs an encrypted connection; `digest` needs a peer that keeps the clear-text secret. */
  readonly as: "text" | "digest";
  /** Time of Created, milliseconds since 1970. */
  readonly now: number;
  /** The wsu:Id. Default: a fresh one. */
  readonly id?: string | undefined;
}

/** An outbound token: its XML, canonical by construction, and its id. */
export interface IssuedUsernameToken {
  readonly xml: string;
  readonly id: string;
}

/** Writes a wsse:UsernameToken (UsernameToken Profile 1.1 section 3.1) with a fresh nonce of 16 octets and Created. */
export function issueUsernameToken({
  name,
  password,
  as,
  now,
  id = randomId("ut-"),
}: UsernameTokenContent): IssuedUsernameToken {
  const nonce = randomOctets(16);
  const created = formatDateTime(now);
  const value = as === "text" ? password : encodeBase64(passwordDigest(nonce, created, password));
  const xml = element(
    "wsse:UsernameToken",
    { "xmlns:wsse": wsseNamespace, "xmlns:wsu": wsuNamespace, "wsu:Id": id },
    element("wsse:Username", {}, escapeText(name)),
    element("wsse:Password", { Type: passwordTypes[as] }, escapeText(value)),
    element("wsse:Nonce", { EncodingType: base64Binary }, encodeBase64(nonce)),
    element("wsu:Created", {}, created),
  );
  return { xml, id };
}
