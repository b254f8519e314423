import { resolve } from "node:path";
import { type ClientOptions, createClient, type SoapFaultError, soapSecurity } from "@countersign/client";
import {
  type AuditEvent,
  type GuardOptions,
  InMemorySecurityContextStore,
  saml2,
  securityContext,
  usernameToken,
  x509,
} from "@countersign/core";
import { createTestAuthority } from "@countersign/core/testing";
import { createClientAsync, type IOptions, type ISecurity } from "soap";
import { describe, expect, it, onTestFinished } from "vitest";
import { expressFramework } from "../adapter/express.js";
import { fastifyFramework } from "../adapter/fastify.js";
import { koaFramework } from "../adapter/koa.js";
import type { Framework, Seen } from "../adapter/site.js";
import { Stage, tls as stageTls } from "../scenario/stage.js";
import { type Tampering, TamperingTransport } from "../support/tampering.js";
import { brokerKey, issuer, ordersUrl, serviceKey } from "../trust/estate.js";

/*
 * Users of the npm package `soap` call a guarded service: node-soap makes messages out of a WSDL and objects out of replies,
 * and everything in between is Countersign's.
 */

const wsdl = resolve(import.meta.dirname, "../interop/python/order.wsdl");
const authority = createTestAuthority({ subject: "CN=Test CA" });
const server = authority.issue({ subject: "CN=localhost", alternativeNames: [{ dns: "localhost" }] });
const alice = authority.issue({ subject: "CN=alice,O=Example", keyType: "rsa" });
const mallory = authority.issue({ subject: "CN=mallory,O=Example", keyType: "rsa" });
const orders = authority.issue({ subject: "CN=orders", keyType: "rsa" });

const signedReplies = { signed: true, certificates: [orders.certificate] };
const signingAs = ({ privateKey, certificate }: typeof alice): ClientOptions => ({
  key: { privateKey, certificate },
  reply: signedReplies,
});
const asAlice = signingAs(alice);
const keyOf = ({ privateKey, certificate }: typeof alice) => ({ key: privateKey, certificate });
const cipher: Tampering = { element: "CipherValue", value: "A".repeat(80) };
const crown: Tampering = { element: "item", value: "crown" };

function receipt({ securityOf }: Seen) {
  const { principal, message } = securityOf();
  const item = message?.body.child("PlaceOrder")?.child("item")?.text;
  const old = message?.soapVersion === "1.1";
  const namespace = old ? "http://schemas.xmlsoap.org/soap/envelope/" : "http://www.w3.org/2003/05/soap-envelope";
  return {
    headers: { "content-type": `${old ? "text/xml" : "application/soap+xml"}; charset=utf-8` },
    body:
      `<soap:Envelope xmlns:soap="${namespace}"><soap:Body><o:OrderReceipt xmlns:o="urn:example:orders">` +
      `<o:orderedBy>${principal.name}</o:orderedBy><o:item>${item}</o:item></o:OrderReceipt></soap:Body></soap:Envelope>`,
  };
}

/** A guarded order service, what its guard decided, and the header `x-trace` of what came through. */
async function serve(framework: Framework, guard: Partial<GuardOptions> & Pick<GuardOptions, "accept">) {
  const verdicts: string[] = [];
  const audit = ({ outcome, error, conversation }: AuditEvent) => {
    if (conversation === undefined) verdicts.push(error?.code ?? outcome);
  };
  const reply = { sign: { key: orders.privateKey, certificate: orders.certificate } };
  const trust = { authorities: [authority.certificate] };
  const guards = [{ origin: "https://orders.example", audit, reply, trust, ...guard }];
  const tls = { key: server.privateKey, cert: server.certificate };
  const traces: (string | undefined)[] = [];
  const handler = (seen: Seen) => {
    traces.push(seen.header("x-trace"));
    return receipt(seen);
  };
  const running = await framework.start({ routes: [{ path: "/orders", guards, handler }] }, tls);
  onTestFinished(() => running.close());
  return { url: `https://localhost:${running.port}/orders`, verdicts, traces };
}

type Changes = Partial<Pick<TamperingTransport, "request" | "reply">>;

/** node-soap with a Countersign client; `place` calls the one operation of the WSDL. */
async function nodeSoap(url: string, options: ClientOptions, changes: Changes = {}, soapOptions: IOptions = {}) {
  const transport = Object.assign(new TamperingTransport(authority.certificate), changes);
  const countersign = createClient({ transport, ...options });
  onTestFinished(async () => {
    await countersign.close();
    transport.close();
  });
  const client = await createClientAsync(wsdl, soapOptions, url);
  const security: ISecurity = soapSecurity(countersign, { appliesTo: ordersUrl });
  client.setSecurity(security);
  const place = async (callOptions?: object): Promise<unknown> => {
    const [result] = await client.PlaceOrderAsync({ item: "anvil", quantity: 2 }, callOptions);
    return result;
  };
  return { client, place };
}

