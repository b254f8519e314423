import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { isCountersignError, refuse } from "../errors/index.js";
import { headerLines } from "./header-lines.js";
import type { ServerRequest } from "./seam.js";

const inflate = promisify(gunzip);

/** The largest growth of a compressed body. */
const maxRatio = 100;

/**
 * The body's octets after Content-Encoding: identity, or one layer of gzip that is stopped at the limit.
 * @param limit Octets, before and after decompression.
 * @throws ERR_HTTP_TOO_LARGE, ERR_HTTP_MEDIA_TYPE for another encoding, ERR_HTTP_HEADERS for broken gzip, what the
 * adapter's body reader refuses, and ERR_INTERNAL where that fails otherwise
 */
export async function readMessageBody(request: ServerRequest, limit: number): Promise<Uint8Array> {
  const encoding = headerLines(request.headers, "content-encoding")[0]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    refuse("ERR_HTTP_MEDIA_TYPE", `the Content-Encoding is "${encoding.slice(0, 64)}"`, {
      rule: "RFC 9110, 8.4",
      remedy: "Send the body plain or with one layer of gzip.",
    });
  }
  const octets = await readOctets(request, limit);
  if (encoding === "identity") return octets;
  try {
    return await inflate(octets, { maxOutputLength: Math.max(1, Math.min(limit, octets.length * maxRatio)) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      refuse(
        "ERR_HTTP_TOO_LARGE",
        `the body inflates to more than ${limit} octets or grows more than ${maxRatio} times`,
        {
          rule: "limits.maxBody",
          remedy: "Send a smaller message, or raise limits.maxBody.",
          cause,
        },
      );
    }
    refuse("ERR_HTTP_HEADERS", "the body is not the gzip that Content-Encoding declares", { rule: "RFC 1952", cause });
  }
}

/** What the adapter's reader answers, held to what it promises. */
async function readOctets(request: ServerRequest, limit: number): Promise<Uint8Array> {
  let octets: unknown;
  try {
    octets = await request.body(limit);
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", "the adapter's body reader failed", { rule: "ServerRequest.body", cause });
  }
  if (!(octets instanceof Uint8Array)) {
    refuse("ERR_INTERNAL", "the adapter's body reader answered something else than octets", {
      rule: "ServerRequest.body",
    });
  }
  if (octets.length > limit) {
    refuse("ERR_HTTP_TOO_LARGE", `the body has ${octets.length} octets, over ${limit}`, {
      rule: "limits.maxBody",
      remedy: "Send a smaller message, or raise limits.maxBody.",
    });
  }
  return octets;
}
