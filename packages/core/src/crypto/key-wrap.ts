import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { refuse } from "../errors/index.js";
import { keyWrapUri } from "./encryption-uris.js";

/** A key wrap algorithm of XML Encryption, known by its URI. */
export interface KeyWrap {
  readonly kind: "wrap";
  readonly uri: string;
  /** Length in octets of the key that wraps. */
  readonly keyOctets: number;
  /**
   * The wrapped key.
   * @throws ERR_INTERNAL for a wrapping key of another length, or a key that is not of whole 8 octets, 16 at least.
   */
  wrap(wrappingKey: Uint8Array, key: Uint8Array): Buffer;
  /**
   * The key that was wrapped. Where the octets are not a key of one of the expected lengths wrapped under `wrappingKey`, a
   * random key of the first length.
   * @param lengths The lengths in octets that the key may have; at least one.
   */
  unwrap(wrappingKey: Uint8Array, octets: Uint8Array, lengths: readonly number[]): Buffer;
}

/** RFC 3394 section 2.2.3.1; OpenSSL checks it. */
const initialValue = Buffer.alloc(8, 0xa6);

/** AES Key Wrap (XML Encryption 1.1 section 5.7.2, RFC 3394 section 2.2): the value is 8 octets longer than the key. */
function aesWrap(uri: string, name: string, keyOctets: number): KeyWrap {
  return Object.freeze<KeyWrap>({
    kind: "wrap",
    uri,
    keyOctets,
    wrap(wrappingKey, key) {
      if (wrappingKey.length !== keyOctets || key.length < 16 || key.length % 8 !== 0) {
        refuse("ERR_INTERNAL", `${uri} cannot wrap ${key.length} octets under ${wrappingKey.length}`);
      }
      const cipher = createCipheriv(name, wrappingKey, initialValue);
      return Buffer.concat([cipher.update(key), cipher.final()]);
    },
    unwrap(wrappingKey, octets, lengths) {
      const [first] = lengths;
      if (first === undefined) return refuse("ERR_INTERNAL", "the expected length of a wrapped key is missing");
      const random = randomBytes(first);
      // The length is no secret: it stands in the message.
      if (wrappingKey.length !== keyOctets || !lengths.includes(octets.length - initialValue.length)) return random;
      try {
        const decipher = createDecipheriv(name, wrappingKey, initialValue);
        return Buffer.concat([decipher.update(octets), decipher.final()]);
      } catch {
        return random;
      }
    },
  });
}

const wraps = new Map<string, KeyWrap>(
  [
    aesWrap(keyWrapUri.aes128, "id-aes128-wrap", 16),
    aesWrap(keyWrapUri.aes192, "id-aes192-wrap", 24),
    aesWrap(keyWrapUri.aes256, "id-aes256-wrap", 32),
  ].map((wrap) => [wrap.uri, wrap]),
);

/** The key wrap with that URI; undefined where Countersign knows none. */
export function keyWrap(uri: string): KeyWrap | undefined {
  return wraps.get(uri);
}
