import { encodeBase64 } from "../crypto/index.js";
import { registerName, element as write, type XmlDocument } from "../xml/index.js";
import { base64Content } from "../xmlsec/index.js";
import { refuseRequest, refuseUnread } from "./elements.js";
import type { TrustVocabulary } from "./vocabulary.js";

/** Octets of an entropy or of a secret. */
const octets = { least: 16, most: 64 } as const;

const type = registerName("", "Type");

/** The words that a secret is written in. */
type SecretWords = Pick<TrustVocabulary, "names" | "secretTypes">;

/** Writes a wst:BinarySecret (WS-Trust 1.4 section 3.3). Whoever reads it knows the secret. */
export function writeBinarySecret({ secretTypes }: SecretWords, kind: "nonce" | "key", secret: Uint8Array): string {
  return write("wst:BinarySecret", { Type: secretTypes[kind] }, encodeBase64(secret));
}

/**
 * Reads the wst:BinarySecret that is the only child of a wst:Entropy or wst:RequestedProofToken: 16 to 64 octets.
 * @throws ERR_TRUST_INVALID_REQUEST for another structure; ERR_TRUST_BAD_REQUEST for another length, a secret of another type, or
 * in another form
 */
export function parseBinarySecret(
  document: XmlDocument,
  parent: number,
  words: SecretWords,
  kind: "nonce" | "key",
): Buffer {
  const child = document.firstChild(parent);
  if (child === -1 || document.nextSibling(child) !== -1) {
    refuseRequest(document, parent, `${document.qualifiedName(parent)} must hold one secret`, "4.4.2");
  }
  if (document.name(child) !== words.names.BinarySecret) refuseUnread(document, child, "Send a wst:BinarySecret.");
  // Without a Type it is a key (section 3.3); peers leave it out of entropies too.
  const given = document.attribute(child, type);
  if (given !== undefined && given !== words.secretTypes[kind])
    refuseUnread(document, child, "Send the secret itself.");
  try {
    return base64Content(document, child, octets.least, octets.most);
  } catch (cause) {
    return refuseUnread(document, child, `Send ${octets.least} to ${octets.most} octets in base64.`, cause);
  }
}
