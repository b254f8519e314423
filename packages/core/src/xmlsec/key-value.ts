import type { XmlDocument } from "../xml/index.js";
import { base64Content } from "./base64-content.js";
import { attributeNames, dsig11Names, dsNames } from "./names.js";
import { refuse } from "../errors/index.js";
import { refuseShape } from "./refusals.js";

/** A bare public key in a KeyInfo. A hint only, unless a verified assertion holds it as its subject's key. */
export type KeyValueSyntax =
  | { readonly kind: "rsa"; readonly modulus: Buffer; readonly exponent: Buffer }
  /** `curve` is the URN of the named curve, `point` the uncompressed point. */
  | { readonly kind: "ec"; readonly curve: string; readonly point: Buffer }
  /** SubjectPublicKeyInfo. */
  | { readonly kind: "der"; readonly spki: Buffer };

const rule = "XML Signature 1.1 section 4.5.2";

/**
 * Reads ds:KeyValue or dsig11:DEREncodedKeyValue.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for other kinds of key (DSA, explicit curve parameters).
 */
export function parseKeyValue(doc: XmlDocument, element: number): KeyValueSyntax {
  if (doc.name(element) === dsig11Names.derEncodedKeyValue) {
    return { kind: "der", spki: base64Content(doc, element, 1, maxSpkiOctets) };
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
    return {
      kind: "rsa",
      modulus: base64Content(doc, first, 1, maxModulusOctets),
      exponent: base64Content(doc, second, 1, maxExponentOctets),
    };
  }
  if (doc.name(value) === dsig11Names.ecKeyValue && pair && doc.name(first) === dsig11Names.namedCurve) {
    const curve = doc.attribute(first, attributeNames.uri);
    if (curve === undefined || doc.name(second) !== dsig11Names.publicKey) {
      refuseShape(doc, value, "ECKeyValue holds one NamedCurve with URI, then one PublicKey", rule);
    }
    return { kind: "ec", curve, point: base64Content(doc, second, 1, maxPointOctets) };
  }
  return refuse("ERR_WSS_UNSUPPORTED_TOKEN", `${doc.qualifiedName(value)} is no kind of key that is supported`, {
    place: () => doc.place(value),
    rule,
  });
}

/** RSA with 8,192 bits and a leading zero octet. */
const maxModulusOctets = 1025;
const maxExponentOctets = 8;
/** P-521, uncompressed. */
const maxPointOctets = 133;
const maxSpkiOctets = 2048;
