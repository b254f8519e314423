import { refuse } from "../errors/index.js";
import { forEachBlock, isAddressing, soap11, soap12, type UnverifiedEnvelope } from "../soap/index.js";
import { attachmentCoverage } from "./attachment-coverage.js";
import type { ReplyPart } from "./message-part.js";
import type { VerifiedSignature } from "./message-signature.js";
import { type ProtectedPart, transportPart } from "./message-view.js";
import { wsse, wsu } from "./names.js";
import type { OpenedSecurity } from "./open.js";
import { partElements } from "./part-elements.js";
import type { Protection, VerifiedAttachment } from "./verified-message.js";

/** The parts of a message that may be read, and what protects each. */
export interface Coverage {
  readonly body: ProtectedPart;
  /** Protected header blocks, in message order; the Security header is not among them. */
  readonly headers: readonly ProtectedPart[];
  readonly attachments: readonly VerifiedAttachment[];
  /** By name, for evidence and audit. */
  readonly parts: ReadonlyMap<string, Protection>;
}

/**
 * Decides what of a message is protected: by one verified signature, by position, and by the transport where the
 * alternative says so. Everything else is not handed out.
 * @param required What the signature must cover.
 * @param signature The accepted token's signature; undefined where the alternative needs none.
 * @throws ERR_POLICY_PART_UNPROTECTED naming the part that no signature covers, or that was signed and moved;
 * ERR_WSS_INVALID_SECURITY where a required Timestamp is absent
 */
export function coverageOf(
  opened: OpenedSecurity,
  required: readonly ReplyPart[],
  signature: VerifiedSignature | undefined,
  overTransport: boolean,
): Coverage {
  const { envelope } = opened;
  const parts = new Map<string, Protection>();
  const signed = (element: number): ProtectedPart | undefined => {
    const target = signature?.targets.find((covered) => covered.element === element);
    if (signature === undefined || target === undefined) return undefined;
    return { element, form: target.form, protection: signature.protection };
  };
  const protectedPart = (element: number) => signed(element) ?? (overTransport ? transportPart(element) : undefined);

  for (const { element } of signature?.targets ?? []) requireOwnPlace(opened, element);
  for (const part of required) {
    for (const element of partElements(envelope, opened.header.element, part)) {
      if (signed(element) === undefined) refuseUncovered(opened, element);
    }
  }
  const body = protectedPart(envelope.body);
  if (body === undefined) refuseUncovered(opened, envelope.body);
  parts.set("body", body.protection);
  const timestamp = opened.timestamp && protectedPart(opened.timestamp.element);
  if (timestamp) parts.set("timestamp", timestamp.protection);

  const headers: ProtectedPart[] = [];
  forEachBlock(envelope, (block) => {
    if (block === opened.header.element) return;
    const part = protectedPart(block);
    if (part === undefined) return;
    headers.push(part);
    const name = `{${envelope.document.namespace(block)}}${envelope.document.localName(block)}`;
    // Of several blocks of one name the weakest protection counts.
    if (!parts.has(name) || part.protection.by === "transport") parts.set(name, part.protection);
  });
  const attachments = attachmentCoverage(opened, required, signature, overTransport);
  for (const { id, protection } of attachments) parts.set(`cid:${id}`, protection);
  return { body, headers, attachments, parts };
}

/**
 * Refuses a signed Body, Timestamp or addressing header that does not stand where such a thing is read: it was moved, so
 * that the message means something else than what was signed.
 */
function requireOwnPlace({ envelope, header }: OpenedSecurity, element: number): void {
  const { document } = envelope;
  const name = document.name(element);
  const moved =
    name === soap11.Body || name === soap12.Body
      ? element !== envelope.body
      : name === wsu.Timestamp
        ? document.parent(element) !== header.element
        : isAddressing(document.namespace(element)) && document.parent(element) !== envelope.header;
  if (!moved) return;
  // Where somebody else's Security header is the hiding place, that header is at fault before any coverage is.
  const hidden = document.name(blockAround(envelope, element)) === wsse.Security;
  refuse(
    hidden ? "ERR_WSS_INVALID_SECURITY" : "ERR_POLICY_PART_UNPROTECTED",
    `${document.qualifiedName(element)} is signed and does not stand in its place`,
    {
      place: () => document.place(element),
      rule: "accept[].signed",
      remedy: "Send the message as it was signed; something moved this element.",
    },
  );
}

/** The header block that an element stands in; the root where it stands in none. */
function blockAround({ document, header }: UnverifiedEnvelope, element: number): number {
  let block = element;
  while (block !== 0 && document.parent(block) !== header) block = document.parent(block);
  return block;
}

function refuseUncovered({ envelope }: OpenedSecurity, element: number): never {
  refuse("ERR_POLICY_PART_UNPROTECTED", `no accepted signature covers ${envelope.document.qualifiedName(element)}`, {
    place: () => envelope.document.place(element),
    rule: "accept[].signed",
    remedy: "Sign this element where it stands, with the key of the accepted token.",
  });
}
