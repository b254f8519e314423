import { createHash, hkdfSync } from "node:crypto";
import { digestAlgorithm, digestUri, type HashName, signatureUri } from "./algorithms.js";
import { keyDerivationUri } from "./encryption-uris.js";

/** The parameters of key derivation as read from a message. */
export type KeyDerivationParameters =
  /** `xenc11:ConcatKDFParams`: hexadecimal bit strings, whose first octet counts the unused bits at their end. */
  | {
      readonly kind: "concat";
      /** URI of `ds:DigestMethod`: SHA-256, SHA-384 or SHA-512. */
      readonly digest: string;
      readonly algorithmId?: string | undefined;
      readonly partyUInfo?: string | undefined;
      readonly partyVInfo?: string | undefined;
      readonly suppPubInfo?: string | undefined;
      readonly suppPrivInfo?: string | undefined;
    }
  /** `dsig-more:HKDFParams`. */
  | {
      readonly kind: "hkdf";
      /** URI of an HMAC: SHA-256, SHA-384 or SHA-512. Default HMAC-SHA256. */
      readonly prf?: string | undefined;
      readonly salt?: Uint8Array | undefined;
      readonly info?: Uint8Array | undefined;
      /** Octets of the derived key; where given, no other length is derived. */
      readonly keyLength?: number | undefined;
    };

/** A key derivation with its parameters. */
export interface KeyDerivation {
  readonly uri: string;
  /** URI of the digest that it rests on. */
  readonly digest: string;
  /** The one length that the parameters allow; undefined for any. */
  readonly keyLength: number | undefined;
  /** A key of `octets` octets from a shared secret. */
  derive(secret: Uint8Array, octets: number): Buffer;
}

/** Octets of all the parties' information together, or of the salt: what a stranger may have us hash. */
export const maxDerivationOctets = 4096;
/** Octets of HKDF's info: Node takes no more. */
const maxInfoOctets = 1024;

/**
 * The key derivation with that URI and parameters; undefined where Countersign knows none: another URI, SHA-1, bit strings
 * that end within an octet, or parameters of the other kind.
 */
export function keyDerivation(uri: string, parameters: KeyDerivationParameters): KeyDerivation | undefined {
  if (uri === keyDerivationUri.concatKdf && parameters.kind === "concat") return concatKdf(parameters);
  if (uri === keyDerivationUri.hkdf && parameters.kind === "hkdf") return hkdf(parameters);
  return undefined;
}

/**
 * ConcatKDF (XML Encryption 1.1 section 5.4.1, SP 800-56A section 5.8.1): digests of a 32-bit counter from 1, the secret, and
 * AlgorithmID, PartyUInfo, PartyVInfo, SuppPubInfo, SuppPrivInfo one behind the other, as they stand.
 */
function concatKdf(parameters: KeyDerivationParameters & { kind: "concat" }): KeyDerivation | undefined {
  const { algorithmId, partyUInfo, partyVInfo, suppPubInfo, suppPrivInfo } = parameters;
  const digest = digestAlgorithm(parameters.digest);
  const parts = [algorithmId, partyUInfo, partyVInfo, suppPubInfo, suppPrivInfo].map(wholeOctets);
  if (digest === undefined || digest.legacy || !parts.every((part) => part !== undefined)) return undefined;
  const info = Buffer.concat(parts);
  if (info.length > maxDerivationOctets) return undefined;
  return {
    uri: keyDerivationUri.concatKdf,
    digest: digest.uri,
    keyLength: undefined,
    derive(secret, octets) {
      const pieces: Buffer[] = [];
      const counter = Buffer.alloc(4);
      for (let n = 1, length = 0; length < octets; n++, length += digest.length) {
        counter.writeUInt32BE(n);
        pieces.push(createHash(digest.hash).update(counter).update(secret).update(info).digest());
      }
      return Buffer.concat(pieces).subarray(0, octets);
    },
  };
}

/** XML Encryption 1.1 section 5.4.1: empty is no bits at all, else the first octet counts the padding bits; we take 0 only. */
function wholeOctets(bits: string | undefined): Buffer | undefined {
  if (bits === undefined || bits === "") return Buffer.alloc(0);
  return /^00(?:[0-9A-Fa-f]{2})*$/.test(bits) ? Buffer.from(bits.slice(2), "hex") : undefined;
}

const prfs: Readonly<Record<string, HashName>> = Object.freeze({
  [signatureUri.hmacSha256]: "sha256",
  [signatureUri.hmacSha384]: "sha384",
  [signatureUri.hmacSha512]: "sha512",
});

/** HKDF (RFC 5869), extract and expand, with an HMAC named by its signature URI. Absent salt and info are empty. */
function hkdf(parameters: KeyDerivationParameters & { kind: "hkdf" }): KeyDerivation | undefined {
  const { prf = signatureUri.hmacSha256, salt = new Uint8Array(), info = new Uint8Array(), keyLength } = parameters;
  const hash = Object.hasOwn(prfs, prf) ? prfs[prf] : undefined;
  if (hash === undefined || salt.length > maxDerivationOctets || info.length > maxInfoOctets) return undefined;
  return {
    uri: keyDerivationUri.hkdf,
    digest: digestUri[hash],
    keyLength,
    derive: (secret, octets) => Buffer.from(hkdfSync(hash, secret, salt, info, octets)),
  };
}
