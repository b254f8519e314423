import { describe, expect, it } from "vitest";
import { Certificate, defaultSuite, encodeBase64, keyDigest, keyRing, publicKeyInfo, sha256 } from "../crypto/index.js";
import type { ResponseAttribute, SessionTicketResponse, WsSecurityResponse } from "../identity/index.js";
import { soap11Namespace, soap12Namespace } from "../soap/index.js";
import { createTestCertificate, testKeyPair } from "../testing/index.js";
import {
  openTicketAssertion,
  parseEncodedTicketAssertion,
  parseTicketAssertion,
  type TicketAssertionSyntax,
} from "../tokens/ticket/index.js";
import { verifyReply, wsseNamespace, wsuNamespace } from "../wss/index.js";
import { canonicalize, exclusive, scan } from "../xml/index.js";
import type { ResponseContext } from "./context.js";
import { generateResponses } from "./generate.js";
import { loadResponseKeys } from "./keys.js";
import { PathCache } from "./path-cache.js";

const now = Date.UTC(2026, 10, 22, 12);
const validity = { notBefore: now - 86_400_000, notAfter: now + 86_400_000 };
const agent = createTestCertificate({ subject: "CN=agent", ...validity });
const alice = createTestCertificate({ subject: "CN=alice", ...validity });
const keys = loadResponseKeys(
  { key: agent.keyPair.privateKey, certificate: agent.certificate, issuer: "urn:agent" },
  "keys",
);
const refusal = (code: string, rule?: string) =>
  expect.objectContaining({ code, ...(rule && { detail: expect.objectContaining({ rule }) }) });
const missing = (name: string) => refusal("ERR_RESPONSE_DATA", `responses[].${name}`);

const soap = (
  header: string,
  body = "<o:Order xmlns:o='urn:o'><o:Id>&#65;1</o:Id></o:Order>",
  version = soap11Namespace,
) => `<s:Envelope xmlns:s="${version}">${header}<s:Body>${body}</s:Body></s:Envelope>`;
const plain = soap("");

function context(change: Partial<ResponseContext> = {}, message: string | undefined = plain): ResponseContext {
  return {
    subject: { name: "alice", directory: "staff", level: 5, certificate: alice.der },
    session: {
      id: "s1",
      user: "alice",
      directory: "staff",
      created: now - 1_000,
      lastAccess: now,
      idleSeconds: 600,
      maxSeconds: 3_600,
      level: 5,
    },
    document: message === undefined ? undefined : scan(Buffer.from(message)),
    actor: undefined,
    keys,
    paths: new PathCache(),
    encrypted: true,
    passwordsInClear: false,
    now,
    ...change,
  };
}

const generate = (responses: readonly ResponseAttribute[], change?: Partial<ResponseContext>, message?: string) =>
  generateResponses(responses, context(change, message));
const header = (change: Partial<WsSecurityResponse<string>>): WsSecurityResponse<string> => ({
  kind: "ws-security",
  token: "saml2",
  audience: "urn:services",
  ...change,
});
const text = (octets: Uint8Array | undefined) => Buffer.from(octets ?? "").toString();
const made = (change: Partial<WsSecurityResponse<string>>, more?: Partial<ResponseContext>, message?: string) =>
  text(generate([header(change)], more, message).envelope);

/** The Body in its canonical form, without the wsu:Id that a signature needs. */
function body(message: string): string {
  const document = scan(Buffer.from(message));
  let found = document.firstChild(0);
  while (document.localName(found) !== "Body") found = document.nextSibling(found);
  return Buffer.from(canonicalize(document, found, exclusive))
    .toString()
    .replace(/ xmlns:wsu="[^"]*"| wsu:Id="id-[^"]*"/g, "");
}

const verified = (message: string) =>
  verifyReply(Buffer.from(message), {
    certificates: [Certificate.load(agent.certificate, "c")],
    required: ["body", "timestamp"],
    clock: { now: () => now },
  });

