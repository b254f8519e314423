import { randomBytes, randomFillSync, randomUUID } from "node:crypto";

/** Octets from the system's cryptographic random source. */
export function randomOctets(count: number): Buffer {
  return randomBytes(count);
}

const idOctets = 16;
/** Octets for identifiers, which are no secrets: asking the source for many at once costs little more than for one. */
const forIds = Buffer.alloc(128 * idOctets);
let used = forIds.length;

/** A fresh XML ID (an NCName) with 128 random bits. Not for secrets. */
export function randomId(prefix = "_"): string {
  if (used === forIds.length) {
    randomFillSync(forIds);
    used = 0;
  }
  used += idOctets;
  return prefix + forIds.toString("hex", used - idOctets, used);
}

/** A random UUID (RFC 9562 version 4): what correlation ids are made of. */
export function randomUuid(): string {
  return randomUUID();
}