const acceptsAlice: Pick<GuardOptions, "accept"> = { accept: [x509({ subjects: ["CN=alice,O=Example"] })] };
const toAlice = { orderedBy: "CN=alice,O=Example", item: "anvil" };

describe.each([expressFramework, koaFramework, fastifyFramework])("node-soap calling $name", (framework) => {
  it.each([
    ["1.1", {}],
    ["1.2", { forceSoap12Headers: true }],
  ] as const)("accepts a signed message in SOAP %s, and reads the signed reply", async (_version, soapOptions) => {
    const { url, verdicts } = await serve(framework, acceptsAlice);
    const { place } = await nodeSoap(url, asAlice, {}, soapOptions);
    expect(await place()).toEqual(toAlice);
    expect(verdicts).toEqual(["admitted"]);
  });

  it("rejects a message that was changed with ERR_WSS_FAILED_CHECK, and tells the caller with ERR_SERVICE_FAULT", async () => {
    const { url, verdicts } = await serve(framework, acceptsAlice);
    const { place } = await nodeSoap(url, asAlice, { request: crown });
    const refusal = (await place().catch((error: unknown) => error)) as SoapFaultError;
    expect(refusal).toMatchObject({ code: "ERR_SERVICE_FAULT", fault: { code: { localName: "InvalidSecurity" } } });
    expect(verdicts).toEqual(["ERR_WSS_FAILED_CHECK"]);
  });

  it("rejects the signature of somebody else with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    const { url, verdicts } = await serve(framework, acceptsAlice);
    const { place } = await nodeSoap(url, signingAs(mallory));
    await expect(place()).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expect(verdicts).toEqual(["ERR_WSS_FAILED_AUTHENTICATION"]);
  });

  it("rejects a reply that was changed, and an unsigned one, with ERR_SERVICE_RESPONSE_INVALID", async () => {
    const { url, verdicts } = await serve(framework, acceptsAlice);
    const { place } = await nodeSoap(url, asAlice, { reply: crown });
    await expect(place()).rejects.toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
    expect(verdicts).toEqual(["admitted"]);
    const unsigned = await serve(framework, { ...acceptsAlice, reply: undefined });
    const other = await nodeSoap(unsigned.url, asAlice);
    await expect(other.place()).rejects.toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
  });

  it("accepts a password digest, and rejects that of a wrong password with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    const secret = (name: string) => (name === "alice" ? "wonderland" : undefined);
    const { url, verdicts } = await serve(framework, {
      accept: [usernameToken({ secret, over: "transport" })],
      trust: undefined,
    });
    const withPassword = (password: string): ClientOptions => ({
      credentials: () => ({ name: "alice", password }),
      password: "digest",
      reply: signedReplies,
    });
    const right = await nodeSoap(url, withPassword("wonderland"));
    expect(await right.place()).toEqual({ orderedBy: "alice", item: "anvil" });
    const wrong = await nodeSoap(url, withPassword("looking-glass"));
    await expect(wrong.place()).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expect(verdicts).toEqual(["admitted", "ERR_WSS_FAILED_AUTHENTICATION"]);
  });

  it("accepts a holder-of-key token of a broker, and rejects a message changed under it with ERR_WSS_FAILED_CHECK", async () => {
    const stage = new Stage(framework);
    const broker = await stage.broker();
    const { url, verdicts } = await serve(framework, {
      trust: { issuers: [{ name: issuer, certificates: [brokerKey.certificate] }] },
      accept: [saml2({ audience: ordersUrl, confirm: "holder-of-key" })],
      reply: { sign: { key: serviceKey.privateKey, certificate: serviceKey.certificate } },
      clock: stage.clock,
    });
    const requestor: ClientOptions = {
      broker: { url: broker.url, certificates: [brokerKey.certificate], signedReplies: true },
      credentials: () => ({ name: "alice", password: "wonderland" }),
      keyType: "public-key",
      reply: { signed: true, certificates: [serviceKey.certificate] },
      clock: stage.clock,
      transport: new TamperingTransport([authority.certificate, stageTls.ca]),
    };
    const { place } = await nodeSoap(url, requestor);
    expect(await place()).toEqual({ orderedBy: "alice@example", item: "anvil" });
    await place();
    expect(broker.identityProvider.calls).toBe(1);
    (requestor.transport as TamperingTransport).request = crown;
    await expect(place()).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expect(verdicts).toEqual(["admitted", "admitted", "ERR_WSS_FAILED_CHECK"]);
    requestor.transport?.close();
  });

  it.each([
    ["1.1", {}],
    ["1.2", { forceSoap12Headers: true }],
  ] as const)(
    "accepts encrypted messages and replies in SOAP %s, and rejects what was changed",
    async (_, soapOptions) => {
      const { url, verdicts } = await serve(framework, {
        accept: [x509({ subjects: ["CN=alice,O=Example"], encrypted: ["body"] })],
        trust: { authorities: [authority.certificate], decryption: [keyOf(orders)] },
        reply: { sign: keyOf(orders), encrypt: {} },
      });
      const options: ClientOptions = {
        ...asAlice,
        encrypt: { for: orders.certificate },
        decryption: [keyOf(alice)],
        reply: { ...signedReplies, encrypted: true },
      };
      const { client, place } = await nodeSoap(url, options, {}, soapOptions);
      expect(await place()).toEqual(toAlice);
      expect(client.lastResponse).toContain("<o:item>anvil</o:item>");
      const changed = await nodeSoap(url, options, { request: cipher }, soapOptions);
      await expect(changed.place()).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
      const answered = await nodeSoap(url, options, { reply: cipher }, soapOptions);
      await expect(answered.place()).rejects.toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
      const clear = await nodeSoap(url, asAlice, {}, soapOptions);
      await expect(clear.place()).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
      const refusals = ["ERR_WSS_DECRYPTION_FAILED", "admitted", "ERR_POLICY_PART_UNPROTECTED"];
      expect(verdicts).toEqual(["admitted", ...refusals]);
    },
  );

  it.each([
    ["1.1", {}],
    ["1.2", { forceSoap12Headers: true }],
  ] as const)(
    "accepts a conversation in SOAP %s, encrypted and addressed, and rejects what was changed",
    async (_, soapOptions) => {
      const contexts = new InMemorySecurityContextStore();
      const verify = (name: string, password: string) => name === "alice" && password === "wonderland";
      const { url, verdicts } = await serve(framework, {
        accept: [securityContext({ contexts, encrypted: ["body"], signed: ["body", "timestamp", "addressing"] })],
        conversation: { contexts, bootstrap: [usernameToken({ verify, over: "transport" })] },
        trust: undefined,
        reply: { sign: "context", confirm: true, encrypt: { for: "context" } },
      });
      let asked = 0;
      const options: ClientOptions = {
        credentials: () => {
          asked++;
          return { name: "alice", password: "wonderland" };
        },
        conversation: {},
        addressing: true,
        encrypt: { for: "context" },
        reply: { signed: true, confirmed: true, encrypted: true },
      };
      const { place } = await nodeSoap(url, options, {}, soapOptions);
      const receiptOfAlice = { orderedBy: "alice", item: "anvil" };
      expect([await place(), await place()]).toEqual([receiptOfAlice, receiptOfAlice]);
      expect([asked, contexts.size]).toEqual([1, 1]);
      const changed = await nodeSoap(url, options, { request: cipher }, soapOptions);
      await expect(changed.place()).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
      const answered = await nodeSoap(url, options, { reply: cipher }, soapOptions);
      await expect(answered.place()).rejects.toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
      expect(verdicts).toEqual(["admitted", "admitted", "ERR_WSS_DECRYPTION_FAILED", "admitted"]);
    },
  );
});

