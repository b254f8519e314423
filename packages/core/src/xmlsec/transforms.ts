import type { XmlDocument } from "../xml/index.js";
import type { AttachmentCoverage } from "./attachment-digester.js";
import {
  type CanonicalMethod,
  implicitMethod,
  parseCanonicalizationMethod,
  parseCanonicalMethod,
  requiredAlgorithm,
} from "./canonical-method.js";
import type { SignatureLimits } from "./limits.js";
import {
  attachmentCompleteTransform,
  attachmentContentTransform,
  dsNames,
  envelopedSignature,
  exclusiveC14n,
  strTransform,
} from "./names.js";
import { refuseAlgorithm, refuseShape } from "./refusals.js";
import { wsseNames } from "./token-names.js";

/** What a Reference does to its element before it is digested. */
export interface TransformsSyntax {
  /** Leaves out the Signature that the Reference stands in (XML Signature 1.1 section 6.6.4). */
  readonly enveloped: boolean;
  /** Digests the token that the referenced SecurityTokenReference names (SOAP Message Security 1.1 section 8.3). */
  readonly token: boolean;
  /** How much of an attachment is digested, where the Reference is to one (SwA Profile 1.1 section 5.3). */
  readonly attachment: AttachmentCoverage | undefined;
  /** The canonical form of the octets; Canonical XML 1.0 where the Reference names none. Of an attachment it means nothing. */
  readonly canonical: CanonicalMethod;
}

const plainImplicit: TransformsSyntax = Object.freeze({
  enveloped: false,
  token: false,
  attachment: undefined,
  canonical: implicitMethod,
});
const attachments: ReadonlyMap<string, TransformsSyntax> = new Map<string, TransformsSyntax>([
  [attachmentContentTransform, { ...plainImplicit, attachment: "content" }],
  [attachmentCompleteTransform, { ...plainImplicit, attachment: "complete" }],
]);

/**
 * Reads ds:Transforms: at most one enveloped-signature, then at most one canonical form; or STR-Transform or one of the
 * transforms of attachments alone.
 * @param element The ds:Transforms element, or -1 where the Reference has none.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure or too many transforms.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for every other transform (XPath, XSLT, base64, decryption) and every other order.
 */
export function parseTransforms(doc: XmlDocument, element: number, limits: SignatureLimits): TransformsSyntax {
  if (element < 0) return plainImplicit;
  let enveloped = false;
  let token = false;
  let canonical: CanonicalMethod | undefined;
  requireFew(doc, element, limits);
  const only = doc.firstChild(element);
  if (doc.nextSibling(only) === -1 && doc.firstChild(only) === -1 && doc.name(only) === dsNames.transform) {
    const attachment = attachments.get(requiredAlgorithm(doc, only));
    if (attachment !== undefined) return attachment;
  }
  for (let transform = doc.firstChild(element); transform >= 0; transform = doc.nextSibling(transform)) {
    if (doc.name(transform) !== dsNames.transform) {
      refuseShape(
        doc,
        transform,
        `${doc.qualifiedName(transform)} stands among the transforms`,
        "XML Signature 1.1 section 4.4.3.4",
      );
    }
    const uri = requiredAlgorithm(doc, transform);
    if (canonical !== undefined) {
      refuseAlgorithm(doc, transform, `the transform ${uri} follows one that gives octets`, "BSP R5412", remedy);
    }
    if (uri === envelopedSignature) {
      if (enveloped) refuseAlgorithm(doc, transform, "the enveloped-signature transform stands twice");
      if (doc.firstChild(transform) >= 0)
        refuseShape(doc, transform, "the enveloped-signature transform takes no parameters");
      enveloped = true;
    } else if (uri === strTransform) {
      if (enveloped) refuseAlgorithm(doc, transform, "STR-Transform stands alone", "BSP R5412");
      canonical = parseTokenForm(doc, transform, limits);
      token = true;
    } else {
      canonical =
        parseCanonicalMethod(doc, transform, uri, limits) ??
        refuseAlgorithm(doc, transform, `the transform ${uri} is not supported`, "BSP R5423", remedy);
    }
  }
  return { enveloped, token, attachment: undefined, canonical: canonical ?? implicitMethod };
}

function requireFew(doc: XmlDocument, element: number, { maxTransforms }: SignatureLimits): void {
  let count = 0;
  for (let transform = doc.firstChild(element); transform >= 0; transform = doc.nextSibling(transform)) count++;
  if (count === 0) refuseShape(doc, element, "ds:Transforms is empty", "BSP R5411");
  if (count > maxTransforms) refuseShape(doc, element, `there are ${count} transforms, more than ${maxTransforms}`);
}

const remedy = `Use ${exclusiveC14n} as the only or last transform`;

function parseTokenForm(doc: XmlDocument, transform: number, limits: SignatureLimits): CanonicalMethod {
  const parameters = doc.firstChild(transform);
  if (
    parameters < 0 ||
    doc.name(parameters) !== wsseNames.transformationParameters ||
    doc.nextSibling(parameters) >= 0
  ) {
    refuseShape(doc, transform, "STR-Transform needs one wsse:TransformationParameters", "BSP R3065");
  }
  const method = doc.firstChild(parameters);
  if (method < 0 || doc.name(method) !== dsNames.canonicalizationMethod || doc.nextSibling(method) >= 0) {
    refuseShape(doc, parameters, "wsse:TransformationParameters needs one ds:CanonicalizationMethod", "BSP R3065");
  }
  const canonical = parseCanonicalizationMethod(doc, method, limits);
  // Whether the comments of a dereferenced token count is left open by section 8.3: peers differ.
  if (canonical.form.comments) refuseAlgorithm(doc, method, "STR-Transform with comments is not supported");
  return canonical;
}
