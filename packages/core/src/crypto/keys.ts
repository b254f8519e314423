import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from "node:crypto";
import { ConfigurationError } from "../errors/index.js";
import { encryptionKeyFault } from "./encryption-key.js";
import { examineKey, type KeyFault } from "./key-facts.js";

/** A key as configuration gives it: PEM text, PEM or DER octets, or a `KeyObject` of node:crypto. */
export type KeyInput = string | Uint8Array | KeyObject;

/**
 * Loads a private key: PKCS#8, PKCS#1 or SEC1.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for anything that is not a usable private key, ERR_CONFIG_INSECURE for a weak one.
 */
export function loadPrivateKey(given: KeyInput, option: string, passphrase?: string): KeyObject {
  if (given instanceof KeyObject) {
    return given.type === "private"
      ? accepted(given, option)
      : invalid(option, `This is a ${given.type} key.`, "Give the private key.");
  }
  return accepted(importedPrivate(given, option, passphrase), option);
}

function importedPrivate(given: string | Uint8Array, option: string, passphrase: string | undefined): KeyObject {
  return imported(option, "private", given, [
    (key) => createPrivateKey({ key, format: "pem", passphrase }),
    (key) => createPrivateKey({ key, format: "der", type: "pkcs8", passphrase }),
    (key) => createPrivateKey({ key, format: "der", type: "pkcs1" }),
    (key) => createPrivateKey({ key, format: "der", type: "sec1" }),
  ]);
}

/**
 * Loads a private key that opens what was encrypted for its holder: RSA for key transport, P-256, P-384, P-521 or X25519 for
 * key agreement, in PKCS#8, PKCS#1 or SEC1.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for anything that is no such key, one that can only sign included;
 * ERR_CONFIG_INSECURE for a weak one.
 */
export function loadDecryptionKey(given: KeyInput, option: string, passphrase?: string): KeyObject {
  const key = given instanceof KeyObject ? given : importedPrivate(given, option, passphrase);
  if (key.type !== "private") invalid(option, `This is a ${key.type} key.`, "Give the private key.");
  const fault = encryptionKeyFault(key);
  if (fault === undefined) return key;
  throw new ConfigurationError(
    fault.weak ? "ERR_CONFIG_INSECURE" : "ERR_CONFIG_INVALID",
    option,
    `Nothing can be encrypted for this key: ${fault.reason}.`,
    "Use RSA of 2048 to 8192 bits, P-256, P-384, P-521 or X25519.",
  );
}

/**
 * Loads a public key: SPKI or PKCS#1, or the key of a certificate in PEM. A private key is refused, so that none is left
 * lying where only the public one belongs.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for anything that is not a usable public key, ERR_CONFIG_INSECURE for a weak or private one.
 */
export function loadPublicKey(given: KeyInput, option: string): KeyObject {
  if (given instanceof KeyObject) {
    return given.type === "public"
      ? accepted(given, option)
      : invalid(option, `This is a ${given.type} key.`, "Give the public key.");
  }
  if (pemText(given)?.includes("PRIVATE KEY-----")) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      option,
      "This is a private key.",
      "Give the public key or the certificate.",
    );
  }
  return accepted(
    imported(option, "public", given, [
      (key) => createPublicKey({ key, format: "pem" }),
      (key) => createPublicKey({ key, format: "der", type: "spki" }),
      (key) => createPublicKey({ key, format: "der", type: "pkcs1" }),
    ]),
    option,
  );
}

/**
 * Loads an HMAC secret of at least 16 octets: octets, base64 text, or a `KeyObject` of type secret.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for anything else, ERR_CONFIG_INSECURE for a shorter one.
 */
export function loadSecret(given: KeyInput, option: string): KeyObject {
  if (given instanceof KeyObject) {
    return given.type === "secret"
      ? accepted(given, option)
      : invalid(option, `This is a ${given.type} key.`, "Give a secret key.");
  }
  const octets = typeof given === "string" ? decodeSecret(given, option) : given;
  return accepted(createSecretKey(octets), option);
}

/** A `KeyObject` over secret octets that a verified message carried, such as an issued proof key. */
export function secretKey(octets: Uint8Array): KeyObject {
  return createSecretKey(octets);
}

function decodeSecret(text: string, option: string): Buffer {
  if (text.includes("-----BEGIN"))
    invalid(option, "This is PEM text.", "An HMAC secret is given as octets or base64 text.");
  const octets = Buffer.from(text, "base64");
  if (octets.toString("base64") !== text.trim())
    invalid(option, "This is not base64 text.", "Write the secret in base64, with padding.");
  return octets;
}

function imported(
  option: string,
  kind: string,
  given: string | Uint8Array,
  ways: readonly [pem: (key: Buffer) => KeyObject, ...der: ((key: Buffer) => KeyObject)[]],
): KeyObject {
  if (typeof given !== "string" && !(given instanceof Uint8Array)) {
    invalid(option, "No key is given.", `Give the ${kind} key as PEM text, DER octets or a KeyObject.`);
  }
  const octets = Buffer.from(given);
  const [pem, ...der] = ways;
  let cause: unknown;
  for (const way of pemText(given) === undefined ? der : [pem]) {
    try {
      return way(octets);
    } catch (error) {
      cause = error;
    }
  }
  // OpenSSL's reason says what it could not read and never shows key material.
  const detail = cause instanceof Error ? ` (${cause.message})` : "";
  return invalid(
    option,
    `The ${kind} key cannot be read${detail}.`,
    "Give PEM text, DER octets or a KeyObject; an encrypted key needs its passphrase.",
  );
}

function pemText(given: string | Uint8Array): string | undefined {
  const text = typeof given === "string" ? given : Buffer.from(given).toString("latin1");
  return text.includes("-----BEGIN ") ? text : undefined;
}

function accepted(key: KeyObject, option: string): KeyObject {
  const facts = examineKey(key);
  if ("reason" in facts) throw faulty(facts, option);
  return key;
}

function faulty(fault: KeyFault, option: string): ConfigurationError {
  return new ConfigurationError(
    fault.weak ? "ERR_CONFIG_INSECURE" : "ERR_CONFIG_INVALID",
    option,
    `The key cannot be used: ${fault.reason}.`,
    "Use RSA of 2048 to 8192 bits with exponent 65537, P-256, P-384, P-521, Ed25519, or a secret of at least 16 octets.",
  );
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
