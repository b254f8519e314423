import { type KeyObject, loadPublicKey, loadSecret, publicKeyFromJwk } from "../../crypto/index.js";
import { ConfigurationError } from "../../errors/index.js";
import { defaultJwsAlgorithms, isJwsAlgorithm, isSymmetric, jwsAlgorithmNames } from "./algorithms.js";
import type { JsonWebKey, JwtKey } from "./keys.js";
import { fitting, type VerificationKey } from "./verification-key.js";

/**
 * The JWS algorithms of a route.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INSECURE for `none`, ERR_CONFIG_INVALID for other unknown names and an empty list.
 */
export function resolveAlgorithms(given: readonly string[] | undefined, option: string): ReadonlySet<string> {
  if (given === undefined) return new Set(defaultJwsAlgorithms);
  if (given.length === 0) invalid(option, "The list is empty.", "Name an algorithm, or leave the option out.");
  for (const [index, name] of given.entries()) {
    if (isJwsAlgorithm(name)) continue;
    throw new ConfigurationError(
      String(name).toLowerCase() === "none" ? "ERR_CONFIG_INSECURE" : "ERR_CONFIG_INVALID",
      `${option}[${index}]`,
      `There is no JWS algorithm "${String(name)}" here.`,
      `Use one of ${jwsAlgorithmNames.join(", ")}.`,
    );
  }
  return new Set(given);
}

/**
 * Loads the keys of an issuer that configuration holds. Each must go with one allowed algorithm at least, and each allowed
 * symmetric algorithm needs a secret: a public key never serves as one.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError naming the key and what is wrong with it
 */
export function loadKeys(
  given: JwtKey | readonly JwtKey[],
  allowed: ReadonlySet<string>,
  option: string,
): readonly VerificationKey[] {
  const listed = isList(given);
  const list = listed ? given : [given];
  if (list.length === 0) invalid(option, "There is no key.", remedy);
  const keys = list.map((key, index) => loadKey(key, allowed, listed ? `${option}[${index}]` : option));
  for (const name of allowed) {
    if (isSymmetric(name) && !keys.some(({ algorithms }) => algorithms.has(name))) {
      invalid(option, `${name} is allowed and no key is a secret for it.`, "Give { secret }, or remove the algorithm.");
    }
  }
  return keys;
}

const remedy = "Give the issuer's public key, or the address of its JWK set.";

const isList = (given: JwtKey | readonly JwtKey[]): given is readonly JwtKey[] => Array.isArray(given);

interface ReadKey {
  readonly key: KeyObject;
  readonly kid?: string | undefined;
  readonly algorithm?: string | undefined;
}

function loadKey(given: JwtKey, allowed: ReadonlySet<string>, option: string): VerificationKey {
  const { key, kid, algorithm } = readKey(given, option);
  const algorithms = fitting(key, algorithm, allowed);
  if (algorithms.size === 0) {
    invalid(
      option,
      `The key goes with none of ${algorithm ?? [...allowed].join(", ")}.`,
      "HS256, HS384 and HS512 must be named in algorithms and need a secret of 32, 48 or 64 octets; others need a public key of their type.",
    );
  }
  return { key, keyId: kid, algorithms };
}

function readKey(given: JwtKey, option: string): ReadKey {
  if (given === undefined || given === null) return invalid(option, "There is no key.", remedy);
  if (typeof given === "object") {
    if ("secret" in given) return { ...given, key: loadSecret(given.secret, `${option}.secret`) };
    if ("key" in given) {
      const inner = readKey(given.key, `${option}.key`);
      return { key: inner.key, kid: given.kid ?? inner.kid, algorithm: given.algorithm ?? inner.algorithm };
    }
    if ("kty" in given) return { key: loadJwk(given, option), kid: given.kid, algorithm: given.alg };
  }
  return { key: loadPublicKey(given, option) };
}

function loadJwk(jwk: JsonWebKey, option: string): KeyObject {
  if ("d" in jwk || "k" in jwk) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      option,
      "The JWK holds a secret.",
      "Give the public key, or { secret } for HS256 and its kin.",
    );
  }
  return (
    publicKeyFromJwk(jwk) ??
    invalid(
      option,
      "The JWK is no public key that can be used.",
      "Give an RSA key of 2048 bits or more, P-256, P-384, P-521 or Ed25519.",
    )
  );
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
