import { refuse } from "../errors/index.js";
import type { CanonicalForm, XmlDocument } from "../xml/index.js";
import type { AttachmentCoverage } from "./attachment-digester.js";
import { canonicalFormUri } from "./canonical-method.js";
import { type DigestRequest, sameRequest } from "./digest-request.js";
import { IdIndex } from "./id-index.js";
import { defaultSignatureLimits, type SignatureLimits } from "./limits.js";
import { attributeNames, exclusiveC14n } from "./names.js";
import { refuseAlgorithm, refuseCheck, refuseShape } from "./refusals.js";
import type { ReferenceSyntax, SignatureSyntax } from "./signature-syntax.js";
import { samlNames, wsseNames } from "./token-names.js";
import { externalTokenOctets } from "./token-octets.js";
import { parseTokenReference, type TokenReferenceSyntax } from "./token-reference.js";

/** A Reference and what it resolved to. */
export interface ReferenceTarget {
  readonly reference: ReferenceSyntax;
  /**
   * The element whose octets the digest covers; for an STR-Transform the token, never the reference to it. -1 where that
   * token does not stand in the document.
   */
  readonly element: number;
  /** The octets' form. */
  readonly form: CanonicalForm;
  /** The enveloped Signature that is left out of the octets; -1 for none. */
  readonly without: number;
  /** The SecurityTokenReference that an STR-Transform dereferenced. */
  readonly tokenReference: TokenReferenceSyntax | undefined;
  /** What a digester is asked. */
  readonly request: DigestRequest;
  /** The octets themselves, where the token does not stand in the document. */
  readonly octets: Uint8Array | undefined;
  /** The attachment that is covered, where it is one: then `element` is -1. */
  readonly attachment: AttachmentTarget | undefined;
}

/** An attachment that a Reference covers. */
export interface AttachmentTarget {
  /** Content-ID, without angle brackets. */
  readonly id: string;
  readonly coverage: AttachmentCoverage;
}

/** What the resolution of References may use besides the index. */
export interface ResolveOptions {
  /** The Signature's own limits. */
  readonly limits?: SignatureLimits | undefined;
  /**
   * Finds the certificate, DER, that a SecurityTokenReference under an STR-Transform names without holding it (issuer and
   * serial number, key identifier, thumbprint). Default: none is found.
   */
  readonly externalCertificate?: ((reference: TokenReferenceSyntax) => Uint8Array | undefined) | undefined;
  /** Lets URI="" stand for the document element, for signed documents without SOAP. Default false. */
  readonly wholeDocument?: boolean | undefined;
  /**
   * What to do about a QName in a signed value (xsi:type) whose prefix the octets do not bind, so that its meaning is not
   * signed (BSP R5405): refuse it, or let it pass. Default "refuse".
   */
  readonly qnames?: "refuse" | "ignore" | undefined;
  /** The Content-ID that a `cid:` URL names. Default: the message has no attachments, and References to them are refused. */
  readonly attachmentId?: ((url: string) => string | undefined) | undefined;
}

/**
 * Resolves every Reference of a signature inside its document. Nothing is fetched and no content is read.
 * @returns One target per Reference, in order.
 * @throws ERR_WSS_FAILED_CHECK for references that name no element of this document.
 * @throws ERR_WSS_INVALID_SECURITY for fragments that are no NCName, elements with several identifiers, References that
 * cover more than the limit together, and an enveloped-signature transform outside the signed element.
 * @throws ERR_WSS_TOKEN_UNAVAILABLE where an STR-Transform leads to a token that is not there.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where an STR-Transform leads to a kind of token that cannot be digested here.
 */
export function resolveReferences(
  doc: XmlDocument,
  signature: SignatureSyntax,
  index: IdIndex,
  options: ResolveOptions = {},
): readonly ReferenceTarget[] {
  const targets = signature.references.map((reference) => resolveReference(doc, signature, reference, index, options));
  requireBoundedCoverage(doc, signature, targets, options.limits ?? defaultSignatureLimits);
  return targets;
}

