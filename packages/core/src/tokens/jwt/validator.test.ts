import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { exportJWK, jwtVerify, SignJWT } from "jose";
import { describe, expect, expectTypeOf, it } from "vitest";
import { isCountersignError } from "../../errors/index.js";
import { testKeyPair } from "../../testing/index.js";
import { issueJwt, type JwtContent } from "./issue.js";
import { type JwtSyntax, parseJwt } from "./parse.js";
import { createJwtValidator, type JwtValidatorOptions } from "./validator.js";
import type { VerifiedJwt } from "./verify.js";

const now = Date.UTC(2026, 10, 22, 10);
const seconds = now / 1000;
const ec = testKeyPair("ec", "jwt");
const rsa = testKeyPair("rsa", "jwt");
const options: JwtValidatorOptions = { issuer: "https://as.example", audience: "urn:orders", keys: ec.publicKey };
const content: JwtContent = {
  issuer: "https://as.example",
  subject: "alice",
  audience: "urn:orders",
  lifetime: { created: now, expires: now + 600_000 },
};

const sign = (change: Partial<JwtContent> = {}, signer = {}) =>
  issueJwt({ ...content, ...change }, { key: ec.privateKey, algorithm: "ES256", ...signer });

/** Signs exactly this payload and header with the issuer's key. */
const signRaw = (
  payload: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key: KeyObject = ec.privateKey,
) => new SignJWT(payload).setProtectedHeader({ alg: "ES256", ...header }).sign(key);

const claims = { iss: "https://as.example", sub: "alice", aud: "urn:orders", exp: seconds + 600 };

const validate = async (text: string, change: Partial<JwtValidatorOptions> = {}, at = now) =>
  createJwtValidator({ ...options, ...change }, "accept[0]").validate(parseJwt(text), at);

