import type { RequestHeaders } from "@countersign/core/adapter";
import { contentTypeOf, defaultXmlLimits, parseEnvelope, scan } from "@countersign/core/inspect";
import { isHttpRequest, parseHttpRequest } from "../http-request.js";
import type { Input } from "../input.js";
import { UsageError } from "../usage-error.js";

/** What is to be explained: a request, taken from a file that holds it whole, or built around a bare SOAP message. */
export interface Subject {
  /** The file's name, for places. */
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly body: Buffer;
  /** Lines of the file before the body: what a line of the body must be moved by. */
  readonly headLines: number;
  /** Whether the file held the request line and the headers. */
  readonly http: boolean;
}

/**
 * Takes the input for a request. A bare SOAP message becomes the POST that goes with its version.
 * @param headers Header lines to add; they replace headers of the same name.
 * @throws UsageError where it is neither
 */
export function subjectOf({ name, octets }: Input, headers: RequestHeaders): Subject {
  if (isHttpRequest(octets)) {
    const request = parseHttpRequest(octets, name);
    return { ...request, name, headers: replaced(request.headers, headers), http: true };
  }
  if (!startsAsXml(octets)) {
    throw new UsageError(`${name} is neither a SOAP message nor an HTTP request: it begins with ${beginning(octets)}.`);
  }
  const media: RequestHeaders = [["content-type", mediaTypeOf(octets)]];
  return {
    name,
    method: "POST",
    target: "/",
    headers: replaced(media, headers),
    body: octets,
    headLines: 0,
    http: false,
  };
}

const replaced = (given: RequestHeaders, instead: RequestHeaders): RequestHeaders => [
  ...given.filter(([name]) => !instead.some(([other]) => other === name)),
  ...instead,
];

/** Whether the first character that is no white space is `<`, in UTF-8 or in UTF-16 with its byte order mark. */
function startsAsXml(octets: Buffer): boolean {
  return (
    octets
      .subarray(0, 1_024)
      .toString(isUtf16(octets) ? "latin1" : "utf8")
      .replace(/^[\s\0\ufeff\u00fe\u00ff]+/, "")[0] === "<"
  );
}

/** Whether the octets begin with a byte order mark of UTF-16. */
export const isUtf16 = (octets: Uint8Array): boolean =>
  (octets[0] === 0xfe && octets[1] === 0xff) || (octets[0] === 0xff && octets[1] === 0xfe);

function beginning(octets: Buffer): string {
  const first = octets.subarray(0, 8);
  return /^[\x20-\x7e]+$/.test(first.toString("latin1"))
    ? JSON.stringify(first.toString("latin1"))
    : `the octets ${first.toString("hex").replace(/..(?=.)/g, "$& ")}`;
}

/** The media type of the envelope's version. A message that is no envelope is sent as SOAP 1.1, to be refused for what it is. */
function mediaTypeOf(octets: Buffer): string {
  const charset = isUtf16(octets) ? "utf-16" : "utf-8";
  let type = "text/xml; charset=utf-8";
  try {
    type = contentTypeOf(parseEnvelope(scan(octets, defaultXmlLimits)).version);
  } catch {
    // What is wrong with it is the guard's to say.
  }
  return type.replace("utf-8", charset);
}
