import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { digestAlgorithm, digestUri, signatureAlgorithm, signatureUri } from "./algorithms.js";
import { contentCipher } from "./content-cipher.js";
import { contentCipherUri, keyTransportUri } from "./encryption-uris.js";
import { keyAgreement } from "./key-agreement.js";
import { keyTransport } from "./key-transport.js";
import { keyWrap } from "./key-wrap.js";
import { defaultSuite, resolveSuite, suites } from "./suites.js";

function failure(act: () => unknown): Pick<ConfigurationError, "code" | "option"> | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigurationError) return { code: error.code, option: error.option };
    throw error;
  }
  return undefined;
}

describe("suites", () => {
  it("hold SHA-1 and CBC only under a name that says legacy (C5, D3)", () => {
    for (const [key, suite] of Object.entries(suites)) {
      expect(suite.name).toBe(key);
      const legacy =
        [...suite.signatures].some((uri) => signatureAlgorithm(uri)?.legacy) ||
        [...suite.digests].some((uri) => digestAlgorithm(uri)?.legacy) ||
        [...suite.encryption.content].some((uri) => contentCipher(uri)?.legacy);
      expect(legacy).toBe(suite.name.includes("legacy"));
    }
  });

  it("hold known algorithms only", () => {
    for (const suite of Object.values(suites)) {
      for (const uri of suite.signatures) expect(signatureAlgorithm(uri), uri).toBeDefined();
      for (const uri of suite.digests) expect(digestAlgorithm(uri), uri).toBeDefined();
      const { content, keyTransport: transports, keyWrap: wraps, keyAgreement: agreements } = suite.encryption;
      for (const uri of content) expect(contentCipher(uri), uri).toBeDefined();
      for (const uri of transports) expect(keyTransport(uri), uri).toBeDefined();
      for (const uri of wraps) expect(keyWrap(uri), uri).toBeDefined();
      for (const uri of agreements) expect(keyAgreement(uri), uri).toBeDefined();
    }
  });

  it("hold no RSA 1.5 (D1)", () => {
    for (const { encryption } of Object.values(suites)) {
      expect(encryption.keyTransport.has(keyTransportUri.rsa15)).toBe(false);
    }
  });
});

describe("resolveSuite", () => {
  it("accepts a name, a description, and nothing", () => {
    expect(resolveSuite(undefined, "suite")).toBe(defaultSuite);
    expect(resolveSuite("basic256Sha256", "suite")).toBe(suites.basic256Sha256);
    const own = resolveSuite({ name: "strong", signatures: [signatureUri.ed25519], minimumRsaBits: 3072 }, "suite");
    expect([...own.signatures]).toEqual([signatureUri.ed25519]);
    expect(own.digests).toEqual(defaultSuite.digests);
    expect(own.minimumRsaBits).toBe(3072);
  });

  it("accepts SHA-1 in a suite called legacy, and rejects it elsewhere with ERR_CONFIG_INSECURE", () => {
    const signatures = [signatureUri.rsaSha1];
    expect(resolveSuite({ name: "legacyPeer", signatures }, "suite").signatures.has(signatureUri.rsaSha1)).toBe(true);
    expect(failure(() => resolveSuite({ name: "peer", signatures }, "suite"))).toEqual({
      code: "ERR_CONFIG_INSECURE",
      option: "suite.signatures[0]",
    });
    expect(failure(() => resolveSuite({ name: "peer", digests: [digestUri.sha1] }, "suite"))).toEqual({
      code: "ERR_CONFIG_INSECURE",
      option: "suite.digests[0]",
    });
  });

  it("accepts encryption algorithms kind by kind, and rejects CBC in a suite not called legacy with ERR_CONFIG_INSECURE", () => {
    const encryption = { content: [contentCipherUri.aes256Cbc], keyAgreement: [] };
    const own = resolveSuite({ name: "legacyPeer", encryption }, "suite").encryption;
    expect(own).toEqual({ ...defaultSuite.encryption, content: new Set(encryption.content), keyAgreement: new Set() });
    expect(failure(() => resolveSuite({ name: "peer", encryption }, "suite"))).toEqual({
      code: "ERR_CONFIG_INSECURE",
      option: "suite.encryption.content[0]",
    });
  });

  it.each([
    [
      "RSA 1.5",
      { name: "legacy", encryption: { keyTransport: [keyTransportUri.rsa15] } },
      "s.encryption.keyTransport[0]",
    ],
    ["an unknown mask", { name: "x", encryption: { masks: ["urn:x"] } }, "s.encryption.masks[0]"],
    ["an unknown derivation", { name: "x", encryption: { keyDerivation: ["urn:x"] } }, "s.encryption.keyDerivation[0]"],
    ["an unknown name", "nosuch", "s"],
    ["a name of Object.prototype", "constructor", "s"],
    ["an unknown URI", { name: "x", signatures: ["urn:x"] }, "s.signatures[0]"],
    ["an empty list", { name: "x", digests: [] }, "s.digests"],
    ["a lowered minimum", { name: "x", minimumRsaBits: 1024 }, "s.minimumRsaBits"],
    ["a minimum that is no number", { name: "x", minimumRsaBits: Number.NaN }, "s.minimumRsaBits"],
  ])("rejects %s with ERR_CONFIG_INVALID", (_name, given, option) => {
    expect(failure(() => resolveSuite(given as never, "s"))).toEqual({ code: "ERR_CONFIG_INVALID", option });
  });
});
