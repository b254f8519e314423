import { greater, isWhitespace } from "./characters.js";
import { XmlDocument } from "./document.js";
import { openEncoding } from "./encoding.js";
import { defaultXmlLimits, type XmlLimits } from "./limits.js";
import { scanMisc, scanProlog } from "./prolog.js";
import { malformedAt } from "./refusal.js";
import { scanElements } from "./scan-elements.js";
import { forgetNamespaces } from "./scan-namespaces.js";
import { closeScratch, openScratch } from "./scratch.js";
import { prepareSymbols, symbols } from "./symbols.js";
import { takeTape } from "./take-tape.js";

/**
 * Reads a message: well-formedness, namespaces and limits in one pass, in time linear in its length.
 *
 * Accepted is XML 1.0 in UTF-8, or in UTF-16 with a byte order mark, without document type declaration, processing
 * instructions and entities other than the five predefined, in which every namespace name is an absolute URI.
 *
 * @param bytes the message. It is not copied (unless it is UTF-16): do not change it while the document is in use.
 * @throws CountersignError ERR_XML_MALFORMED, ERR_XML_FORBIDDEN or ERR_XML_LIMIT, with the place in the message.
 */
export function scan(bytes: Uint8Array, limits: XmlLimits = defaultXmlLimits): XmlDocument {
  const message = openEncoding(bytes);
  const { octets } = message;
  prepareSymbols(octets.length, limits.maxDistinctNames);
  symbols.scan++;
  symbols.epoch++;
  openScratch(octets, limits.maxElements);
  let complete = false;
  try {
    let end = octets.length;
    while (end > 0 && isWhitespace(octets[end - 1])) end--;
    if (octets[end - 1] !== greater) {
      const reason =
        end === 0 ? "The message is empty." : "The message does not end with a tag: it is cut off, or text follows.";
      malformedAt(end, reason, "Send exactly one XML element.", "XML 1.0 section 2.1");
    }
    const root = scanProlog(message, end, limits);
    // Text can be read by words where no octet 0xEF asks whether it starts U+FFFE or U+FFFF.
    const words = octets.indexOf(0xef) < 0;
    scanMisc(octets, scanElements(octets, root, end, words, limits), end, limits, false);
    complete = true;
    return new XmlDocument(octets, takeTape(octets.buffer instanceof SharedArrayBuffer), message);
  } finally {
    if (!complete) forgetNamespaces();
    closeScratch();
  }
}