describe("generateResponses: WS-Security headers", () => {
  it.each(["1.1", "1.2"])("accepts SOAP %s and adds a holder-of-key assertion, the Body byte-equal", (version) => {
    const message = soap("", "<a x='1' >2</a>", version === "1.1" ? soap11Namespace : soap12Namespace);
    const { envelope, notes } = generate([header({ attributes: { role: ["clerk"] } })], {}, message);
    const forwarded = text(envelope);
    expect(body(forwarded)).toBe(body(message));
    expect(forwarded).not.toContain('wsu:Id="id-');
    expect(forwarded).toContain("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key");
    expect(forwarded).toContain(encodeBase64(alice.der));
    expect(forwarded).toContain("<wsu:Expires>2026-11-22T12:05:00.000Z</wsu:Expires>");
    expect(notes).toEqual([
      { response: "ws-security", detail: expect.stringMatching(/^saml2 holder-of-key _\w+ sha-256 \w+$/) },
    ]);
  });

  it("accepts x509 with each signature scope, and signs what the scope says", async () => {
    const blocks = '<s:Header><h:One xmlns:h="urn:h">1</h:One></s:Header>';
    await expect(verified(made({ token: "x509", audience: undefined }, {}, soap(blocks)))).resolves.toBeDefined();
    const covers = (signature: "all" | "body-timestamp" | "body" | "headers") => {
      const forwarded = made({ token: "x509", audience: undefined, signature }, {}, soap(blocks));
      const ids = [...forwarded.matchAll(/<ds:Reference URI="#([^"]+)"/g)].map(([, id]) => id);
      const at = (tag: RegExp) => ids.includes(tag.exec(forwarded)?.[1] ?? "");
      return [
        at(/<s:Body[^>]*wsu:Id="([^"]+)"/),
        at(/<wsu:Timestamp [^>]*wsu:Id="([^"]+)"/),
        at(/<h:One[^>]*wsu:Id="([^"]+)"/),
      ];
    };
    expect(covers("all")).toEqual([true, true, true]);
    expect(covers("body-timestamp")).toEqual([true, true, false]);
    expect(covers("body")).toEqual([true, false, false]);
    expect(covers("headers")).toEqual([false, true, true]);
  });

  it("makes a digest with a fresh nonce each time, and never sends the password", () => {
    const response = { token: "password-digest", password: "sentinel-7", audience: undefined } as const;
    const [one, two] = [made(response), made(response)];
    expect(one).toContain("#PasswordDigest");
    expect(one).not.toContain("sentinel-7");
    expect(/<wsse:Nonce[^>]*>([^<]+)/.exec(one)?.[1]).not.toBe(/<wsse:Nonce[^>]*>([^<]+)/.exec(two)?.[1]);
  });

  it("rejects a password in clear text with ERR_RESPONSE_DATA but over TLS and by an agent that allows it", () => {
    const response = { token: "password", password: "sentinel-7", audience: undefined } as const;
    const allowed = { passwordsInClear: true, encrypted: true };
    expect(made(response, allowed)).toContain(">sentinel-7<");
    for (const change of [{ passwordsInClear: false }, { encrypted: false }]) {
      expect(() => made(response, { ...allowed, ...change })).toThrow(missing("token"));
    }
  });

  it("writes actor, mustUnderstand and expiry as the response says", () => {
    const forwarded = made({ actor: "urn:next-hop", mustUnderstand: false, expirySeconds: 60 });
    expect(forwarded).toContain('soap:actor="urn:next-hop"');
    expect(forwarded).not.toContain("mustUnderstand");
    expect(forwarded).toContain("<wsu:Expires>2026-11-22T12:01:00.000Z</wsu:Expires>");
    expect(forwarded).toContain('NotOnOrAfter="2026-11-22T12:01:00.000Z"');
    expect(made({ timestamp: false })).not.toContain("wsu:Timestamp");
    expect(made({})).toContain('soap:mustUnderstand="1"');
  });

  it("lets no assertion live longer than the session", () => {
    expect(made({ expirySeconds: 86_400 })).toContain('NotOnOrAfter="2026-11-22T12:59:59.000Z"');
  });

  it.each(["sign-then-encrypt", "encrypt-then-sign"] as const)(
    "encrypts Body and assertion in the order %s",
    (order) => {
      const forwarded = made({
        confirm: "sender-vouches",
        encrypt: { certificate: alice.certificate, elements: ["assertion", "body"], order },
      });
      expect(forwarded).not.toContain("o:Order");
      expect(forwarded).not.toContain("saml2:Assertion");
      expect(forwarded.match(/<xenc:EncryptedData/g)).toHaveLength(2);
    },
  );
});

