import { publicKeyFromJwk } from "../../crypto/index.js";
import { ConfigurationError } from "../../errors/index.js";
import { type AnswerFault, requestOctets } from "../../http/index.js";
import { parseJsonObject } from "./json-object.js";
import type { JsonWebKey } from "./keys.js";
import { maxKeySetKeys, maxKeySetOctets } from "./limits.js";
import { fitting, type VerificationKey } from "./verification-key.js";

/**
 * The address of a key set.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for what is no address, ERR_CONFIG_INSECURE for one without TLS outside
 * loopback, or with a user name or password in it
 */
export function readAddress(given: string | URL, option: string): URL {
  if (!URL.canParse(String(given))) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "This is not an address.",
      "Give the https: address of the JWK set.",
    );
  }
  const url = new URL(given);
  const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      option,
      "Keys read without TLS can be anybody's.",
      "Give an https: address.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      option,
      "The address holds credentials.",
      "Give the address without them.",
    );
  }
  return url;
}

/**
 * Reads the octets of a key set: one GET, no redirects, at most 256 KiB after decompression.
 * @param timeout Milliseconds, body included.
 * @throws what fetch throws, or a KeySetError that says what came instead; the caller makes an ERR_UNAVAILABLE of it
 */
export function requestKeySet(address: URL, timeout: number): Promise<Uint8Array> {
  const accept = "application/jwk-set+json, application/json";
  const errorOf = (fault: AnswerFault) =>
    new KeySetError(
      fault.kind === "status"
        ? `the answer has status ${fault.status}`
        : `the answer has more than ${maxKeySetOctets} octets`,
    );
  return requestOctets(address, { accept, maxOctets: maxKeySetOctets, timeout }, errorOf);
}

/**
 * The usable keys of a JWK set (RFC 7517 section 5). Keys for other uses, other algorithms, of unknown types, weak ones and
 * private ones are passed over, as the RFC says.
 * @throws KeySetError where it is no JWK set, has too many keys, or none that can be used
 */
export function readKeySet(octets: Uint8Array, allowed: ReadonlySet<string>): readonly VerificationKey[] {
  const set = parseJsonObject(octets);
  const entries = typeof set === "string" ? undefined : set.get("keys");
  if (!Array.isArray(entries)) throw new KeySetError("the answer is not a JWK set");
  if (entries.length > maxKeySetKeys) throw new KeySetError(`the set has more than ${maxKeySetKeys} keys`);
  const keys = entries.map((entry) => readKey(entry, allowed)).filter((key) => key !== undefined);
  if (keys.length === 0) throw new KeySetError("the set has no key that goes with an allowed algorithm");
  return keys;
}

/** Why a key set could not be read: the cause of an ERR_UNAVAILABLE. */
export class KeySetError extends Error {
  override readonly name = "KeySetError";
}

function readKey(entry: unknown, allowed: ReadonlySet<string>): VerificationKey | undefined {
  if (!isJwk(entry) || (entry.use ?? "sig") !== "sig") return undefined;
  const { key_ops: operations = ["verify"] } = entry;
  if (!Array.isArray(operations) || !operations.includes("verify")) return undefined;
  const key = "d" in entry || "k" in entry ? undefined : publicKeyFromJwk(entry);
  if (key === undefined) return undefined;
  const algorithms = fitting(key, entry.alg, allowed);
  return algorithms.size === 0 ? undefined : { key, keyId: entry.kid, algorithms };
}

function isJwk(entry: unknown): entry is JsonWebKey {
  if (typeof entry !== "object" || entry === null || !("kty" in entry) || typeof entry.kty !== "string") return false;
  const { kid, alg } = entry as { readonly kid?: unknown; readonly alg?: unknown };
  return (kid === undefined || typeof kid === "string") && (alg === undefined || typeof alg === "string");
}