async function refusal(
  text: string | Promise<string>,
  change: Partial<JwtValidatorOptions> = {},
  at = now,
): Promise<string> {
  try {
    await validate(await text, change, at);
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
  return "accepted";
}

describe("a JWT validator", () => {
  it("accepts a token of its issuer for this service and gives subject, claims and end", async () => {
    const text = await sign({ id: "j1", claims: { scope: "read write", roles: ["clerk", "boss"] } });
    const token = await validate(text);
    expect(token).toMatchObject({
      kind: "jwt",
      proof: "bearer",
      principal: { name: "alice", kind: "jwt" },
      issuer: "https://as.example",
      id: "j1",
      expires: now + 600_000,
      replay: [],
    });
    expect(token.claims.values("roles")).toEqual(["clerk", "boss"]);
    expect(token.claims.value("scope")).toBe("read write");
    expect(token.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("accepts claims of every kind as text, and rejects numbers beyond 2^53 with ERR_TOKEN_MALFORMED", async () => {
    const odd = {
      n: 1.5,
      t: true,
      f: false,
      z: null,
      o: { a: [1] },
      m: ["a", 2, false, null, { b: 1 }],
      e: [],
      __proto__x: "x",
    };
    const { claims: read } = await validate(await signRaw({ ...claims, ...odd }));
    const texts = Object.keys(odd).map((name) => read.values(name));
    expect(texts).toEqual([["1.5"], ["true"], ["false"], [], ['{"a":[1]}'], ["a", "2", "false", '{"b":1}'], [], ["x"]]);
    expect(read.has("e")).toBe(true);
    expect(await refusal(signRaw({ ...claims, uid: 2 ** 53 - 1 }))).toBe("accepted");
    expect(await refusal(signRaw({ ...claims, uid: 2 ** 53 }))).toBe("ERR_TOKEN_MALFORMED");
    expect(await refusal(signRaw({ ...claims, uid: [-(2 ** 53)] }))).toBe("ERR_TOKEN_MALFORMED");
  });

  describe("signature", () => {
    it("rejects a changed header, claim or signature with ERR_TOKEN_SIGNATURE", async () => {
      const text = await sign();
      const [header = "", payload = "", signature = ""] = text.split(".");
      const admin = Buffer.from(Buffer.from(payload, "base64url").toString().replace("alice", "admin")).toString(
        "base64url",
      );
      const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
      expect(await refusal(text)).toBe("accepted");
      expect(await refusal(`${header}.${admin}.${signature}`)).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(`${header}.${payload}.${flipped}`)).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(`${header}.${payload}.`)).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(`${header}.${payload}.${signature.slice(0, 40)}`)).toBe("ERR_TOKEN_SIGNATURE");
      const other = Buffer.from('{"alg":"ES256"}').toString("base64url");
      expect(await refusal(`${other}.${payload}.${signature}`)).toBe("ERR_TOKEN_SIGNATURE");
    });

    it("rejects C8 r = s = 0 and a DER signature with ERR_TOKEN_SIGNATURE", async () => {
      const [header, payload] = (await sign()).split(".");
      for (const octets of [Buffer.alloc(64), Buffer.from("3006020100020100", "hex")]) {
        expect(await refusal(`${header}.${payload}.${octets.toString("base64url")}`)).toBe("ERR_TOKEN_SIGNATURE");
      }
    });

    it("rejects another key, and G14 another issuer's key, with ERR_TOKEN_SIGNATURE", async () => {
      const other = testKeyPair("ec", "other");
      expect(await refusal(sign({}, { key: other.privateKey }))).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(sign({}, { key: other.privateKey }), { keys: other.publicKey })).toBe("accepted");
    });

    it("rejects keys and addresses that the token brings itself with ERR_TOKEN_SIGNATURE, and fetches nothing", async () => {
      const evil = testKeyPair("ec", "evil");
      const jwk = await exportJWK(evil.publicKey);
      for (const header of [
        { jwk },
        { jku: "http://127.0.0.1:9/keys" },
        { x5u: "http://127.0.0.1:9/cert" },
        { x5c: ["MAA="] },
      ]) {
        expect(await refusal(signRaw(claims, header, evil.privateKey))).toBe("ERR_TOKEN_SIGNATURE");
        expect(await refusal(signRaw(claims, header))).toBe("accepted");
      }
    });

    it.each(["none", "None", "NONE", "nOnE", "HS256", "ES384", "RS256", "__proto__", ""])(
      "rejects alg %j with ERR_POLICY_SUITE or ERR_TOKEN_SIGNATURE",
      async (alg) => {
        const [, payload, signature] = (await sign()).split(".");
        const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
        for (const end of [signature, ""]) {
          expect(["ERR_POLICY_SUITE", "ERR_TOKEN_SIGNATURE"]).toContain(await refusal(`${header}.${payload}.${end}`));
        }
      },
    );

    it("rejects C3 an HMAC with the public key as secret, in any of its spellings, with ERR_POLICY_SUITE", async () => {
      const payload = (await sign()).split(".")[1];
      const input = `${Buffer.from('{"alg":"HS256"}').toString("base64url")}.${payload}`;
      const pem = ec.publicKey.export({ type: "spki", format: "pem" });
      for (const secret of [pem, pem.toString().trim(), ec.publicKey.export({ type: "spki", format: "der" })]) {
        const mac = createHmac("sha256", secret).update(input).digest("base64url");
        expect(await refusal(`${input}.${mac}`)).toBe("ERR_POLICY_SUITE");
      }
    });

    it("rejects an algorithm outside the route's list with ERR_POLICY_SUITE", async () => {
      const keys = [ec.publicKey, rsa.publicKey];
      const text = sign({}, { key: rsa.privateKey, algorithm: "RS256" });
      expect(await refusal(text, { keys, algorithms: ["ES256", "RS256"] })).toBe("accepted");
      expect(await refusal(text, { keys, algorithms: ["ES256", "PS256"] })).toBe("ERR_POLICY_SUITE");
    });

    it("rejects C6 a key of another type than the algorithm's with ERR_TOKEN_SIGNATURE", async () => {
      const p384 = testKeyPair("ec-p384", "jwt");
      expect(await refusal(sign({}, { key: rsa.privateKey, algorithm: "RS256" }))).toBe("ERR_TOKEN_SIGNATURE");
      expect(
        await refusal(sign({}, { key: p384.privateKey, algorithm: "ES384" }), { keys: [ec.publicKey, p384.publicKey] }),
      ).toBe("accepted");
      expect(await refusal(sign({}, { key: p384.privateKey, algorithm: "ES384" }))).toBe("ERR_TOKEN_SIGNATURE");
    });

    it.each([
      ["RS256", "rsa"],
      ["RS384", "rsa"],
      ["RS512", "rsa"],
      ["PS256", "rsa"],
      ["PS384", "rsa"],
      ["PS512", "rsa"],
      ["ES256", "ec"],
      ["ES384", "ec-p384"],
      ["ES512", "ec-p521"],
      ["EdDSA", "ed25519"],
      ["Ed25519", "ed25519"],
    ] as const)("accepts %s, which jose verifies too, and rejects it changed", async (algorithm, type) => {
      const pair = testKeyPair(type, "each");
      const text = await sign({}, { key: pair.privateKey, algorithm });
      expect(await refusal(text, { keys: pair.publicKey })).toBe("accepted");
      await jwtVerify(text, pair.publicKey, { currentDate: new Date(now) });
      const end = text.at(-20) === "A" ? "B" : "A";
      expect(await refusal(text.slice(0, -20) + end + text.slice(-19), { keys: pair.publicKey })).toBe(
        "ERR_TOKEN_SIGNATURE",
      );
    });

    it("accepts HS256 with an explicit secret only, long enough", async () => {
      const secret = createSecretKey(Buffer.alloc(32, 9));
      const text = await sign({}, { key: secret, algorithm: "HS256" });
      const keys = { secret };
      expect(await refusal(text, { keys, algorithms: ["HS256"] })).toBe("accepted");
      expect(await refusal(text, { keys: { secret: Buffer.alloc(32, 8) }, algorithms: ["HS256"] })).toBe(
        "ERR_TOKEN_SIGNATURE",
      );
      expect(await refusal(text)).toBe("ERR_POLICY_SUITE");
    });
  });

  describe("keys by kid", () => {
    const [one, two] = [testKeyPair("ec", "k1"), testKeyPair("ec", "k2")];
    const keys = [
      { key: one.publicKey, kid: "k1" },
      { key: two.publicKey, kid: "k2" },
    ];

    it("accepts the key that kid names and rejects every other with ERR_TOKEN_SIGNATURE", async () => {
      expect(await refusal(sign({}, { key: one.privateKey, keyId: "k1" }), { keys })).toBe("accepted");
      expect(await refusal(sign({}, { key: two.privateKey, keyId: "k1" }), { keys })).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(sign({}, { key: one.privateKey, keyId: "k3" }), { keys })).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(sign({}, { key: one.privateKey, keyId: "../k1" }), { keys })).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(sign({}, { key: one.privateKey, keyId: "" }), { keys })).toBe("ERR_TOKEN_SIGNATURE");
    });

    it("accepts a token without kid under any key, and a key without kid for any token", async () => {
      expect(await refusal(sign({}, { key: two.privateKey }), { keys })).toBe("accepted");
      expect(await refusal(sign({}, { key: two.privateKey, keyId: "x" }), { keys: two.publicKey })).toBe("accepted");
      expect(await refusal(sign(), { keys })).toBe("ERR_TOKEN_SIGNATURE");
    });

    it("accepts 8 keys to be tried and rejects more with ERR_TOKEN_SIGNATURE unless kid chooses", async () => {
      const list = (count: number) => [
        ...Array.from({ length: count - 1 }, (_, index) => ({ key: one.publicKey, kid: `x${index}` })),
        keys[1],
      ];
      const of = (count: number) => ({ keys: list(count).filter((key) => key !== undefined) });
      expect(await refusal(sign({}, { key: two.privateKey }), of(8))).toBe("accepted");
      expect(await refusal(sign({}, { key: two.privateKey }), of(9))).toBe("ERR_TOKEN_SIGNATURE");
      expect(await refusal(sign({}, { key: two.privateKey, keyId: "k2" }), of(9))).toBe("accepted");
    });

    it("rejects a key's use with another algorithm than its own with ERR_TOKEN_SIGNATURE", async () => {
      const text = sign({}, { key: rsa.privateKey, algorithm: "PS256" });
      expect(await refusal(text, { keys: { key: rsa.publicKey, algorithm: "PS256" } })).toBe("accepted");
      expect(await refusal(text, { keys: { key: rsa.publicKey, algorithm: "RS256" } })).toBe("ERR_TOKEN_SIGNATURE");
    });
  });

  describe("claims", () => {
    it.each(["https://as.example/", "HTTPS://as.example", "", undefined, ["https://as.example"], 1])(
      "rejects G14 iss %j with ERR_TOKEN_ISSUER",
      async (iss) => {
        expect(await refusal(signRaw(claims))).toBe("accepted");
        expect(await refusal(signRaw({ ...claims, iss }))).toBe("ERR_TOKEN_ISSUER");
      },
    );

    it.each([
      ["the service", "urn:orders", "accepted"],
      ["a list with it", ["urn:x", "urn:orders"], "accepted"],
      ["G11 another", "urn:stock", "ERR_TOKEN_AUDIENCE"],
      ["G11 a slash more", "urn:orders/", "ERR_TOKEN_AUDIENCE"],
      ["G11 another case", "URN:orders", "ERR_TOKEN_AUDIENCE"],
      ["an empty list", [], "ERR_TOKEN_AUDIENCE"],
      ["none", undefined, "ERR_TOKEN_MALFORMED"],
      ["a number", 7, "ERR_TOKEN_MALFORMED"],
      ["a list with something else in it", ["urn:orders", 7], "ERR_TOKEN_MALFORMED"],
    ])("judges aud exactly: %s", async (_name, aud, outcome) => {
      expect(await refusal(signRaw({ ...claims, aud } as Record<string, unknown>))).toBe(outcome);
    });

    it("accepts any of the route's audiences", async () => {
      expect(await refusal(sign({ audience: "urn:b" }), { audience: ["urn:a", "urn:b"] })).toBe("accepted");
      expect(await refusal(sign({ audience: "urn:c" }), { audience: ["urn:a", "urn:b"] })).toBe("ERR_TOKEN_AUDIENCE");
    });

    it("accepts R4.7 until exactly exp + skew and rejects a millisecond more with ERR_TOKEN_EXPIRED", async () => {
      const text = await sign();
      const end = now + 600_000;
      expect(await refusal(text, {}, end - 1000)).toBe("accepted");
      expect(await refusal(text, {}, end + 5000)).toBe("accepted");
      expect(await refusal(text, {}, end + 5001)).toBe("ERR_TOKEN_EXPIRED");
      expect(await refusal(text, { skew: 60_000 }, end + 60_000)).toBe("accepted");
      expect(await refusal(text, { skew: 60_000 }, end + 61_000)).toBe("ERR_TOKEN_EXPIRED");
      expect(await refusal(text, {}, Number.NaN)).toBe("ERR_TOKEN_EXPIRED");
    });

    it("rejects nbf and iat beyond the skew ahead with ERR_TOKEN_NOT_YET_VALID", async () => {
      for (const name of ["nbf", "iat"]) {
        expect(await refusal(signRaw({ ...claims, [name]: seconds + 5 }))).toBe("accepted");
        expect(await refusal(signRaw({ ...claims, [name]: seconds + 5.001 }))).toBe("ERR_TOKEN_NOT_YET_VALID");
      }
    });

    it.each(["1e3", `${seconds + 600}`, "NaN", true, [seconds + 600], {}, -1, 253_402_300_800, 1e300, null])(
      "rejects G8 the time %j with ERR_TOKEN_MALFORMED",
      async (time) => {
        for (const name of ["exp", "nbf", "iat"])
          expect(await refusal(signRaw({ ...claims, [name]: time }))).toBe("ERR_TOKEN_MALFORMED");
      },
    );

    it("rejects a time that overflows to infinity with ERR_TOKEN_MALFORMED", async () => {
      const [header] = (await sign()).split(".");
      const payload = Buffer.from(JSON.stringify(claims).replace(`"exp":${claims.exp}`, '"exp":1e400')).toString(
        "base64url",
      );
      const key = Buffer.alloc(32, 9);
      const input = `${Buffer.from('{"alg":"HS256"}').toString("base64url")}.${payload}`;
      expect(header).toBeDefined();
      const text = `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
      expect(await refusal(text, { keys: { secret: key }, algorithms: ["HS256"] })).toBe("ERR_TOKEN_MALFORMED");
    });

    it("rejects a token that never ends with ERR_TOKEN_EXPIRED", async () => {
      const { exp: _exp, ...endless } = claims;
      expect(await refusal(signRaw(endless))).toBe("ERR_TOKEN_EXPIRED");
    });

    it.each([undefined, "", " ", 7, null, ["alice"]])("rejects sub %j with ERR_TOKEN_MALFORMED", async (sub) => {
      expect(await refusal(signRaw({ ...claims, sub } as Record<string, unknown>))).toBe("ERR_TOKEN_MALFORMED");
    });

    it("rejects a token that is bound to a key with ERR_TOKEN_PROOF", async () => {
      expect(await refusal(signRaw({ ...claims, cnf: { jkt: "x" } }))).toBe("ERR_TOKEN_PROOF");
      expect(await refusal(signRaw({ ...claims, cnf: null }))).toBe("ERR_TOKEN_PROOF");
    });

    it("rejects E19 a sub inside __proto__ with ERR_TOKEN_MALFORMED", async () => {
      const key = Buffer.alloc(32, 9);
      const payload = JSON.stringify(claims).replace('"sub":"alice"', '"__proto__":{"sub":"admin"}');
      const input = [JSON.stringify({ alg: "HS256" }), payload]
        .map((part) => Buffer.from(part).toString("base64url"))
        .join(".");
      const text = `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
      expect(await refusal(text, { keys: { secret: key }, algorithms: ["HS256"] })).toBe("ERR_TOKEN_MALFORMED");
    });

    it("rejects an old iat with ERR_TOKEN_EXPIRED, and a missing one with ERR_TOKEN_MALFORMED, where the route limits the age", async () => {
      const aged = { ...claims, exp: seconds + 86_400, iat: seconds - 60 };
      const change = { maxAgeSeconds: 55 };
      expect(await refusal(signRaw(aged))).toBe("accepted");
      expect(await refusal(signRaw(aged), change)).toBe("accepted");
      expect(await refusal(signRaw(aged), change, now + 1)).toBe("ERR_TOKEN_EXPIRED");
      expect(await refusal(signRaw(claims), change)).toBe("ERR_TOKEN_MALFORMED");
    });

    it.each([
      [undefined, undefined, "accepted"],
      ["JWT", undefined, "accepted"],
      ["jwt", undefined, "accepted"],
      ["application/at+jwt", undefined, "accepted"],
      ["at+jwt", undefined, "accepted"],
      ["logout+jwt", undefined, "ERR_TOKEN_MALFORMED"],
      ["dpop+jwt", undefined, "ERR_TOKEN_MALFORMED"],
      ["secevent+jwt", undefined, "ERR_TOKEN_MALFORMED"],
      ["at+jwt", "at+jwt", "accepted"],
      ["application/AT+JWT", "at+jwt", "accepted"],
      ["JWT", "at+jwt", "ERR_TOKEN_MALFORMED"],
      [undefined, "at+jwt", "ERR_TOKEN_MALFORMED"],
    ])("judges typ %j against the demand for %j", async (typ, type, outcome) => {
      expect(await refusal(signRaw(claims, typ === undefined ? {} : { typ }), { type })).toBe(outcome);
    });
  });

  describe("one-time tokens", () => {
    it("accepts a reusable token without a reservation and asks for one by option, until exp + skew", async () => {
      const text = await sign({ id: "j1" });
      const until = now + 600_000 + 5000;
      expect((await validate(text)).replay).toEqual([]);
      expect((await validate(text, { oneTime: true })).replay).toEqual([
        { kind: "jwt-jti", parts: ["https://as.example", "j1"], until, since: expect.any(Number) },
      ]);
      expect(await refusal(text, { oneTime: true }, until)).toBe("accepted");
      expect(await refusal(text, { oneTime: true }, until + 1)).toBe("ERR_TOKEN_EXPIRED");
    });

    it.each([undefined, "", 7])("rejects jti %j with ERR_TOKEN_MALFORMED where it is needed", async (jti) => {
      expect(await refusal(signRaw({ ...claims, jti }), { oneTime: true })).toBe("ERR_TOKEN_MALFORMED");
      expect(await refusal(signRaw(claims))).toBe("accepted");
    });
  });

  it("is the only way to a VerifiedJwt", () => {
    expectTypeOf<JwtSyntax>().not.toExtend<VerifiedJwt>();
  });
});