describe("what node-soap may be told besides", () => {
  it("accepts header blocks, HTTP headers and one options object for several calls", async () => {
    const { url, verdicts, traces } = await serve(expressFramework, acceptsAlice);
    const { client, place } = await nodeSoap(url, asAlice);
    client.addSoapHeader({ trace: "7" }, "", "t", "urn:example:trace");
    client.addHttpHeader("x-trace", "7");
    const shared = {};
    expect([await place(shared), await place(shared)]).toEqual([toAlice, toAlice]);
    expect(verdicts).toEqual(["admitted", "admitted"]);
    expect(traces).toEqual(["7", "7"]);
  });

  it.each([
    ["attachments", { attachments: [{ mimetype: "text/plain", contentId: "1", name: "a", body: "a" }] }],
    ["forceGzip", { forceGzip: true }],
    ["forceMTOM", { forceMTOM: true }],
    ["ntlm", { ntlm: true }],
    ["httpsAgent", { httpsAgent: {} }],
    ["proxy", { proxy: { host: "proxy.example" } }],
    ["timeout", { timeout: 1000 }],
    ["adapter", { adapter: "fetch" }],
  ])("rejects the option %s of a call with ERR_CONFIG_INVALID, and sends nothing", async (option, callOptions) => {
    const { url, verdicts } = await serve(expressFramework, acceptsAlice);
    const { place } = await nodeSoap(url, asAlice);
    await expect(place(callOptions)).rejects.toMatchObject({ code: "ERR_CONFIG_INVALID", option });
    expect(verdicts).toEqual([]);
  });

  it("rejects streamed replies with ERR_CONFIG_INVALID, and accepts them as octets", async () => {
    const { url, verdicts } = await serve(expressFramework, acceptsAlice);
    const streamed = await nodeSoap(url, asAlice, {}, { stream: true });
    await expect(streamed.place()).rejects.toMatchObject({ code: "ERR_CONFIG_INVALID", option: "stream" });
    expect(verdicts).toEqual([]);
    const octets = await nodeSoap(url, asAlice, {}, { parseReponseAttachments: true });
    expect(await octets.place()).toEqual(toAlice);
  });
});
