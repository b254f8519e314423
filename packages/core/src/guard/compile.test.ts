import { afterEach, describe, expect, it, vi } from "vitest";
import { has, jwt, saml2, usernameToken, x509 } from "../policy/index.js";
import { InMemoryReplayCache } from "../state/index.js";
import { createTestCertificate } from "../testing/index.js";
import { type CompiledGuard, compileGuard } from "./compile.js";
import { allowInsecureTransport } from "./insecure.js";
import { defaultLimits } from "./limits.js";
import type { GuardOptions } from "./options.js";

const { certificate } = createTestCertificate({ subject: "CN=sts" });
const password = usernameToken({ verify: () => true, over: "transport" });
const digest = usernameToken({ secret: () => "a", over: "transport" });
const bearer = jwt({ issuer: "https://sts.example", audience: "urn:orders", keys: certificate, over: "transport" });
const assertion = saml2({ audience: "urn:orders", confirm: "bearer", over: "transport" });
const base: GuardOptions = { origin: "https://orders.example", accept: [password] };
const issuers = [{ name: "https://sts.example", certificates: [certificate] }];

const compile = (more: Partial<GuardOptions>): CompiledGuard => compileGuard({ ...base, ...more }, {});
const mistake = (option: string, code = "ERR_CONFIG_INVALID") => expect.objectContaining({ code, option });

afterEach(() => {
  vi.restoreAllMocks();
});

describe("compileGuard", () => {
  it("has safe defaults", () => {
    const { rules, ...guard } = compile({});
    expect(guard).toMatchObject({
      origin: "https://orders.example",
      limits: defaultLimits,
      bearer: undefined,
      takesDigests: false,
      claims: [],
      actor: undefined,
      actions: undefined,
      anonymous: false,
      insecureTransport: false,
    });
    expect(guard.recorder.records).toBe(false);
    expect(guard.understands.size).toBe(0);
    expect(rules).toMatchObject({
      timestamp: { maxAge: 300_000, future: 60_000, skew: 60_000, requireExpires: false },
      trusts: [],
      possession: false,
    });
    expect([...rules.canonicalForms]).toEqual(["http://www.w3.org/2001/10/xml-exc-c14n#"]);
    expect(rules.suite.signatures.has("http://www.w3.org/2000/09/xmldsig#rsa-sha1")).toBe(false);
  });

  it("takes what is given, in milliseconds", () => {
    const c14n = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    const sink = () => undefined;
    const guard = compile({
      accept: [password, digest, bearer],
      limits: { maxBody: 5, maxDepth: undefined as never },
      clockSkewSeconds: 5,
      timestamp: { maxAgeSeconds: 7, futureSeconds: 0, requireExpires: true },
      algorithms: { canonicalization: [c14n] },
      require: { claims: [has("role")] },
      soap: { actor: "urn:g", understands: ["{urn:a}b"], actions: { __proto__x: "{}a", "urn:a": "{}b" } },
      audit: sink,
      anonymous: true,
    });
    expect(guard.limits).toEqual({ ...defaultLimits, maxBody: 5 });
    expect(guard.rules.timestamp).toEqual({ maxAge: 7_000, future: 0, skew: 5_000, requireExpires: true });
    expect(guard.rules.canonicalForms.has(c14n)).toBe(true);
    expect(guard).toMatchObject({
      takesDigests: true,
      actor: "urn:g",
      anonymous: true,
    });
    expect(guard.recorder.records).toBe(true);
    expect(guard.bearer).toBeDefined();
    expect(guard.claims).toHaveLength(1);
    expect(guard.understands.has("{urn:a}b")).toBe(true);
    expect(guard.actions?.get("urn:a")).toBe("{}b");
    expect(compile({ audit: { sink, mandatory: true } }).recorder.records).toBe(true);
    expect(compileGuard(base, { possession: true }).rules.possession).toBe(true);
  });

  it("warns of an open connection and of precise faults, each by name, and of nothing else", () => {
    const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    compile({});
    expect(warning).not.toHaveBeenCalled();
    expect(compile({ [allowInsecureTransport]: true }).insecureTransport).toBe(true);
    expect(compile({ [allowInsecureTransport]: "yes" as never }).insecureTransport).toBe(false);
    compile({ preciseFaults: true });
    expect(warning.mock.calls).toEqual([
      [expect.stringContaining("https://orders.example accepts messages over unencrypted"), "CountersignWarning"],
      [expect.stringContaining("https://orders.example tells callers exactly why"), "CountersignWarning"],
    ]);
  });

  it("remembers replays for all guards of one clock and tenant, and of no other", async () => {
    const clock = { now: () => Date.now() };
    const entries = [{ kind: "a", parts: ["a"], until: Date.now() + 60_000 }];
    const reserve = (more: Partial<GuardOptions>) =>
      compile({ clock, ...more })
        .reservations.reserve(entries, 100)
        .then(
          () => "fresh",
          ({ code }) => code,
        );
    expect(await reserve({})).toBe("fresh");
    expect(await reserve({})).toBe("ERR_TOKEN_REPLAYED");
    expect(await reserve({ origin: "https://other.example" })).toBe("fresh");
    expect(await reserve({ origin: "https://third.example", tenant: "https://orders.example" })).toBe(
      "ERR_TOKEN_REPLAYED",
    );
    expect(await reserve({ replay: new InMemoryReplayCache() })).toBe("fresh");
    expect(await reserve({ clock: { now: () => Date.now() } })).toBe("fresh");
  });

  it("rejects a clock that tells no time with ERR_INTERNAL when it is read", () => {
    const { clock } = compile({ clock: { now: () => Number.NaN } });
    expect(() => clock.now()).toThrow(expect.objectContaining({ code: "ERR_INTERNAL" }));
  });

  it.each<[string, Partial<GuardOptions>, string, string?]>([
    ["options of another shape", { accept: [] }, "accept"],
    ["replies to messages on a route of bearer tokens", { accept: [bearer], reply: { timestamp: true } }, "reply"],
    ["SOAP on a route of bearer tokens", { accept: [bearer], soap: { actor: "urn:g" } }, "soap"],
    [
      "a canonical form that is none",
      { algorithms: { canonicalization: ["urn:c14n"] } },
      "algorithms.canonicalization[0]",
    ],
    [
      "a certificate that is none",
      { trust: { certificates: ["-----BEGIN CERTIFICATE-----"] } },
      "trust.certificates[0]",
    ],
    ["an authority that is none", { trust: { authorities: [certificate, new Uint8Array(9)] } }, "trust.authorities[1]"],
    ["assertions of nobody", { accept: [assertion] }, "accept[0]"],
    ["certificates of nobody", { accept: [password, x509()] }, "accept[1]"],
    ["two bearer alternatives of one issuer", { accept: [bearer, bearer] }, "accept[1].issuer"],
    [
      "a suite of short keys",
      { algorithms: { suite: { name: "own", minimumRsaBits: 1024 } } },
      "algorithms.suite.minimumRsaBits",
    ],
    [
      "CBC in a suite that does not say legacy",
      {
        algorithms: {
          suite: { name: "own", encryption: { content: ["http://www.w3.org/2001/04/xmlenc#aes256-cbc"] } },
        },
      },
      "algorithms.suite.encryption.content[0]",
      "ERR_CONFIG_INSECURE",
    ],
  ])("rejects %s with its code and path", (_, more, option, code) => {
    expect(() => compile(more)).toThrow(mistake(option, code));
  });

  it("accepts assertions where an issuer is trusted", () => {
    expect(compile({ accept: [assertion], trust: { issuers } }).alternatives).toHaveLength(1);
  });
});
