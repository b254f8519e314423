import { type Client, createClient, type ServiceReply } from "@countersign/client";
import type { Guard } from "@countersign/core";
import { countersign, saml2 } from "@countersign/express";
import express from "express";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createLoader } from "./compile.js";
import { order, requestor, secured, soap12 } from "./messages.js";
import { send, serve } from "./serving.js";
import {
  ca,
  ordersCertificate,
  ordersKey,
  partner,
  partnerCertificate,
  partnerKey,
  stsCertificate,
} from "./settings.js";
import { createStage } from "./stage.js";

const stage = createStage();

beforeAll(() => stage.startBroker("broker-service.ts"), 60_000);
afterAll(() => stage.close());

const services = [
  "express-service.ts",
  "express-json.ts",
  "koa-service.ts",
  "koa-from-express.ts",
  "fastify-service.ts",
  "fastify-from-express.ts",
  "node-http.ts",
];

describe.each(services)("the service of a package's page, %s", (file) => {
  beforeAll(() => stage.startService(file), 60_000);

  it("accepts alice with a holder-of-key token", async () => {
    const genuine = await secured(requestor("alice", "public-key"));
    expect(await send("POST", "/orders", soap12, genuine)).toMatchObject({ status: 200, body: "hello alice" });
  });

  it("rejects a bearer token, a changed order and a bare one with one answer", async () => {
    const genuine = await secured(requestor("alice", "public-key"));
    const bare = await send("POST", "/orders", soap12, order);
    expect(bare.status).toBe(400);
    for (const body of [genuine.replace(">anvil<", ">crown<"), await secured(requestor("alice", "bearer"))]) {
      expect(await send("POST", "/orders", soap12, body)).toMatchObject({ status: 400, body: bare.body });
    }
  });
});

describe("the page of fastify", () => {
  beforeAll(() => stage.startService("fastify-service.ts"), 60_000);

  it("accepts a request to the route that says so, without a token", async () => {
    expect(await send("GET", "/health", {})).toMatchObject({ status: 200, body: "ok" });
  });

  it("rejects one to the guarded route", async () => {
    expect(await send("GET", "/orders", {})).not.toMatchObject({ status: 200 });
  });
});

describe("the page of the client (client-service.ts)", () => {
  const serveOrders = async (signed: boolean) => {
    const app = express();
    const answer = order.replace(/<PlaceOrder.*<\/PlaceOrder>/, '<orders xmlns="urn:orders">anvil</orders>');
    app.use(
      "/orders",
      countersign({
        origin: "https://orders.example",
        trust: { issuers: [{ name: "https://sts.example", certificates: [stsCertificate] }] },
        accept: [saml2({ audience: "https://orders.example/orders", confirm: "holder-of-key" })],
        ...(signed && { reply: { sign: { key: ordersKey, certificate: ordersCertificate } } }),
      }),
    );
    app.post("/orders", (_request, response) => {
      response.type("application/soap+xml").send(answer);
    });
    stage.network.assign("orders.example", await serve(app));
  };

  it("accepts a signed reply and prints what its signature covers", async () => {
    await serveOrders(true);
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { message } = (await stage.loader.load("client-service.ts")) as unknown as ServiceReply;
    expect(said.mock.calls).toEqual([["anvil"]]);
    expect(message?.body.protection.by).toBe("signature");
    said.mockRestore();
  });

  it("rejects an unsigned reply with ERR_SERVICE_RESPONSE_INVALID", async () => {
    await serveOrders(false);
    const anew = createLoader();
    try {
      await expect(anew.load("client-service.ts")).rejects.toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
    } finally {
      anew.remove();
    }
  });
});