describe("generateResponses: keys of the user", () => {
  const bare = testKeyPair("ec", "bare").publicKey;
  const spki = encodeBase64(publicKeyInfo(bare));
  const none = { subject: { name: "alice", directory: "staff", level: 5 } };

  it("takes the key from credential, user directory or document", () => {
    const inDocument = soap("", `<o:Order xmlns:o="urn:o"><o:Key>${spki}</o:Key></o:Order>`);
    const fromDocument = { from: "document", path: "/o:Order/o:Key", namespaces: { o: "urn:o" } } as const;
    expect(made({ key: fromDocument }, none, inDocument)).toContain("KeyValue");
    expect(made({ key: { from: "user", value: alice.certificate } }, none)).toContain(encodeBase64(alice.der));
    expect(made({ key: { from: "user", value: encodeBase64(alice.der) } }, none)).toContain(encodeBase64(alice.der));
    expect(
      made({ key: { from: "user", value: `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----` } }, none),
    ).toContain("KeyValue");
    expect(made({}, { subject: { ...none.subject, publicKey: publicKeyInfo(bare) } })).toContain("KeyValue");
  });

  it("rejects a user without key, or with one that cannot be used, with ERR_RESPONSE_DATA, naming the attribute", () => {
    const expired = createTestCertificate({ subject: "CN=old", notBefore: now - 9e9, notAfter: now - 1_000 });
    expect(() => made({}, none)).toThrow(missing("key"));
    const path = { from: "document", path: "/o:Order/o:Id", namespaces: { o: "urn:o" } } as const;
    for (const key of [
      { from: "user", value: "" },
      { from: "user", value: "sentinel-7" },
      { from: "user", value: "c2VudGluZWwtNw==" },
      { from: "user", value: expired.certificate },
      { from: "user", value: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" },
      path,
      { ...path, path: "/o:Order/o:Absent" },
    ] as const) {
      expect(() => made({ key }, none)).toThrow(missing("key"));
    }
  });
});

describe("generateResponses: what came in", () => {
  const forged = (actor: string) =>
    `<wsse:Security xmlns:wsse="${wsseNamespace}"${actor}><wsse:BinarySecurityToken>forged</wsse:BinarySecurityToken></wsse:Security>`;
  const others = forged(' s:actor="urn:somebody"').replace("forged", "others");
  const message = soap(`<s:Header><h:One xmlns:h="urn:h"/>${forged("")}${others}</s:Header>`);

  it("R0.7 takes out a Security header for the agent's actor, whether a response adds one or not; leaves those of others", () => {
    for (const responses of [[], [header({})]]) {
      const { envelope, notes } = generate(responses, {}, message);
      expect(text(envelope)).not.toContain("forged");
      expect(text(envelope)).toContain("others");
      expect(text(envelope)).toContain("<h:One");
      expect(body(text(envelope))).toBe(body(message));
      expect(notes[0]).toEqual({ response: "removed", detail: "Security headers that came in" });
    }
  });

  it.each([' s:actor=""', ' s:actor="http://schemas.xmlsoap.org/soap/actor/next"'])(
    "takes out one with%s too",
    (actor) => {
      expect(text(generate([], {}, soap(`<s:Header>${forged(actor)}</s:Header>`)).envelope)).not.toContain("forged");
    },
  );

  it("takes out one for the actor of the response, or rejects it with ERR_WSS_INVALID_SECURITY where it may not be removed", () => {
    const toHop = soap(`<s:Header>${forged(' s:actor="urn:hop"')}</s:Header>`);
    expect(made({ actor: "urn:hop" }, {}, toHop)).not.toContain("forged");
    expect(() => made({ actor: "urn:hop", remove: false }, {}, toHop)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("leaves a message without such headers and responses as it came", () => {
    expect(generate([]).envelope).toBeUndefined();
    expect(generate([], {}, "<o:Order xmlns:o='urn:o'/>").envelope).toBeUndefined();
  });

  it("R0.3 rejects a document that is no SOAP with ERR_HTTP_MEDIA_TYPE", () => {
    expect(() => made({}, {}, "<o:Order xmlns:o='urn:o'/>")).toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
    expect(() => made({}, { document: undefined })).toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
  });

  it("rejects ids that stand twice, or are none, with ERR_WSS_INVALID_SECURITY before it signs", () => {
    const twice = soap("", `<a xmlns:u="${wsuNamespace}" u:Id="x"/><b xmlns:u="${wsuNamespace}" u:Id="x"/>`);
    const odd = plain.replace("<s:Body>", `<s:Body xmlns:u="${wsuNamespace}" u:Id="1 2">`);
    const response = { token: "x509", audience: undefined } as const;
    expect(() => made(response, {}, twice)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    expect(() => made(response, {}, odd)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    expect(made({}, {}, twice)).toContain("saml2:Assertion");
  });
});

describe("generateResponses: what is missing", () => {
  it.each([
    ["password", { token: "password-digest", password: "", audience: undefined }, {}],
    ["password", { token: "password-digest", audience: undefined }, {}],
    ["token", { token: "x509", audience: undefined }, { keys: undefined }],
    ["token", {}, { keys: undefined }],
    ["token", {}, { keys: { ...keys, issuer: undefined } }],
    ["affiliate", { affiliate: "sentinel-7" }, {}],
    ["audience", { audience: undefined, affiliate: "a" }, { affiliates: new Map([["a", {}]]) }],
    ["audience", { audience: undefined }, {}],
    ["signature", { signature: "body" }, {}],
    ["algorithm", { algorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", confirm: "sender-vouches" }, {}],
    ["encrypt.certificate", { encrypt: { certificate: "sentinel-7", elements: ["body"] } }, {}],
    [
      "encrypt.algorithm",
      {
        encrypt: {
          certificate: alice.certificate,
          elements: ["body"],
          algorithm: "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        },
      },
      {},
    ],
  ] as const)("rejects a response that lacks its %s with ERR_RESPONSE_DATA", (name, response, change) => {
    let thrown: unknown;
    try {
      made(response as Partial<WsSecurityResponse<string>>, change as Partial<ResponseContext>);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toEqual(missing(name));
    expect(JSON.stringify((thrown as { detail: object }).detail)).not.toContain("sentinel-7");
  });

  it("rejects two headers for one actor with ERR_RESPONSE_DATA, and accepts one for each", () => {
    expect(() => generate([header({}), header({})])).toThrow(missing("actor"));
    const both = text(generate([header({}), header({ actor: "urn:hop", confirm: "bearer" })]).envelope);
    expect(both.match(/<wsse:Security /g)).toHaveLength(2);
  });
});

describe("generateResponses: response data", () => {
  it("R0.9 puts no password and no affiliate name anywhere, whether it succeeds or not", () => {
    const affiliates = new Map([["sentinel-affiliate", { issuer: "urn:affiliated", audience: "urn:partner" }]]);
    const responses: readonly ResponseAttribute[] = [
      header({ token: "password-digest", password: "sentinel-password", audience: undefined }),
      header({ affiliate: "sentinel-affiliate", audience: undefined, actor: "urn:hop" }),
    ];
    const { envelope, ...rest } = generate(responses, { affiliates });
    const forwarded = text(envelope);
    expect(forwarded).toContain("<saml2:Issuer>urn:affiliated<");
    expect(forwarded).toContain("<saml2:Audience>urn:partner<");
    expect(`${forwarded}${JSON.stringify(rest)}`).not.toContain("sentinel");
    let failure: unknown;
    try {
      generate(responses, { affiliates: new Map() });
    } catch (error) {
      failure = error;
    }
    expect(failure).toEqual(missing("affiliate"));
    const { message, detail } = failure as { message: string; detail: { place?: () => unknown } };
    expect(`${message}${JSON.stringify(detail)}`).not.toContain("sentinel");
  });
});

describe("generateResponses: headers and cookies", () => {
  it("sets headers for the service alone, and cookies for the caller too", () => {
    const generated = generate([
      { kind: "header", name: "X-Dept", value: "sales" },
      { kind: "header", name: "x-dept", value: "müller\r\nx-admin: 1" },
      { kind: "header", name: "x-none", value: "" },
      { kind: "cookie", name: "theme", value: 'a;"b' },
    ]);
    expect(generated.headers).toEqual([
      ["x-dept", "sales"],
      ["x-dept", "UTF-8''m%C3%BCller%0D%0Ax-admin%3A%201"],
    ]);
    expect(generated.cookies).toEqual([["theme", "a%3B%22b"]]);
    expect(generated.setCookies).toEqual(["theme=a%3B%22b; Path=/; HttpOnly; SameSite=Lax; Secure"]);
    expect(generated.envelope).toBeUndefined();
  });

  it.each(["content-length", "Transfer_Encoding", "x y", "x:\r\ny", ""])(
    "rejects the header name %j with ERR_RESPONSE_DATA",
    (name) => {
      expect(() => generate([{ kind: "header", name, value: "1" }])).toThrow(missing("name"));
    },
  );

  it("rejects the cookie name a=b with ERR_RESPONSE_DATA", () => {
    expect(() => generate([{ kind: "cookie", name: "a=b", value: "1" }])).toThrow(missing("name"));
  });

  it("rejects more than 32 KiB of values with ERR_RESPONSE_DATA", () => {
    const of = (length: number) => [{ kind: "header", name: "x", value: "v".repeat(length) } as const];
    expect(generate(of(32_767)).headers).toHaveLength(1);
    expect(() => generate(of(32_768))).toThrow(missing("value"));
  });

  it("leaves out a cookie over 4096 octets, and warns", () => {
    const generated = generate([{ kind: "cookie", name: "big", value: "v".repeat(4_093) }]);
    expect(generated.setCookies).toEqual([]);
    expect(generated.cookies).toEqual([]);
    expect(generated.notes).toEqual([{ response: "cookie", detail: "big left out: over 4096 octets", warning: true }]);
    expect(generate([{ kind: "cookie", name: "big", value: "v".repeat(4_092) }]).setCookies).toHaveLength(1);
  });
});

describe("generateResponses: session tickets", () => {
  const ring = keyRing([sha256(Buffer.from("7"))]);
  const sealed = { ticket: "sealed-ticket-7", tickets: { ring, tenant: "urn:tenant" }, began: true };
  const ticket = (change: Partial<SessionTicketResponse<string>> = {}) =>
    ({ kind: "saml-session-ticket", ...change }) as const;
  const opened = (syntax: TicketAssertionSyntax, key = ring, audience = "urn:tenant") =>
    openTicketAssertion(syntax, {
      ring: key,
      tenant: "urn:tenant",
      audiences: new Set([audience]),
      now,
      skew: 0,
      signature: "ignored",
      suite: defaultSuite,
    });
  const inEnvelope = (octets: Uint8Array | undefined) => {
    const document = scan(Buffer.from(octets ?? ""));
    let element = 0;
    while (document.localName(element) !== "Assertion") element++;
    return parseTicketAssertion(document, element);
  };
  const thumbprint = keyDigest(Certificate.parse(alice.der).publicKey).toString("hex");

  it("R2.6 puts the assertion into the SOAP Header, an HTTP header or a cookie, with the consumer's key", () => {
    const envelope = generate([ticket()], sealed);
    expect(body(text(envelope.envelope))).toBe(body(plain));
    const header = generate([ticket({ in: "header" })], sealed);
    const cookie = generate([ticket({ in: "cookie" })], sealed);
    const [[headerName, headerValue] = []] = header.headers;
    const [[cookieName, cookieValue] = []] = cookie.cookies;
    expect([headerName, cookieName]).toEqual(["tmsamlsessionticket", "tmsamlsession"]);
    expect(cookie.setCookies).toEqual([`tmsamlsession=${cookieValue}; Path=/; Secure; HttpOnly; SameSite=Strict`]);
    for (const syntax of [
      inEnvelope(envelope.envelope),
      parseEncodedTicketAssertion(headerValue ?? ""),
      parseEncodedTicketAssertion(cookieValue ?? ""),
    ]) {
      expect(opened(syntax)).toMatchObject({ ticket: "sealed-ticket-7", subject: "alice", level: 5, thumbprint });
      // Nobody without the agent's keys can read it, and no other service takes it.
      expect(() => opened(syntax, keyRing([sha256(Buffer.from("8"))]))).toThrow(refusal("ERR_SESSION_INVALID"));
      expect(() => opened(syntax, ring, "urn:else")).toThrow(refusal("ERR_TOKEN_AUDIENCE"));
    }
    for (const made of [envelope, header, cookie]) {
      const seen = [text(made.envelope), JSON.stringify([made.headers, made.setCookies, made.notes])].join();
      expect(seen).not.toContain("sealed-ticket-7");
      expect(Buffer.from(seen, "base64").toString()).not.toContain("sealed-ticket-7");
    }
  });

  it("R2.6 sets no cookie where it would be over 4096 octets, and warns", () => {
    const made = generate([ticket({ in: "cookie", audience: `urn:${"a".repeat(2_000)}` })], sealed);
    expect([made.cookies, made.setCookies]).toEqual([[], []]);
    expect(made.notes).toEqual([
      { response: "cookie", detail: "tmsamlsession left out: over 4096 octets", warning: true },
    ]);
  });

  it("signs the assertion where the response says so, and hides the key", () => {
    const made = text(generate([ticket({ sign: true, encryptKey: true })], sealed).envelope);
    expect(made).toContain("<ds:Signature ");
    expect(made).not.toContain(encodeBase64(alice.der));
    expect(text(generate([ticket()], sealed).envelope)).not.toContain("<ds:Signature ");
  });

  it("R2.2 makes an assertion without key where the user has none, and rejects one that cannot be read", () => {
    const subject = { name: "alice", directory: "staff", level: 5 };
    const made = generate([ticket()], { ...sealed, subject });
    expect(opened(inEnvelope(made.envelope)).thumbprint).toBeUndefined();
    const malformed = ticket({ key: { from: "user", value: "sentinel-7" } });
    expect(() => generate([malformed], { ...sealed, subject })).toThrow(missing("key"));
  });

  it("leaves it out where the caller came by its session, and the response wants credentials", () => {
    const made = generate([ticket({ forceLogon: true })], { ...sealed, began: false });
    expect(made.envelope).toBeUndefined();
    expect(made.notes).toEqual([
      { response: "saml-session-ticket", detail: "left out: no credentials came with this request" },
    ]);
    expect(generate([ticket({ forceLogon: true })], sealed).envelope).toBeDefined();
  });

  it.each([
    ["kind", {}, { tickets: undefined }],
    ["sign", { sign: true }, { keys: undefined }],
    ["kind", {}, { now: now + 3_600_000 }],
  ] as const)("rejects with ERR_RESPONSE_DATA where its %s cannot be had", (name, response, change) => {
    expect(() => generate([ticket(response)], { ...sealed, ...change } as Partial<ResponseContext>)).toThrow(
      missing(name),
    );
  });

  it("rejects a second header for the same actor, and a document that is no SOAP", () => {
    expect(() => generate([ticket(), header({})], sealed)).toThrow(missing("actor"));
    expect(() => generate([ticket()], sealed, "<o:Order xmlns:o='urn:o'/>")).toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
    expect(generate([ticket({ in: "header" })], sealed, "<o:Order xmlns:o='urn:o'/>").headers).toHaveLength(1);
  });
});
