import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { usernameToken } from "../policy/index.js";
import type { SoapVersion } from "../soap/index.js";
import { issueUsernameToken } from "../tokens/username/index.js";
import { secureMessage } from "../wss/index.js";
import { compileGuard } from "./compile.js";
import type { Exchange } from "./exchange.js";
import type { GuardOptions } from "./options.js";
import type { ServerRequest } from "./seam.js";
import { verifySoap } from "./soap-binding.js";

const namespaces = {
  "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
  "1.2": "http://www.w3.org/2003/05/soap-envelope",
};
const types = { "1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8" };
const addressing = 'xmlns:a="http://www.w3.org/2005/08/addressing"';

/** An order, in its version, with header blocks. */
const order = (version: SoapVersion, header = "") =>
  `<s:Envelope xmlns:s="${namespaces[version]}" ${addressing}><s:Header>${header}</s:Header><s:Body><o/></s:Body></s:Envelope>`;

const secured = (text: string, actor?: string, password = "wonderland") =>
  secureMessage(text, {
    actor,
    tokens: [issueUsernameToken({ name: "alice", password, as: "text", now: Date.now() }).xml],
  }).envelope;

interface Given {
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly more?: readonly (readonly [string, string])[];
  readonly method?: string;
  readonly encrypted?: boolean;
}

async function verify(
  { body = secured(order("1.2")), type = types["1.2"], more = [], method = "POST", encrypted = true }: Given,
  options: Partial<GuardOptions> = {},
) {
  const asked = vi.fn((name: string, password: string) => name === "alice" && password === "wonderland");
  const guard = compileGuard(
    { origin: "https://o.example", accept: [usernameToken({ verify: asked, over: "transport" })], ...options },
    {},
  );
  const exchange = {
    id: "1",
    started: 0,
    until: 0,
    soap: undefined,
    relatesTo: undefined,
    unrecorded: false,
  } as Exchange;
  const request: ServerRequest = {
    method,
    target: "/",
    headers: [["content-type", type], ...more],
    body: async () => body,
    transport: { encrypted },
    signal: new AbortController().signal,
  };
  const outcome = await verifySoap(guard, request, exchange).then(
    (found) => ("accepted" in found ? found.accepted.token.principal.name : Buffer.from(found.octets).toString()),
    (error: { code: string }) => error.code,
  );
  await guard.workers.close();
  return { outcome, exchange, asked };
}

const verdictOf = async (given: Given, options?: Partial<GuardOptions>) => (await verify(given, options)).outcome;

