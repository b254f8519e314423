import {
  type DigestAlgorithm,
  digestAlgorithm,
  type RsaPssParameters,
  type SignatureAlgorithm,
  signatureAlgorithm,
} from "../crypto/index.js";
import type { XmlDocument } from "../xml/index.js";
import { base64Content, plainText } from "./base64-content.js";
import { type CanonicalMethod, parseCanonicalizationMethod, requiredAlgorithm } from "./canonical-method.js";
import { type KeyInfoSyntax, parseKeyInfo } from "./key-info.js";
import { defaultSignatureLimits, maxDigestOctets, maxSignatureOctets, type SignatureLimits } from "./limits.js";
import { attributeNames, dsNames, manifestType, pssNames } from "./names.js";
import { refuseAlgorithm, refuseCheck, refuseShape } from "./refusals.js";
import { parseTransforms, type TransformsSyntax } from "./transforms.js";

/** One ds:Reference, read and not yet resolved. */
export interface ReferenceSyntax {
  readonly element: number;
  /** The URI attribute; undefined where it is absent, which no resolver here accepts. */
  readonly uri: string | undefined;
  readonly transforms: TransformsSyntax;
  readonly digestUri: string;
  /** What `digestUri` names; undefined where Countersign knows no such algorithm. */
  readonly digestAlgorithm: DigestAlgorithm | undefined;
  readonly digestValue: Buffer;
}

/** One ds:Signature, read and not yet verified: nothing in it is trusted. */
export interface SignatureSyntax {
  readonly element: number;
  readonly signedInfo: number;
  /** The canonical form of SignedInfo. */
  readonly canonical: CanonicalMethod;
  /** URI of the SignatureMethod. */
  readonly algorithmUri: string;
  /** What `algorithmUri` and its parameters name; undefined where Countersign knows no such algorithm. */
  readonly algorithm: SignatureAlgorithm | undefined;
  /** At least one, in message order. */
  readonly references: readonly ReferenceSyntax[];
  readonly value: Buffer;
  readonly keyInfo: KeyInfoSyntax | undefined;
  /** The one ds:Object of a signature that is a document by itself (enveloping); -1 where there is none. */
  readonly object: number;
}

/** How a signature is read. */
export interface SignatureSyntaxOptions {
  /** Lets the signature hold what it signs in one ds:Object, as a document of its own may. Default false. */
  readonly enveloping?: boolean | undefined;
}

const core = "XML Signature 1.1 section 4";

/**
 * Reads a ds:Signature: structure only, each child once and in the order of the schema, all limits applied. Nothing is
 * computed, fetched or trusted.
 * @param element A ds:Signature element.
 * @throws ERR_WSS_INVALID_SECURITY for every wrong structure, ds:Manifest included (BSP R5403).
 * @throws ERR_WSS_FAILED_CHECK for a ds:Object that could hold what was signed (BSP R3102), and for a DigestValue that no
 * digest of its algorithm can be.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for unknown transforms, unknown canonical forms and HMACOutputLength (BSP R5401).
 */
export function parseSignature(
  doc: XmlDocument,
  element: number,
  limits: SignatureLimits = defaultSignatureLimits,
  { enveloping = false }: SignatureSyntaxOptions = {},
): SignatureSyntax {
  if (doc.name(element) !== dsNames.signature) refuseShape(doc, element, "this is no ds:Signature", core);
  const signedInfo = expected(doc, element, doc.firstChild(element), dsNames.signedInfo, "ds:SignedInfo");
  const valueElement = expected(doc, element, doc.nextSibling(signedInfo), dsNames.signatureValue, "ds:SignatureValue");
  let next = doc.nextSibling(valueElement);
  let keyInfo: KeyInfoSyntax | undefined;
  if (next >= 0 && doc.name(next) === dsNames.keyInfo) {
    keyInfo = parseKeyInfo(doc, next);
    next = doc.nextSibling(next);
  }
  let object = -1;
  if (enveloping && next >= 0 && doc.name(next) === dsNames.object && doc.child(next, dsNames.manifest) === -1) {
    object = next;
    next = doc.nextSibling(next);
  }
  if (next >= 0) refuseTail(doc, next);

  const methodElement = expected(
    doc,
    signedInfo,
    doc.firstChild(signedInfo),
    dsNames.canonicalizationMethod,
    "ds:CanonicalizationMethod",
  );
  const canonical = parseCanonicalizationMethod(doc, methodElement, limits);
  const signatureMethod = expected(
    doc,
    signedInfo,
    doc.nextSibling(methodElement),
    dsNames.signatureMethod,
    "ds:SignatureMethod",
  );
  const algorithmUri = requiredAlgorithm(doc, signatureMethod);
  const algorithm = signatureAlgorithm(algorithmUri, parseMethodParameters(doc, signatureMethod));
  return {
    element,
    signedInfo,
    canonical,
    algorithmUri,
    algorithm,
    references: parseReferences(doc, signedInfo, doc.nextSibling(signatureMethod), limits),
    value: base64Content(doc, valueElement, 1, maxSignatureOctets),
    keyInfo,
    object,
  };
}

/** Refuses what follows KeyInfo. An Object takes what is signed out of its place: that fails the check, whatever its shape. */
function refuseTail(doc: XmlDocument, element: number): never {
  const found = `${doc.qualifiedName(element)} does not belong into a signature here`;
  if (doc.name(element) !== dsNames.object) refuseShape(doc, element, found, core);
  if (doc.child(element, dsNames.manifest) !== -1) refuseShape(doc, element, found, "BSP R5403");
  return refuseCheck(doc, element, found, "BSP R3102", "Leave what is signed where it is read");
}

