import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { loadDecryptionKey, loadPrivateKey, loadPublicKey, loadSecret } from "./keys.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed25519 = generateKeyPairSync("ed25519");
const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigurationError && error.option === "sign.key" && error.remedy !== "") return error.code;
    return String(error);
  }
  return "none";
}

describe("loadPrivateKey", () => {
  it.each([
    ["PKCS#8 PEM", rsa.privateKey.export({ type: "pkcs8", format: "pem" })],
    ["PKCS#1 PEM", rsa.privateKey.export({ type: "pkcs1", format: "pem" })],
    ["SEC1 PEM", ec.privateKey.export({ type: "sec1", format: "pem" })],
    ["PKCS#8 DER", ed25519.privateKey.export({ type: "pkcs8", format: "der" })],
    ["PKCS#1 DER", rsa.privateKey.export({ type: "pkcs1", format: "der" })],
    ["SEC1 DER", ec.privateKey.export({ type: "sec1", format: "der" })],
    ["PEM octets", Buffer.from(ec.privateKey.export({ type: "pkcs8", format: "pem" }))],
    ["a KeyObject", ec.privateKey],
  ])("accepts %s", (_name, given) => {
    expect(loadPrivateKey(given, "sign.key").type).toBe("private");
  });

  it("accepts an encrypted key with its passphrase and rejects another with ERR_CONFIG_INVALID", () => {
    const pem = ec.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" });
    expect(loadPrivateKey(pem, "sign.key", "right").type).toBe("private");
    expect(failure(() => loadPrivateKey(pem, "sign.key", "wrong"))).toBe("ERR_CONFIG_INVALID");
    expect(failure(() => loadPrivateKey(pem, "sign.key"))).toBe("ERR_CONFIG_INVALID");
  });

  it.each([
    ["a public key", rsa.publicKey, "ERR_CONFIG_INVALID"],
    ["public PEM", rsa.publicKey.export({ type: "spki", format: "pem" }), "ERR_CONFIG_INVALID"],
    ["text", "key", "ERR_CONFIG_INVALID"],
    ["nothing", undefined, "ERR_CONFIG_INVALID"],
    ["1024 bit RSA", weak.privateKey, "ERR_CONFIG_INSECURE"],
    ["another curve", generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey, "ERR_CONFIG_INVALID"],
  ])("rejects %s", (_name, given, code) => {
    expect(failure(() => loadPrivateKey(given as string, "sign.key"))).toBe(code);
  });
});

describe("loadPublicKey", () => {
  it.each([
    ["SPKI PEM", rsa.publicKey.export({ type: "spki", format: "pem" })],
    ["PKCS#1 PEM", rsa.publicKey.export({ type: "pkcs1", format: "pem" })],
    ["SPKI DER", ec.publicKey.export({ type: "spki", format: "der" })],
    ["PKCS#1 DER", rsa.publicKey.export({ type: "pkcs1", format: "der" })],
    ["a KeyObject", ed25519.publicKey],
  ])("accepts %s", (_name, given) => {
    expect(loadPublicKey(given, "sign.key").type).toBe("public");
  });

  it.each([
    ["private PEM", rsa.privateKey.export({ type: "pkcs8", format: "pem" }), "ERR_CONFIG_INSECURE"],
    ["a private KeyObject", rsa.privateKey, "ERR_CONFIG_INVALID"],
    ["a secret", createSecretKey(Buffer.alloc(32)), "ERR_CONFIG_INVALID"],
    ["1024 bit RSA", weak.publicKey.export({ type: "spki", format: "pem" }), "ERR_CONFIG_INSECURE"],
    ["empty text", "", "ERR_CONFIG_INVALID"],
  ])("rejects %s", (_name, given, code) => {
    expect(failure(() => loadPublicKey(given, "sign.key"))).toBe(code);
  });
});

describe("loadSecret", () => {
  const octets = Buffer.alloc(16, 3);

  it.each([
    ["octets", octets],
    ["base64 text", octets.toString("base64")],
    ["a KeyObject", createSecretKey(octets)],
  ])("accepts %s", (_name, given) => {
    expect(loadSecret(given, "sign.key").export()).toEqual(octets);
  });

  it.each([
    ["15 octets", octets.subarray(1), "ERR_CONFIG_INSECURE"],
    ["text that is not base64", "my pass phrase!", "ERR_CONFIG_INVALID"],
    ["PEM text", rsa.publicKey.export({ type: "spki", format: "pem" }), "ERR_CONFIG_INVALID"],
    ["a public key", rsa.publicKey, "ERR_CONFIG_INVALID"],
  ])("rejects %s", (_name, given, code) => {
    expect(failure(() => loadSecret(given, "sign.key"))).toBe(code);
  });
});

describe("loadDecryptionKey", () => {
  const x25519 = generateKeyPairSync("x25519");
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });

  it.each([
    ["RSA", rsa.privateKey],
    ["P-256", ec.privateKey],
    ["X25519", x25519.privateKey],
    ["X25519 in PEM", x25519.privateKey.export({ type: "pkcs8", format: "pem" })],
    ["RSA in DER", rsa.privateKey.export({ type: "pkcs1", format: "der" })],
  ])("accepts %s", (_name, given) => {
    expect(loadDecryptionKey(given, "sign.key").type).toBe("private");
  });

  it.each([
    ["a key that can only sign", ed25519.privateKey, "ERR_CONFIG_INVALID"],
    ["a key bound to RSASSA-PSS", pss.privateKey, "ERR_CONFIG_INVALID"],
    ["a public key", x25519.publicKey, "ERR_CONFIG_INVALID"],
    ["a secret key", createSecretKey(Buffer.alloc(32)), "ERR_CONFIG_INVALID"],
    ["another curve", generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey, "ERR_CONFIG_INVALID"],
    ["a weak key", weak.privateKey, "ERR_CONFIG_INSECURE"],
    ["no key", "nonsense", "ERR_CONFIG_INVALID"],
  ])("rejects %s", (_name, given, code) => {
    expect(failure(() => loadDecryptionKey(given, "sign.key"))).toBe(code);
  });
});
