import { randomBytes } from "node:crypto";
import {
  allowInsecureTransport,
  createGuard,
  keyRing,
  responseFromVariables,
  returnAuthenticationData,
  type SecurityContext,
  saml2,
} from "@countersign/core";
import {
  generateResponses,
  loadResponseKeys,
  PathCache,
  type ResponseContext,
  scan,
  writeFault,
} from "@countersign/core/sts";
import { createTestCertificate } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { type AuthenticationRequest, obtainAssertion, obtainSecurityHeaders } from "./authentication.js";
import type { HttpRequest, HttpResponse, HttpTransport } from "./http.js";
import { signRequest } from "./sign-request.js";
import { SoapFaultError } from "./soap-fault.js";

const agent = createTestCertificate({ subject: "CN=agent" });
const alice = createTestCertificate({ subject: "CN=alice" });
const mallory = createTestCertificate({ subject: "CN=mallory" });
const now = Date.now();
const soap = "http://schemas.xmlsoap.org/soap/envelope/";
const envelope = (text: string) =>
  `<s:Envelope xmlns:s="${soap}"><s:Body><a xmlns="urn:a">${text}</a></s:Body></s:Envelope>`;
const url = "https://auth.example/";
const refusal = (code: string) => expect.objectContaining({ code });
const key = { privateKey: alice.keyPair.privateKey, certificate: alice.certificate };

type Responses = Parameters<typeof generateResponses>[0];
const header: Responses = [{ kind: "ws-security", token: "saml2", audience: "urn:orders" }];

function contextOf({ body }: HttpRequest): ResponseContext {
  return {
    subject: { name: "alice", directory: "staff", level: 5, certificate: alice.der },
    session: {
      id: "s",
      user: "alice",
      directory: "staff",
      created: now,
      lastAccess: now,
      idleSeconds: 600,
      maxSeconds: 3_600,
      level: 5,
    },
    document: scan(Buffer.from(body)),
    actor: undefined,
    keys: loadResponseKeys({ key: agent.keyPair.privateKey, certificate: agent.certificate, issuer: "urn:agent" }, "k"),
    paths: new PathCache(),
    encrypted: true,
    passwordsInClear: false,
    now,
  };
}

/** What an agent makes of the request, and its handler returns. */
function answer(request: HttpRequest, responses: Responses): HttpResponse {
  const { body, headers } = request;
  const generated = generateResponses(responses, contextOf(request));
  const reply = returnAuthenticationData({ body: generated.envelope ?? body, headers });
  return { status: 200, headers: reply.headers, body: reply.body };
}

class Service implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  readonly #reply: (request: HttpRequest) => HttpResponse;

  constructor(reply: (request: HttpRequest) => HttpResponse) {
    this.#reply = reply;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    return this.#reply(request);
  }

  close(): void {}
}

const ask = (
  reply: (request: HttpRequest) => HttpResponse,
  more: Omit<Partial<AuthenticationRequest>, "transport"> = {},
) => ({
  body: envelope("credentials"),
  transport: new Service(reply),
  ...more,
});
const returning = (responses: Responses) => ask((request) => answer(request, responses));
const fault: HttpResponse = {
  status: 500,
  headers: { "content-type": "text/xml; charset=utf-8" },
  body: Buffer.from(writeFault({ version: "1.1", code: "Sender", reason: "The security check failed." })),
};