/** The child that must stand at this position. */
function expected(doc: XmlDocument, parent: number, child: number, name: number, label: string): number {
  if (child >= 0 && doc.name(child) === name) return child;
  const found = child < 0 ? "nothing" : doc.qualifiedName(child);
  return refuseShape(
    doc,
    child < 0 ? parent : child,
    `${label} is expected in ${doc.qualifiedName(parent)}, found ${found}`,
    core,
  );
}

function parseReferences(
  doc: XmlDocument,
  signedInfo: number,
  first: number,
  limits: SignatureLimits,
): readonly ReferenceSyntax[] {
  const references: ReferenceSyntax[] = [];
  let next = expected(doc, signedInfo, first, dsNames.reference, "ds:Reference");
  while (next >= 0) {
    expected(doc, signedInfo, next, dsNames.reference, "ds:Reference");
    if (references.length === limits.maxReferences) {
      refuseShape(doc, signedInfo, `there are more than ${limits.maxReferences} References`);
    }
    references.push(parseReference(doc, next, limits));
    next = doc.nextSibling(next);
  }
  return references;
}

function parseReference(doc: XmlDocument, element: number, limits: SignatureLimits): ReferenceSyntax {
  if (doc.attribute(element, attributeNames.type) === manifestType) {
    refuseShape(doc, element, "a Reference to a ds:Manifest, whose References nobody would verify", "BSP R5403");
  }
  const first = doc.firstChild(element);
  const transforms = first >= 0 && doc.name(first) === dsNames.transforms ? first : -1;
  const afterTransforms = transforms < 0 ? first : doc.nextSibling(transforms);
  const method = expected(doc, element, afterTransforms, dsNames.digestMethod, "ds:DigestMethod");
  const value = expected(doc, element, doc.nextSibling(method), dsNames.digestValue, "ds:DigestValue");
  const last = doc.nextSibling(value);
  if (last >= 0) refuseShape(doc, last, `${doc.qualifiedName(last)} stands behind the DigestValue`, core);
  const digestUri = requiredAlgorithm(doc, method);
  if (doc.firstChild(method) >= 0) refuseAlgorithm(doc, method, `${digestUri} takes no parameters`);
  const algorithm = digestAlgorithm(digestUri);
  return {
    element,
    uri: doc.attribute(element, attributeNames.uri),
    transforms: parseTransforms(doc, transforms, limits),
    digestUri,
    digestAlgorithm: algorithm,
    digestValue: parseDigestValue(doc, value, algorithm),
  };
}

function parseDigestValue(doc: XmlDocument, element: number, algorithm: DigestAlgorithm | undefined): Buffer {
  const value = base64Content(doc, element, 1, maxDigestOctets);
  if (algorithm === undefined || value.length === algorithm.length) return value;
  const reason = `the DigestValue has ${value.length} octets, and ${algorithm.uri} gives ${algorithm.length}`;
  return refuseCheck(doc, element, reason, "XML Signature 1.1 section 4.4.3.6");
}

function parseMethodParameters(doc: XmlDocument, method: number): RsaPssParameters | undefined {
  const parameters = doc.firstChild(method);
  if (parameters < 0) return undefined;
  if (doc.name(parameters) === dsNames.hmacOutputLength) {
    refuseAlgorithm(doc, parameters, "a truncated HMAC", "BSP R5401", "Leave HMACOutputLength out");
  }
  if (doc.name(parameters) !== pssNames.rsaPssParams || doc.nextSibling(parameters) >= 0) {
    refuseAlgorithm(doc, parameters, `${doc.qualifiedName(parameters)} is no parameter of a signature method we take`);
  }
  return parsePssParameters(doc, parameters);
}

/** RFC 9231 section 2.3.9: every child is optional, in this order. */
function parsePssParameters(doc: XmlDocument, element: number): RsaPssParameters {
  let next = doc.firstChild(element);
  const take = (name: number): number => {
    if (next < 0 || doc.name(next) !== name) return -1;
    const taken = next;
    next = doc.nextSibling(next);
    return taken;
  };
  const digest = take(dsNames.digestMethod);
  const mask = take(pssNames.maskGenerationFunction);
  const salt = take(pssNames.saltLength);
  const trailer = take(pssNames.trailerField);
  if (next >= 0) refuseShape(doc, next, `${doc.qualifiedName(next)} stands in RSAPSSParams`, "RFC 9231 section 2.3.9");
  const maskDigest = mask < 0 ? -1 : doc.firstChild(mask);
  if (maskDigest >= 0) {
    expected(doc, mask, maskDigest, dsNames.digestMethod, "ds:DigestMethod");
    if (doc.nextSibling(maskDigest) >= 0) refuseShape(doc, mask, "MaskGenerationFunction holds more than one element");
  }
  return {
    digest: digest < 0 ? undefined : requiredAlgorithm(doc, digest),
    maskFunction: mask < 0 ? undefined : doc.attribute(mask, attributeNames.algorithm),
    maskDigest: maskDigest < 0 ? undefined : requiredAlgorithm(doc, maskDigest),
    saltLength: salt < 0 ? undefined : smallNumber(doc, salt),
    trailerField: trailer < 0 ? undefined : smallNumber(doc, trailer),
  };
}

function smallNumber(doc: XmlDocument, element: number): number {
  const text = plainText(doc, element).trim();
  if (!/^[0-9]{1,4}$/.test(text)) refuseShape(doc, element, "this is no small whole number", "RFC 9231 section 2.3.9");
  return Number(text);
}