/**
 * Resolves the one Reference of an enveloped signature: it names the signature's own parent by that element's ID, leaves
 * out this Signature alone, and uses exclusive canonicalization (SAML 2.0 core section 5.4; SAML 1.1 core section 5.4).
 * @param parent The element that the signature stands in as a child, and signs.
 * @param id The parent's own ID.
 * @throws ERR_WSS_INVALID_SECURITY for any other shape.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for other transforms.
 * @throws ERR_WSS_FAILED_CHECK for a Reference to anything else.
 */
export function resolveEnveloped(
  doc: XmlDocument,
  signature: SignatureSyntax,
  parent: number,
  id: string,
  qnames: "refuse" | "ignore" = "ignore",
): readonly ReferenceTarget[] {
  const [reference, ...others] = signature.references;
  if (reference === undefined || others.length > 0) {
    refuseShape(doc, signature.element, "an enveloped signature has exactly one Reference", rule);
  }
  if (doc.parent(signature.element) !== parent) {
    refuseShape(doc, signature.element, "the signature is no child of what it signs", rule);
  }
  const { enveloped, canonical } = reference.transforms;
  if (!enveloped || canonical.uri !== exclusiveC14n) {
    refuseAlgorithm(doc, reference.element, "the transforms are not enveloped-signature and exclusive C14N", rule);
  }
  if (id === "" || IdIndex.fragment(doc, reference.element, reference.uri) !== id) {
    refuseCheck(doc, reference.element, "the Reference does not name the element that the signature stands in", rule);
  }
  return [target(doc, reference, parent, canonical.form, signature.element, undefined, qnames)];
}

const rule = "SAML core section 5.4";

/**
 * Of an assertion only names and text are read: no type name in it has a meaning that could be bound elsewhere. Issuers
 * write them (OpenSAML: `xsi:type="xsd:string"`) and list the prefix in their own signature, not a sender who vouches.
 */
function isAssertion(doc: XmlDocument, element: number): boolean {
  if (element < 0) return false;
  const name = doc.name(element);
  return name === samlNames.assertion20 || name === samlNames.assertion11;
}

function target(
  doc: XmlDocument,
  reference: ReferenceSyntax,
  element: number,
  declared: CanonicalForm,
  without: number,
  tokenReference: TokenReferenceSyntax | undefined,
  qnames: "refuse" | "ignore",
  octets?: Uint8Array,
  attachment?: AttachmentTarget,
): ReferenceTarget {
  const form = declared.comments ? { ...declared, comments: false } : declared;
  const token = tokenReference !== undefined;
  const request = { element, form, without, token, qnames: isAssertion(doc, element) ? "ignore" : qnames } as const;
  return { reference, element, form, without, tokenReference, request, octets, attachment };
}

function resolveReference(
  doc: XmlDocument,
  signature: SignatureSyntax,
  reference: ReferenceSyntax,
  index: IdIndex,
  options: ResolveOptions,
): ReferenceTarget {
  const { enveloped, token, attachment, canonical } = reference.transforms;
  const qnames = options.qnames ?? "refuse";
  if (attachment !== undefined) {
    const { attachmentId } = options;
    if (attachmentId === undefined || !reference.uri?.startsWith("cid:")) {
      refuseAlgorithm(doc, reference.element, "a transform of attachments, of what is none", attachments);
    }
    const id = attachmentId(reference.uri);
    if (id === undefined) {
      refuseCheck(doc, reference.element, "the Reference names no attachment of this message", attachments);
    }
    const covered = { id, coverage: attachment };
    return target(doc, reference, -1, canonical.form, -1, undefined, "ignore", undefined, covered);
  }
  let element: number;
  if (reference.uri === "" && options.wholeDocument === true) {
    element = 0;
  } else {
    const id = IdIndex.fragment(doc, reference.element, reference.uri);
    element = id === undefined ? -1 : index.find(id);
    if (element < 0) {
      refuseCheck(
        doc,
        reference.element,
        `the Reference ${reference.uri === undefined ? "has no URI" : "names no element of this message"}`,
        "BSP R3001",
        'Refer to a wsu:Id by URI="#id"',
      );
    }
  }
  if (token) return resolveToken(doc, reference, element, index, options);
  if (!enveloped) return target(doc, reference, element, canonical.form, -1, undefined, qnames);
  if (signature.element <= element || signature.element >= doc.after(element)) {
    refuseShape(doc, reference.element, "enveloped-signature is used for an element that does not hold the signature");
  }
  return target(doc, reference, element, canonical.form, signature.element, undefined, qnames);
}

