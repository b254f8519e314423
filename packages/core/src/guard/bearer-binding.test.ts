import { describe, expect, it } from "vitest";
import { loadPrivateKey } from "../crypto/index.js";
import { type JwtOptions, jwt, usernameToken } from "../policy/index.js";
import { testKeyPair } from "../testing/index.js";
import { issueJwt } from "../tokens/jwt/index.js";
import { compileBearer } from "./bearer-binding.js";
import type { ServerRequest } from "./seam.js";

const now = Date.UTC(2026, 10, 22, 10);
const password = usernameToken({ verify: () => true, over: "transport" });
const keys = { one: testKeyPair("ec", "one"), two: testKeyPair("ec", "two") };
const issuerOf = (name: keyof typeof keys) => `https://${name}.example`;
const taking = (name: keyof typeof keys, more: Partial<JwtOptions> = {}) =>
  jwt({
    issuer: issuerOf(name),
    audience: "urn:orders",
    keys: keys[name].publicKey,
    over: "transport",
    ...more,
  });

const token = (by: keyof typeof keys, issuer = issuerOf(by)) =>
  issueJwt(
    { issuer, subject: "alice", audience: "urn:orders", lifetime: { created: now, expires: now + 60_000 } },
    { key: loadPrivateKey(keys[by].privateKey, "key"), algorithm: "ES256" },
  );

const request = (authorization: readonly string[], encrypted = true): ServerRequest => ({
  method: "GET",
  target: "/",
  headers: authorization.map((value) => ["authorization", value] as const),
  body: async () => Buffer.of(),
  transport: { encrypted },
  signal: new AbortController().signal,
});

const binding = (insecureTransport = false, more: Partial<JwtOptions> = {}) => {
  const compiled = compileBearer([password, taking("one", more), taking("two")], { skew: 0, insecureTransport });
  if (compiled === undefined) throw new TypeError("there is no binding");
  return compiled;
};

async function verdict(given: ServerRequest, at = now, on = binding()): Promise<unknown> {
  try {
    const { token: found, alternative } = await on.verify(given, { now: at, until: performance.now() + 5_000 });
    return [found.principal.name, found.issuer, alternative];
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("compileBearer", () => {
  it("makes nothing of a route without bearer tokens", () => {
    expect(compileBearer([password], { skew: 0, insecureTransport: false })).toBeUndefined();
  });

  it("accepts each issuer's tokens by its own alternative, and rejects them under another's name", async () => {
    expect(await verdict(request([`Bearer ${await token("one")}`]))).toEqual(["alice", issuerOf("one"), 1]);
    expect(await verdict(request([`bearer ${await token("two")}`]))).toEqual(["alice", issuerOf("two"), 2]);
    expect(await verdict(request([`Bearer ${await token("two", issuerOf("one"))}`]))).toBe("ERR_TOKEN_SIGNATURE");
    const stranger = await token("one", "https://three.example");
    expect(await verdict(request([`Bearer ${stranger}`]))).toMatch(/^ERR_TOKEN_(ISSUER|SIGNATURE)$/);
  });

  it("rejects a token over an open connection with ERR_WSS_INVALID_SECURITY, unless the route says otherwise", async () => {
    const open = request([`Bearer ${await token("one")}`], false);
    expect(await verdict(open)).toBe("ERR_WSS_INVALID_SECURITY");
    expect(await verdict(open, now, binding(true))).toEqual(["alice", issuerOf("one"), 1]);
  });

  it("rejects an expired token with ERR_TOKEN_EXPIRED, and other spellings of the header", async () => {
    const good = await token("one");
    expect(await verdict(request([`Bearer ${good}`]), now + 60_001)).toBe("ERR_TOKEN_EXPIRED");
    for (const value of ["", "Bearer", `Basic ${good}`, good, `Bearer ${good} x`, `Bearer ${good},${good}`]) {
      expect(await verdict(request([value]))).toMatch(/^ERR_TOKEN_(MALFORMED|MISSING)$/);
    }
    expect(await verdict(request([`Bearer ${good}`, `Bearer ${good}`]))).not.toEqual(["alice", issuerOf("one"), 1]);
  });

  it("tells whether there is a credential, and whether one may have to be reserved", () => {
    expect(binding().presents(request([]))).toBe(false);
    expect(binding().presents(request(["Basic x"]))).toBe(true);
    expect(binding().reserves).toBe(false);
    expect(binding(false, { oneTime: true }).reserves).toBe(true);
  });

  it("rejects two alternatives of one issuer with ERR_CONFIG_INVALID", () => {
    expect(() => compileBearer([taking("one"), taking("one")], { skew: 0, insecureTransport: false })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "accept[1].issuer" }),
    );
  });
});
