import { decodeBase64, type KeyRing, openSealed, seal } from "../../crypto/index.js";

/** The members of a sealed JSON object. */
export type Members = Readonly<Record<string, unknown>>;

/** Seals a JSON object. */
export function sealMembers(ring: KeyRing, members: Members, purpose: string, tenant: string): Buffer {
  return seal(ring, Buffer.from(JSON.stringify(members)), { purpose, tenant });
}

/** The JSON object that was sealed for this purpose and tenant; undefined where it cannot be opened, for whatever reason. */
export function openMembers(ring: KeyRing, sealed: Uint8Array, purpose: string, tenant: string): Members | undefined {
  const octets = openSealed(ring, sealed, { purpose, tenant });
  if (octets === undefined) return undefined;
  try {
    // Only a holder of the ring's keys can have written it, so that its shape is a matter of versions, not of attacks.
    const value: unknown = JSON.parse(octets.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Base64url without padding, of which every value has exactly one spelling (RFC 4648 section 5). */
export function encodeText(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("base64url");
}

/** The octets of such a text; undefined for any other text, and for more than `maxOctets`. */
export function decodeText(text: string, maxOctets: number): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return decodeBase64(standard + "=".repeat((4 - (standard.length % 4)) % 4), { maxOctets, whitespace: false });
}

/** A text member, undefined where it is none. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A member that is a whole number from 0, undefined where it is none. */
export function wholeOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
