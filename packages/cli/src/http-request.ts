import type { RequestHeaders } from "@countersign/core/adapter";
import { UsageError } from "./usage-error.js";

/** An HTTP/1.1 request as a file holds it. */
export interface HttpRequest {
  readonly method: string;
  readonly target: string;
  /** Names lower-cased, values as written, in order. */
  readonly headers: RequestHeaders;
  /** Everything behind the empty line. */
  readonly body: Buffer;
  /** Lines of the file before the body. */
  readonly headLines: number;
}

const requestLine = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** Octets of the request line and headers: as much as Node's own parser takes by default. */
const maxHead = 16 << 10;

/** Whether the octets begin with a request line. */
export function isHttpRequest(octets: Buffer): boolean {
  const [line = ""] = octets.toString("latin1", 0, 2_048).split(/\r?\n/, 1);
  return requestLine.test(line);
}

/**
 * Reads a request line, header lines and body. Lines may end in LF alone, as editors write them; Content-Length is not
 * consulted, so that a body may be edited.
 * @throws UsageError for a head that is none
 */
export function parseHttpRequest(octets: Buffer, name: string): HttpRequest {
  const text = octets.toString("latin1", 0, maxHead);
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null && octets.length > maxHead) throw new UsageError(`${name}: the headers do not end within 16 KiB.`);
  const head = end === null ? text.trimEnd() : text.slice(0, end.index);
  const [first = "", ...lines] = head.split(/\r?\n/);
  const [, method, target] = requestLine.exec(first) ?? [];
  if (method === undefined || target === undefined) throw new UsageError(`${name}:1: this is no HTTP request line.`);
  const headers = lines.map((line, index) => {
    const [, header, value] = headerLine.exec(line) ?? [];
    if (header === undefined || value === undefined) {
      throw new UsageError(`${name}:${index + 2}: this is no header line. An empty line ends the headers.`);
    }
    return [header.toLowerCase(), value] as const;
  });
  if (headers.some(([header]) => header === "transfer-encoding")) {
    throw new UsageError(`${name}: the body is in chunks. Save it in one piece, without Transfer-Encoding.`);
  }
  const body = end === null ? Buffer.alloc(0) : octets.subarray(end.index + end[0].length);
  return { method, target, headers, body, headLines: lines.length + 2 };
}
