import { constants, createCipheriv, createHash, publicEncrypt, randomBytes } from "node:crypto";
import type { Signer } from "./credentials.js";
import { assemble, type SoapMessage } from "./messages.js";
import { namespaces, profile } from "./namespaces.js";

/*
 * XML Encryption made without the product, with node:crypto alone: what it must decrypt, and what attacks on decryption
 * start from.
 */

const xenc = "http://www.w3.org/2001/04/xmlenc#";
const xenc11 = "http://www.w3.org/2009/xmlenc11#";

/** URIs of the algorithms that these messages use. */
export const encryptionUri = {
  aes128Gcm: `${xenc11}aes128-gcm`,
  aes256Gcm: `${xenc11}aes256-gcm`,
  aes256Cbc: `${xenc}aes256-cbc`,
  rsaOaep: `${xenc11}rsa-oaep`,
  rsaOaepMgf1p: `${xenc}rsa-oaep-mgf1p`,
  rsa15: `${xenc}rsa-1_5`,
  mgf1Sha1: `${xenc11}mgf1sha1`,
  mgf1Sha256: `${xenc11}mgf1sha256`,
  sha256: `${xenc}sha256`,
  element: `${xenc}Element`,
  content: `${xenc}Content`,
} as const;

/** The CipherValue octets of AES-GCM: nonce, cipher text, tag. */
export function sealGcm(
  key: Uint8Array,
  plaintext: string | Uint8Array,
  { nonce = randomBytes(12), tag = 16 }: { readonly nonce?: Uint8Array; readonly tag?: number } = {},
): Buffer {
  const cipher = createCipheriv(key.length === 16 ? "aes-128-gcm" : "aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, text, cipher.getAuthTag().subarray(0, tag)]);
}

/** The CipherValue octets of AES-256-CBC: vector and whole blocks. */
export function sealCbc(key: Uint8Array, plaintext: string | Uint8Array, padding?: Uint8Array): Buffer {
  const octets = Buffer.from(plaintext);
  const missing = 16 - (octets.length % 16);
  const vector = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key, vector).setAutoPadding(false);
  const padded = Buffer.concat([octets, padding ?? Buffer.alloc(missing, missing)]);
  return Buffer.concat([vector, cipher.update(padded), cipher.final()]);
}

/** The CipherValue octets of a key under RSAES-OAEP with SHA-256 for digest and mask. */
export function sealKey(recipient: Signer, key: Uint8Array): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key: recipient.publicKey, padding, oaepHash: "sha256" }, key);
}

/** An xenc:EncryptedData. */
export function encryptedData(
  id: string,
  cipherValue: Uint8Array,
  {
    type = encryptionUri.content,
    algorithm = encryptionUri.aes256Gcm,
    key,
    attributes = "",
  }: {
    readonly type?: string;
    readonly algorithm?: string;
    /** Id of the EncryptedKey that it refers to. */
    readonly key?: string;
    readonly attributes?: string;
  } = {},
): string {
  const reference =
    key === undefined
      ? ""
      : `<ds:KeyInfo xmlns:ds="${namespaces.ds}"><wsse:SecurityTokenReference xmlns:wsse="${namespaces.wsse}">` +
        `<wsse:Reference URI="#${key}"></wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo>`;
  return (
    `<xenc:EncryptedData xmlns:xenc="${xenc}" Id="${id}"${attributes} Type="${type}">` +
    `<xenc:EncryptionMethod Algorithm="${algorithm}"></xenc:EncryptionMethod>${reference}` +
    `<xenc:CipherData><xenc:CipherValue>${Buffer.from(cipherValue).toString("base64")}</xenc:CipherValue>` +
    "</xenc:CipherData></xenc:EncryptedData>"
  );
}

const oaepMethod =
  `<xenc:EncryptionMethod Algorithm="${encryptionUri.rsaOaep}"><ds:DigestMethod Algorithm="${encryptionUri.sha256}">` +
  `</ds:DigestMethod><xenc11:MGF xmlns:xenc11="${xenc11}" Algorithm="${encryptionUri.mgf1Sha256}"></xenc11:MGF>` +
  "</xenc:EncryptionMethod>";

/** An xenc:ReferenceList. */
export const referenceList = (ids: readonly string[]): string =>
  `<xenc:ReferenceList xmlns:xenc="${xenc}">${ids
    .map((id) => `<xenc:DataReference URI="#${id}"></xenc:DataReference>`)
    .join("")}</xenc:ReferenceList>`;

