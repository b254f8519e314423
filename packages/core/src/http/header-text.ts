import { ConfigurationError } from "../errors/index.js";

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Names that nothing may set: they belong to HTTP itself. */
const reserved = new Set([
  "connection",
  "content-length",
  "content-type",
  "content-encoding",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Checks the name of a header to be added.
 * @param option Path of the option that names it, for the error.
 * @returns the name under {@link headerSpelling}
 * @throws ConfigurationError ERR_CONFIG_INVALID for what is no header name, and for headers that belong to HTTP
 */
export function requireHeaderName(name: string, option: string): string {
  if (!token.test(name.toLowerCase())) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "This is not a header name.",
      "Use letters, digits and hyphens.",
    );
  }
  const key = headerSpelling(name);
  if (reserved.has(key)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "This header belongs to HTTP.",
      "Choose a name of your own, such as x-subject.",
    );
  }
  return key;
}

/** One name for every spelling that some reader takes for the same header: case, and `_` or `.` for `-`. */
export const headerSpelling = (name: string): string => name.toLowerCase().replace(/[_.]/g, "-");

/**
 * Header text of any value: visible ASCII as it stands, everything else as an RFC 8187 ext-value (`UTF-8''...`). A value
 * that looks like an ext-value is encoded too, so that no subject can choose what a reader decodes.
 */
export function headerText(value: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !/^(?:utf-8|iso-8859-1)'/i.test(value)) return value;
  const encoded = encodeURIComponent(Buffer.from(value).toString()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `UTF-8''${encoded}`;
}