const guard = createGuard({
  origin: "https://orders.example",
  trust: { issuers: [{ name: "urn:agent", certificates: [agent.certificate] }] },
  accept: [saml2({ audience: "urn:orders", confirm: "holder-of-key", signed: ["body", "timestamp"] })],
});
async function admitted(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<SecurityContext | string> {
  const verdict = await guard.admit({
    method: "POST",
    target: "/",
    headers: Object.entries(headers),
    body: async () => body,
    transport: { encrypted: true },
    signal: new AbortController().signal,
  });
  if (verdict.kind === "admitted") return verdict.security;
  return verdict.kind === "answered" ? (verdict.error?.code ?? "") : verdict.kind;
}

describe("obtainSecurityHeaders() and signRequest()", () => {
  it("R2.11 takes the header that the service returns, and signs new messages under its assertion", async () => {
    const headers = await obtainSecurityHeaders(url, returning(header));
    expect(headers.assertion).toMatchObject({ version: "2.0", ticket: false });
    const { assertion } = headers;
    if (assertion === undefined) throw new RangeError("no assertion");
    for (const text of ["new", "another"]) {
      const { body, headers: http } = signRequest(assertion, envelope(text), { key, action: "urn:act" });
      expect(http.soapaction).toBe('"urn:act"');
      const security = await admitted(body, http);
      expect(security).toMatchObject({ principal: { name: "alice" } });
      const changed = Buffer.from(body).toString().replace(`>${text}<`, ">changed<");
      expect(await admitted(Buffer.from(changed), http)).toBe("ERR_WSS_FAILED_CHECK");
    }
  });

  it("rejects another key than the assertion names, an assertion that expired, and one that names none", async () => {
    const { assertion } = await obtainSecurityHeaders(url, returning(header));
    const vouched = [
      { kind: "ws-security", token: "saml2", audience: "urn:orders", confirm: "sender-vouches" },
    ] as const;
    const { assertion: others } = await obtainSecurityHeaders(url, returning(vouched));
    if (assertion === undefined || others === undefined) throw new RangeError("no assertion");
    const invalid = (option: string) => expect.objectContaining({ code: "ERR_CONFIG_INVALID", option });
    const theirs = { privateKey: mallory.keyPair.privateKey, certificate: mallory.certificate };
    expect(() => signRequest(assertion, envelope("1"), { key: theirs })).toThrow(invalid("key"));
    expect(() => signRequest(others, envelope("1"), { key })).toThrow(invalid("assertion"));
    expect(() => signRequest(assertion, envelope("1"), { key, in: "header" })).toThrow(invalid("in"));
    const later = { now: () => now + 600_000 };
    expect(() => signRequest(assertion, envelope("1"), { key, clock: later })).toThrow(invalid("assertion"));
  });

  it("R2.11 rejects a fault with a SoapFaultError, and sends nothing after it", async () => {
    const request = ask(() => fault);
    for (const obtain of [obtainSecurityHeaders, obtainAssertion]) {
      await expect(obtain(url, request)).rejects.toBeInstanceOf(SoapFaultError);
      await expect(obtain(url, request)).rejects.toThrow(refusal("ERR_SERVICE_FAULT"));
    }
    expect(request.transport.requests.every(({ body }) => !Buffer.from(body).includes("Security"))).toBe(true);
  });

  it("rejects replies without the header, that are no SOAP, or of another version, with ERR_SERVICE_RESPONSE_INVALID", async () => {
    const html = { status: 200, headers: { "content-type": "text/html" }, body: Buffer.from("<p/>") };
    const empty = { status: 204, headers: {}, body: Buffer.alloc(0) };
    const other = envelope("1").replace(soap, "http://www.w3.org/2003/05/soap-envelope");
    const soap12 = { status: 200, headers: { "content-type": "application/soap+xml" }, body: Buffer.from(other) };
    for (const reply of [html, empty, soap12]) {
      const asked = obtainSecurityHeaders(
        url,
        ask(() => reply),
      );
      await expect(asked).rejects.toThrow(refusal("ERR_SERVICE_RESPONSE_INVALID"));
    }
    const none = refusal("ERR_SERVICE_RESPONSE_INVALID");
    await expect(obtainSecurityHeaders(url, returning([]))).rejects.toThrow(none);
    await expect(obtainAssertion(url, returning(header))).rejects.toThrow(none);
    await expect(
      obtainAssertion(
        url,
        ask(() => ({ ...html, status: 401 })),
      ),
    ).rejects.toThrow(none);
  });

  it("rejects an address without TLS with ERR_CONFIG_INSECURE before it sends, and accepts it where that is allowed", async () => {
    const request = returning(header);
    await expect(obtainSecurityHeaders("http://auth.example/", request)).rejects.toThrow(
      refusal("ERR_CONFIG_INSECURE"),
    );
    expect(request.transport.requests).toEqual([]);
    const allowed = { ...request, [allowInsecureTransport]: true };
    await expect(obtainSecurityHeaders("http://auth.example/", allowed)).resolves.toBeDefined();
  });

  it("rejects with ERR_UNAVAILABLE where nobody answers", async () => {
    const request = ask(() => {
      throw new TypeError("connection refused");
    });
    await expect(obtainSecurityHeaders(url, request)).rejects.toThrow(refusal("ERR_UNAVAILABLE"));
  });

  it("takes what policies of the product family make", async () => {
    const [response] = responseFromVariables("WebAgent-WS-Security-Token", ["TXM_WSSEC_TOKEN_TYPE=X509"]);
    const headers = await obtainSecurityHeaders(url, returning([response] as Responses));
    expect(headers.assertion).toBeUndefined();
    expect(headers.xml).toContain("BinarySecurityToken");
  });
});

describe("obtainAssertion() and signRequest()", () => {
  const opaque = "sealed-session-ticket";
  const sealing = { ring: keyRing([randomBytes(32)]), tenant: "urn:tenant" };
  /** What agent and handler answer: the assertion in one of its places. */
  const ticketIn = (place: "envelope" | "header" | "cookie") =>
    ask((request) => {
      const context = { ...contextOf(request), ticket: opaque, tickets: sealing };
      const generated = generateResponses([{ kind: "saml-session-ticket", in: place }], context);
      const headers = Object.fromEntries(generated.headers);
      const reply = returnAuthenticationData({ body: generated.envelope ?? request.body, headers });
      const cookies = generated.setCookies.length === 0 ? {} : { "set-cookie": generated.setCookies.join(", ") };
      return { status: 200, headers: { ...reply.headers, ...cookies }, body: reply.body };
    });

  it.each(["envelope", "header", "cookie"] as const)(
    "R2.11 takes a session ticket from the %s, and puts it into each of its places",
    async (place) => {
      const assertion = await obtainAssertion(url, ticketIn(place));
      expect(assertion).toMatchObject({ version: "2.0", ticket: true, expires: now + 300_000 });
      expect(assertion.xml).not.toContain(opaque);
      const encoded = Buffer.from(assertion.xml).toString("base64url");
      const sent = (to: "envelope" | "header" | "cookie") => signRequest(assertion, envelope("1"), { key, in: to });
      expect(Buffer.from(sent("envelope").body).toString()).toContain(assertion.xml);
      expect(sent("header").headers.tmsamlsessionticket).toBe(encoded);
      expect(sent("cookie").headers.cookie).toBe(`tmsamlsession=${encoded}`);
      for (const to of ["header", "cookie"] as const) {
        const text = Buffer.from(sent(to).body).toString();
        expect(text).not.toContain("Assertion");
        expect(text).toContain("<ds:SignatureValue>");
      }
      const theirs = { privateKey: mallory.keyPair.privateKey, certificate: mallory.certificate };
      const wrong = expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "key" });
      expect(() => signRequest(assertion, envelope("1"), { key: theirs })).toThrow(wrong);
    },
  );

  it("rejects what is no assertion in these places", async () => {
    const planted = (headers: Record<string, string>) =>
      obtainAssertion(
        url,
        ask(() => ({ status: 200, headers, body: Buffer.alloc(0) })),
      );
    for (const headers of [{ tmsamlsessionticket: "abc" }, { "set-cookie": "tmsamlsession=abc; Path=/" }]) {
      await expect(planted(headers)).rejects.toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }));
    }
    await expect(planted({ "set-cookie": "other=abc" })).rejects.toThrow(refusal("ERR_SERVICE_RESPONSE_INVALID"));
  });
});
