import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { jwt, type Saml2Options, saml2, usernameToken, x509 } from "../policy/index.js";
import { InMemoryReplayCache } from "../state/index.js";
import { defaultLimits, limitBounds, type MessageLimits } from "./limits.js";
import { checkGuardOptions } from "./option-schema.js";
import type { GuardOptions } from "./options.js";

const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
const password = usernameToken({ verify: () => true, over: "transport" });
const base: GuardOptions = { origin: "https://orders.example", accept: [password] };

function mistake(options: unknown): string {
  try {
    checkGuardOptions(options);
    return "accepted";
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.code).toBe("ERR_CONFIG_INVALID");
    expect(error.remedy).not.toBe("");
    return error.option;
  }
}

const everything: GuardOptions = {
  origin: "https://orders.example:8443",
  trust: {
    issuers: [{ name: "https://sts.example", certificates: [pem] }],
    authorities: [pem],
    certificates: [new Uint8Array(1)],
  },
  accept: [
    usernameToken({ verify: () => true, secret: () => undefined, over: "transport", maxAgeSeconds: 60 }),
    x509({ subjects: ["CN=a", () => true], issuers: ["CN=b"], account: () => true, signed: ["body", "timestamp"] }),
    x509({ signed: ["addressing", { namespace: "", name: "a" }], over: "transport" }),
    saml2({
      audience: ["urn:a", "urn:b"],
      confirm: "sender-vouches",
      issuers: ["https://sts.example"],
      attesters: [pem],
      requireAuthnStatement: true,
      recipient: "urn:r",
      oneTime: true,
      maxAgeSeconds: 1,
    }),
    jwt({
      issuer: "https://sts.example",
      audience: "urn:a",
      keys: pem,
      algorithms: ["ES256"],
      type: "at+jwt",
      oneTime: true,
      maxAgeSeconds: 60,
      over: "transport",
    }),
  ],
  require: { claims: [{ description: "role", holds: () => true }] },
  inject: { headers: { "x-a": "a", "x-b": () => "b" }, strip: ["x-c"] },
  reply: { sign: { key: pem, certificate: pem, algorithm: "urn:a" }, timestamp: true, confirm: true, ttlSeconds: 60 },
  anonymous: true,
  soap: { actor: "urn:g", soap12SenderStatus: 500, understands: ["{urn:a}b"], actions: { "urn:a": "{}b" } },
  clockSkewSeconds: 0,
  timestamp: { maxAgeSeconds: 1, futureSeconds: 0, requireExpires: true },
  algorithms: {
    suite: {
      name: "own",
      signatures: ["urn:a"],
      digests: ["urn:b"],
      encryption: {
        content: ["urn:d"],
        keyTransport: [],
        keyWrap: [],
        keyAgreement: [],
        keyDerivation: [],
        digests: ["urn:e"],
        masks: ["urn:f"],
      },
    },
    canonicalization: ["urn:c"],
  },
  limits: { ...defaultLimits },
  replay: new InMemoryReplayCache(),
  tenant: "t",
  audit: { sink: () => undefined, mandatory: true },
  preciseFaults: false,
  clock: { now: () => 0 },
};

