import type { MimeLimits } from "./limits.js";
import { type PartHead, parsePartHead } from "./part-head.js";
import { refuseMime } from "./refusals.js";

const crlf = "\r\n";
const dashes = "--";
/** White space that may stand behind the last delimiter. */
const maxEpilogue = 8;

/**
 * Reads a multipart body as it comes, part after part (RFC 2046 section 5.1.1), holding no more than a chunk and a
 * delimiter. Strict where readers differ: nothing stands before the first delimiter or behind the last one, delimiters
 * are not padded, and the last one must come.
 */
export class MultipartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  readonly #limits: MimeLimits;
  /** Received and not yet read. */
  #rest: Buffer = Buffer.from(crlf);
  #parts = 0;
  /** Where the reader stands: before a delimiter, in a part's content, or behind the last delimiter. */
  #state: "start" | "content" | "delimiter" | "end" = "start";

  /** @throws ERR_MIME_INVALID for what is no boundary (RFC 2046 section 5.1.1) */
  constructor(source: AsyncIterable<Uint8Array>, boundary: string, limits: MimeLimits) {
    if (!/^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) {
      refuseMime("the boundary is malformed", "RFC 2046, 5.1.1");
    }
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(crlf + dashes + boundary, "latin1");
    this.#limits = limits;
  }

  /**
   * The next part's headers; undefined where there is none. What was not read of the part before is read away.
   * @throws ERR_MIME_INVALID
   */
  async next(): Promise<PartHead | undefined> {
    if (this.#state === "start") await this.#readStart();
    while (this.#state === "content") await this.read();
    if (this.#state === "end") return undefined;
    const mark = await this.#take(2, "a delimiter ends the message");
    if (mark === dashes) return this.#readEnd();
    if (mark !== crlf) refuseMime("octets stand behind a delimiter", "RFC 2046, 5.1.1");
    this.#parts++;
    if (this.#parts > this.#limits.maxParts) {
      refuseMime(`the message has more than ${this.#limits.maxParts} parts`, "limits.maxParts");
    }
    const head = await this.#readHead();
    await this.#readContentStart();
    return head;
  }

  /**
   * The next octets of the part; undefined at its end.
   * @throws ERR_MIME_INVALID where the message breaks off
   */
  async read(): Promise<Buffer | undefined> {
    while (this.#state === "content") {
      const rest = this.#rest;
      const found = rest.indexOf(this.#delimiter);
      if (found !== -1) {
        this.#rest = rest.subarray(found + this.#delimiter.length);
        this.#state = "delimiter";
        if (found > 0) return rest.subarray(0, found);
        break;
      }
      // From the last CR on, what is here may be the beginning of a delimiter.
      const last = rest.lastIndexOf(13);
      const safe = last === -1 || rest.length - last >= this.#delimiter.length ? rest.length : last;
      if (safe > 0) {
        this.#rest = rest.subarray(safe);
        return rest.subarray(0, safe);
      }
      await this.#receive("a part is not ended by a delimiter");
    }
    return undefined;
  }

  /** Reads no further, whatever is still to come. */
  close(): void {
    this.#source.return?.().catch(() => undefined);
  }

  /** A delimiter stands at the very start, or behind one line end. The first CRLF is ours. */
  async #readStart(): Promise<void> {
    const { length } = this.#delimiter;
    const needed = length + crlf.length;
    while (this.#rest.length < needed) await this.#receive("the message has no parts");
    const at = this.#rest.subarray(0, length).equals(this.#delimiter) ? 0 : crlf.length;
    if (!this.#rest.subarray(at, at + length).equals(this.#delimiter)) {
      refuseMime("the message does not begin with a delimiter", "RFC 2046, 5.1.1", "Send no preamble.");
    }
    this.#rest = this.#rest.subarray(at + length);
    this.#state = "delimiter";
  }

  /** Leaves the empty line behind the headers, which begins with the line end that a delimiter may begin with. */
  async #readHead(): Promise<PartHead> {
    const { maxPartHeaders, maxPartHeader } = this.#limits;
    const most = maxPartHeaders * (maxPartHeader + crlf.length);
    while (this.#rest.length < crlf.length) await this.#receive("the headers of a part do not end");
    if (this.#rest.toString("latin1", 0, crlf.length) === crlf) return parsePartHead("", this.#limits);
    for (let from = 0; ; ) {
      const end = this.#rest.indexOf(crlf + crlf, from, "latin1");
      if (end > most || (end === -1 && this.#rest.length > most + 2 * crlf.length)) {
        refuseMime(`the headers of a part have more than ${most} octets`, "limits.maxPartHeader");
      }
      if (end !== -1) {
        const head = parsePartHead(this.#rest.toString("latin1", 0, end), this.#limits);
        this.#rest = this.#rest.subarray(end + crlf.length);
        return head;
      }
      from = Math.max(0, this.#rest.length - 3);
      await this.#receive("the headers of a part do not end");
    }
  }

  /** A part without content may end in the empty line behind its headers. */
  async #readContentStart(): Promise<void> {
    const { length } = this.#delimiter;
    while (this.#rest.length < length) await this.#receive("a part is not ended by a delimiter");
    const empty = this.#rest.subarray(0, length).equals(this.#delimiter);
    this.#rest = this.#rest.subarray(empty ? length : crlf.length);
    this.#state = empty ? "delimiter" : "content";
  }

  async #readEnd(): Promise<undefined> {
    this.#state = "end";
    for (;;) {
      if (this.#rest.length > maxEpilogue || /[^\r\n\t ]/.test(this.#rest.toString("latin1"))) {
        refuseMime("octets stand behind the last delimiter", "RFC 2046, 5.1.1", "Send no epilogue.");
      }
      const { done, value } = await this.#source.next();
      if (done) return undefined;
      this.#rest = Buffer.concat([this.#rest, value]);
    }
  }

  async #take(count: number, missing: string): Promise<string> {
    while (this.#rest.length < count) await this.#receive(missing);
    const taken = this.#rest.toString("latin1", 0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #receive(missing: string): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) refuseMime(`${missing}: it was cut off`, "RFC 2046, 5.1.1", "Send the last delimiter.");
    const chunk = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }
}
