import { isUtf8 } from "node:buffer";
import { refuse } from "../errors/index.js";

/** A message as UTF-8 octets, without byte order mark, and the encoding its XML declaration may name. */
export interface EncodedMessage {
  readonly octets: Buffer;
  readonly encoding: "utf-8" | "utf-16";
  /** Octets of a byte order mark left out in front. */
  readonly skipped: number;
}

const remedy = "Send the message as UTF-8.";

/**
 * The message as UTF-8: a view of `octets` without a byte order mark, or a copy where it came as UTF-16 with one.
 *
 * @throws CountersignError ERR_XML_MALFORMED for every other encoding and for octets that are not what they claim.
 */
export function openEncoding(octets: Uint8Array): EncodedMessage {
  const first = octets[0];
  const second = octets[1];
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) {
    try {
      const text = new TextDecoder(first === 0xfe ? "utf-16be" : "utf-16le", { fatal: true }).decode(octets);
      return { octets: Buffer.from(text, "utf8"), encoding: "utf-16", skipped: 0 };
    } catch (cause) {
      refuse("ERR_XML_MALFORMED", "The message has the byte order mark of UTF-16 and is not UTF-16.", {
        remedy,
        cause,
      });
    }
  }
  const marked = first === 0xef && second === 0xbb && octets[2] === 0xbf;
  if (!isUtf8(octets)) refuse("ERR_XML_MALFORMED", "The message is not UTF-8.", { remedy });
  const skip = marked ? 3 : 0;
  if (skip === 0 && Buffer.isBuffer(octets)) return { octets, encoding: "utf-8", skipped: 0 };
  return {
    octets: Buffer.from(octets.buffer, octets.byteOffset + skip, octets.byteLength - skip),
    encoding: "utf-8",
    skipped: skip,
  };
}
