import { digest as digestOctets, equalOctets, type KeyObject, verifySignatureValue } from "../crypto/index.js";
import { type CanonicalForm, canonicalize, type XmlDocument } from "../xml/index.js";
import type { AttachmentDigester } from "./attachment-digester.js";
import { DocumentDigester, type ReferenceDigester, type RemoteReferenceDigester } from "./digester.js";
import { type AttachmentTarget, type ReferenceTarget, resolveEnveloped } from "./references.js";
import { refuseAlgorithm, refuseCheck } from "./refusals.js";
import type { ReferenceSyntax, SignatureSyntax } from "./signature-syntax.js";
import type { TokenReferenceSyntax } from "./token-reference.js";

/** Octets that a verified signature covers. Whether they stand where they should is the caller's decision. */
export interface VerifiedReference {
  readonly reference: ReferenceSyntax;
  /** The covered element: for an STR-Transform the token; -1 for a token outside the document. */
  readonly element: number;
  readonly form: CanonicalForm;
  /** The enveloped Signature, which is not covered; -1 for none. */
  readonly without: number;
  /** The reference that an STR-Transform replaced by its token. The reference itself is not covered. */
  readonly tokenReference: TokenReferenceSyntax | undefined;
  /** The covered attachment, where it is one: then `element` is -1. */
  readonly attachment: AttachmentTarget | undefined;
}

/** A signature that holds under the key it was verified with. Whether that key is trusted was decided before. */
export interface VerifiedSignature {
  readonly signature: SignatureSyntax;
  /** The canonical octets of SignedInfo: with the signer's key they identify the message to a replay cache. */
  readonly signedInfo: Uint8Array;
  readonly references: readonly VerifiedReference[];
}

/** Particulars of a verification. */
export interface VerifyOptions {
  /** The suite's own minimum where it is above 2048 bits. */
  readonly minimumRsaBits?: number | undefined;
}

/**
 * Verifies a signature: its value over the canonical SignedInfo first, then every digest (XML Signature 1.1 section 3.2).
 * @param key The key chosen from configured trust; nothing in the signature's own KeyInfo is used.
 * @param targets What {@link resolveReferences} gave for this signature.
 * @param digester The document's digester, shared by its signatures. Default: a new one.
 * @throws ERR_WSS_FAILED_CHECK where value or a digest does not hold.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where the key's type does not fit the algorithm, ERR_WSS_INVALID_TOKEN where it is too weak.
 */
export function verifySignature(
  doc: XmlDocument,
  signature: SignatureSyntax,
  key: KeyObject,
  targets: readonly ReferenceTarget[],
  digester: ReferenceDigester = new DocumentDigester(doc),
  options: VerifyOptions = {},
): VerifiedSignature {
  const signedInfo = verifyValue(doc, signature, key, targets, options);
  for (const target of targets) {
    const { reference, octets, request } = target;
    if (target.attachment !== undefined) refuseCheck(doc, reference.element, "attachments are not read here");
    const algorithm = knownDigest(doc, reference);
    const value = octets === undefined ? digester.digest(request, algorithm) : digestOctets(algorithm, octets);
    requireDigest(doc, target, value);
  }
  return { signature, signedInfo, references: targets.map(verified) };
}

/**
 * As {@link verifySignature}, with digests computed elsewhere. They are asked for only once the signature's value holds,
 * and those of attachments last, when everything else does: attachments may not even have arrived.
 * @param attachments Digests attachments. Default: References to them are refused.
 * Rejects as that one throws, and with what `attachments` rejects with.
 */
