import { isCountersignError, refuse } from "../errors/index.js";
import { MultipartMessage } from "../mime/index.js";
import { inlineIncludes, type MessageAttachments } from "../wss/index.js";
import type { CompiledGuard } from "./compile.js";
import type { Exchange } from "./exchange.js";
import { headerLines } from "./header-lines.js";
import type { MessageLimits } from "./limits.js";
import { type MultipartType, rootMediaType, type SoapMediaType } from "./media-type.js";
import type { ServerRequest } from "./seam.js";

/** The SOAP part of a message in parts, and the rest of the message, which is read later. */
export interface MultipartBody {
  readonly media: SoapMediaType;
  readonly octets: Uint8Array;
  readonly attachments: MessageAttachments;
}

/**
 * Reads the SOAP part of a multipart/related message. Attachments come later: those of SOAP with Attachments once the
 * signature over them is known to hold; those that an `xop:Include` stands for now, because small ones belong into the
 * message, which has a meaning only then. Either way they wait in a spool, and `exchange.parts` has to be closed.
 * @throws ERR_MIME_INVALID, ERR_HTTP_TOO_LARGE, ERR_HTTP_MEDIA_TYPE for a Content-Encoding, and as the media type has it
 */
export async function readMultipartBody(
  { limits, attachments }: CompiledGuard,
  request: ServerRequest,
  exchange: Exchange,
  outer: SoapMediaType,
  type: MultipartType,
): Promise<MultipartBody> {
  const encoding = headerLines(request.headers, "content-encoding")[0]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") {
    refuse("ERR_HTTP_MEDIA_TYPE", `a message with attachments has the Content-Encoding "${encoding.slice(0, 64)}"`, {
      rule: "RFC 9110, 8.4",
      remedy: "Send it without Content-Encoding.",
    });
  }
  const parts = new MultipartMessage(octetsOf(request, limits), type.boundary, limits);
  exchange.parts = parts;
  const root = await parts.readRoot(type.start);
  const media = rootMediaType(outer, type, root.head.type);
  const octets = type.xop ? await inlineIncludes(root.octets, parts, limits) : root.octets;
  return {
    media,
    octets,
    attachments: { parts, xop: type.xop, limits, keepUnsigned: attachments?.keepUnsigned ?? false },
  };
}

/** The body as it comes, or as the adapter gathered it. What the adapter's reader throws otherwise is a defect. */
async function* octetsOf(request: ServerRequest, limits: MessageLimits): AsyncGenerator<Uint8Array, void, undefined> {
  const { maxBody, maxAttachments, maxParts, maxPartHeaders, maxPartHeader } = limits;
  const most = maxBody + maxAttachments + maxParts * (maxPartHeaders * (maxPartHeader + 2) + 256);
  if (Number(headerLines(request.headers, "content-length")[0] ?? 0) > most) {
    refuse("ERR_HTTP_TOO_LARGE", `the message has more than ${most} octets`, {
      rule: "limits.maxAttachments",
      remedy: "Send less, or raise limits.maxAttachments.",
    });
  }
  try {
    if (request.stream === undefined) yield await request.body(most);
    else yield* request.stream();
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", "the adapter's body reader failed", { rule: "ServerRequest.stream", cause });
  }
}
