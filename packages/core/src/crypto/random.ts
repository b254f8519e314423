import { randomBytes } from "node:crypto";

/** Octets from the system's cryptographic random source. */
export function randomOctets(count: number): Buffer {
  return randomBytes(count);
}

/** A fresh XML ID (an NCName) with 128 random bits. */
export function randomId(prefix = "_"): string {
  return prefix + randomBytes(16).toString("hex");
}
