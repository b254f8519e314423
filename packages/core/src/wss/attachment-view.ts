import { Readable } from "node:stream";
import type { ReceivedAttachment } from "../mime/index.js";
import type { Protection, VerifiedAttachment } from "./verified-message.js";

/** An attachment whose digest was verified, or that TLS vouches for. */
export class AttachmentView implements VerifiedAttachment {
  readonly id: string;
  readonly contentType: string;
  readonly size: number;
  readonly protection: Protection;
  readonly headersSigned: boolean;
  readonly #received: ReceivedAttachment;
  readonly #canonical: boolean;

  /** @param coverage How a signature over the attachment itself covers it; `"include"` where it covers it as base64 in the message. */
  constructor(
    received: ReceivedAttachment,
    protection: Protection,
    coverage: "content" | "complete" | "include" | undefined,
  ) {
    this.#received = received;
    this.#canonical = coverage === "content" || coverage === "complete";
    this.id = received.id;
    this.contentType = received.head.headers.get("content-type") ?? "text/plain; charset=us-ascii";
    this.size = this.#canonical ? received.canonicalSize : received.size;
    this.protection = protection;
    this.headersSigned = coverage === "complete";
  }

  stream(): Readable {
    return Readable.from(this.#canonical ? this.#received.content() : this.#received.octets(), { objectMode: false });
  }
}