describe("the page of the client (soap-client.ts)", () => {
  const namespace = "http://schemas.xmlsoap.org/soap/envelope/";
  const receipt =
    `<s:Envelope xmlns:s="${namespace}"><s:Body><o:OrderReceipt xmlns:o="urn:example:orders">` +
    "<o:orderedBy>alice</o:orderedBy><o:item>anvil</o:item></o:OrderReceipt></s:Body></s:Envelope>";
  const serveOrders = async (key: string, certificate: string) => {
    const app = express();
    const guard = countersign({
      origin: "https://orders.example",
      trust: { issuers: [{ name: "https://sts.example", certificates: [stsCertificate] }] },
      accept: [saml2({ audience: "https://orders.example/orders", confirm: "holder-of-key" })],
      reply: { sign: { key, certificate } },
    });
    app.post("/orders", guard, (_request, response) => {
      response.type("text/xml").send(receipt);
    });
    stage.network.assign("orders.example", await serve(app));
  };

  it("accepts the service's signed reply", async () => {
    await serveOrders(ordersKey, ordersCertificate);
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await stage.loader.load("soap-client.ts");
    expect(said.mock.calls).toEqual([["alice", "anvil"]]);
    said.mockRestore();
  });

  it("rejects a reply that somebody else signed with ERR_SERVICE_RESPONSE_INVALID", async () => {
    const { privateKey, certificate } = partner("CN=partner,O=Example");
    await serveOrders(privateKey, certificate);
    const anew = createLoader();
    try {
      await expect(anew.load("soap-client.ts")).rejects.toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
    } finally {
      anew.remove();
    }
  });
});

describe("the pages on encryption", () => {
  interface Pages {
    readonly partnerClient: Client;
    readonly encryptedGuard: Guard;
  }

  const load = async (): Promise<Pages> =>
    ({
      ...(await stage.loader.load("encrypting-client.ts")),
      ...(await stage.loader.load("encrypted-guard.ts")),
    }) as unknown as Pages;

  const admit = (guard: Guard, body: string | Uint8Array) =>
    guard.admit({
      method: "POST",
      target: "/orders",
      headers: [["content-type", "application/soap+xml"]],
      body: async () => Buffer.from(body),
      transport: { encrypted: false },
      signal: new AbortController().signal,
    });

  it("accepts a message that only the service reads, and encrypts the reply", async () => {
    const { partnerClient, encryptedGuard } = await load();
    const { envelope } = await partnerClient.secure(order);
    expect(Buffer.from(envelope).toString()).not.toContain("anvil");
    const verdict = await admit(encryptedGuard, envelope);
    if (verdict.kind !== "admitted") throw new TypeError("not admitted");
    expect(verdict.security.principal.name).toBe("CN=trader");
    const reply = { status: 200, headers: { "content-type": "application/soap+xml" }, body: Buffer.from(order) };
    const { body } = await encryptedGuard.secureReply(verdict.security, reply);
    expect(Buffer.from(body ?? "").toString()).not.toContain("anvil");
  });

  it("rejects the same message in clear", async () => {
    const { encryptedGuard } = await load();
    const inClear = createClient({ key: { privateKey: partnerKey, certificate: partnerCertificate } });
    const { envelope } = await inClear.secure(order);
    expect(await admit(encryptedGuard, envelope)).toMatchObject({
      kind: "answered",
      error: { code: "ERR_POLICY_PART_UNPROTECTED" },
    });
  });
});

describe("the page of the broker (broker-alone.ts)", () => {
  it("accepts a right password and rejects a wrong one", async () => {
    const before = stage.network.servers.length;
    const { url, close } = (await stage.loader.load("broker-alone.ts")) as unknown as {
      readonly url: string;
      close(): Promise<void>;
    };
    expect(url).toMatch(/^https:\/\/0\.0\.0\.0:\d+\/sts$/);
    const server = stage.network.servers[before];
    if (server !== undefined) stage.network.assign("sts.example", server);
    const alice = requestor("alice", "bearer");
    await expect(secured(alice)).resolves.toContain("<saml2:Assertion");
    const wrong = { ...alice, credentials: () => ({ name: "alice", password: "looking-glass" }), tls: { ca } };
    await expect(secured(wrong)).rejects.toMatchObject({ code: "ERR_STS_FAULT" });
    await close();
  });
});
