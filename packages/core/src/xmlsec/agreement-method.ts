import { type KeyDerivationParameters, maxDerivationOctets } from "../crypto/index.js";
import type { XmlDocument } from "../xml/index.js";
import { base64Content, plainText } from "./base64-content.js";
import { requiredAlgorithm } from "./canonical-method.js";
import { emptyAlgorithm, wholeNumber } from "./encryption-method.js";
import { encryptionAttributes, hkdfNames, xenc11Names, xencNames } from "./encryption-names.js";
import { type KeyInfoSyntax, parseKeyInfo } from "./key-info.js";
import type { KeyValueSyntax } from "./key-value.js";
import { dsNames } from "./names.js";
import { refuseAlgorithm, refuseShape } from "./refusals.js";

/** An xenc:AgreementMethod as read: how a key is made from our private key and the originator's public one. */
export interface AgreementMethodSyntax {
  readonly element: number;
  /** URI of the agreement. */
  readonly uri: string;
  /** The xenc11:KeyDerivationMethod. */
  readonly derivation: {
    readonly element: number;
    readonly uri: string;
    readonly parameters: KeyDerivationParameters;
  };
  /** The originator's ephemeral key. Nobody vouches for it, and it proves nothing about the sender. */
  readonly originator: KeyValueSyntax;
  /** Hints for finding the recipient's key among our own; undefined where RecipientKeyInfo is absent. */
  readonly recipient: KeyInfoSyntax | undefined;
}

const rule = "XML Encryption 1.1 section 5.6.1";

/**
 * Reads an xenc:AgreementMethod: KeyDerivationMethod, OriginatorKeyInfo with a bare key, then RecipientKeyInfo or nothing.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for the derivation of XML Encryption 1.0 (KA-Nonce, DigestMethod) and unknown
 * parameters.
 */
export function parseAgreementMethod(doc: XmlDocument, element: number): AgreementMethodSyntax {
  const derivation = doc.firstChild(element);
  if (derivation < 0 || doc.name(derivation) !== xenc11Names.keyDerivationMethod) {
    refuseAlgorithm(doc, element, "key agreement without xenc11:KeyDerivationMethod", rule);
  }
  const originator = doc.nextSibling(derivation);
  if (originator < 0 || doc.name(originator) !== xencNames.originatorKeyInfo) {
    refuseShape(doc, element, "xenc:OriginatorKeyInfo is expected behind xenc11:KeyDerivationMethod", rule);
  }
  const { keyValue, tokenReference, x509Data, keyNames } = parseKeyInfo(doc, originator);
  if (keyValue === undefined || tokenReference !== undefined || x509Data.length > 0 || keyNames.length > 0) {
    refuseShape(doc, originator, "the originator's key is given as a bare key and nothing else", rule);
  }
  const recipient = doc.nextSibling(originator);
  if (recipient >= 0 && (doc.name(recipient) !== xencNames.recipientKeyInfo || doc.nextSibling(recipient) >= 0)) {
    refuseShape(doc, recipient, "nothing but xenc:RecipientKeyInfo may follow xenc:OriginatorKeyInfo", rule);
  }
  return {
    element,
    uri: requiredAlgorithm(doc, element),
    derivation: {
      element: derivation,
      uri: requiredAlgorithm(doc, derivation),
      parameters: parseDerivation(doc, derivation),
    },
    originator: keyValue,
    recipient: recipient < 0 ? undefined : parseKeyInfo(doc, recipient),
  };
}

function parseDerivation(doc: XmlDocument, element: number): KeyDerivationParameters {
  const parameters = doc.firstChild(element);
  const name = parameters < 0 || doc.nextSibling(parameters) >= 0 ? -1 : doc.name(parameters);
  if (name === xenc11Names.concatKdfParams) return parseConcat(doc, parameters);
  if (name === hkdfNames.hkdfParams) return parseHkdf(doc, parameters);
  return refuseAlgorithm(doc, element, "the key derivation has no parameters that we know", rule);
}

function parseConcat(doc: XmlDocument, element: number): KeyDerivationParameters {
  const digest = doc.firstChild(element);
  if (digest < 0 || doc.name(digest) !== dsNames.digestMethod || doc.nextSibling(digest) >= 0) {
    refuseShape(doc, element, "xenc11:ConcatKDFParams holds one ds:DigestMethod", "XML Encryption 1.1 section 5.4.1");
  }
  const { algorithmId, partyUInfo, partyVInfo, suppPubInfo, suppPrivInfo } = encryptionAttributes;
  return {
    kind: "concat",
    digest: emptyAlgorithm(doc, digest),
    algorithmId: doc.attribute(element, algorithmId),
    partyUInfo: doc.attribute(element, partyUInfo),
    partyVInfo: doc.attribute(element, partyVInfo),
    suppPubInfo: doc.attribute(element, suppPubInfo),
    suppPrivInfo: doc.attribute(element, suppPrivInfo),
  };
}

const hkdfRule = "HKDF of the XML security algorithm identifiers";

/** PRF, Salt, Info and KeyLength at most once each. Santuario reads PRF in another namespace than it writes: both are taken. */
function parseHkdf(doc: XmlDocument, element: number): KeyDerivationParameters {
  const found = new Map<number, number>();
  for (let child = doc.firstChild(element); child >= 0; child = doc.nextSibling(child)) {
    const name = doc.name(child) === xenc11Names.prf ? hkdfNames.prf : doc.name(child);
    if (!hkdfChildren.has(name)) {
      refuseAlgorithm(doc, child, `${doc.qualifiedName(child)} is no parameter of HKDF`, hkdfRule);
    }
    if (found.has(name)) refuseShape(doc, child, `${doc.qualifiedName(child)} stands twice`, hkdfRule);
    found.set(name, child);
  }
  const prf = found.get(hkdfNames.prf);
  const salt = found.get(hkdfNames.salt);
  const info = found.get(hkdfNames.info);
  const keyLength = found.get(hkdfNames.keyLength);
  return {
    kind: "hkdf",
    prf: prf === undefined ? undefined : emptyAlgorithm(doc, prf),
    salt: salt === undefined ? undefined : base64Content(doc, salt, 0, maxDerivationOctets),
    info: info === undefined ? undefined : hexadecimal(doc, info),
    keyLength: keyLength === undefined ? undefined : wholeNumber(doc, keyLength, hkdfRule),
  };
}

const hkdfChildren: ReadonlySet<number> = new Set([hkdfNames.prf, hkdfNames.salt, hkdfNames.info, hkdfNames.keyLength]);

/** Info is xs:hexBinary, unlike Salt. */
function hexadecimal(doc: XmlDocument, element: number): Buffer {
  const text = plainText(doc, element).trim();
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text) || text.length > 2 * maxDerivationOctets) {
    refuseShape(doc, element, "this is no hexadecimal text", hkdfRule);
  }
  return Buffer.from(text, "hex");
}
