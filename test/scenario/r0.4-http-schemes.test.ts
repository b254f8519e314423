import { generateKeyPairSync } from "node:crypto";
import {
  type AgentOptions,
  type BearerCredentials,
  bearerToken,
  clientCertificate,
  httpBasic,
  type JwtOptions,
  type SchemeRequirement,
} from "@countersign/core";
import { createTestAuthority } from "@countersign/core/testing";
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import { type AgentStage, agentScenario, authority, send } from "./agent-stage.js";

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");
const basic = (name: string, password: string) => `Basic ${base64(`${name}:${password}`)}`;
const get = { method: "GET" } as const;

/** A service whose only realm takes these schemes. */
async function start(
  stage: AgentStage,
  scheme: SchemeRequirement | readonly SchemeRequirement[],
  agent: Partial<AgentOptions> = {},
  encrypted = true,
) {
  const bearer = ({ issuer, name }: BearerCredentials) => (issuer === issuerName ? subjects.get(name) : undefined);
  const decisions = stage.decisions({
    users: { ...stage.directory, bearer },
    realms: [{ name: "auth", resources: ["/auth/*"], scheme }],
    policies: [{ realm: "auth", rules: [{ methods: ["GET"] }], users: ["alice"] }],
  });
  const service = await stage.service({ decisionPoint: decisions, ...agent }, { encrypted });
  return { stage, decisions, service };
}

