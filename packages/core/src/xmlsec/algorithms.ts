import type { AlgorithmSuite, SignatureAlgorithm } from "../crypto/index.js";
import type { XmlDocument } from "../xml/index.js";
import { exclusiveC14n } from "./names.js";
import { refuseAlgorithm } from "./refusals.js";
import type { SignatureSyntax } from "./signature-syntax.js";

/** The canonical forms that a route takes unless it names more: exclusive without comments (BSP R5404). */
export const defaultCanonicalForms: ReadonlySet<string> = new Set([exclusiveC14n]);

/**
 * Whether a signature keeps to what the route allows, decided before anything is computed: signature method, digests,
 * canonical forms of SignedInfo and of every Reference.
 * @param allowedForms URIs of canonical forms. Default: exclusive C14N without comments.
 * @returns The signature algorithm, now known to be allowed.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for anything else.
 */
export function checkAlgorithms(
  doc: XmlDocument,
  signature: SignatureSyntax,
  suite: AlgorithmSuite,
  allowedForms: ReadonlySet<string> = defaultCanonicalForms,
): SignatureAlgorithm {
  const { algorithm, algorithmUri, canonical, element, references } = signature;
  if (algorithm === undefined || !suite.signatures.has(algorithmUri)) {
    refuseAlgorithm(
      doc,
      element,
      `the signature method ${algorithmUri} is not in the suite "${suite.name}"`,
      "XML Signature 1.1 section 6.4",
      `Sign with one of ${[...suite.signatures].join(", ")}`,
    );
  }
  if (!allowedForms.has(canonical.uri)) {
    refuseAlgorithm(
      doc,
      element,
      `the canonicalization method ${canonical.uri} is not allowed here`,
      "BSP R5404",
      remedy,
    );
  }
  for (const reference of references) {
    if (reference.digestAlgorithm === undefined || !suite.digests.has(reference.digestUri)) {
      refuseAlgorithm(
        doc,
        reference.element,
        `the digest method ${reference.digestUri} is not in the suite "${suite.name}"`,
        "XML Signature 1.1 section 6.2",
        `Digest with one of ${[...suite.digests].join(", ")}`,
      );
    }
    const { uri } = reference.transforms.canonical;
    // The profile fixes the canonical form of attachments.
    if (reference.transforms.attachment !== undefined) continue;
    if (!allowedForms.has(uri)) {
      refuseAlgorithm(doc, reference.element, `the canonical form ${uri} is not allowed here`, "BSP R5412", remedy);
    }
  }
  return algorithm;
}

const remedy = `Use ${exclusiveC14n}, or name the form in the route's options`;