export async function verifySignatureRemotely(
  doc: XmlDocument,
  signature: SignatureSyntax,
  key: KeyObject,
  targets: readonly ReferenceTarget[],
  digester: RemoteReferenceDigester,
  options: VerifyOptions = {},
  attachments?: AttachmentDigester,
): Promise<VerifiedSignature> {
  const signedInfo = verifyValue(doc, signature, key, targets, options);
  const inside = targets.filter(({ attachment }) => attachment === undefined);
  const values = await Promise.all(
    inside.map(({ reference, octets, request }) => {
      const algorithm = knownDigest(doc, reference);
      return octets === undefined ? digester.digest(request, algorithm) : digestOctets(algorithm, octets);
    }),
  );
  for (const [index, target] of inside.entries()) requireDigest(doc, target, values[index]);
  for (const target of targets) {
    if (target.attachment === undefined) continue;
    const { id, coverage } = target.attachment;
    const value = await attachments?.digest(id, coverage, knownDigest(doc, target.reference));
    if (value === undefined) refuseCheck(doc, target.reference.element, "the signed attachment is not in the message");
    requireDigest(doc, target, value);
  }
  return { signature, signedInfo, references: targets.map(verified) };
}

/**
 * Verifies a signature that stands in the element it signs: a SAML assertion. Only this Signature element is left out of
 * the digested octets, no other that somebody copied into the element.
 * @param parent The signed element.
 * @param id Its own ID.
 * @throws As {@link resolveEnveloped} and {@link verifySignature}.
 */
export function verifyEnveloped(
  doc: XmlDocument,
  signature: SignatureSyntax,
  key: KeyObject,
  parent: number,
  id: string,
  digester?: ReferenceDigester,
  options?: VerifyOptions,
): VerifiedSignature {
  return verifySignature(doc, signature, key, resolveEnveloped(doc, signature, parent, id), digester, options);
}

function verifyValue(
  doc: XmlDocument,
  signature: SignatureSyntax,
  key: KeyObject,
  targets: readonly ReferenceTarget[],
  options: VerifyOptions,
): Uint8Array {
  const { algorithm, algorithmUri, canonical, element, references, signedInfo, value } = signature;
  if (algorithm === undefined) refuseAlgorithm(doc, element, `the signature method ${algorithmUri} is not known`);
  // A signature without References verifies nothing, and each Reference must have been resolved for this very signature.
  if (targets.length === 0 || targets.length !== references.length) {
    refuseCheck(doc, element, "the References of the signature were not all resolved");
  }
  for (let i = 0; i < targets.length; i++) {
    if (targets[i]?.reference !== references[i])
      refuseCheck(doc, element, "a Reference was resolved for another signature");
  }
  const octets = canonicalize(doc, signedInfo, canonical.form);
  if (octets.length === 0 || !verifySignatureValue(algorithm, key, octets, value, options.minimumRsaBits)) {
    refuseCheck(
      doc,
      element,
      "the SignatureValue does not hold under the signer's key",
      "XML Signature 1.1 section 3.2.2",
      "Was the SignedInfo changed after signing, or signed with another key?",
    );
  }
  return octets;
}

function knownDigest(doc: XmlDocument, reference: ReferenceSyntax) {
  return (
    reference.digestAlgorithm ??
    refuseAlgorithm(doc, reference.element, `the digest method ${reference.digestUri} is not known`)
  );
}

/** A digest that does not match is told at the element that it covers: there something changed. */
function requireDigest(
  doc: XmlDocument,
  { reference, element }: Pick<ReferenceTarget, "reference" | "element">,
  value: Buffer | undefined,
): void {
  if (value === undefined) refuseCheck(doc, reference.element, "the Reference covers no octets");
  if (!equalOctets(value, reference.digestValue)) {
    refuseCheck(
      doc,
      element === -1 ? reference.element : element,
      `the digest of ${reference.uri ?? "the Reference"} does not match: the element was changed after signing`,
      "XML Signature 1.1 section 3.2.1",
      "Send the element as it was signed: nothing may edit, indent or re-encode a message after signing.",
    );
  }
}

function verified({
  reference,
  element,
  form,
  without,
  tokenReference,
  attachment,
}: ReferenceTarget): VerifiedReference {
  return { reference, element, form, without, tokenReference, attachment };
}
