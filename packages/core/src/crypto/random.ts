import { randomBytes, randomUUID } from "node:crypto";

/** Octets from the system's cryptographic random source. */
export function randomOctets(count: number): Buffer {
  return randomBytes(count);
}

/** A fresh XML ID (an NCName) with 128 random bits. */
export function randomId(prefix = "_"): string {
  return prefix + randomBytes(16).toString("hex");
}

/** A random UUID (RFC 9562 version 4): what correlation ids are made of. */
export function randomUuid(): string {
  return randomUUID();
}
