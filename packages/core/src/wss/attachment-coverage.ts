import { refuse } from "../errors/index.js";
import type { ReceivedAttachment } from "../mime/index.js";
import type { XmlDocument } from "../xml/index.js";
import { AttachmentView } from "./attachment-view.js";
import type { ReplyPart } from "./message-part.js";
import type { VerifiedSignature } from "./message-signature.js";
import type { OpenedSecurity } from "./open.js";
import type { VerifiedAttachment } from "./verified-message.js";
import { findIncludes, includedId } from "./xop-include.js";

const none: readonly VerifiedAttachment[] = Object.freeze([]);

/**
 * Decides which attachments are protected: by the signature over themselves, by the signature over the element that an
 * `xop:Include` stands in, or by the transport. Others are not handed out.
 * @throws ERR_POLICY_PART_UNPROTECTED where all attachments have to be signed and one is not
 */
export function attachmentCoverage(
  { envelope: { document }, attachments, decrypted }: OpenedSecurity,
  required: readonly ReplyPart[],
  signature: VerifiedSignature | undefined,
  overTransport: boolean,
): readonly VerifiedAttachment[] {
  if (attachments === undefined) return none;
  // What an Include that came out of cipher text stands for was never part of what anybody signed.
  const includes = attachments.xop && decrypted.length === 0 ? includedAttachments(document) : undefined;
  const found: VerifiedAttachment[] = [];
  for (const received of attachments.parts.attachments) {
    const coverage = signature && coverageBy(signature, received, document, includes?.get(received.id));
    if (signature !== undefined && coverage !== undefined) {
      found.push(new AttachmentView(received, signature.protection, coverage));
    } else if (required.includes("attachments")) refuseUnsigned(received);
    else if (overTransport) found.push(new AttachmentView(received, { by: "transport" }, undefined));
  }
  return found;
}

/** The elements that stand for attachments, by Content-ID. */
function includedAttachments(document: XmlDocument): ReadonlyMap<string, number> {
  return new Map(findIncludes(document).map((include) => [includedId(document, include), include]));
}

function coverageBy(
  { attachments, targets }: VerifiedSignature,
  { id }: ReceivedAttachment,
  document: XmlDocument,
  include: number | undefined,
): "content" | "complete" | "include" | undefined {
  const own = attachments.filter((one) => one.id === id);
  if (own.length > 0) return own.some(({ coverage }) => coverage === "complete") ? "complete" : "content";
  if (include === undefined) return undefined;
  const within = targets.some(({ element }) => element <= include && include < document.after(element));
  return within ? "include" : undefined;
}

function refuseUnsigned({ id }: ReceivedAttachment): never {
  refuse("ERR_POLICY_PART_UNPROTECTED", `no accepted signature covers the attachment cid:${id}`, {
    rule: "accept[].signed",
    remedy: "Sign every attachment (Attachment-Content-Signature-Transform), or do not demand it.",
  });
}
