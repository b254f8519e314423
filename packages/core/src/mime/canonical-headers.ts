import { refuse } from "../errors/index.js";
import { parseContentType } from "./content-type.js";
import type { PartHead } from "./part-head.js";

/** The headers that are signed, in their order and spelling (SwA Profile 1.1 section 5.4.1). */
const signedHeaders = ["Content-Description", "Content-Disposition", "Content-ID", "Content-Location", "Content-Type"];

/** Those with parameters. */
const structured: ReadonlySet<string> = new Set(["Content-Disposition", "Content-Type"]);

/** Parameters whose values are compared without regard to case. */
const caseless: ReadonlySet<string> = new Set([
  "charset",
  "creation-date",
  "filename",
  "modification-date",
  "padding",
  "read-date",
  "size",
  "type",
]);

/**
 * The MIME headers of a part in the canonical form of SwA Profile 1.1 section 5.4.1. Headers are taken as plain as peers
 * write them: what would first have to be decoded or stripped (comments, encoded words, RFC 2231 parameters) is refused.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for other headers
 */
export function canonicalHeaders({ headers }: PartHead): string {
  let text = "";
  for (const name of signedHeaders) {
    const value =
      headers.get(name.toLowerCase()) ?? (name === "Content-Type" ? "text/plain;charset=us-ascii" : undefined);
    if (value === undefined) continue;
    text += `${name}:${structured.has(name) ? withParameters(name, value) : plain(name, value)}\r\n`;
  }
  return text;
}

function plain(name: string, value: string): string {
  return /[()\\"]|=\?|[^\x20-\x7e]/.test(value) ? refuseHeader(name) : value;
}

function withParameters(name: string, value: string): string {
  const type = parseContentType(value);
  if (type === undefined || /[()\\]|=\?|[^\x20-\x7e]/.test(value)) return refuseHeader(name);
  const names = [...type.parameters.keys()].sort();
  if (names.some((one) => one.includes("*"))) return refuseHeader(name);
  const parameters = names.map((one) => {
    const given = type.parameters.get(one) ?? "";
    return `;${one}="${caseless.has(one) ? given.toLowerCase() : given}"`;
  });
  return type.essence.toLowerCase() + parameters.join("");
}

function refuseHeader(name: string): never {
  refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `an attachment's ${name} has no canonical form here`, {
    rule: "SwA Profile 1.1, 5.4.1",
    remedy: "Write it in plain ASCII without comments, or sign the attachment's content alone.",
  });
}
