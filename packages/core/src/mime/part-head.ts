import { parseContentId } from "./content-id.js";
import { type ContentType, parseContentType } from "./content-type.js";
import type { MimeLimits } from "./limits.js";
import { refuseMime } from "./refusals.js";

/** The headers of one part, read strictly: no line is skipped, joined or cut. */
export interface PartHead {
  /** The Content-ID without its angle brackets; undefined where the part has none. */
  readonly id: string | undefined;
  /** The Content-Type; `text/plain; charset=us-ascii` where the part has none (RFC 2045 section 5.2). */
  readonly type: ContentType;
  /** Values by lower-case name, without white space around them. */
  readonly headers: ReadonlyMap<string, string>;
}

const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/;

/** Encodings under which the octets of a part are its content. */
const identity: ReadonlySet<string> = new Set(["7bit", "8bit", "binary"]);

/**
 * Reads the header lines of a part (RFC 2045 section 3, RFC 2046 section 5.1).
 * @param text The lines without the empty one behind them, one character per octet, separated by CRLF.
 * @throws ERR_MIME_INVALID for too many or too long lines, folded lines, control characters, a repeated header, and an
 * encoding that would have to be undone
 */
export function parsePartHead(text: string, { maxPartHeaders, maxPartHeader }: MimeLimits): PartHead {
  const lines = text === "" ? [] : text.split("\r\n");
  if (lines.length > maxPartHeaders) refuseMime(`a part has ${lines.length} headers`, "limits.maxPartHeaders");
  const headers = new Map<string, string>();
  for (const one of lines) {
    if (one.length > maxPartHeader) refuseMime(`a part has a header of ${one.length} octets`, "limits.maxPartHeader");
    const [, name = "", value = ""] = line.exec(one) ?? refuseMime("a part has a line that is no header", rule, remedy);
    const key = name.toLowerCase();
    if (headers.has(key)) refuseMime(`a part has two ${key.slice(0, 64)} headers`, rule, "Send each header once.");
    headers.set(key, value);
  }
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase() ?? "binary";
  if (!identity.has(encoding)) {
    refuseMime(`a part is encoded as ${encoding.slice(0, 64)}`, "RFC 2045, 6", "Send attachments as they are: binary.");
  }
  return { id: idOf(headers), type: typeOf(headers), headers };
}

const rule = "RFC 2046, 5.1";
const remedy = "Write each header in one line, `Name: value`, ended by CRLF.";
const plainText: ContentType = { essence: "text/plain", parameters: new Map([["charset", "us-ascii"]]) };

function idOf(headers: ReadonlyMap<string, string>): string | undefined {
  const value = headers.get("content-id");
  if (value === undefined) return undefined;
  return parseContentId(value) ?? refuseMime("a Content-ID is malformed", "RFC 2392", "Write it as <local@domain>.");
}

function typeOf(headers: ReadonlyMap<string, string>): ContentType {
  const value = headers.get("content-type");
  if (value === undefined) return plainText;
  const type = parseContentType(value);
  if (type !== undefined && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type.essence)) return type;
  return refuseMime("a part has a malformed Content-Type", "RFC 2045, 5.1");
}
