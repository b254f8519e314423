import { BitString, Integer, ObjectIdentifier, Sequence } from "asn1js";
import { agreementPublicKey, type KeyObject, loadPublicKey } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { base64Content, plainText } from "./base64-content.js";
import { attributeNames, dsig11Names, dsNames } from "./names.js";
import { refuseShape } from "./refusals.js";

/** A bare public key in a KeyInfo. A hint only, unless a verified assertion holds it as its subject's key. */
export class KeyValueSyntax {
  readonly element: number;
  readonly #doc: XmlDocument;
  readonly #der: Buffer;
  #key: KeyObject | undefined;
  #agreementKey: KeyObject | undefined;

  /** @param der SubjectPublicKeyInfo, or RSAPublicKey of PKCS #1. */
  constructor(doc: XmlDocument, element: number, der: Buffer) {
    this.element = element;
    this.#doc = doc;
    this.#der = der;
  }

  /**
   * The key, made when first asked for.
   * @throws ERR_WSS_INVALID_TOKEN where the octets are no key, or one too weak or too large to be used.
   */
  get key(): KeyObject {
    this.#key ??= this.#load();
    return this.#key;
  }

  /** The key for key agreement, X25519 included; undefined where it is none, such as a point that is not on its curve. */
  get agreementKey(): KeyObject | undefined {
    this.#agreementKey ??= agreementPublicKey(this.#der);
    return this.#agreementKey;
  }

  #load(): KeyObject {
    try {
      return loadPublicKey(this.#der, "ds:KeyValue");
    } catch (cause) {
      if (!(cause instanceof ConfigurationError)) throw cause;
      return refuse("ERR_WSS_INVALID_TOKEN", "the key value is no public key that can be used", {
        place: () => this.#doc.place(this.element),
        rule,
        cause,
      });
    }
  }
}

const rule = "XML Signature 1.1 section 4.5.2";

/**
 * Reads ds:KeyValue or dsig11:DEREncodedKeyValue.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure.
 * @throws ERR_WSS_INVALID_TOKEN for a number larger than in any key that is taken.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for other kinds of key (DSA, explicit curve parameters).
 */
export function parseKeyValue(doc: XmlDocument, element: number): KeyValueSyntax {
  if (doc.name(element) === dsig11Names.derEncodedKeyValue) {
    return new KeyValueSyntax(doc, element, keyOctets(doc, element, maxSpkiOctets));
  }
  const value = doc.firstChild(element);
  if (value < 0 || doc.nextSibling(value) >= 0) refuseShape(doc, element, "ds:KeyValue holds exactly one key", rule);
  const first = doc.firstChild(value);
  const second = first < 0 ? -1 : doc.nextSibling(first);
  const pair = second >= 0 && doc.nextSibling(second) < 0;
  if (doc.name(value) === dsNames.rsaKeyValue) {
    if (!pair || doc.name(first) !== dsNames.modulus || doc.name(second) !== dsNames.exponent) {
      refuseShape(doc, value, "RSAKeyValue holds one Modulus, then one Exponent", rule);
    }
    const modulus = keyOctets(doc, first, maxModulusOctets);
    const exponent = keyOctets(doc, second, maxExponentOctets);
    return new KeyValueSyntax(doc, element, rsaPublicKey(modulus, exponent));
  }
  if (doc.name(value) === dsig11Names.ecKeyValue && pair && doc.name(first) === dsig11Names.namedCurve) {
    const curve = doc.attribute(first, attributeNames.uri);
    if (curve === undefined || doc.name(second) !== dsig11Names.publicKey) {
      refuseShape(doc, value, "ECKeyValue holds one NamedCurve with URI, then one PublicKey", rule);
    }
    if (!curve.startsWith(oidUrn) || !/^[0-9]+(?:\.[0-9]+){1,15}$/.test(curve.slice(oidUrn.length))) {
      refuseShape(doc, first, "the URI of NamedCurve is no object identifier", "XML Signature 1.1 section 4.5.2.3.1");
    }
    return new KeyValueSyntax(
      doc,
      element,
      ecPublicKeyInfo(curve.slice(oidUrn.length), keyOctets(doc, second, maxPointOctets)),
    );
  }
  return refuse("ERR_WSS_UNSUPPORTED_TOKEN", `${doc.qualifiedName(value)} is no kind of key that is supported`, {
    place: () => doc.place(value),
    rule,
  });
}

/**
 * The octets of a number in a key. More of them than any key has that is taken here are a fault of the key, and are not even
 * decoded.
 */
function keyOctets(doc: XmlDocument, element: number, most: number): Buffer {
  const digits = plainText(doc, element).replace(/[ \t\r\n]+|=+/g, "").length;
  if (digits > Math.ceil((most * 4) / 3)) {
    refuse("ERR_WSS_INVALID_TOKEN", `${doc.qualifiedName(element)} has more than ${most} octets`, {
      place: () => doc.place(element),
      rule: "limits",
      remedy: "Use a key of a common size.",
    });
  }
  return base64Content(doc, element, 1, most);
}

const oidUrn = "urn:oid:";

/** RFC 8017 appendix A.1.1. */
function rsaPublicKey(modulus: Buffer, exponent: Buffer): Buffer {
  return Buffer.from(new Sequence({ value: [unsigned(modulus), unsigned(exponent)] }).toBER());
}

/** RFC 5480 section 2: the curve is named, never spelled out. */
function ecPublicKeyInfo(curve: string, point: Buffer): Buffer {
  const algorithm = new Sequence({
    value: [new ObjectIdentifier({ value: "1.2.840.10045.2.1" }), new ObjectIdentifier({ value: curve })],
  });
  return Buffer.from(new Sequence({ value: [algorithm, new BitString({ valueHex: point })] }).toBER());
}

/** A whole number from big-endian octets, whatever their first bit. */
function unsigned(octets: Buffer): Integer {
  return Integer.fromBigInt(BigInt(`0x${octets.toString("hex")}`));
}

/** RSA with 8,192 bits and a leading zero octet. */
const maxModulusOctets = 1025;
const maxExponentOctets = 8;
/** P-521, uncompressed. */
const maxPointOctets = 133;
const maxSpkiOctets = 2048;
