import type { Place } from "../errors/index.js";

/** Where something stands, as integers: cheap to take, and turned into text only when somebody reads it. */
export interface Position {
  readonly octets: Uint8Array;
  readonly offset: number;
  /** For each element around it, from the root: the offset of its start tag, then its number among its siblings of the same name (0: the only one). */
  readonly path: readonly number[];
}

/** A path is cut to this many characters: it goes to audit records. */
const maxPath = 1_000;

/** Line, column (both from 1; columns count characters) and element path of a position. */
export function placeOf({ octets, offset, path }: Position): Place {
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset; i++) {
    const octet = octets[i];
    if (octet === 0x0a || (octet === 0x0d && octets[i + 1] !== 0x0a)) {
      line++;
      lineStart = i + 1;
    }
  }
  let column = 1;
  for (let i = lineStart; i < offset; i++) {
    if (((octets[i] as number) & 0xc0) !== 0x80) column++;
  }
  let text = "";
  for (let i = 0; i < path.length && text.length <= maxPath; i += 2) {
    const position = path[i + 1] as number;
    text += `/${tagName(octets, path[i] as number)}${position === 0 ? "" : `[${position}]`}`;
  }
  return { line, column, path: text.length > maxPath ? `${text.slice(0, maxPath)}...` : text || "/" };
}

function tagName(octets: Uint8Array, start: number): string {
  let end = start + 1;
  while (end < octets.length && !endsTagName(octets[end] as number)) end++;
  return Buffer.from(octets.buffer, octets.byteOffset + start + 1, end - start - 1).toString("utf8");
}

function endsTagName(octet: number): boolean {
  return octet <= 0x20 || octet === 0x2f || octet === 0x3e;
}
