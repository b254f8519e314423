/** How base64 text is read. */
export interface Base64Options {
  /** The most octets that the text may stand for. */
  readonly maxOctets: number;
  /** Whether XML white space may stand between the characters, as xs:base64Binary allows. Default true. */
  readonly whitespace?: boolean;
}

// Whole quads, then a last quad whose unused bits are zero: every value has exactly one spelling.
const strict = /^[A-Za-z0-9+/]*(?:[AQgw]==|[AEIMQUYcgkosw048]=)?$/;
const whiteSpace = /[ \t\r\n]/;
const allWhiteSpace = /[ \t\r\n]+/g;

/**
 * Reads base64 strictly (RFC 4648 section 4): the standard alphabet, full padding, unused bits zero.
 * @returns The octets, or undefined where the text is not strict base64 or stands for more than `maxOctets`.
 */
export function decodeBase64(text: string, { maxOctets, whitespace = true }: Base64Options): Buffer | undefined {
  const dense = whitespace && whiteSpace.test(text) ? text.replace(allWhiteSpace, "") : text;
  if (dense.length % 4 !== 0 || dense.length > Math.ceil(maxOctets / 3) * 4 || !strict.test(dense)) return undefined;
  const octets = Buffer.from(dense, "base64");
  return octets.length <= maxOctets ? octets : undefined;
}

/** Writes base64 with padding, without line breaks. */
export function encodeBase64(octets: Uint8Array): string {
  return asBuffer(octets).toString("base64");
}

function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
