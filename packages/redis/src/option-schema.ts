import { allowInsecureTransport, ConfigurationError, toConfigurationError } from "@countersign/core/sts";
import { z } from "zod";
import type { RedisOptions } from "./options.js";

const pem = z.custom(
  (value) => (typeof value === "string" && value.includes("-----BEGIN")) || value instanceof Uint8Array,
  "This must be PEM text or octets.",
);

const redisOptions = z.strictObject({
  url: z.string().refine(isAddress, "This must be an address such as rediss://redis.example:6379/0."),
  username: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  tls: z
    .strictObject({
      ca: z.union([pem, z.array(pem).min(1)]).optional(),
      cert: pem.optional(),
      key: pem.optional(),
      servername: z.string().min(1).optional(),
    })
    .optional(),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, "This must be 1 to 64 letters, digits, dots, dashes or underscores.")
    .optional(),
  timeoutMilliseconds: z.number().int().min(10).max(10_000).optional(),
  clockDifferenceSeconds: z.number().int().min(1).max(3_600).optional(),
  replicas: z.number().int().min(0).max(16).optional(),
});

/**
 * Checks the options of a connection.
 * @throws ConfigurationError with the path of the first wrong option, and where secrets would travel unencrypted
 */
export function checkRedisOptions(options: RedisOptions): void {
  const result = redisOptions.safeParse(options);
  if (!result.success) throw toConfigurationError(result.error);
  const { protocol, hostname } = new URL(options.url);
  if (protocol === "rediss:") return;
  if (options.tls !== undefined) {
    throw new ConfigurationError("ERR_CONFIG_INVALID", "tls", "The address is without TLS.", "Use rediss://.");
  }
  if (isLoopback(hostname) || options[allowInsecureTransport] === true) return;
  throw new ConfigurationError(
    "ERR_CONFIG_INSECURE",
    "url",
    "Passwords, sessions and secrets would travel unencrypted.",
    "Use rediss://, or allowInsecureTransport in a network that nobody else can read.",
  );
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  return /^rediss?:$/.test(protocol) && hostname !== "" && /^(?:\/\d{0,3})?$/.test(pathname) && search + hash === "";
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
