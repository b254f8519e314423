import { refuse } from "../errors/index.js";
import { forEachBlock, isAddressing, type UnverifiedEnvelope } from "../soap/index.js";
import type { ReplyPart } from "./message-part.js";
import { wsse11, wsu } from "./names.js";

/**
 * The elements that a part name stands for, by position. A named header block must be there: a name that matches nothing
 * protects nothing.
 * @param security The Security header; -1 where it is not there yet.
 * @throws ERR_WSS_INVALID_SECURITY for a missing Timestamp, ERR_POLICY_PART_UNPROTECTED for a missing header block
 */
export function partElements(envelope: UnverifiedEnvelope, security: number, part: ReplyPart): readonly number[] {
  const { document } = envelope;
  if (part === "body") return [envelope.body];
  // Attachments are not in the envelope: see attachmentCoverage.
  if (part === "attachments") return [];
  if (part === "timestamp") {
    const timestamp = security === -1 ? -1 : document.child(security, wsu.Timestamp);
    if (timestamp !== -1) return [timestamp];
    refuse("ERR_WSS_INVALID_SECURITY", "the Security header has no Timestamp", {
      place: () => document.place(Math.max(security, 0)),
      rule: "WS-Security 1.1, 10",
      remedy: "Send a wsu:Timestamp and sign it.",
    });
  }
  const found: number[] = [];
  if (part === "confirmations") {
    for (let child = document.firstChild(security); child !== -1; child = document.nextSibling(child)) {
      if (document.name(child) === wsse11.SignatureConfirmation) found.push(child);
    }
    return found;
  }
  forEachBlock(envelope, (block) => {
    const namespace = document.namespace(block);
    const wanted =
      part === "addressing"
        ? isAddressing(namespace)
        : namespace === part.namespace && document.localName(block) === part.name;
    if (wanted) found.push(block);
  });
  if (found.length === 0 && part !== "addressing") {
    refuse("ERR_POLICY_PART_UNPROTECTED", `the header {${part.namespace}}${part.name} is not in the message`, {
      rule: "accept[].signed",
      remedy: "Send the header and sign it.",
    });
  }
  return found;
}
