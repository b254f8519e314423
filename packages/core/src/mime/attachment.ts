import { createDigest, type DigestAlgorithm } from "../crypto/index.js";
import { canonicalHeaders } from "./canonical-headers.js";
import { type ContentForm, canonicalContent, contentFormOf } from "./content-form.js";
import type { PartHead } from "./part-head.js";
import type { Spool, SpoolRange } from "./spool.js";

/** How much of an attachment a signature covers: its content, or its MIME headers too (SwA Profile 1.1 section 5.3). */
export type AttachmentCoverage = "content" | "complete";

/** An attachment as received. Nothing about it is verified. */
export class ReceivedAttachment {
  /** Content-ID, without angle brackets. */
  readonly id: string;
  readonly head: PartHead;
  /** Octets received. */
  readonly size: number;
  /** Octets of the canonical content, once it was digested. */
  canonicalSize: number;
  readonly #spool: Spool;
  readonly #range: SpoolRange | undefined;
  readonly #maxXml: number;
  readonly #digests = new Map<string, Buffer>();

  /**
   * @param range Where its octets are kept; undefined where they were read away, because nothing could vouch for them.
   * @param maxXml The most octets of an attachment that has to be read as XML.
   */
  constructor(
    { id, head, size }: { readonly id: string; readonly head: PartHead; readonly size: number },
    spool: Spool,
    range: SpoolRange | undefined,
    maxXml: number,
  ) {
    this.id = id;
    this.head = head;
    this.size = size;
    this.canonicalSize = size;
    this.#spool = spool;
    this.#range = range;
    this.#maxXml = maxXml;
  }

  /**
   * The octets as received, piece after piece.
   * @param reuse Whether each piece may come in the buffer of the one before. Default false.
   * @throws ERR_UNAVAILABLE where they are gone
   */
  octets(reuse = false): AsyncIterable<Buffer> {
    return this.#spool.read(this.#range ?? { start: 0, length: 0 }, reuse);
  }

  /** The octets that a signature covers: the content in the canonical form of its media type. @throws as {@link canonicalContent} */
  content(): AsyncIterable<Buffer> {
    return this.#content(false);
  }

  #content(reuse: boolean): AsyncIterable<Buffer> {
    const form = this.#form;
    // XML is gathered.
    return canonicalContent(this.octets(reuse && form !== "xml"), form, this.#maxXml, this.size);
  }

  get #form(): ContentForm {
    return contentFormOf(this.head.type.essence);
  }

  /**
   * The digest that a signature over this attachment has; asked again, it costs nothing.
   * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for headers without a canonical form here, what {@link canonicalContent} throws,
   * and ERR_UNAVAILABLE
   */
  async digest(coverage: AttachmentCoverage, algorithm: DigestAlgorithm): Promise<Buffer> {
    const name = `${coverage} ${algorithm.uri}`;
    const known = this.#digests.get(name);
    if (known !== undefined) return known;
    const hash = createDigest(algorithm);
    if (coverage === "complete") hash.update(Buffer.from(canonicalHeaders(this.head)));
    let length = 0;
    for await (const octets of this.#content(true)) {
      hash.update(octets);
      length += octets.length;
    }
    this.canonicalSize = length;
    const value = hash.digest();
    this.#digests.set(name, value);
    return value;
  }
}
