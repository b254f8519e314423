import { contentCipher, contentCipherUri, encodeBase64 } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { element } from "../xml/index.js";
import { encryptedContentType, encryptedElementType } from "./encryption-names.js";
import { xencNamespace } from "./names.js";
import { isNcName } from "./nc-name.js";

/** How an EncryptedData is made. */
export interface DataToEncrypt {
  readonly plaintext: Uint8Array;
  /** Of the length that the cipher takes. Use a key for one message only. */
  readonly key: Uint8Array;
  /** URI of the content cipher. Default AES-256-GCM. */
  readonly algorithm?: string | undefined;
  /** What the plaintext is: one element, the content of one, or octets. Default octets: no Type is written. */
  readonly type?: "element" | "content" | undefined;
  /** The Id by which an EncryptedKey refers to it. */
  readonly id?: string | undefined;
  readonly mimeType?: string | undefined;
  /** A complete ds:KeyInfo, see {@link writeKeyInfo}. Default: none. */
  readonly keyInfo?: string | undefined;
}

/**
 * Writes an xenc:EncryptedData, canonical and ready to be put into a message as it stands.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for an unknown algorithm, ERR_INTERNAL for a key of another length or an Id that is
 * no NCName.
 */
export function writeEncryptedData(data: DataToEncrypt): string {
  const { plaintext, key, algorithm = contentCipherUri.aes256Gcm, type, id, mimeType, keyInfo = "" } = data;
  const cipher =
    contentCipher(algorithm) ?? refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the content cipher ${algorithm} is not known`);
  return element(
    "xenc:EncryptedData",
    {
      "xmlns:xenc": xencNamespace,
      ...(id === undefined ? {} : { Id: requireId(id) }),
      ...(mimeType === undefined ? {} : { MimeType: mimeType }),
      ...(type === undefined ? {} : { Type: type === "element" ? encryptedElementType : encryptedContentType }),
    },
    element("xenc:EncryptionMethod", { Algorithm: cipher.uri }),
    keyInfo,
    writeCipherData(cipher.encrypt(key, plaintext)),
  );
}

/** Writes an xenc:ReferenceList of its own, as it stands in a Security header for data under a shared key: Ids of EncryptedData. */
export function writeEncryptedDataReferences(ids: readonly string[]): string {
  return writeReferenceList(ids, { "xmlns:xenc": xencNamespace });
}

/** An xenc:CipherData around octets. */
export function writeCipherData(octets: Uint8Array): string {
  return element("xenc:CipherData", {}, element("xenc:CipherValue", {}, encodeBase64(octets)));
}

/** An xenc:ReferenceList with the given attributes: Ids of EncryptedData. */
export function writeReferenceList(ids: readonly string[], attributes: Readonly<Record<string, string>>): string {
  return element(
    "xenc:ReferenceList",
    attributes,
    ...ids.map((id) => element("xenc:DataReference", { URI: `#${requireId(id)}` })),
  );
}

/**
 * An Id to be written.
 * @throws ERR_INTERNAL where it is no NCName.
 */
export function requireId(id: string): string {
  return isNcName(id) ? id : refuse("ERR_INTERNAL", "an ID to be written is no NCName");
}
