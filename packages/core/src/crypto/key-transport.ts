import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { refuse } from "../errors/index.js";
import { digestAlgorithm, digestUri } from "./algorithms.js";
import { keyTransportUri, maskUri } from "./encryption-uris.js";
import { examineKey } from "./key-facts.js";
import { decodeOaep, encodeOaep, maxOaepMessage, type OaepHash, type OaepScheme } from "./oaep.js";

/** The parameters of RSAES-OAEP as read from a message; what is absent takes the default of XML Encryption 1.1 section 5.5.2. */
export interface OaepParameters {
  /** URI of `ds:DigestMethod`: SHA-1, SHA-256, SHA-384 or SHA-512. Default SHA-1. */
  readonly digest?: string | undefined;
  /** `Algorithm` of `xenc11:MGF`. Default MGF1 with SHA-1, and nothing else for `rsa-oaep-mgf1p`, whose name fixes it. */
  readonly mask?: string | undefined;
  /** Octets of `OAEPparams`. Default none. */
  readonly label?: Uint8Array | undefined;
}

/** A key transport algorithm with its parameters: always RSAES-OAEP. */
export interface KeyTransport {
  readonly kind: "transport";
  readonly uri: string;
  /** URI of the digest. */
  readonly digest: string;
  /** URI of the mask generation function. */
  readonly mask: string;
  /**
   * The key, encrypted for the holder of an RSA key.
   * @param publicKey The recipient's public key; of a private key its public half.
   * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for a key that is not RSA, ERR_WSS_INVALID_TOKEN for a weak one.
   */
  encrypt(publicKey: KeyObject, key: Uint8Array): Buffer;
  /**
   * The key that was encrypted. Where the octets are not a key of one of the expected lengths encrypted for us, a random key
   * of the first length: what it opens fails then, in the same way and the same time as with any wrong key.
   * @param lengths The lengths in octets that the key may have; at least one.
   * @throws ERR_WSS_UNSUPPORTED_ALGORITHM, ERR_WSS_INVALID_TOKEN where `privateKey` is no RSA key that may be used: a matter
   * of configuration, not of the message's secret.
   */
  decrypt(privateKey: KeyObject, octets: Uint8Array, lengths: readonly number[]): Buffer;
}

const maskHashes: Readonly<Record<string, OaepHash>> = Object.freeze({
  [maskUri.mgf1Sha1]: "sha1",
  [maskUri.mgf1Sha224]: "sha224",
  [maskUri.mgf1Sha256]: "sha256",
  [maskUri.mgf1Sha384]: "sha384",
  [maskUri.mgf1Sha512]: "sha512",
});

/**
 * The key transport with that URI and parameters; undefined where Countersign knows none, RSA 1.5 among them: its padding
 * is an oracle that no care of the receiver closes for good (CVE-2011-2487, CVE-2015-0226), and Node itself refuses it.
 */
export function keyTransport(uri: string, parameters: OaepParameters = {}): KeyTransport | undefined {
  if (uri !== keyTransportUri.rsaOaep && uri !== keyTransportUri.rsaOaepMgf1p) return undefined;
  const { digest = digestUri.sha1, mask = maskUri.mgf1Sha1, label = new Uint8Array() } = parameters;
  const hash = digestAlgorithm(digest)?.hash;
  const maskHash = Object.hasOwn(maskHashes, mask) ? maskHashes[mask] : undefined;
  if (hash === undefined || maskHash === undefined) return undefined;
  if (uri === keyTransportUri.rsaOaepMgf1p && maskHash !== "sha1") return undefined;
  const scheme: OaepScheme = { hash, maskHash, label };
  return Object.freeze<KeyTransport>({
    kind: "transport",
    uri,
    digest,
    mask,
    encrypt: (publicKey, key) => encryptKey(publicKey, key, scheme),
    decrypt: (privateKey, octets, lengths) => decryptKey(privateKey, octets, lengths, scheme),
  });
}

function encryptKey(given: KeyObject, key: Uint8Array, scheme: OaepScheme): Buffer {
  const publicKey = given.type === "private" ? createPublicKey(given) : given;
  const length = modulusOctets(publicKey);
  if (key.length > maxOaepMessage(length, scheme.hash)) {
    refuse("ERR_INTERNAL", `a key of ${key.length} octets does not fit into the modulus`);
  }
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, encodeOaep(key, length, scheme));
}

function decryptKey(privateKey: KeyObject, octets: Uint8Array, lengths: readonly number[], scheme: OaepScheme): Buffer {
  const length = modulusOctets(privateKey);
  const most = maxOaepMessage(length, scheme.hash);
  if (lengths.length === 0 || lengths.some((octets) => octets < 1 || octets > most)) {
    refuse("ERR_INTERNAL", "the expected lengths of a key are not possible ones");
  }
  // Octets that are no ciphertext at all, which anybody can see, take the same way with others in their place.
  const fits = octets.length === length;
  const encoded = fits ? rawDecrypt(privateKey, octets) : undefined;
  if (encoded !== undefined) return decodeOaep(encoded, scheme, lengths, 0);
  const substitute = rawDecrypt(privateKey, Buffer.alloc(length - 1, 1)) ?? Buffer.alloc(length);
  return decodeOaep(substitute, scheme, lengths, 1);
}

/** RSADP (RFC 8017 section 5.1.2), blinded by OpenSSL; undefined for a number that is not below the modulus. */
function rawDecrypt(key: KeyObject, octets: Uint8Array): Buffer | undefined {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, octets);
  } catch {
    return undefined;
  }
}

function modulusOctets(key: KeyObject): number {
  const facts = examineKey(key);
  if ("reason" in facts) refuse(facts.weak ? "ERR_WSS_INVALID_TOKEN" : "ERR_WSS_UNSUPPORTED_ALGORITHM", facts.reason);
  if (facts.type !== "rsa" || facts.pssOnly !== undefined) {
    refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `RSA-OAEP does not go with ${facts.type} keys of this kind`, {
      rule: "XML Encryption 1.1 section 5.5.2",
      remedy: "Encrypt the key for an RSA key of 2048 to 8192 bits.",
    });
  }
  return Math.ceil(facts.bits / 8);
}
