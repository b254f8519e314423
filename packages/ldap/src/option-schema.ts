import { allowInsecureTransport, ConfigurationError, toConfigurationError } from "@countersign/core/sts";
import { FilterParser } from "ldapts";
import { z } from "zod";
import type { LdapOptions } from "./options.js";

const pem = z.custom(
  (value) => (typeof value === "string" && value.includes("-----BEGIN")) || value instanceof Uint8Array,
  "This must be PEM text or octets.",
);
const address = z
  .string()
  .refine(isAddress, "This must be an address such as ldaps://directory.example, without a path.");
const dn = z.string().min(1);
const attribute = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*$|^\d+(\.\d+)+$/, "This must be the name of an attribute, such as mail.");
const claim = z.string().min(1);

/** A filter whose named placeholders are among those given, the first of them mandatory. */
const filter = (...placeholders: readonly [string, ...string[]]) =>
  z
    .string()
    .refine(isFilter, "This must be a filter such as (uid={name}), in the syntax of RFC 4515.")
    .refine(
      (text) => placeholders.some((name) => text.includes(`{${name}}`)),
      `This must have ${placeholders.map((name) => `{${name}}`).join(" or ")}: without it, it finds the same for everybody.`,
    );

const ldapOptions = z.strictObject({
  url: z.union([address, z.array(address).min(1)]),
  startTls: z.boolean().optional(),
  tls: z
    .strictObject({
      ca: z.union([pem, z.array(pem).min(1)]).optional(),
      cert: pem.optional(),
      key: pem.optional(),
      servername: z.string().min(1).optional(),
    })
    .optional(),
  users: z.union([
    z.strictObject({
      as: z.strictObject({
        dn,
        password: z.string().min(1, "A bind without a password succeeds as nobody (RFC 4513 section 5.1.2)."),
      }),
      base: z.string(),
      filter: filter("name").optional(),
      scope: z.enum(["one", "sub"]).optional(),
    }),
    z.strictObject({ dn: dn.refine((text) => text.includes("{name}"), "This must have {name}.") }),
  ]),
  name: attribute.optional(),
  claims: z.record(claim, attribute).optional(),
  groups: z
    .strictObject({
      base: z.string(),
      filter: filter("dn", "name").optional(),
      attribute: attribute.optional(),
      claim,
    })
    .optional(),
  timeoutSeconds: z.number().min(0.1).max(60).optional(),
  maxConnections: z.number().int().min(1).max(1000).optional(),
});

/**
 * Checks the options of a directory.
 * @throws ConfigurationError with the path of the first wrong option, and where passwords would travel unencrypted
 */
export function checkLdapOptions(options: LdapOptions): void {
  const result = ldapOptions.safeParse(options);
  if (!result.success) throw toConfigurationError(result.error);
  const { startTls = false, url, groups, claims } = options;
  const urls = [url].flat();
  for (const [index, text] of urls.entries()) {
    const path = typeof url === "string" ? "url" : `url[${index}]`;
    const encrypted = text.startsWith("ldaps:");
    if (encrypted && startTls) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        path,
        "An ldaps connection is encrypted from its first octet and cannot be turned into TLS.",
        "Use ldap://, or leave startTls out.",
      );
    }
    if (!encrypted && !startTls && options[allowInsecureTransport] !== true) {
      throw new ConfigurationError(
        "ERR_CONFIG_INSECURE",
        path,
        "Passwords would travel unencrypted.",
        "Use ldaps:// or startTls, or allowInsecureTransport on a development machine.",
      );
    }
  }
  if (groups !== undefined && Object.hasOwn(claims ?? {}, groups.claim)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "groups.claim",
      "The claim has an attribute already, in claims.",
      "Give groups a claim of their own.",
    );
  }
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username } = new URL(text);
  return /^ldaps?:$/.test(protocol) && hostname !== "" && /^\/?$/.test(pathname) && search + hash + username === "";
}

function isFilter(text: string): boolean {
  try {
    FilterParser.parseString(text.replace(/\{(?:name|dn)\}/g, "x"));
    return text.startsWith("(") && text.endsWith(")");
  } catch {
    return false;
  }
}
