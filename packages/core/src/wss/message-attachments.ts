import type { MultipartMessage } from "../mime/index.js";
import type { XmlLimits } from "../xml/index.js";

/** The attachments of a message, and how it refers to them. */
export interface MessageAttachments {
  readonly parts: MultipartMessage;
  /** Whether `xop:Include` elements stand for attachments (XOP 1.0): the message is in MTOM's packaging. */
  readonly xop: boolean;
  /** Limits of the message's scan. */
  readonly limits: XmlLimits;
  /** Whether attachments that no signature covers may be handed out, so that they must be kept. */
  readonly keepUnsigned: boolean;
}
