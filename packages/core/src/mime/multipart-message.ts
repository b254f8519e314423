import { refuse } from "../errors/index.js";
import { ReceivedAttachment } from "./attachment.js";
import type { MimeLimits } from "./limits.js";
import { MultipartReader } from "./multipart-reader.js";
import type { PartHead } from "./part-head.js";
import { refuseMime } from "./refusals.js";
import { Spool } from "./spool.js";

/** Bounds on a multipart message and on its SOAP part. */
export interface MultipartLimits extends MimeLimits {
  /** Octets of the SOAP part, and of an attachment that has to be read as XML. */
  readonly maxBody: number;
}

/** The part that holds the envelope. */
export interface RootPart {
  readonly head: PartHead;
  readonly octets: Buffer;
}

/**
 * A multipart/related message that is read on demand: the SOAP part first, attachments only as far as somebody asks for
 * them. Attachments are kept in a {@link Spool}, never gathered in memory, until {@link MultipartMessage.close}.
 */
export class MultipartMessage {
  readonly #reader: MultipartReader;
  readonly #limits: MultipartLimits;
  readonly #spool = new Spool();
  readonly #attachments = new Map<string, ReceivedAttachment>();
  readonly #inlined = new Set<string>();
  #rootId: string | undefined;
  #octets = 0;

  /** @throws ERR_MIME_INVALID for a malformed boundary */
  constructor(source: AsyncIterable<Uint8Array>, boundary: string, limits: MultipartLimits) {
    this.#reader = new MultipartReader(source, boundary, limits);
    this.#limits = limits;
  }

  /** The attachments that were read so far, in message order, without those that were inlined. */
  get attachments(): readonly ReceivedAttachment[] {
    return [...this.#attachments.values()].filter(({ id }) => !this.#inlined.has(id));
  }

  /** Says that an attachment stands in the envelope from now on, and is none any more. */
  markInlined({ id }: ReceivedAttachment): void {
    this.#inlined.add(id);
  }

  /**
   * Reads the SOAP part, which must come first: what comes behind it is not even read while it is undecided.
   * @param start The Content-ID that the message names as its root; undefined where it names none (RFC 2387 section 3.2).
   * @throws ERR_MIME_INVALID, ERR_HTTP_TOO_LARGE
   */
  async readRoot(start: string | undefined): Promise<RootPart> {
    const head = await this.#reader.next();
    if (head === undefined) refuseMime("the message has no parts", "RFC 2387, 3.2");
    if (start !== undefined && head.id !== start) {
      refuseMime("the SOAP part does not come first", "RFC 2387, 3.2", "Send the part that `start` names first.");
    }
    this.#rootId = head.id;
    const { maxBody } = this.#limits;
    const pieces: Buffer[] = [];
    let length = 0;
    for (let piece = await this.#reader.read(); piece !== undefined; piece = await this.#reader.read()) {
      length += piece.length;
      if (length > maxBody) refuseSize(`the SOAP part has more than ${maxBody} octets`, "limits.maxBody");
      pieces.push(piece);
    }
    return { head, octets: Buffer.concat(pieces, length) };
  }

  /**
   * An attachment by its Content-ID: reads on until it is here.
   * @returns undefined where the message has none of that name
   * @throws ERR_MIME_INVALID, ERR_HTTP_TOO_LARGE, ERR_UNAVAILABLE
   */
  async find(id: string): Promise<ReceivedAttachment | undefined> {
    for (let more = true; more && !this.#attachments.has(id); ) more = await this.#readAttachment(true);
    return this.#attachments.get(id);
  }

  /**
   * Reads the message to its end.
   * @param keep Whether what still comes is kept; otherwise its octets are read away.
   * @throws ERR_MIME_INVALID, ERR_HTTP_TOO_LARGE, ERR_UNAVAILABLE
   */
  async readAll(keep: boolean): Promise<void> {
    for (let more = true; more; ) more = await this.#readAttachment(keep);
  }

  /** Lets go of all attachments, and reads no further. */
  close(): void {
    this.#reader.close();
    this.#spool.close();
  }

  async #readAttachment(keep: boolean): Promise<boolean> {
    const head = await this.#reader.next();
    if (head === undefined) return false;
    const { id } = head;
    if (id === undefined) {
      refuseMime("an attachment has no Content-ID", "SwA Profile 1.1, 5.2", "Name each attachment by a Content-ID.");
    }
    if (id === this.#rootId || this.#attachments.has(id)) {
      refuseMime("two parts have one Content-ID", "RFC 2045, 7", "Give each part a Content-ID of its own.");
    }
    const { maxAttachments, maxBody } = this.#limits;
    const start = this.#spool.length;
    let size = 0;
    for (let piece = await this.#reader.read(); piece !== undefined; piece = await this.#reader.read()) {
      size += piece.length;
      this.#octets += piece.length;
      if (this.#octets > maxAttachments) {
        refuseSize(`the attachments have more than ${maxAttachments} octets`, "limits.maxAttachments");
      }
      if (keep) await this.#spool.append(piece);
    }
    const range = keep ? { start, length: size } : undefined;
    this.#attachments.set(id, new ReceivedAttachment({ id, head, size }, this.#spool, range, maxBody));
    return true;
  }
}

function refuseSize(reason: string, rule: string): never {
  refuse("ERR_HTTP_TOO_LARGE", reason, { rule, remedy: `Send less, or raise ${rule}.` });
}