describe("createJwtValidator", () => {
  const pem = ec.publicKey.export({ type: "spki", format: "pem" }).toString();
  const jwk = ec.publicKey.export({ format: "jwk" }) as { kty: string };

  it("accepts keys as PEM, KeyObject and JWK, alone, in a list or with particulars", async () => {
    const text = await sign({}, { keyId: "k1" });
    const named = { ...jwk, kid: "k1", alg: "ES256" };
    for (const keys of [
      pem,
      ec.publicKey,
      jwk,
      named,
      { key: pem },
      { key: named },
      { key: jwk, kid: "k1", algorithm: "ES256" },
      [pem, rsa.publicKey],
    ]) {
      expect(await refusal(text, { keys })).toBe("accepted");
    }
    expect(await refusal(text, { keys: { ...jwk, kid: "k2" } as { kty: string } })).toBe("ERR_TOKEN_SIGNATURE");
    expect(await refusal(text, { keys: { key: named, kid: "k2" } })).toBe("ERR_TOKEN_SIGNATURE");
  });

  const privateJwk = ec.privateKey.export({ format: "jwk" }) as { kty: string };
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;

  it.each([
    ["no keys", { keys: undefined }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["an empty list", { keys: [] }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["text that is no key", { keys: "key" }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["the second one no key", { keys: [pem, "key"] }, "ERR_CONFIG_INVALID", "accept[0].keys[1]"],
    [
      "a private key",
      { keys: ec.privateKey.export({ type: "pkcs8", format: "pem" }) },
      "ERR_CONFIG_INSECURE",
      "accept[0].keys",
    ],
    ["a private JWK", { keys: privateJwk }, "ERR_CONFIG_INSECURE", "accept[0].keys"],
    ["a symmetric JWK", { keys: { kty: "oct", k: "AAAA" } }, "ERR_CONFIG_INSECURE", "accept[0].keys"],
    ["a broken JWK", { keys: { ...jwk, x: "AA" } }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["C7 RSA of 1,024 bits", { keys: weak }, "ERR_CONFIG_INSECURE", "accept[0].keys"],
    ["C7 RSA of 1,024 bits as JWK", { keys: weak.export({ format: "jwk" }) }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["a key that no algorithm goes with", { algorithms: ["RS256"] }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["a secret without HS256 allowed", { keys: { secret: Buffer.alloc(32) } }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    [
      "a secret that is too short",
      { keys: { secret: Buffer.alloc(31) }, algorithms: ["HS256"] },
      "ERR_CONFIG_INVALID",
      "accept[0].keys",
    ],
    ["C3 HS256 allowed and no secret", { algorithms: ["ES256", "HS256"] }, "ERR_CONFIG_INVALID", "accept[0].keys"],
    ["alg none", { algorithms: ["ES256", "none"] }, "ERR_CONFIG_INSECURE", "accept[0].algorithms[1]"],
    ["an unknown algorithm", { algorithms: ["ES256K"] }, "ERR_CONFIG_INVALID", "accept[0].algorithms[0]"],
    ["no algorithm", { algorithms: [] }, "ERR_CONFIG_INVALID", "accept[0].algorithms"],
    ["no issuer", { issuer: "" }, "ERR_CONFIG_INVALID", "accept[0].issuer"],
    ["no audience", { audience: [] }, "ERR_CONFIG_INVALID", "accept[0].audience"],
    ["an empty audience", { audience: ["urn:orders", ""] }, "ERR_CONFIG_INVALID", "accept[0].audience"],
    ["an age that is no number", { maxAgeSeconds: Number.NaN }, "ERR_CONFIG_INVALID", "accept[0].maxAgeSeconds"],
    [
      "HS256 with a key set",
      { keys: { jwks: "https://as.example/keys" }, algorithms: ["HS256"] },
      "ERR_CONFIG_INSECURE",
      "accept[0].keys.jwks",
    ],
    [
      "a key set without TLS",
      { keys: { jwks: "http://as.example/keys" } },
      "ERR_CONFIG_INSECURE",
      "accept[0].keys.jwks",
    ],
    ["a key set in a file", { keys: { jwks: "file:///keys" } }, "ERR_CONFIG_INSECURE", "accept[0].keys.jwks"],
    [
      "a key set with a password in it",
      { keys: { jwks: "https://a:b@as.example/keys" } },
      "ERR_CONFIG_INSECURE",
      "accept[0].keys.jwks",
    ],
    [
      "a host that only looks like loopback",
      { keys: { jwks: "http://127.0.0.1.evil.example/keys" } },
      "ERR_CONFIG_INSECURE",
      "accept[0].keys.jwks",
    ],
    ["a key set at no address", { keys: { jwks: "keys" } }, "ERR_CONFIG_INVALID", "accept[0].keys.jwks"],
  ])("rejects %s with an error that names the option", (_name, change, code, option) => {
    const create = () => createJwtValidator({ ...options, ...change } as JwtValidatorOptions, "accept[0]");
    expect(create).toThrow(expect.objectContaining({ code, option }));
  });
});
