import type { ServerResponse } from "node:http";
import { type ProtectedReply, type ReplyProtection, tooLarge } from "./reply-protection.js";
import { applyHead } from "./response-head.js";
import { warn } from "./warning.js";

type Callback = () => void;
type Overridden = "writeHead" | "write" | "end" | "flushHeaders";

/**
 * Holds back whatever a handler, a framework or its error handling writes to a response, until it is whole and
 * protected. Nothing reaches the requestor around it. It lasts as long as a protection is outstanding.
 */
export class ReplyCapture {
  readonly #response: ServerResponse;
  readonly #real: Pick<ServerResponse, Overridden>;
  /** What is outstanding, that of the innermost guard last. */
  #protections: readonly ReplyProtection[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  #begun = false;
  #ended = false;
  #writing = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    const { writeHead, write, end, flushHeaders } = response;
    this.#real = { writeHead, write, end, flushHeaders };
    this.#override("writeHead", (...parameters) => this.#writeHead(parameters));
    this.#override("write", (...parameters) => this.#write(parameters));
    this.#override("end", (...parameters) => this.#end(parameters));
    this.#override("flushHeaders", () => {
      this.#begun = true;
    });
    Object.defineProperty(response, "headersSent", { configurable: true, get: () => this.#begun });
    Object.defineProperty(response, "writableEnded", { configurable: true, get: () => this.#ended });
  }

  /** Demands a protection. */
  add(protection: ReplyProtection): void {
    this.#protections = [...this.#protections, protection];
  }

  /** Takes a protection as given: the framework hands over a reply that has it already. */
  settle(protection: ReplyProtection): void {
    this.#protections = this.#protections.filter((one) => one !== protection);
    if (this.#protections.length === 0) this.#reveal();
  }

  /** Whether calls go to the real response. One that has ended hears no more: neither would a real one. */
  get #passes(): boolean {
    return this.#writing || (this.#protections.length === 0 && !this.#ended);
  }

  #override(name: Overridden, held: (...parameters: unknown[]) => unknown): void {
    const method = (...parameters: unknown[]) =>
      this.#passes ? Reflect.apply(this.#real[name], this.#response, parameters) : held(...parameters);
    Object.assign(this.#response, { [name]: method });
  }

  /** Shows again what Node says about the response. */
  #reveal(): void {
    Reflect.deleteProperty(this.#response, "headersSent");
    Reflect.deleteProperty(this.#response, "writableEnded");
  }

  #writeHead(parameters: unknown[]): ServerResponse {
    if (!this.#begun) applyHead(this.#response, parameters);
    this.#begun = true;
    return this.#response;
  }

  #write(parameters: unknown[]): boolean {
    const [chunk, encoding, callback] = argumentsOf(parameters);
    if (!this.#ended) this.#take(chunk, encoding);
    if (callback) process.nextTick(callback);
    return !this.#ended;
  }

  #end(parameters: unknown[]): ServerResponse {
    const [chunk, encoding, callback] = argumentsOf(parameters);
    if (this.#ended) {
      if (callback) process.nextTick(callback);
      return this.#response;
    }
    if (callback) this.#response.once("finish", callback);
    this.#take(chunk, encoding);
    if (!this.#ended) {
      this.#ended = true;
      void this.#finish();
    }
    return this.#response;
  }

  /** Takes octets; above the limit the answer is decided, and what follows is dropped. */
  #take(chunk: unknown, encoding: BufferEncoding | undefined): void {
    this.#begun = true;
    if (chunk === undefined || chunk === null) return;
    const octets = typeof chunk === "string" ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array);
    this.#length += octets.length;
    this.#chunks.push(octets);
    const exceeded = this.#protections.find(({ maxOctets }) => this.#length > maxOctets);
    if (exceeded === undefined) return;
    this.#ended = true;
    this.#chunks = [];
    this.#send(this.#apply(exceeded.fail(this.#response.getHeaders(), tooLarge(exceeded.maxOctets))));
  }

  async #finish(): Promise<void> {
    const response = this.#response;
    let body: Buffer | undefined = this.#length > 0 ? Buffer.concat(this.#chunks, this.#length) : undefined;
    try {
      for (const protection of this.#protections.toReversed()) {
        const reply = { status: response.statusCode, headers: response.getHeaders(), body };
        body = this.#apply(await protection.protect(reply));
      }
      this.#send(body);
    } catch (defect) {
      warn("A reply could not be written; its connection was closed", defect);
      response.destroy();
    }
  }

  #apply({ status, set, remove, body }: ProtectedReply): Buffer | undefined {
    const response = this.#response;
    for (const name of remove) response.removeHeader(name);
    for (const [name, value] of Object.entries(set)) response.setHeader(name, value);
    if (response.statusCode !== status) {
      response.statusCode = status;
      // The reason phrase was that of the other status. HTTP/2 has none.
      if (response.req.httpVersionMajor < 2) response.statusMessage = "";
    }
    return body;
  }

  /** Writes through the functions found at the start: those on the response now may be wrapped by others, and have run. */
  #send(body: Buffer | undefined): void {
    const response = this.#response;
    const { statusCode, destroyed } = response;
    if (destroyed) return;
    this.#reveal();
    const bodiless = statusCode === 204 || statusCode === 304 || response.req.method === "HEAD";
    if (!bodiless) response.setHeader("content-length", body?.length ?? 0);
    this.#writing = true;
    Reflect.apply(this.#real.end, response, bodiless || body === undefined ? [] : [body]);
    this.#writing = false;
  }
}

function argumentsOf([chunk, encoding, callback]: unknown[]): [
  unknown,
  BufferEncoding | undefined,
  Callback | undefined,
] {
  if (typeof chunk === "function") return [undefined, undefined, chunk as Callback];
  if (typeof encoding === "function") return [chunk, undefined, encoding as Callback];
  return [chunk, encoding as BufferEncoding | undefined, callback as Callback | undefined];
}
