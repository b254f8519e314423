import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import type { KeyRing } from "./key-ring.js";

/** What sealed octets are bound to: they open for the same purpose and tenant only. */
export interface SealBinding {
  /** What they are, for example `session-ticket`. */
  readonly purpose: string;
  /** Whose they are: the label that keeps services apart which share keys. */
  readonly tenant: string;
}

/** The one format: the first octet of everything sealed. There is no algorithm to choose in it. */
const formatVersion = 1;
const keyIdOctets = 8;
const saltOctets = 16;
/** 96 bits: SP 800-38D section 8.2.2. */
const ivOctets = 12;
/** 128 bits, never fewer: Node takes shorter tags unless told. */
const tagOctets = 16;
const headOctets = 1 + keyIdOctets + saltOctets;

/** By how many octets sealed octets are longer than what they hold. */
export const sealOverheadOctets: number = headOctets + ivOctets + tagOctets;

const subKeyLabel = "countersign seal 1";

/**
 * Seals octets with the ring's current key: version, key id, salt, IV, AES-256-GCM ciphertext, tag. Each message has an AES
 * key of its own, derived by HKDF-SHA256 (RFC 5869) from the ring's key and 128 random bits, so that no number of messages
 * under one key brings two IVs together. Everything in front of the ciphertext, purpose and tenant are authenticated.
 */
export function seal(ring: KeyRing, plaintext: Uint8Array, binding: SealBinding): Buffer {
  const { id, key } = ring.current;
  const head = Buffer.alloc(headOctets);
  head[0] = formatVersion;
  head.write(id, 1, "hex");
  const salt = randomBytes(saltOctets);
  salt.copy(head, 1 + keyIdOctets);
  const iv = randomBytes(ivOctets);
  const cipher = createCipheriv("aes-256-gcm", subKey(key, salt), iv, { authTagLength: tagOctets });
  cipher.setAAD(associatedData(head, binding));
  return Buffer.concat([head, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what {@link seal} sealed.
 * @returns undefined where it cannot be opened, for whatever reason: another version, a key that is not in the ring, another
 * purpose or tenant, one bit changed. Nothing says which.
 */
export function openSealed(ring: KeyRing, sealed: Uint8Array, binding: SealBinding): Buffer | undefined {
  const octets = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const end = octets.length - tagOctets;
  if (end < headOctets + ivOctets || octets[0] !== formatVersion) return undefined;
  const held = ring.find(octets.toString("hex", 1, 1 + keyIdOctets));
  if (held === undefined) return undefined;
  const head = octets.subarray(0, headOctets);
  const iv = octets.subarray(headOctets, headOctets + ivOctets);
  const key = subKey(held.key, head.subarray(1 + keyIdOctets));
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: tagOctets });
  decipher.setAAD(associatedData(head, binding));
  decipher.setAuthTag(octets.subarray(end));
  // Nothing of it is handed out before final() has seen the tag.
  const plaintext = decipher.update(octets.subarray(headOctets + ivOctets, end));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

function subKey(key: KeyObject, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, salt, subKeyLabel, 32));
}

/** Head, purpose and tenant, the texts behind their lengths, so that they cannot run into each other. */
function associatedData(head: Uint8Array, { purpose, tenant }: SealBinding): Buffer {
  const parts: Uint8Array[] = [head];
  for (const text of [purpose, tenant]) {
    const octets = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(octets.length);
    parts.push(length, octets);
  }
  return Buffer.concat(parts);
}
