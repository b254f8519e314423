import { createSecretKey, hkdfSync, KeyObject } from "node:crypto";
import { ConfigurationError } from "../errors/index.js";

/** A sealing key as configuration gives it: 32 random octets, their base64 text, or a `KeyObject` of type secret. */
export type SealingKeyInput = string | Uint8Array | KeyObject;

/** A key of a ring. */
export interface SealingKey {
  /** What stands in clear before everything sealed with it: 8 octets, hexadecimal, derived from the key one way. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Length of a sealing key: AES-256. */
export const sealingKeyOctets = 32;

/** Keys of one ring: the current one, the one before it, and the next one while it is being handed out to all nodes. */
const maxKeys = 3;

/** Fewer different octets than any 32 random ones have: text typed by hand, or a counter, or zeros. */
const leastDistinct = 14;

/**
 * The keys under which tickets are sealed. The first is current: it seals. All of them open. A ring can be given other keys
 * while it is in use, so that nothing need be restarted; what was sealed with a key that has left the ring is refused.
 */
export class KeyRing {
  #keys: readonly SealingKey[];
  #byId: ReadonlyMap<string, SealingKey>;

  /**
   * @param option Path of the option, for the error.
   * @throws ConfigurationError ERR_CONFIG_INVALID for no key, more than three, one twice or of another length;
   * ERR_CONFIG_INSECURE for octets that cannot be random
   */
  constructor(keys: readonly SealingKeyInput[], option = "keys") {
    this.#keys = loadKeys(keys, option);
    this.#byId = byIdOf(this.#keys);
  }

  /** The key that seals. */
  get current(): SealingKey {
    // A ring without a key cannot be made.
    return this.#keys[0] as SealingKey;
  }

  /** The ids of all keys, the current one first. */
  get ids(): readonly string[] {
    return this.#keys.map(({ id }) => id);
  }

  /** The key with that id; undefined where it is not, or no more, in the ring. */
  find(id: string): SealingKey | undefined {
    return this.#byId.get(id);
  }

  /**
   * Makes a key current, a new one or one that was only accepted so far. The key that was current is still accepted, every
   * other one leaves: what is sealed outlives one rotation, never two.
   * @throws ConfigurationError as the constructor; the ring then stays as it was
   */
  rotate(key: SealingKeyInput, option = "keys"): void {
    const next = loadKey(key, option);
    if (next.id === this.current.id) invalid(option, "This key is current already.", "Give a new key.");
    this.#take([next, this.current]);
  }

  /**
   * Takes other keys in the place of all, as from a changed file; the first is current.
   * @throws ConfigurationError as the constructor; the ring then stays as it was
   */
  replace(keys: readonly SealingKeyInput[], option = "keys"): void {
    this.#take(loadKeys(keys, option));
  }

  #take(keys: readonly SealingKey[]): void {
    this.#keys = keys;
    this.#byId = byIdOf(keys);
  }
}

/**
 * The keys under which tickets are sealed: the current one, then those that are still, or already, accepted.
 * @throws ConfigurationError as the constructor of {@link KeyRing}
 */
export function keyRing(keys: readonly SealingKeyInput[]): KeyRing {
  return new KeyRing(keys);
}

function byIdOf(keys: readonly SealingKey[]): ReadonlyMap<string, SealingKey> {
  return new Map(keys.map((key) => [key.id, key]));
}

function loadKeys(given: readonly SealingKeyInput[], option: string): readonly SealingKey[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > maxKeys) {
    invalid(option, `A ring has 1 to ${maxKeys} keys.`, "Give the current key first, then the one before it.");
  }
  const keys = given.map((key: SealingKeyInput, index) => loadKey(key, `${option}[${index}]`));
  for (const [index, { id }] of keys.entries()) {
    if (keys.findIndex((other) => other.id === id) !== index) {
      invalid(`${option}[${index}]`, "This key stands in the ring twice.", "Give each key once.");
    }
  }
  return keys;
}

function loadKey(given: SealingKeyInput, option: string): SealingKey {
  const octets = octetsOf(given, option);
  if (octets.length !== sealingKeyOctets) {
    invalid(option, `The key has ${octets.length} octets, not ${sealingKeyOctets}.`, remedy);
  }
  if (new Set(octets).size < leastDistinct) {
    throw new ConfigurationError("ERR_CONFIG_INSECURE", option, "These octets are not random.", remedy);
  }
  const key = createSecretKey(octets);
  return Object.freeze({ id: Buffer.from(hkdfSync("sha256", key, "", idLabel, 8)).toString("hex"), key });
}

const idLabel = "countersign key id";
const remedy = "Make one with `openssl rand -base64 32`.";

function octetsOf(given: SealingKeyInput, option: string): Uint8Array {
  if (given instanceof KeyObject) {
    return given.type === "secret" ? given.export() : invalid(option, `This is a ${given.type} key.`, remedy);
  }
  if (given instanceof Uint8Array) return given;
  if (typeof given !== "string") invalid(option, "No key is given.", remedy);
  const octets = Buffer.from(given, "base64");
  if (octets.toString("base64") !== given.trim()) invalid(option, "This is not base64 text.", remedy);
  return octets;
}

function invalid(option: string, reason: string, mend: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, mend);
}
