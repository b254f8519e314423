import type { ReplayEntry } from "../identity/index.js";
import { sha256Hex } from "./digest.js";

/**
 * The fixed-size key of a replay reservation: SHA-256, hex, over tenant, kind and parts, each preceded by its length in
 * octets, so that neither parts nor tenants can run into each other. Text counts as UTF-8.
 */
export function reservationKey(tenant: string, kind: string, parts: ReplayEntry["parts"]): string {
  const all = [tenant, kind, ...parts];
  let length = 0;
  for (const part of all) length += 4 + (typeof part === "string" ? Buffer.byteLength(part) : part.length);
  const octets = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of all) {
    const start = at + 4;
    if (typeof part === "string") at = start + octets.write(part, start);
    else {
      octets.set(part, start);
      at = start + part.length;
    }
    octets.writeUInt32BE(at - start, start - 4);
  }
  return sha256Hex(octets);
}
