import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { CountersignError, refuse } from "../errors/index.js";
import type { RequestHeaders } from "../guard/index.js";

/** What parsers before the guard left on the request, for example `req.body`. Octets count; anything else does not. */
export type ParsedBodies = () => readonly unknown[];

/**
 * The body of one request: exact octets, read on demand and once, never more than a limit. A body that somebody else
 * read is lost for verification, unless the octets themselves were left behind.
 */
export class BodyReader {
  readonly #request: IncomingMessage;
  readonly #lines: RequestHeaders;
  #pending: Promise<Buffer> | undefined;
  #octets: Buffer | undefined;

  constructor(request: IncomingMessage, lines: RequestHeaders) {
    this.#request = request;
    this.#lines = lines;
  }

  /** The octets, as soon as {@link read} has them. */
  get octets(): Buffer | undefined {
    return this.#octets;
  }

  /**
   * Reads the body, or answers with what was read before.
   * @throws ERR_HTTP_TOO_LARGE, ERR_HTTP_BODY_CONSUMED, ERR_HTTP_ABORTED
   */
  async read(limit: number, parsed: ParsedBodies): Promise<Buffer> {
    this.#pending ??= this.#first(limit, parsed);
    const octets = await this.#pending;
    this.#octets = octets;
    return octets.length > limit ? refuseSize(limit) : octets;
  }

  /**
   * The body as it comes, in place of {@link read}. Nothing is remembered: whoever asks next finds the body consumed.
   * @throws ERR_HTTP_BODY_CONSUMED, ERR_HTTP_ABORTED
   */
  async *stream(parsed: ParsedBodies): AsyncGenerator<Buffer, void, undefined> {
    const request = this.#request;
    if (request.destroyed && !request.readableEnded) throw aborted();
    if (this.#pending === undefined && isUntouched(request)) yield* chunksOf(request);
    else yield await (this.#pending ?? this.#left(parsed));
  }

  async #first(limit: number, parsed: ParsedBodies): Promise<Buffer> {
    const request = this.#request;
    if (request.destroyed && !request.readableEnded) throw aborted();
    if (isUntouched(request)) {
      if (Number(this.#value("content-length") ?? 0) > limit) refuseSize(limit);
      return readOctets(request, limit);
    }
    return this.#left(parsed);
  }

  /** The octets that somebody who read the body left behind. */
  #left(parsed: ParsedBodies): Buffer {
    const left = parsed().find((body) => body instanceof Uint8Array);
    // A parser that leaves octets also inflates them: with a content coding they are not what was received.
    if (left && (this.#value("content-encoding") ?? "identity") === "identity") {
      return Buffer.from(left.buffer, left.byteOffset, left.byteLength);
    }
    if (this.#isBodiless()) return Buffer.alloc(0);
    refuse("ERR_HTTP_BODY_CONSUMED", "the request body was read before the guard, and its octets are lost", {
      remedy: "Put the guard before body parsers, or let a raw parser leave the octets as a Buffer.",
    });
  }

  #value(name: string): string | undefined {
    return this.#lines
      .find(([key]) => key === name)?.[1]
      .trim()
      .toLowerCase();
  }

  /** An HTTP/1 request without either framing header has no body (RFC 9112 section 6.3). */
  #isBodiless(): boolean {
    if (this.#request.httpVersionMajor > 1 || this.#value("transfer-encoding") !== undefined) return false;
    return Number(this.#value("content-length") ?? 0) === 0;
  }
}

/** Whether nobody has read from the stream, or is about to. */
function isUntouched(request: IncomingMessage): boolean {
  return (
    !request.readableEnded &&
    !request.readableDidRead &&
    request.readableFlowing !== true &&
    (request.readableEncoding ?? null) === null &&
    request.listenerCount("readable") === 0
  );
}

/**
 * A stream of octets, piece after piece. Unlike a stream's own iterator it leaves the stream as it is where the reader stops:
 * destroying a request would end the connection before the answer is out.
 */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  let wake = () => {};
  let state: "open" | "ended" | "lost" = "open";
  let cause: unknown;
  const onReadable = () => wake();
  const onEnd = () => {
    state = "ended";
    wake();
  };
  const onLost = (error?: unknown) => {
    if (state === "open") state = "lost";
    cause ??= error;
    wake();
  };
  stream.on("readable", onReadable).on("end", onEnd).on("error", onLost).on("close", onLost);
  try {
    for (;;) {
      const chunk: Buffer | null = stream.read();
      if (chunk !== null) yield chunk;
      else if (stateOf() === "ended") return;
      else if (stateOf() === "lost") throw aborted(cause);
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stream.off("readable", onReadable).off("end", onEnd).off("error", onLost).off("close", onLost);
  }

  function stateOf() {
    return state;
  }
}

/**
 * Reads a stream of octets to its end.
 * @throws ERR_HTTP_TOO_LARGE above the limit, ERR_HTTP_ABORTED where it breaks off
 */
export function readOctets(stream: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limit) return;
      stop();
      stream.pause();
      reject(tooLarge(limit));
    };
    const onEnd = () => {
      stop();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length));
    };
    const onLost = (cause?: unknown) => {
      stop();
      reject(aborted(cause));
    };
    const stop = () => stream.off("data", onData).off("end", onEnd).off("error", onLost).off("close", onLost);
    stream.on("data", onData).on("end", onEnd).on("error", onLost).on("close", onLost).resume();
  });
}

const tooLarge = (limit: number) =>
  new CountersignError("ERR_HTTP_TOO_LARGE", {
    reason: `the body has more than ${limit} octets`,
    rule: "limits.maxBody",
    remedy: "Send a smaller message, or raise limits.maxBody.",
  });

function refuseSize(limit: number): never {
  throw tooLarge(limit);
}

const aborted = (cause?: unknown) =>
  new CountersignError("ERR_HTTP_ABORTED", { reason: "the requestor went away while sending the body", cause });
