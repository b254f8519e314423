import { createHash } from "node:crypto";
import type { ReplayEntry } from "../identity/index.js";

/**
 * The fixed-size key of a replay reservation: SHA-256, hex, over tenant, kind and parts, each preceded by its length in
 * octets, so that neither parts nor tenants can run into each other. Text counts as UTF-8.
 */
export function reservationKey(tenant: string, kind: string, parts: ReplayEntry["parts"]): string {
  const hash = createHash("sha256");
  const length = Buffer.allocUnsafe(4);
  for (const part of [tenant, kind, ...parts]) {
    const octets = typeof part === "string" ? Buffer.from(part) : part;
    length.writeUInt32BE(octets.length);
    hash.update(length).update(octets);
  }
  return hash.digest("hex");
}
