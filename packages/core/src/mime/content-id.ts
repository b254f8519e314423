/** Most characters of a Content-ID; a part header is bounded too, but an id is repeated in evidence and audit. */
const maxIdCharacters = 256;

const plainId = /^[\x21-\x3b\x3d\x3f-\x7e]+$/;

/**
 * The identifier of a Content-ID header, without its angle brackets (RFC 2045 section 7, RFC 2392).
 * @returns undefined for what is no Content-ID
 */
export function parseContentId(value: string): string | undefined {
  const id = /^<(.*)>$/.exec(value)?.[1];
  return id !== undefined && id.length <= maxIdCharacters && plainId.test(id) ? id : undefined;
}

/**
 * The identifier that a `cid:` URL names (RFC 2392): percent-decoded, and nothing else.
 * @returns undefined for every other URL
 */
export function parseCidUrl(url: string): string | undefined {
  if (!url.startsWith("cid:")) return undefined;
  try {
    const id = decodeURIComponent(url.slice(4));
    return id.length <= maxIdCharacters && plainId.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The `cid:` URL of an identifier. */
export function cidUrl(id: string): string {
  return `cid:${id.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g, encodeURIComponent)}`;
}
