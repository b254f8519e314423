import { refuse } from "../errors/index.js";
import { canonicalize, exclusive, scan } from "../xml/index.js";

/** The canonical form of an attachment's content (SwA Profile 1.1 section 5.4.2): as it is, by lines, or as XML. */
export type ContentForm = "octets" | "lines" | "xml";

/** The canonical form of content of a media type, without parameters. */
export function contentFormOf(essence: string): ContentForm {
  const type = essence.toLowerCase();
  if (type === "text/xml" || type === "application/xml" || /^(?:application|image)\/.*\+xml/.test(type)) return "xml";
  return type.startsWith("text/") ? "lines" : "octets";
}

/**
 * Content in canonical form: XML by exclusive canonicalization without comments, other text with CRLF at each line's end,
 * anything else as it is.
 * @param maxXml The most octets that are read as XML.
 * @param size Octets of the content.
 * @throws ERR_HTTP_TOO_LARGE for more of XML, and the ERR_XML_ codes
 */
export async function* canonicalContent(
  octets: AsyncIterable<Buffer>,
  form: ContentForm,
  maxXml: number,
  size: number,
): AsyncGenerator<Buffer, void, undefined> {
  if (form === "octets") yield* octets;
  else if (form === "lines") yield* withLineEnds(octets);
  else yield await canonicalXml(octets, maxXml, size);
}

async function* withLineEnds(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let held = "";
  for await (const piece of octets) {
    const text = held + piece.toString("latin1");
    // What follows a CR decides whether it is a line end by itself.
    held = text.endsWith("\r") ? "\r" : "";
    yield Buffer.from(text.slice(0, text.length - held.length).replace(/\r\n|\r|\n/g, "\r\n"), "latin1");
  }
  if (held !== "") yield Buffer.from("\r\n");
}

async function canonicalXml(octets: AsyncIterable<Buffer>, maxXml: number, size: number): Promise<Buffer> {
  if (size > maxXml) {
    refuse("ERR_HTTP_TOO_LARGE", `a signed attachment of XML has ${size} octets, over ${maxXml}`, {
      rule: "limits.maxBody",
      remedy: "Send it as application/octet-stream, or raise limits.maxBody.",
    });
  }
  const pieces: Buffer[] = [];
  for await (const piece of octets) pieces.push(piece);
  const document = scan(Buffer.concat(pieces));
  const canonical = canonicalize(document, 0, exclusive, { document: true });
  return Buffer.from(canonical.buffer, canonical.byteOffset, canonical.byteLength);
}