describe("checkGuardOptions", () => {
  it("accepts the least and the most that can be said", () => {
    expect(mistake(base)).toBe("accepted");
    expect(mistake(everything)).toBe("accepted");
    expect(mistake({ ...base, audit: () => undefined })).toBe("accepted");
    for (const name of Object.keys(everything)) {
      if (name !== "origin" && name !== "accept") expect(mistake({ ...base, [name]: undefined })).toBe("accepted");
    }
  });

  it.each<[string, unknown]>([
    ["origin", undefined],
    ["origin", "orders.example"],
    ["origin", "https://orders.example/"],
    ["origin", "https://orders.example/orders"],
    ["origin", "https://ORDERS.example"],
    ["origin", "https://orders.example:443"],
    ["origin", "https://user@orders.example"],
    ["origin", new URL("https://orders.example")],
    ["accept", undefined],
    ["accept", []],
    ["accept", password],
    ["accept[0]", [undefined]],
    ["accept[0].kind", [{ kind: "kerberos", options: {} }]],
    ["accept[0].options.over", [usernameToken({ verify: () => true } as never)]],
    ["accept[0].options.over", [usernameToken({ verify: () => true, over: "tls" } as never)]],
    ["accept[0].options.verify", [usernameToken({ verify: "yes", over: "transport" } as never)]],
    ["accept[0].options.secret", [usernameToken({ secret: new Map(), over: "transport" } as never)]],
    ["accept[0].options.maxAgeSeconds", [usernameToken({ verify: () => true, over: "transport", maxAgeSeconds: 0 })]],
    ["accept[0].options.maxAgeSeconds", [usernameToken({ verify: () => true, over: "transport", maxAgeSeconds: 1e9 })]],
    ["accept[1].options.subjects", [password, x509({ subjects: [] })]],
    ["accept[0].options.subjects[0]", [x509({ subjects: [5 as never] })]],
    ["accept[0].options.account", [x509({ account: true as never })]],
    ["accept[0].options.signed", [x509({ signed: "body" as never })]],
    ["accept[0].options.signed[1]", [x509({ signed: ["body", "confirmations" as never] })]],
    ["accept[0].options.signed[0].name", [x509({ signed: [{ namespace: "", name: "" }] })]],
    ["accept[0].options.audience", [saml2({ confirm: "bearer" } as unknown as Saml2Options)]],
    ["accept[0].options.audience", [saml2({ confirm: "bearer", audience: [] })]],
    ["accept[0].options.confirm", [saml2({ confirm: "none" as never, audience: "urn:a" })]],
    ["accept[0].options.confirm", [saml2({ audience: "urn:a" } as unknown as Saml2Options)]],
    ["accept[0].options.attesters[0]", [saml2({ confirm: "sender-vouches", audience: "urn:a", attesters: ["CN=a"] })]],
    ["accept[0].options.oneTime", [saml2({ confirm: "bearer", audience: "urn:a", oneTime: "yes" as never })]],
    ["accept[0].options.over", [jwt({ issuer: "a", audience: "b", keys: pem } as never)]],
    ["accept[0].options.issuer", [jwt({ issuer: "", audience: "b", keys: pem, over: "transport" })]],
    [
      "accept[0].options.algorithms",
      [jwt({ issuer: "a", audience: "b", keys: pem, algorithms: [], over: "transport" })],
    ],
    ["trust.issuers", { issuers: [] }],
    ["trust.issuers[0].certificates", { issuers: [{ name: "a", certificates: [] }] }],
    ["trust.issuers[0].name", { issuers: [{ name: "", certificates: [pem] }] }],
    ["trust.authorities", { authorities: [] }],
    ["trust.authorities[0]", { authorities: ["/etc/ssl/ca.pem"] }],
    ["trust.certificates", { certificates: [] }],
    ["trust.certificate", { certificate: pem }],
    ["require.claims[0].holds", { claims: [{ description: "a", holds: true }] }],
    ["require.claims[0].description", { claims: [{ description: "", holds: () => true }] }],
    ["require.claims[0].description", { claims: [{ description: "a\nb", holds: () => true }] }],
    ["require.claims[0].description", { claims: [{ description: "\ud800", holds: () => true }] }],
    ['inject.headers["x-a"]', { headers: { "x-a": 5 } }],
    ["inject.strip[0]", { strip: [5] }],
    ["reply.sign.certificate", { sign: { key: pem, certificate: "no" } }],
    ["reply.ttlSeconds", { ttlSeconds: 0 }],
    ["reply.confirm", { confirm: "true" }],
    ["anonymous", 1],
    ["soap.actor", { actor: "" }],
    ["soap.soap12SenderStatus", { soap12SenderStatus: 200 }],
    ["soap.understands[0]", { understands: ["Action"] }],
    ['soap.actions["urn:a"]', { actions: { "urn:a": "Read" } }],
    ["clockSkewSeconds", -1],
    ["clockSkewSeconds", 3601],
    ["clockSkewSeconds", Number.NaN],
    ["timestamp.maxAgeSeconds", { maxAgeSeconds: 0 }],
    ["timestamp.futureSeconds", { futureSeconds: Number.POSITIVE_INFINITY }],
    ["timestamp.requireExpires", { requireExpires: "no" }],
    ["algorithms.suite", { suite: "basic1" }],
    ["algorithms.suite.signatures", { suite: { name: "own", signatures: [] } }],
    ["algorithms.suite.encryption.ciphers", { suite: { name: "own", encryption: { ciphers: [] } } }],
    ["algorithms.suite.encryption.content[0]", { suite: { name: "own", encryption: { content: [1] } } }],
    ["limits.maxBodies", { maxBodies: 1 }],
    ["replay", {}],
    ["replay", () => "fresh"],
    ["tenant", ""],
    ["audit.sink", { mandatory: true }],
    ["audit", "stdout"],
    ["preciseFaults", "yes"],
    ["clock", Date.now],
    ["clock", {}],
    ["trusts", {}],
  ])("rejects a wrong %s with ERR_CONFIG_INVALID and its path", (path, value) => {
    const [name = ""] = path.split(/[.[]/);
    expect(mistake({ ...base, [name]: value })).toBe(path);
  });

  it.each(Object.keys(limitBounds) as (keyof MessageLimits)[])(
    "accepts limits.%s up to its bound, and rejects every way of switching it off with ERR_CONFIG_INVALID (K18)",
    (name) => {
      const most = limitBounds[name];
      for (const value of [1, defaultLimits[name], most]) {
        expect(mistake({ ...base, limits: { [name]: value } })).toBe("accepted");
      }
      for (const value of [
        0,
        -1,
        1.5,
        most + 1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        null,
        false,
        "1mb",
        String(most),
      ]) {
        expect(mistake({ ...base, limits: { [name]: value } })).toBe(`limits.${name}`);
      }
    },
  );

  it("rejects what is no object at all with ERR_CONFIG_INVALID", () => {
    for (const options of [undefined, null, 5, "https://orders.example", []]) expect(mistake(options)).toBe("options");
  });
});