describe("verifySoap", () => {
  it.each(["1.1", "1.2"] as const)(
    "accepts SOAP %s under its own media type, and rejects the other's with ERR_HTTP_MEDIA_TYPE",
    async (version) => {
      const body = secured(order(version));
      const { outcome, exchange } = await verify({ body, type: types[version] });
      expect(outcome).toBe("alice");
      expect(exchange.soap).toBe(version);
      expect(exchange.until).toBeGreaterThan(performance.now());
      const other = types[version === "1.1" ? "1.2" : "1.1"];
      expect(await verdictOf({ body, type: other })).toBe("ERR_HTTP_MEDIA_TYPE");
    },
  );

  it("accepts a POST, and rejects every other method with ERR_HTTP_METHOD (L14)", async () => {
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS", "post", "TRACE"]) {
      expect(await verdictOf({ method })).toBe("ERR_HTTP_METHOD");
    }
  });

  it("accepts gzip, and a message for a worker thread, as any other", async () => {
    const body = secured(order("1.2"));
    expect(await verdictOf({ body: gzipSync(body), more: [["content-encoding", "gzip"]] })).toBe("alice");
    expect(await verdictOf({ body }, { limits: { workerThreshold: 1 } })).toBe("alice");
    const wrong = secured(order("1.2"), undefined, "wrong");
    expect(await verdictOf({ body: wrong }, { limits: { workerThreshold: 1 } })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(await verdictOf({ body: wrong })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("accepts UTF-16 with mark and charset, and rejects either alone with ERR_XML_MALFORMED (L12)", async () => {
    const text = Buffer.from(secured(order("1.2"))).toString();
    const utf16 = Buffer.from(`\ufeff${text}`, "utf16le");
    const type = "application/soap+xml; charset=utf-16";
    expect(await verdictOf({ body: utf16, type })).toBe("alice");
    expect(await verdictOf({ body: utf16 })).toBe("ERR_XML_MALFORMED");
    expect(await verdictOf({ body: Buffer.from(text), type })).toBe("ERR_XML_MALFORMED");
    expect(await verdictOf({ body: Buffer.from(text, "utf16le"), type })).toBe("ERR_XML_MALFORMED");
  });

  it("accepts only over TLS, and asks nobody about a password that came in the open", async () => {
    const { outcome, asked } = await verify({ encrypted: false });
    expect([outcome, asked.mock.calls]).toEqual(["ERR_WSS_INVALID_SECURITY", []]);
  });

  it("rejects a message without a Security header for this actor with ERR_TOKEN_MISSING (A23)", async () => {
    const soap = { actor: "urn:g" };
    const forUs = secured(order("1.2"), "urn:g");
    expect(await verdictOf({ body: Buffer.from(order("1.2")) })).toBe("ERR_TOKEN_MISSING");
    expect(await verdictOf({}, { soap })).toBe("ERR_TOKEN_MISSING");
    expect(await verdictOf({ body: forUs }, { soap })).toBe("alice");
    expect(await verdictOf({ body: forUs })).toBe("ERR_TOKEN_MISSING");
  });

  it("accepts a message without one on a route for anybody, without what stands around it, and never a wrong one", async () => {
    const plain = order("1.2");
    const body = Buffer.from(`<!-- a --> ${plain}\n`);
    expect(await verdictOf({ body }, { anonymous: true })).toBe(plain);
    expect(await verdictOf({ body: secured(plain, undefined, "wrong") }, { anonymous: true })).toBe(
      "ERR_WSS_FAILED_AUTHENTICATION",
    );
    const strange = Buffer.from(order("1.2", '<x xmlns="urn:x" s:mustUnderstand="true"/>'));
    expect(await verdictOf({ body: strange }, { anonymous: true })).toBe("ERR_SOAP_MUST_UNDERSTAND");
    const action = { soap: { actions: { "urn:a": "{}p" } }, anonymous: true };
    expect(await verdictOf({ body: Buffer.from(plain) }, action)).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it("rejects a block that must be understood with ERR_SOAP_MUST_UNDERSTAND, unless the handler understands it", async () => {
    const body = secured(order("1.2", '<x xmlns="urn:x" s:mustUnderstand="true"/>'));
    expect(await verdictOf({ body })).toBe("ERR_SOAP_MUST_UNDERSTAND");
    expect(await verdictOf({ body }, { soap: { understands: ["{urn:x}x"] } })).toBe("alice");
    // Who may not speak is not told what is understood here.
    const wrong = secured(order("1.2", '<x xmlns="urn:x" s:mustUnderstand="true"/>'), undefined, "wrong");
    expect(await verdictOf({ body: wrong })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects an action that is not the Body's with ERR_WSS_INVALID_SECURITY (L18)", async () => {
    const body = secured(order("1.2", "<a:Action>urn:a</a:Action>"));
    expect(await verdictOf({ body })).toBe("alice");
    expect(await verdictOf({ body, type: `${types["1.2"]}; action="urn:b"` })).toBe("ERR_WSS_INVALID_SECURITY");
    expect(await verdictOf({ body, more: [["soapaction", '"urn:b"']] })).toBe("ERR_WSS_INVALID_SECURITY");
    expect(await verdictOf({ body }, { soap: { actions: { "urn:a": "{}o" } } })).toBe("alice");
    expect(await verdictOf({ body }, { soap: { actions: { "urn:a": "{}p" } } })).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it.each([
    ["urn:uuid:1", "urn:uuid:1"],
    [" http://a.example/x?y#z\n", "http://a.example/x?y#z"],
    ["no-uri", undefined],
    ["urn:a b", undefined],
    ["urn:&lt;x&gt;", undefined],
    ["urn:&quot;", undefined],
    ["urn:é", undefined],
    ["urn:<!-- -->a", "urn:a"],
    ["urn:<x/>", undefined],
    [`urn:${"a".repeat(252)}`, `urn:${"a".repeat(252)}`],
    [`urn:${"a".repeat(253)}`, undefined],
    ["urn:a</a:MessageID><a:MessageID>urn:b", undefined],
  ])("echoes the MessageID %s as %s, also to those it refuses", async (sent, echoed) => {
    const text = order("1.2", `<a:MessageID>${sent}</a:MessageID>`);
    const { outcome, exchange } = await verify({ body: Buffer.from(text) });
    expect([outcome, exchange.relatesTo]).toEqual(["ERR_TOKEN_MISSING", echoed]);
  });
});
