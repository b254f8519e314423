import type { IncomingMessage } from "node:http";
import type { Injection } from "../guard/index.js";

/** A header record of any framework's making. */
export type HeaderRecord = Record<string, string | string[] | undefined>;

/** Headers that describe the body as it was received, and are untrue of the message that takes its place. */
const bodyHeaders = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "trailer",
  "expect",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
]);

/** An injection, ready to be applied to the views that a request offers. */
export class HeaderRewrite {
  readonly #strips: (name: string) => boolean;
  readonly #added: readonly (readonly [name: string, value: string])[];
  readonly #trailerStrips: (name: string) => boolean;

  /** @param length Octets of the body that takes the place of the received one, where one does. */
  constructor({ strips, headers, body }: Injection, length: number | undefined) {
    this.#trailerStrips = strips;
    this.#strips = body ? (name) => strips(name) || bodyHeaders.has(name.toLowerCase()) : strips;
    const described = body && [
      ["content-type", body.contentType] as const,
      ["content-length", String(length)] as const,
    ];
    this.#added = [...headers, ...(described ?? [])];
  }

  /** Rewrites every view of the request: joined, distinct and raw headers, and the trailers, which may not have come yet. */
  apply(request: IncomingMessage): void {
    // Both are derived from the raw lines when first read: that has to happen before the lines change.
    const { headers, headersDistinct } = request;
    // Requests that a test makes up (Fastify's `inject`) have not all of the views.
    const { rawTrailers = [] }: { readonly rawTrailers?: readonly string[] } = request;
    const expectsTrailers = request.httpVersionMajor > 1 || headers["transfer-encoding"] !== undefined;
    this.applyTo(headers);
    if (headersDistinct) this.#applyDistinct(headersDistinct);
    const kept = withoutNames(request.rawHeaders, this.#strips);
    request.rawHeaders.splice(0, request.rawHeaders.length, ...kept, ...this.#added.flat());
    if (rawTrailers.length > 0 || (expectsTrailers && !request.complete)) this.#guardTrailers(request);
  }

  /** Rewrites one further record of headers, in place. */
  applyTo(record: HeaderRecord): void {
    this.#strip(record);
    const set = new Set<string>();
    for (const [name, value] of this.#added) {
      record[name] = set.has(name) ? `${String(record[name])}, ${value}` : value;
      set.add(name);
    }
  }

  #applyDistinct(record: NodeJS.Dict<string[]>): void {
    this.#strip(record);
    for (const [name] of this.#added) delete record[name];
    for (const [name, value] of this.#added) {
      const values = record[name];
      if (values) values.push(value);
      else record[name] = [value];
    }
  }

  #strip(record: HeaderRecord): void {
    for (const name of Object.keys(record)) if (this.#strips(name)) delete record[name];
  }

  #guardTrailers(request: IncomingMessage): void {
    const read = readerOf(request);
    const lines = () => withoutNames(read() ?? [], this.#trailerStrips);
    shadow(request, "rawTrailers", lines);
    shadow(request, "trailers", () => joined(lines()));
    if ("trailersDistinct" in request) shadow(request, "trailersDistinct", () => distinct(lines()));
  }
}

/** Reads the raw trailers that Node keeps, or will keep, on the request. */
function readerOf(request: IncomingMessage): () => string[] | undefined {
  const own = Object.getOwnPropertyDescriptor(request, "rawTrailers");
  if (own === undefined || own.get) {
    const get = own?.get ?? (() => Reflect.get(Object.getPrototypeOf(request) as object, "rawTrailers", request));
    return () => Reflect.apply(get, request, []) as string[] | undefined;
  }
  let received = request.rawTrailers;
  Object.defineProperty(request, "rawTrailers", {
    configurable: true,
    // Node assigns the property when the trailers arrive.
    set: (value: string[]) => {
      received = value;
    },
  });
  return () => received;
}

function shadow(
  request: IncomingMessage,
  name: "rawTrailers" | "trailers" | "trailersDistinct",
  get: () => unknown,
): void {
  const before = Object.getOwnPropertyDescriptor(request, name);
  Object.defineProperty(request, name, {
    configurable: true,
    enumerable: true,
    get,
    set: before?.set ?? (() => undefined),
  });
}

function withoutNames(raw: readonly string[], strips: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!strips(name)) kept.push(name, raw[index + 1] ?? "");
  }
  return kept;
}

function distinct(raw: readonly string[]): NodeJS.Dict<string[]> {
  const record: NodeJS.Dict<string[]> = Object.create(null);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const values = record[name];
    if (values) values.push(raw[index + 1] ?? "");
    else record[name] = [raw[index + 1] ?? ""];
  }
  return record;
}

function joined(raw: readonly string[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, values] of Object.entries(distinct(raw))) record[name] = values?.join(", ") ?? "";
  return record;
}
