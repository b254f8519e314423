import { X509Certificate } from "node:crypto";
import { ConfigurationError } from "../errors/index.js";

const begin = "-----BEGIN CERTIFICATE-----";

/**
 * The certificates that an option gives, in DER: one, or as many as a PEM text holds.
 * @throws ConfigurationError ERR_CONFIG_INVALID where it gives none, ERR_CONFIG_INSECURE for a private key
 */
export function certificateOctets(given: string | Uint8Array | X509Certificate, option: string): readonly Uint8Array[] {
  if (given instanceof X509Certificate) return [given.raw];
  if (typeof given !== "string" && !(given instanceof Uint8Array)) return invalid(option, "No certificate is given.");
  const text = typeof given === "string" ? given : Buffer.from(given).toString("latin1");
  const blocks = pemBlocks(text, "CERTIFICATE");
  if (blocks.length > 0) return blocks;
  if (text.includes("PRIVATE KEY-----")) {
    throw new ConfigurationError("ERR_CONFIG_INSECURE", option, "This is a private key.", "Give the certificate.");
  }
  return typeof given === "string" ? invalid(option, "This is not PEM text.") : [given];
}

/** DER as PEM text (RFC 7468). */
export function certificatePem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [begin, ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** The contents of all blocks with that label in PEM text (RFC 7468). A block without end is empty. */
export function pemBlocks(text: string, label: string): readonly Buffer[] {
  const blocks = text.split(`-----BEGIN ${label}-----`).slice(1);
  return blocks.map((block) =>
    Buffer.from(block.slice(0, Math.max(block.indexOf(`-----END ${label}-----`), 0)), "base64"),
  );
}

function invalid(option: string, reason: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, "Give the certificate as PEM text or DER octets.");
}
