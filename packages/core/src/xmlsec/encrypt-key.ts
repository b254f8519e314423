import {
  digestUri,
  encodeBase64,
  type KeyObject,
  keyTransport,
  keyTransportUri,
  keyWrap,
  keyWrapUri,
  maskUri,
  type OaepParameters,
} from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { element, escapeText } from "../xml/index.js";
import { type AgreementRecipient, agreeWith } from "./agreement-writer.js";
import { requireId, writeCipherData, writeReferenceList } from "./encrypt-data.js";
import { dsNamespace, xenc11Namespace, xencNamespace } from "./names.js";

/** For whom a key is encrypted. */
export type KeyRecipient =
  /** The holder of an RSA key, by RSAES-OAEP. */
  | {
      readonly publicKey: KeyObject;
      /** Default `xenc11#rsa-oaep` with SHA-256 for digest and mask. */
      readonly transport?: ({ readonly uri: string } & OaepParameters) | undefined;
    }
  | AgreementRecipient
  /** Whoever shares this key of 16, 24 or 32 octets, by key wrap of its length. */
  | { readonly sharedKey: Uint8Array };

/** How an EncryptedKey is made. */
export interface KeyToEncrypt {
  /** The key to be sent. */
  readonly key: Uint8Array;
  readonly recipient: KeyRecipient;
  /** A complete ds:KeyInfo that names the recipient's key, see {@link recipientReference}; key agreement writes its own. Default: none. */
  readonly keyInfo?: string | undefined;
  readonly id?: string | undefined;
  /** Ids of the EncryptedData that are encrypted under the key. Default: no ReferenceList. */
  readonly references?: readonly string[] | undefined;
  readonly carriedKeyName?: string | undefined;
}

/** An EncryptedKey as text. */
export interface BuiltEncryptedKey {
  /** The xenc:EncryptedKey element: it declares every prefix that it uses. */
  readonly xml: string;
  /** Octets of its CipherValue, whose SHA-1 is the EncryptedKeySHA1 identifier. */
  readonly cipherValue: Buffer;
}

/**
 * Writes an xenc:EncryptedKey, canonical and ready to be put into a message as it stands. It has none of the attributes that
 * BSP R3209, R5602, R5622 and R5623 forbid.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for unknown algorithms and keys that do not fit, ERR_WSS_INVALID_TOKEN for weak keys,
 * ERR_INTERNAL for an Id that is no NCName, or a length that the algorithm does not take: mistakes of the caller.
 */
export function writeEncryptedKey(build: KeyToEncrypt): BuiltEncryptedKey {
  const { id, references = [], carriedKeyName } = build;
  const { method, keyInfo, cipherValue } = encryptFor(build);
  const xml = element(
    "xenc:EncryptedKey",
    { "xmlns:xenc": xencNamespace, ...(id === undefined ? {} : { Id: requireId(id) }) },
    method,
    keyInfo,
    writeCipherData(cipherValue),
    references.length === 0 ? "" : writeReferenceList(references, {}),
    carriedKeyName === undefined ? "" : element("xenc:CarriedKeyName", {}, escapeText(carriedKeyName)),
  );
  return { xml, cipherValue };
}

function encryptFor({ key, recipient, keyInfo = "" }: KeyToEncrypt) {
  if ("publicKey" in recipient) {
    const { uri, ...parameters } = recipient.transport ?? defaultTransport;
    const transport =
      keyTransport(uri, parameters) ??
      refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the key transport ${uri} is not known with these parameters`);
    const method = writeTransportMethod(uri, parameters);
    return { method, keyInfo, cipherValue: transport.encrypt(recipient.publicKey, key) };
  }
  if ("sharedKey" in recipient) {
    const wrap = knownWrap(wrapByLength[recipient.sharedKey.length] ?? "");
    return { method: writeMethod(wrap.uri), keyInfo, cipherValue: wrap.wrap(recipient.sharedKey, key) };
  }
  const wrap = knownWrap(recipient.wrap ?? keyWrapUri.aes256);
  const agreed = agreeWith(recipient, wrap.keyOctets);
  return { method: writeMethod(wrap.uri), keyInfo: agreed.keyInfo, cipherValue: wrap.wrap(agreed.key, key) };
}

const defaultTransport: { readonly uri: string } & OaepParameters = {
  uri: keyTransportUri.rsaOaep,
  digest: digestUri.sha256,
  mask: maskUri.mgf1Sha256,
};

const wrapByLength: Readonly<Record<number, string>> = {
  16: keyWrapUri.aes128,
  24: keyWrapUri.aes192,
  32: keyWrapUri.aes256,
};

function knownWrap(uri: string) {
  return keyWrap(uri) ?? refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the key wrap "${uri}" is not known`);
}

/** In the order of the schema: OAEPparams, then DigestMethod and MGF. What has its default is written all the same, but for none. */
function writeTransportMethod(uri: string, { digest, mask, label }: OaepParameters): string {
  return element(
    "xenc:EncryptionMethod",
    { Algorithm: uri },
    label === undefined ? "" : element("xenc:OAEPparams", {}, encodeBase64(label)),
    digest === undefined ? "" : element("ds:DigestMethod", { "xmlns:ds": dsNamespace, Algorithm: digest }),
    mask === undefined ? "" : element("xenc11:MGF", { "xmlns:xenc11": xenc11Namespace, Algorithm: mask }),
  );
}

function writeMethod(uri: string): string {
  return element("xenc:EncryptionMethod", { Algorithm: uri });
}
