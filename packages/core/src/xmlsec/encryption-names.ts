import { registerName } from "../xml/index.js";
import { xenc11Namespace, xencNamespace } from "./names.js";

/** Algorithms of 2021: X25519 and HKDF with its parameters, in the successor of RFC 9231. */
export const xmldsigMore2021Namespace = "http://www.w3.org/2021/04/xmldsig-more#";

/** Type of an EncryptedData that stands for one element: https://www.w3.org/TR/xmlenc-core1/#sec-EncryptedType */
export const encryptedElementType = "http://www.w3.org/2001/04/xmlenc#Element";
/** Type of an EncryptedData that stands for the content of its parent: https://www.w3.org/TR/xmlenc-core1/#sec-EncryptedType */
export const encryptedContentType = "http://www.w3.org/2001/04/xmlenc#Content";

const xenc = (localName: string) => registerName(xencNamespace, localName);
const xenc11 = (localName: string) => registerName(xenc11Namespace, localName);
const more = (localName: string) => registerName(xmldsigMore2021Namespace, localName);
const plain = (localName: string) => registerName("", localName);

/** Elements of XML Encryption: https://www.w3.org/TR/xmlenc-core1/#sec-Encryption-Syntax */
export const xencNames = Object.freeze({
  encryptedData: xenc("EncryptedData"),
  encryptedKey: xenc("EncryptedKey"),
  encryptionMethod: xenc("EncryptionMethod"),
  keySize: xenc("KeySize"),
  oaepParams: xenc("OAEPparams"),
  cipherData: xenc("CipherData"),
  cipherValue: xenc("CipherValue"),
  cipherReference: xenc("CipherReference"),
  encryptionProperties: xenc("EncryptionProperties"),
  referenceList: xenc("ReferenceList"),
  dataReference: xenc("DataReference"),
  keyReference: xenc("KeyReference"),
  carriedKeyName: xenc("CarriedKeyName"),
  agreementMethod: xenc("AgreementMethod"),
  kaNonce: xenc("KA-Nonce"),
  originatorKeyInfo: xenc("OriginatorKeyInfo"),
  recipientKeyInfo: xenc("RecipientKeyInfo"),
});

/** Elements of XML Encryption 1.1: https://www.w3.org/TR/xmlenc-core1/#sec-DerivedKey */
export const xenc11Names = Object.freeze({
  mgf: xenc11("MGF"),
  keyDerivationMethod: xenc11("KeyDerivationMethod"),
  concatKdfParams: xenc11("ConcatKDFParams"),
  prf: xenc11("PRF"),
});

/** Elements of HKDF's parameters. */
export const hkdfNames = Object.freeze({
  hkdfParams: more("HKDFParams"),
  prf: more("PRF"),
  salt: more("Salt"),
  info: more("Info"),
  keyLength: more("KeyLength"),
});

/** Attributes of encrypted types and of ConcatKDFParams. */
export const encryptionAttributes = Object.freeze({
  mimeType: plain("MimeType"),
  encoding: plain("Encoding"),
  recipient: plain("Recipient"),
  algorithmId: plain("AlgorithmID"),
  partyUInfo: plain("PartyUInfo"),
  partyVInfo: plain("PartyVInfo"),
  suppPubInfo: plain("SuppPubInfo"),
  suppPrivInfo: plain("SuppPrivInfo"),
});
