import { createSecretKey } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { testKeyPair } from "../../testing/index.js";
import { issueJwt, type JwtContent } from "./issue.js";

const now = Date.UTC(2026, 10, 22, 10);
const { privateKey, publicKey } = testKeyPair("ec", "issue");
const content: JwtContent = {
  issuer: "i",
  subject: "s",
  audience: ["a", "b"],
  lifetime: { created: now + 999, expires: now + 60_999 },
};

describe("issueJwt", () => {
  it("writes header and claims, in whole seconds, and no claim over those it knows", async () => {
    const claims = { role: ["clerk"], iss: "evil", sub: "evil", exp: 9e9, jti: "evil" };
    const text = await issueJwt(
      { ...content, claims, id: "j" },
      { key: privateKey, algorithm: "ES256", keyId: "k", type: "at+jwt" },
    );
    expect(decodeProtectedHeader(text)).toEqual({ alg: "ES256", typ: "at+jwt", kid: "k" });
    const second = now / 1000;
    expect(decodeJwt(text)).toEqual({
      role: ["clerk"],
      iss: "i",
      sub: "s",
      aud: ["a", "b"],
      iat: second,
      nbf: second,
      exp: second + 60,
      jti: "j",
    });
  });

  it("makes a fresh jti each time", async () => {
    const ids = await Promise.all(
      [0, 1].map(async () => decodeJwt(await issueJwt(content, { key: privateKey, algorithm: "ES256" })).jti),
    );
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it.each([
    ["an algorithm of another curve", { key: privateKey, algorithm: "ES384" }],
    ["an algorithm of another type", { key: privateKey, algorithm: "RS256" }],
    ["a public key", { key: publicKey, algorithm: "ES256" }],
    ["HS256 with a private key", { key: privateKey, algorithm: "HS256" }],
    ["a secret that is too short", { key: createSecretKey(Buffer.alloc(16)), algorithm: "HS256" }],
    ["none", { key: privateKey, algorithm: "none" }],
    ["an unknown algorithm", { key: privateKey, algorithm: "ES256K" }],
  ])("rejects %s with ERR_CONFIG_INVALID", async (_name, signer) => {
    await expect(issueJwt(content, signer)).rejects.toMatchObject({ code: "ERR_CONFIG_INVALID", option: "algorithm" });
  });
});
