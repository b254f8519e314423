import { createCipheriv, createHash, diffieHellman, generateKeyPairSync, randomBytes } from "node:crypto";
import { x509 } from "@countersign/core";
import { credentials } from "../../support/credentials.js";
import {
  decryptionKey,
  encryptedData,
  encryptedKey,
  encryptionUri,
  recipientByThumbprint,
  sealed,
  sealGcm,
  sealKey,
} from "../../support/encryption.js";
import { type SoapMessage, x509Message } from "../../support/messages.js";
import { namespaces } from "../../support/namespaces.js";
import { part, rebuilt } from "./edit.js";
import { Route } from "./route.js";
import { trust } from "./sealed.js";
import type { Sent } from "./sent.js";

/*
 * Messages of which something else than the Body is encrypted, or in another way than by RSA.
 */

const { signer, service, elliptic } = credentials();

/** A message as it stands. */
export const sent = (message: SoapMessage): Sent => ({ soap: message.soap, body: message.bytes });

/** A route that demands an encrypted signature. */
export const headerRoute = new Route({ trust, accept: [x509({ encrypted: ["signature"] })] });

/** A message whose signature is encrypted in the Security header. */
export function sealedSignature(
  message: SoapMessage,
  plaintext = (text: string) => text,
  type: string = encryptionUri.element,
): SoapMessage {
  const key = randomBytes(32);
  const parts = {
    ...message.parts,
    signature: encryptedData("ED-S", sealGcm(key, plaintext(part(message, "signature"))), { type }),
    key: encryptedKey(service, sealKey(service, key), ["ED-S"]),
  };
  const security = ["key", ...message.security];
  const { body } = rebuilt(message, { parts, security });
  return { ...message, parts, security, bytes: Buffer.from(body) };
}

/** The same of the usual signer, with something else encrypted. */
export const sealedHeader = (plaintext?: (text: string) => string, type?: string) =>
  sealedSignature(x509Message({ signer }), plaintext, type);

const note = { namespace: namespaces.o ?? "", name: "Note" };
/** A route that demands an encrypted header block. */
export const sealedHeaderRoute = new Route({ trust, accept: [x509({ encrypted: [note] })] });

/** A message with an encrypted header block. */
export function encryptedHeader(): SoapMessage {
  const message = x509Message({
    signer,
    headers: { note: { name: "o:Note", attributes: {}, declare: [], children: ["urgent"] } },
  });
  const key = randomBytes(32);
  const parts = {
    ...message.parts,
    note:
      `<wsse11:EncryptedHeader xmlns:wsse11="${namespaces.wsse11}">` +
      `${encryptedData("ED-H", sealGcm(key, part(message, "note")), { type: encryptionUri.element })}` +
      "</wsse11:EncryptedHeader>",
    key: encryptedKey(service, sealKey(service, key), ["ED-H"]),
  };
  const security = ["key", ...message.security];
  const { body } = rebuilt(message, { parts, security });
  return { ...message, parts, security, bytes: Buffer.from(body) };
}

/** A route whose key is for key agreement. */
export const agreementRoute = new Route({
  trust: { ...trust, decryption: [decryptionKey(elliptic)] },
  accept: [x509({ encrypted: ["body"] })],
});

/** A message whose content key is wrapped under a key agreed upon by ECDH-ES with ConcatKDF. */
export function agreed({
  point = (spki: Buffer) => spki,
  digest = encryptionUri.sha256 as string,
  wrapped = (octets: Buffer) => octets,
} = {}): SoapMessage {
  const ephemeral = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: elliptic.publicKey });
  const wrapping = createHash("sha256")
    .update(Buffer.from([0, 0, 0, 1]))
    .update(secret)
    .digest();
  const spki = point(ephemeral.publicKey.export({ type: "spki", format: "der" }));
  const agreement =
    '<xenc:AgreementMethod Algorithm="http://www.w3.org/2009/xmlenc11#ECDH-ES">' +
    '<xenc11:KeyDerivationMethod xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" ' +
    'Algorithm="http://www.w3.org/2009/xmlenc11#ConcatKDF"><xenc11:ConcatKDFParams AlgorithmID="" PartyUInfo="" ' +
    `PartyVInfo=""><ds:DigestMethod Algorithm="${digest}"/></xenc11:ConcatKDFParams></xenc11:KeyDerivationMethod>` +
    '<xenc:OriginatorKeyInfo><dsig11:DEREncodedKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">' +
    `${spki.toString("base64")}</dsig11:DEREncodedKeyValue></xenc:OriginatorKeyInfo>` +
    `<xenc:RecipientKeyInfo>${recipientByThumbprint(elliptic)}</xenc:RecipientKeyInfo></xenc:AgreementMethod>`;
  return sealed(x509Message({ signer }), {
    recipient: elliptic,
    wrapped(recipient, key, references) {
      const wrap = createCipheriv("id-aes256-wrap", wrapping, Buffer.alloc(8, 0xa6));
      return encryptedKey(recipient, wrapped(Buffer.concat([wrap.update(key), wrap.final()])), references, {
        method: '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#kw-aes256"/>',
        keyInfo: agreement,
      });
    },
  });
}