/** An xenc:EncryptedKey for a certificate, named by its thumbprint. */
export function encryptedKey(
  recipient: Signer,
  cipherValue: Uint8Array,
  references: readonly string[],
  {
    id = "EK-1",
    method = oaepMethod,
    attributes = "",
    keyInfo = recipientByThumbprint(recipient),
  }: {
    readonly id?: string;
    readonly method?: string;
    readonly attributes?: string;
    readonly keyInfo?: string;
  } = {},
): string {
  return (
    `<xenc:EncryptedKey xmlns:xenc="${xenc}" xmlns:ds="${namespaces.ds}" Id="${id}"${attributes}>${method}` +
    `<ds:KeyInfo>${keyInfo}</ds:KeyInfo>` +
    `<xenc:CipherData><xenc:CipherValue>${Buffer.from(cipherValue).toString("base64")}</xenc:CipherValue>` +
    `</xenc:CipherData>${references.length === 0 ? "" : referenceList(references)}</xenc:EncryptedKey>`
  );
}

/** The SecurityTokenReference that names a certificate by the SHA-1 of its DER. */
export const recipientByThumbprint = ({ certificate }: Signer): string =>
  `<wsse:SecurityTokenReference xmlns:wsse="${namespaces.wsse}"><wsse:KeyIdentifier ` +
  `EncodingType="${profile.base64Binary}" ValueType="${profile.thumbprintSha1}">` +
  `${createHash("sha1").update(certificate).digest("base64")}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`;

/** A private key of the service and its certificate, as `trust.decryption` takes them. */
export const decryptionKey = ({ privateKey, certificate }: Signer) => ({ key: privateKey, certificate });

/** How a message is sealed. */
export interface Sealing {
  readonly recipient: Signer;
  /** Default 32 random octets. */
  readonly key?: Buffer;
  /** The CipherValue of the plaintext. Default AES-256-GCM. */
  readonly seal?: (key: Buffer, plaintext: string) => Uint8Array;
  /** URI of the content cipher. Default AES-256-GCM. */
  readonly algorithm?: string;
  readonly type?: string;
  /** What is encrypted instead of the Body's content. */
  readonly plaintext?: (content: string) => string;
  /** The EncryptedKey. Default: OAEP with SHA-256. */
  readonly wrapped?: (recipient: Signer, key: Buffer, references: readonly string[]) => string;
}

/** A genuine signed message whose Body was encrypted afterwards: the EncryptedKey is part `key`, the first of the header. */
export function sealed(message: SoapMessage, sealing: Sealing): SoapMessage {
  const { recipient, key = randomBytes(32), seal = sealGcm, algorithm, type, wrapped = wrap } = sealing;
  const body = message.parts.body ?? "";
  const from = body.indexOf(">") + 1;
  const to = body.lastIndexOf("</");
  const content = body.slice(from, to);
  const data = encryptedData("ED-1", seal(key, sealing.plaintext?.(content) ?? content), {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(type === undefined ? {} : { type }),
  });
  const parts = {
    ...message.parts,
    body: body.slice(0, from) + data + body.slice(to),
    key: wrapped(recipient, key, ["ED-1"]),
  };
  return withText({ ...message, parts, security: ["key", ...message.security] });
}

/**
 * A genuine message whose Body was encrypted first and signed as cipher text: the EncryptedKey is part `key`, the last of the
 * header. Its record says what the Body is in the end.
 * @param signed Signs a message with this Body content.
 */
export function sealedFirst(
  signed: (payload: string) => SoapMessage,
  payload: string,
  { recipient, key = randomBytes(32), seal = sealGcm, algorithm, type, plaintext, wrapped = wrap }: Sealing,
): SoapMessage {
  const data = encryptedData("ED-1", seal(key, plaintext?.(payload) ?? payload), {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(type === undefined ? {} : { type }),
  });
  const message = signed(data);
  const signatures = message.signatures.map((signature) => ({
    ...signature,
    references: signature.references.map((reference) =>
      reference.part === "body"
        ? { ...reference, octets: Buffer.from(reference.octets.toString().replace(data, () => payload)) }
        : reference,
    ),
  }));
  const parts = { ...message.parts, key: wrapped(recipient, key, ["ED-1"]) };
  return withText({ ...message, signatures, parts, security: [...message.security, "key"] });
}

function withText(message: SoapMessage): SoapMessage {
  const text = assemble(message);
  return { ...message, text, bytes: Buffer.from(text, "utf8") };
}

/** A key for a recipient, in an EncryptedKey. */
export const wrap = (recipient: Signer, key: Buffer, references: readonly string[]): string =>
  encryptedKey(recipient, sealKey(recipient, key), references);
