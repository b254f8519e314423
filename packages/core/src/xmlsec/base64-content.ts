import { decodeBase64 } from "../crypto/index.js";
import type { XmlDocument } from "../xml/index.js";
import { refuseShape } from "./refusals.js";

const lessThan = 0x3c;
const minus = 0x2d;
const equals = 0x3d;
const underscore = 0x5f;

/**
 * The text of an element that may hold text and nothing else: a comment or CDATA section inside it is refused, since
 * readers differ on what the value then is (CVE-2025-29775).
 * @throws ERR_WSS_INVALID_SECURITY where the element holds anything else.
 */
export function plainText(doc: XmlDocument, element: number): string {
  const end = doc.contentEnd(element);
  const markup = doc.bytes.indexOf(lessThan, doc.contentStart(element));
  const text = markup >= 0 && markup < end ? undefined : doc.text(element);
  return (
    text ??
    refuseShape(doc, element, `${doc.qualifiedName(element)} holds more than text`, "XML Signature 1.1 section 4")
  );
}

/**
 * The octets of an element that holds base64 text.
 * @param least The fewest octets allowed.
 * @param most The most octets allowed.
 * @throws ERR_WSS_INVALID_SECURITY for anything but strict base64 of that length; XML white space is allowed.
 */
export function base64Content(doc: XmlDocument, element: number, least: number, most: number): Buffer {
  const octets = plainBase64(doc, element, most) ?? decodeBase64(plainText(doc, element), { maxOctets: most });
  if (octets === undefined || octets.length < least) {
    refuseShape(
      doc,
      element,
      `${doc.qualifiedName(element)} is not strict base64 of ${least === most ? most : `${least} to ${most}`} octets`,
      "RFC 4648 section 4",
    );
  }
  return octets;
}

/**
 * The usual case, which costs no look at single characters: as many octets as that much text stands for, so that nothing in
 * it was passed over, and no character of the alphabet for URLs. So it holds no white space, references or markup either.
 * Undefined where a closer look is needed.
 */
function plainBase64(doc: XmlDocument, element: number, most: number): Buffer | undefined {
  const start = doc.contentStart(element);
  const end = doc.contentEnd(element);
  const length = end - start;
  if (length === 0 || length % 4 !== 0 || length > Math.ceil(most / 3) * 4) return undefined;
  const text = doc.bytes.subarray(start, end);
  if (text.includes(minus) || text.includes(underscore)) return undefined;
  const octets = Buffer.from(text.toString("latin1"), "base64");
  const padding = text[length - 1] !== equals ? 0 : text[length - 2] !== equals ? 1 : 2;
  if (octets.length !== (length / 4) * 3 - padding || octets.length > most) return undefined;
  // The unused bits of the last four characters.
  const last = octets.toString("base64", octets.length - 3 + padding);
  return last === text.toString("latin1", length - 4) ? octets : undefined;
}
