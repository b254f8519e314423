import { allowInsecureTransport } from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { type BrokerOptions, createBroker } from "./index.js";

const own = createTestCertificate({ subject: "CN=sts", keyType: "rsa" });
const other = createTestCertificate({ subject: "CN=other", keyType: "ec" });
const right: BrokerOptions = {
  issuer: "https://sts.example",
  origin: "https://sts.example",
  signing: { key: own.privateKey, certificate: own.certificate },
  identityProvider: async () => undefined,
  relyingParties: [{ appliesTo: "urn:orders" }],
};
const ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const rsaSha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

describe("broker options", () => {
  it.each<[string, Partial<BrokerOptions>]>([
    ["the least", {}],
    ["an identity provider as an object", { identityProvider: { authenticate: () => undefined } }],
    ["both versions of SAML", { relyingParties: [{ appliesTo: "urn:orders", tokenTypes: ["saml11", "saml2"] }] }],
    ["a path", { path: "/trust/13/username" }],
    ["lifetimes", { lifetime: { defaultSeconds: 60, maxSeconds: 60 } }],
    [
      "a signature method",
      { signing: { ...right.signing, algorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" } },
    ],
    ["http with the switch", { origin: "http://127.0.0.1:8080", [allowInsecureTransport]: true }],
  ])("accepts %s", async (_, change) => {
    await createBroker({ ...right, ...change }).close();
  });

  it("accepts origin and path as the address of the endpoint", () => {
    expect(createBroker(right)).toMatchObject({
      address: "https://sts.example/sts",
      path: "/sts",
      insecureTransport: false,
    });
  });

  it.each<[string, string, object]>([
    ["an unknown option", "issuers", { issuers: [] }],
    ["no issuer", "issuer", { issuer: "" }],
    ["an origin with a path", "origin", { origin: "https://sts.example/sts" }],
    ["a path without slash", "path", { path: "sts" }],
    ["no relying parties", "relyingParties", { relyingParties: [] }],
    ["a relying party without address", "relyingParties[0].appliesTo", { relyingParties: [{}] }],
    ["an unknown option of one", "relyingParties[0].url", { relyingParties: [{ appliesTo: "a", url: "b" }] }],
    [
      "a symmetric key type",
      "relyingParties[0].keyTypes[0]",
      { relyingParties: [{ appliesTo: "a", keyTypes: ["symmetric-key"] }] },
    ],
    [
      "an unknown kind of token",
      "relyingParties[0].tokenTypes[0]",
      { relyingParties: [{ appliesTo: "a", tokenTypes: ["jwt"] }] },
    ],
    [
      "one address twice",
      "relyingParties[1].appliesTo",
      { relyingParties: [{ appliesTo: "a" }, { appliesTo: ["b", "a"] }] },
    ],
    [
      "a life above its maximum",
      "relyingParties[0].lifetimeSeconds",
      { relyingParties: [{ appliesTo: "a", lifetimeSeconds: 61, maxLifetimeSeconds: 60 }] },
    ],
    ["a life of more than 12 hours", "lifetime.maxSeconds", { lifetime: { maxSeconds: 43_201 } }],
    ["a default above the maximum", "lifetime.defaultSeconds", { lifetime: { defaultSeconds: 61, maxSeconds: 60 } }],
    ["no identity provider", "identityProvider", { identityProvider: {} }],
    [
      "a certificate of another key",
      "signing.certificate",
      { signing: { ...right.signing, certificate: other.certificate } },
    ],
    ["a broken key", "signing.key", { signing: { ...right.signing, key: "x" } }],
    ["SHA-1", "signing.algorithm", { signing: { ...right.signing, algorithm: rsaSha1 } }],
    ["a method of another family", "signing.algorithm", { signing: { ...right.signing, algorithm: ecdsa } }],
    ["an unknown limit", "limits.maxBodies", { limits: { maxBodies: 1 } }],
    ["a limit of nothing", "limits.maxBody", { limits: { maxBody: 0 } }],
    ["a replay cache that is none", "replay", { replay: new Map() }],
  ])("rejects %s with ERR_CONFIG_INVALID", (_, option, change) => {
    expect(() => createBroker({ ...right, ...change })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option }),
    );
  });

  it("rejects an origin over http with ERR_CONFIG_INSECURE", () => {
    expect(() => createBroker({ ...right, origin: "http://sts.example" })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INSECURE", option: "origin" }),
    );
  });
});