agentScenario("R0.4 the policy server authenticates by HTTP Basic", (newStage) => {
  it.each([
    ["as it should be", basic("alice", "wonderland")],
    ["with a scheme in capitals", basic("alice", "wonderland").replace("Basic", "BASIC")],
  ])("accepts name and password %s", async (_, authorization) => {
    const { service } = await start(newStage(), httpBasic());
    expect((await send(service, { ...get, headers: { authorization } })).status).toBe(200);
    expect(service.events).toMatchObject([{ outcome: "admitted", principal: "alice", proof: "password-text" }]);
  });

  it.each([
    ["a wrong password", basic("alice", "wonderlanD"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["a longer password", basic("alice", "wonderland:"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["an empty password", basic("alice", ""), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["another's password", basic("bob", "wonderland"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["an unknown user", basic("__proto__", "wonderland"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["a name with white space", basic("alice ", "wonderland"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["a name with a control character", basic("alice\0", "wonderland"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["no name", basic("", "wonderland"), 401, "ERR_WSS_FAILED_AUTHENTICATION"],
    ["no colon", `Basic ${base64("alicewonderland")}`, 401, "ERR_TOKEN_MALFORMED"],
    ["no credentials after the scheme", "Basic", 401, "ERR_TOKEN_MALFORMED"],
    ["base64 without its padding", basic("alice", "wonderland").replace(/=+$/, ""), 401, "ERR_TOKEN_MALFORMED"],
    ["base64 with white space in it", basic("alice", "wonderland").replace("YW", "Y W"), 401, "ERR_TOKEN_MALFORMED"],
    ["two credentials in one line", `${basic("alice", "wonderland")}, x`, 401, "ERR_TOKEN_MALFORMED"],
    ["what is no UTF-8", `Basic ${base64(Buffer.from("alice:\xff", "latin1"))}`, 401, "ERR_TOKEN_MALFORMED"],
    ["more than 2 KiB", basic("alice", "w".repeat(2_048)), 401, "ERR_TOKEN_MALFORMED"],
    ["another scheme", basic("alice", "wonderland").replace("Basic", "Digest"), 401, "ERR_TOKEN_MISSING"],
  ] as const)("rejects %s", async (_, authorization, status, code) => {
    const { service } = await start(newStage(), httpBasic());
    const answer = await send(service, { ...get, headers: { authorization } });
    expect([answer.status, answer.text]).toEqual([status, "The security check failed."]);
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code } }]);
    expect(JSON.stringify(service.events)).not.toContain("wonderland");
    expect(service.handled).toEqual([]);
  });

  it("rejects two Authorization headers, the same or not, without asking anybody", async () => {
    const { service, stage } = await start(newStage(), httpBasic());
    for (const second of [basic("alice", "wonderland"), basic("bob", "builder"), "Bearer x"]) {
      const authorization = [basic("alice", "wonderland"), second];
      expect((await send(service, { ...get, headers: { authorization } })).status).toBe(400);
    }
    expect(service.events.map(({ error }) => error?.code)).toEqual(Array(3).fill("ERR_HTTP_HEADERS"));
    expect([stage.directory.checked, service.handled]).toEqual([0, []]);
  });

  it("rejects a wrong password although the session cookie beside it is good", async () => {
    const sessionCookie = { reply: true };
    const { service } = await start(newStage(), httpBasic(), { acceptSessionCookie: true, sessionCookie });
    const first = await send(service, { ...get, headers: { authorization: basic("alice", "wonderland") } });
    const cookie = String(first.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await send(service, { ...get, headers: { cookie } })).status).toBe(200);
    const wrong = { cookie, authorization: basic("alice", "wrong") };
    expect((await send(service, { ...get, headers: wrong })).status).toBe(401);
  });
});

const knownCaller = authority.issue({ subject: "CN=alice,O=Callers" });
const unknownCaller = authority.issue({ subject: "CN=carol,O=Callers" });
const unprivileged = authority.issue({ subject: "CN=bob,O=Callers" });
const outdated = authority.issue({ subject: "CN=alice,O=Callers", notBefore: 0, notAfter: Date.UTC(2020, 0) });
const stranger = createTestAuthority({ subject: "CN=Agents CA" }).issue({ subject: "CN=alice,O=Callers" });

agentScenario("R0.4 the policy server authenticates by a TLS client certificate", (newStage) => {
  async function begin(encrypted = true) {
    const stage = newStage();
    stage.directory.certificates.set("CN=alice,O=Callers", "alice").set("CN=bob,O=Callers", "bob");
    return start(stage, clientCertificate(), {}, encrypted);
  }

  it("accepts one of the trusted authority, of a user whom the directory knows", async () => {
    const { service, decisions } = await begin();
    expect((await send(service, { ...get, identity: knownCaller })).status).toBe(200);
    expect(service.events).toMatchObject([{ outcome: "admitted", principal: "alice", proof: "tls-certificate" }]);
    const [asked] = decisions.calls.filter(({ operation }) => operation === "authenticate").map((call) => call.asked);
    const credentials = { kind: "certificate", subject: "CN=alice,O=Callers", issuer: "CN=Agents CA", proof: "tls" };
    expect(asked).toMatchObject({ scheme: "certificate", credentials });
    expect(service.handled).toHaveLength(1);
  });

  it.each([
    ["one of another authority of the same name", stranger, "ERR_TOKEN_MISSING", 401],
    ["one that has expired", outdated, "ERR_TOKEN_MISSING", 401],
    ["one of a user whom the directory does not know", unknownCaller, "ERR_WSS_FAILED_AUTHENTICATION", 401],
    ["one of a user who may not", unprivileged, "ERR_POLICY_DENIED", 403],
    ["a caller without one", undefined, "ERR_TOKEN_MISSING", 401],
  ])("rejects %s", async (_, identity, code, status) => {
    const { service } = await begin();
    expect((await send(service, { ...get, identity })).status).toBe(status);
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code } }]);
    expect(service.handled).toEqual([]);
  });

  it("rejects one that is only said to be there, in a header, over TLS and in the open", async () => {
    const headers = { "x-client-certificate": base64(knownCaller.der), "x-forwarded-proto": "https" };
    for (const encrypted of [true, false]) {
      const { service } = await begin(encrypted);
      expect((await send(service, { ...get, headers })).status).toBe(401);
      expect(service.events).toMatchObject([{ error: { code: "ERR_TOKEN_MISSING" } }]);
    }
  });

  it("rejects a known certificate of a user who was disabled", async () => {
    const { service, stage } = await begin();
    stage.directory.disabled.add("alice");
    expect((await send(service, { ...get, identity: knownCaller })).status).toBe(401);
    expect(service.events).toMatchObject([{ error: { code: "ERR_WSS_FAILED_AUTHENTICATION" } }]);
  });
});

const issuerName = "https://idp.example";
const subjects = new Map([
  ["alice@idp", "alice"],
  ["bob@idp", "bob"],
]);
const idp = generateKeyPairSync("ec", { namedCurve: "P-256" });
const forger = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** A token of the identity provider, but for what is said. */
interface TokenChanges {
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject?: string;
  readonly lifetime?: readonly [from: number, to: number];
  readonly sign?: (token: SignJWT) => Promise<string>;
}

agentScenario("R0.4 the policy server authenticates by a bearer token", (newStage) => {
  const trusted: JwtOptions = { issuer: issuerName, audience: "urn:auth", keys: idp.publicKey, over: "transport" };
  const begin = (encrypted = true) => start(newStage(), bearerToken(), { bearer: [trusted] }, encrypted);

  const signed = (token: SignJWT) => token.setProtectedHeader({ alg: "ES256" }).sign(idp.privateKey);
  const tokenAt = (stage: AgentStage, changes: TokenChanges = {}) => {
    const {
      issuer = issuerName,
      audience = "urn:auth",
      subject = "alice@idp",
      lifetime: [from, to] = [0, 300],
    } = changes;
    const now = Math.floor(stage.clock.time / 1_000);
    const token = new SignJWT({ role: "clerk" }).setIssuer(issuer).setAudience(audience).setSubject(subject);
    return (changes.sign ?? signed)(token.setIssuedAt(now + from).setExpirationTime(now + to));
  };

  it("accepts a token of the trusted issuer, of a user whom the directory knows", async () => {
    const { service, stage, decisions } = await begin();
    const authorization = `Bearer ${await tokenAt(stage)}`;
    expect((await send(service, { ...get, headers: { authorization } })).status).toBe(200);
    expect(service.events).toMatchObject([{ outcome: "admitted", principal: "alice", proof: "bearer" }]);
    const [asked] = decisions.calls.filter(({ operation }) => operation === "authenticate").map((call) => call.asked);
    expect(asked).toMatchObject({ scheme: "bearer", credentials: { issuer: issuerName, name: "alice@idp" } });
  });

  const unsigned = async (token: SignJWT) => {
    const [, payload] = (await signed(token)).split(".");
    return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
  };
  const secret = Buffer.from(idp.publicKey.export({ type: "spki", format: "pem" }));
  const bySecret = (token: SignJWT) => token.setProtectedHeader({ alg: "HS256" }).sign(secret);
  const byForger = (token: SignJWT) => token.setProtectedHeader({ alg: "ES256" }).sign(forger.privateKey);
  const renamed = async (token: SignJWT) => {
    const [header, payload = "", signature] = (await signed(token)).split(".");
    const claims = Buffer.from(payload, "base64url").toString().replace("alice@idp", "bobby@idp");
    return `${header}.${Buffer.from(claims).toString("base64url")}.${signature}`;
  };

  it.each<[string, TokenChanges, string, number]>([
    ["a token for another audience", { audience: "urn:orders" }, "ERR_TOKEN_AUDIENCE", 401],
    ["a token of another issuer", { issuer: "https://other.example" }, "ERR_TOKEN_ISSUER", 401],
    ["a token that has expired", { lifetime: [-600, -120] }, "ERR_TOKEN_EXPIRED", 401],
    ["a token of another key", { sign: byForger }, "ERR_TOKEN_SIGNATURE", 401],
    ["a token without signature", { sign: unsigned }, "ERR_POLICY_SUITE", 401],
    ["a token by the public key as secret", { sign: bySecret }, "ERR_POLICY_SUITE", 401],
    ["a token whose subject was changed", { sign: renamed }, "ERR_TOKEN_SIGNATURE", 401],
    ["a token of a user whom nobody knows", { subject: "carol@idp" }, "ERR_WSS_FAILED_AUTHENTICATION", 401],
    ["a token of a user who may not", { subject: "bob@idp" }, "ERR_POLICY_DENIED", 403],
  ])("rejects %s", async (_, changes, code, status) => {
    const { service, stage } = await begin();
    const authorization = `Bearer ${await tokenAt(stage, changes)}`;
    expect((await send(service, { ...get, headers: { authorization } })).status).toBe(status);
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code } }]);
    expect(service.handled).toEqual([]);
  });

  it("rejects other spellings of the header, and a good token that came twice", async () => {
    const { service, stage, decisions } = await begin();
    const token = await tokenAt(stage);
    const lines = ["Bearer", `Bearer ${token} x`, `Bearer ${token},${token}`, token, `Basic ${token}`];
    for (const authorization of [...lines, [`Bearer ${token}`, `Bearer ${token}`]]) {
      const { status } = await send(service, { ...get, headers: { authorization } });
      expect([authorization, status]).toEqual([authorization, expect.toBeOneOf([400, 401])]);
    }
    expect([decisions.authentications, service.handled]).toEqual([0, []]);
  });

  it("rejects a good token that came in the open", async () => {
    const { service, stage, decisions } = await begin(false);
    const authorization = `Bearer ${await tokenAt(stage)}`;
    expect((await send(service, { ...get, headers: { authorization } })).status).toBe(401);
    expect(service.events).toMatchObject([{ error: { code: "ERR_WSS_INVALID_SECURITY" } }]);
    expect(decisions.authentications).toBe(0);
  });
});