/** SOAP Message Security 1.1 section 8.3: the reference is replaced by the token it names. */
function resolveToken(
  doc: XmlDocument,
  reference: ReferenceSyntax,
  element: number,
  index: IdIndex,
  options: ResolveOptions,
): ReferenceTarget {
  if (doc.name(element) !== wsseNames.securityTokenReference) {
    refuseCheck(
      doc,
      reference.element,
      "STR-Transform is used for something else than a reference to a token",
      section,
    );
  }
  const qnames = options.qnames ?? "refuse";
  const { form } = reference.transforms.canonical;
  const syntax = parseTokenReference(doc, element);
  const { target: found } = syntax;
  switch (found.kind) {
    case "direct": {
      const id = IdIndex.fragment(doc, syntax.element, found.uri);
      const token = id === undefined ? -1 : index.find(id);
      if (token < 0) refuseUnavailable(doc, syntax);
      if (doc.name(token) === wsseNames.securityTokenReference) {
        refuseShape(doc, syntax.element, "a reference to a token leads to another reference", "BSP R3057");
      }
      return target(doc, reference, token, form, -1, syntax, qnames);
    }
    case "samlAssertionId": {
      const token = index.find(found.id);
      const name = found.version === "2.0" ? samlNames.assertion20 : samlNames.assertion11;
      const attribute = found.version === "2.0" ? attributeNames.samlId : attributeNames.assertionId;
      if (token < 0 || doc.name(token) !== name || doc.attribute(token, attribute) !== found.id)
        refuseUnavailable(doc, syntax);
      return target(doc, reference, token, form, -1, syntax, qnames);
    }
    case "embedded":
      return target(doc, reference, found.token, form, -1, syntax, qnames);
    case "encryptedKeySha1":
      return refuseUnavailable(doc, syntax);
    case "subjectKeyIdentifier":
    case "thumbprintSha1":
    case "x509Data": {
      const certificate = certificateWithin(syntax) ?? options.externalCertificate?.(syntax);
      if (certificate === undefined) refuseUnavailable(doc, syntax);
      if (form.method !== "exclusive") {
        refuseAlgorithm(doc, reference.element, `${canonicalFormUri(form)} of a token that stands nowhere`, section);
      }
      return target(doc, reference, -1, form, -1, syntax, qnames, externalTokenOctets(doc, syntax, certificate));
    }
  }
}

/** The certificate that the reference itself holds. */
function certificateWithin({ target: found }: TokenReferenceSyntax): Uint8Array | undefined {
  return found.kind === "x509Data" && found.x509Data.certificates.length === 1
    ? found.x509Data.certificates[0]
    : undefined;
}

const attachments = "SwA Profile 1.1 section 5.3";
const section = "SOAP Message Security 1.1 section 8.3";

function refuseUnavailable(doc: XmlDocument, syntax: TokenReferenceSyntax): never {
  return refuse("ERR_WSS_TOKEN_UNAVAILABLE", "the signed reference to a token leads to no token that is known", {
    place: () => doc.place(syntax.element),
    rule: section,
  });
}

/** References to nested elements multiply the work that one signature asks for: their octets are bounded together. */
function requireBoundedCoverage(
  doc: XmlDocument,
  signature: SignatureSyntax,
  targets: readonly ReferenceTarget[],
  limits: SignatureLimits,
): void {
  let octets = 0;
  for (let i = 0; i < targets.length; i++) {
    const { element, request } = targets[i] as ReferenceTarget;
    if (element < 0) continue;
    let counted = false;
    for (let j = 0; j < i && !counted; j++) counted = sameRequest((targets[j] as ReferenceTarget).request, request);
    if (!counted) octets += doc.end(element) - doc.start(element);
  }
  if (octets > limits.maxCoverage * doc.bytes.length) {
    refuseShape(doc, signature.signedInfo, `the References cover more than ${limits.maxCoverage} times the document`);
  }
}
