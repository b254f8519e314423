import type { IncomingMessage, ServerResponse } from "node:http";
import { ConfigurationError } from "../errors/index.js";
import {
  correlationHeader,
  type RequestHeaders,
  type SecurityContext,
  type ServerRequest,
  type Transport,
} from "../guard/index.js";
import { BodyReader, type ParsedBodies } from "./body-reader.js";
import { ReplyCapture } from "./reply-capture.js";
import { applyHead } from "./response-head.js";

/** A request as a framework presents it to an adapter. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as received, before a framework cut off a mount path or rewrote it. */
  readonly target: string;
  /** What parsers before the guard left. */
  readonly parsed: ParsedBodies;
}

/**
 * What belongs to one request for its whole life, however many guards it passes: the header lines and body octets as
 * received, whether the requestor is still there, and what the guards decided.
 */
export class Exchange {
  readonly lines: RequestHeaders;
  readonly body: BodyReader;
  /** What the latest guard verified; undefined before, and where every guard let the request pass as anonymous. */
  security: SecurityContext | undefined;
  #id: string | undefined;
  readonly #response: ServerResponse;
  #closed = false;
  #abort: AbortController | undefined;
  #capture: ReplyCapture | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.lines = linesOf(request.rawHeaders);
    this.body = new BodyReader(request, this.lines);
    this.#response = response;
    response.once("close", () => {
      this.#closed = true;
      if (!response.writableFinished) this.#abort?.abort();
    });
    // Set again as the head is written: a framework's error handling may have cleared headers, a handler set its own.
    const writeHead = response.writeHead;
    response.writeHead = ((...parameters: unknown[]) => {
      if (this.#id === undefined || response.headersSent) return Reflect.apply(writeHead, response, parameters);
      applyHead(response, parameters);
      response.setHeader(correlationHeader, this.#id);
      return writeHead.call(response, response.statusCode);
    }) as typeof response.writeHead;
  }

  /** Correlation id of the latest decision; it stands on the answer. */
  get id(): string | undefined {
    return this.#id;
  }

  set id(id: string) {
    this.#id = id;
    if (!this.#response.headersSent) this.#response.setHeader(correlationHeader, id);
  }

  /** Whether nobody waits for an answer any more: the requestor went away, or somebody else answered. */
  get over(): boolean {
    return this.#closed || this.#response.destroyed || this.#response.headersSent || this.#response.writableEnded;
  }

  /** Calls `release` once the reply is out or cannot come any more: at once where that is so. */
  releaseAtEnd(release: () => void): void {
    if (this.#closed || this.#response.destroyed) release();
    else this.#response.once("close", release);
  }

  /** Holds the reply back from now on. */
  get capture(): ReplyCapture {
    this.#capture ??= new ReplyCapture(this.#response);
    return this.#capture;
  }

  /** The request for the core. */
  toServerRequest({ request, target, parsed }: Arrival, transport: Transport): ServerRequest {
    const exchange = this;
    return {
      method: request.method ?? "GET",
      target,
      headers: this.lines,
      body: (limit) => this.body.read(limit, parsed),
      stream: () => this.body.stream(parsed),
      transport,
      get signal() {
        return exchange.#signal;
      },
    };
  }

  get #signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#closed && !this.#response.writableFinished) this.#abort.abort();
    return this.#abort.signal;
  }
}

const exchanges = new WeakMap<IncomingMessage, Exchange>();

/** The exchange of a request, opened when its first guard or endpoint sees it. */
export function exchangeOf({ request, response }: Pick<Arrival, "request" | "response">): Exchange {
  let exchange = exchanges.get(request);
  if (!exchange) {
    exchange = new Exchange(request, response);
    exchanges.set(request, exchange);
  }
  return exchange;
}

/**
 * What the guard of this request verified. Read from the guard's own record: nobody can forge it on the request object.
 * @throws ConfigurationError where no guard ran before, or where it let the request pass as anonymous
 */
export function securityOfRequest(request: IncomingMessage): SecurityContext {
  const exchange = exchanges.get(request);
  if (exchange?.security) return exchange.security;
  throw exchange?.id === undefined
    ? new ConfigurationError(
        "ERR_CONFIG_INVALID",
        "securityOf",
        "No guard ran for this request.",
        "Mount countersign(...) before this handler.",
      )
    : new ConfigurationError(
        "ERR_CONFIG_INVALID",
        "securityOf",
        "The request is anonymous.",
        "Look whether there is a security context first, or drop `anonymous`.",
      );
}

/** Received lines as pairs. HTTP/2 pseudo headers are no headers. */
function linesOf(raw: readonly string[]): RequestHeaders {
  const lines: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!name.startsWith(":")) lines.push([name.toLowerCase(), raw[index + 1] ?? ""]);
  }
  return lines;
}
