import { Readable } from "node:stream";
import { CountersignError } from "../errors/index.js";
import type { Guard, SecurityContext, ServerReply } from "../guard/index.js";
import { warn } from "./warning.js";

/** Headers as frameworks keep them; the names are lower-case. */
export type HandlerHeaders = Readonly<Record<string, string | number | string[] | undefined>>;

/** A reply as a handler gave it: whatever its framework takes for headers, and a body that may still be a stream. */
export interface HandlerReply {
  readonly status: number;
  readonly headers: HandlerHeaders;
  readonly body?: string | Uint8Array | Readable | undefined;
}

/** A reply to send, as changes to the headers that are set already. */
export interface ProtectedReply {
  readonly status: number;
  /** Headers to set; never Content-Length, which follows from the body. */
  readonly set: Readonly<Record<string, string>>;
  /** Names of headers to remove first. */
  readonly remove: readonly string[];
  readonly body: Buffer | undefined;
}

/** Framing headers: they describe the octets that are sent, so whoever sends them writes them. */
const framing = ["content-length", "transfer-encoding"];

/** Headers that are untrue as soon as the body changes. */
const validators = ["etag", "content-md5", "digest", "content-digest", "repr-digest"];

/** Protects one reply as the guard says. Fails closed: what cannot be protected becomes the guard's fixed answer. */
export class ReplyProtection {
  readonly #guard: Guard;
  readonly #security: SecurityContext;

  constructor(guard: Guard, security: SecurityContext) {
    this.#guard = guard;
    this.#security = security;
  }

  /** Largest reply body that can be protected, in octets. */
  get maxOctets(): number {
    return this.#guard.maxReply;
  }

  /** Never rejects. */
  async protect({ status, headers, body }: HandlerReply): Promise<ProtectedReply> {
    try {
      const octets = await collect(body, this.#guard.maxReply);
      const single = Object.entries(headers).filter(
        (entry): entry is [string, string | number] =>
          !Array.isArray(entry[1]) && entry[1] !== undefined && !framing.includes(entry[0]),
      );
      const given = Object.fromEntries(single.map(([name, value]) => [name, String(value)]));
      const reply = await this.#guard.secureReply(this.#security, { status, headers: given, body: octets });
      const untrue = reply.body === octets ? framing : [...framing, ...validators];
      const gone = Object.keys(given).filter((name) => !(name in reply.headers));
      return changesOf(reply, [...untrue, ...gone], (name) => untrue.includes(name));
    } catch (cause) {
      return this.fail(headers, cause);
    }
  }

  /** The fixed answer in place of a reply: nothing of the handler's goes out. */
  fail(headers: HandlerHeaders, cause: unknown): ProtectedReply {
    warn("A reply could not be protected; 500 was sent instead", cause);
    return changesOf(this.#guard.failure(), Object.keys(headers), (name) => framing.includes(name));
  }
}

function changesOf(
  { status, headers, body }: ServerReply,
  remove: readonly string[],
  leavesOut: (name: string) => boolean,
): ProtectedReply {
  const set = Object.fromEntries(Object.entries(headers).filter(([name]) => !leavesOut(name)));
  const octets = body && Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { status, set, remove, body: octets };
}

/** @throws ERR_HTTP_TOO_LARGE above the limit; what the stream throws */
async function collect(body: HandlerReply["body"], limit: number): Promise<Buffer | undefined> {
  if (body === undefined) return undefined;
  if (typeof body === "string") return within(Buffer.from(body), limit);
  if (!(body instanceof Readable)) return within(Buffer.from(body.buffer, body.byteOffset, body.byteLength), limit);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<string | Uint8Array>) {
    const octets = Buffer.from(chunk as Uint8Array);
    length += octets.length;
    if (length > limit) refuseSize(limit);
    chunks.push(octets);
  }
  return Buffer.concat(chunks, length);
}

const within = (octets: Buffer, limit: number): Buffer => (octets.length > limit ? refuseSize(limit) : octets);

function refuseSize(limit: number): never {
  throw tooLarge(limit);
}

/** The error of a reply above the limit. */
export const tooLarge = (limit: number): CountersignError =>
  new CountersignError("ERR_HTTP_TOO_LARGE", {
    reason: `the reply has more than ${limit} octets and cannot be protected`,
    remedy: "Send a smaller reply, or put what is streamed on a route without `reply` options.",
  });
