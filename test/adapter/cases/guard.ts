import { generateKeyPairSync } from "node:crypto";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { allowInsecureTransport, createGuard, type GuardOptions, jwt, usernameToken } from "@countersign/core";
import type { CountersignOptions } from "@countersign/core/adapter";
import { createTestCertificate } from "@countersign/core/testing";
import { SignJWT } from "jose";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { recorder } from "../recorder.js";
import type { Site } from "../site.js";
import { requestText, Wire } from "../wire.js";

const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const passwordText = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
const order = '<order xmlns="urn:orders"><item>1</item></order>';
const envelope = (password: string, body = order) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><w:Security xmlns:w="${wsse}" s:mustUnderstand="1">` +
  `<w:UsernameToken><w:Username>alice</w:Username><w:Password Type="${passwordText}">${password}</w:Password></w:UsernameToken>` +
  `</w:Security></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
const bare = (body: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const bearer = async (key = keys.privateKey) =>
  `Bearer ${await new SignJWT({ role: "clerk" })
    .setProtectedHeader({ alg: "ES256" })
    .setIssuer("https://sts.example")
    .setAudience("urn:orders")
    .setSubject("alice")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(key)}`;

/** The guard of a service behind a proxy on this machine that ends TLS. */
const options: GuardOptions & CountersignOptions = {
  origin: "https://orders.example",
  accept: [
    usernameToken({ verify: (name, password) => name === "alice" && password === "wonderland", over: "transport" }),
    jwt({
      issuer: "https://sts.example",
      audience: "urn:orders",
      over: "transport",
      keys: keys.publicKey.export({ type: "spki", format: "pem" }) as string,
    }),
  ],
  inject: { headers: { "x-subject": ({ principal }) => principal.name }, strip: ["x-role"] },
  proxy: { trust: ["127.0.0.1"] },
};
const overTls = { "x-forwarded-proto": "https" };
const soap = { ...overTls, "content-type": "text/xml; charset=utf-8" };

const site = (more: Partial<GuardOptions> = {}): Site & ReturnType<typeof recorder> => {
  const { seen, handler } = recorder();
  return { seen, handler, guards: [{ ...options, ...more }], after: "json", routes: [{ path: "/", handler }] };
};

export const guardCases: readonly Case[] = [
  [
    "accepts a user name token by a proxy's word for TLS, plain or gzip, and rejects another password and an unencrypted hop",
    async (start) => {
      const { seen, ...orders } = site();
      const { server } = await start(orders);
      const post = (headers: Record<string, string>, body: string | Buffer) =>
        request(server).post("/").set(headers).send(body);
      await post(soap, envelope("wonderland")).expect(200);
      await post(
        { ...soap, "content-encoding": "gzip", "x-subject": "root", X_Role: "admin" },
        gzipSync(envelope("wonderland")),
      ).expect(200);
      for (const one of seen) {
        expect(one.security).toMatchObject({ principal: { name: "alice" }, message: { soapVersion: "1.1" } });
        expect(String(one.body)).toContain(order);
        expect(String(one.body)).not.toContain("wonderland");
        expect(one.request.headers).toMatchObject({
          "x-subject": "alice",
          "content-length": String((one.body as Buffer).length),
        });
        expect(Object.keys(one.request.headers).filter((name) => /role|encoding/.test(name))).toEqual([
          "accept-encoding",
        ]);
      }
      for (const [headers, password] of [
        [soap, "guess"],
        [{ ...soap, "x-forwarded-proto": "http" }, "wonderland"],
      ] as const) {
        const refused = await post(headers, envelope(password));
        expect([refused.status, refused.text.includes("The security check failed.")]).toEqual([500, true]);
        expect(refused.headers["content-type"]).toMatch(/^text\/xml/);
      }
      expect(seen.length).toBe(2);
    },
  ],
  [
    "accepts a bearer token with a JSON body, and rejects a token by another key and a request without any",
    async (start) => {
      const { seen, ...orders } = site();
      const { server, errors } = await start(orders);
      const post = (headers: Record<string, string>) =>
        request(server)
          .post("/")
          .set({ ...overTls, ...headers })
          .send({ item: 1 });
      await post({ authorization: await bearer() }).expect(200);
      expect([seen[0]?.body, seen[0]?.security?.claims.value("role")]).toEqual([{ item: 1 }, "clerk"]);
      for (const headers of [{ authorization: await bearer(stranger.privateKey) }, {}]) {
        const refused = await post(headers);
        expect([refused.status, refused.text]).toEqual([401, "The security check failed."]);
        expect(refused.headers["www-authenticate"]).toMatch(/^Bearer/);
      }
      expect([seen.length, errors.length]).toEqual([1, 0]);
    },
  ],
  [
    "accepts and rejects by one guard made before, alone or with a proxy",
    async (start) => {
      const { proxy, ...own } = options;
      const { seen, handler } = recorder();
      const guard = createGuard({ ...own, [allowInsecureTransport]: true });
      const { server } = await start({
        routes: [
          { path: "/alone", guards: [guard], handler },
          { path: "/proxied", guards: [{ guard, proxy }], handler },
        ],
      });
      for (const path of ["/alone", "/proxied"]) {
        await request(server).post(path).set("content-type", "text/xml").send(envelope("wonderland")).expect(200);
        await request(server).post(path).set("content-type", "text/xml").send(envelope("guess")).expect(500);
      }
      expect(seen.map(({ security }) => security?.principal.name)).toEqual(["alice", "alice"]);
      await guard.close();
    },
  ],
  [
    "accepts the plain message, and rejects what two readers read differently, what is no SOAP and what inflates without end",
    async (start) => {
      const { seen, ...orders } = site({ accept: options.accept.slice(0, 1) });
      const { server, port } = await start(orders);
      const body = envelope("wonderland");
      const lines = ["X-Forwarded-Proto: https"];
      const rows: readonly [string, string, readonly string[], number][] = [
        ["POST", "L3", ["Content-Type: text/xml", "Connection: close, X-Subject"], 400],
        ["POST", "L9", ["Content-Type: text/xml", "Content-Type: text/plain"], 400],
        ["POST", "L9", ["Content-Type: text/xml", 'SOAPAction: "a"', 'SOAPAction: "b"'], 400],
        ["POST", "L10", ["Content-Type: text/xml\t; charset=utf-8x"], 415],
        ["POST", "L11", ["Content-Type: text/xml; charset=utf-7"], 415],
        ["POST", "L10", [], 415],
        ["GET", "L14", ["Content-Type: text/xml"], 405],
        ["PUT", "L14", ["Content-Type: text/xml"], 405],
      ];
      for (const [method, row, more, status] of rows) {
        const wire = await Wire.open(port);
        wire.send(requestText(method, "/", [...lines, ...more], method === "GET" ? "" : body));
        expect([row, more, (await wire.answer()).status]).toEqual([row, more, status]);
        wire.close();
      }
      const bomb = gzipSync(Buffer.alloc(20_000_000));
      const bombed = await request(server)
        .post("/")
        .set({ ...soap, "content-encoding": "gzip" })
        .send(bomb);
      const nested = await request(server)
        .post("/")
        .set({ ...soap, "content-encoding": "gzip, gzip" })
        .send(gzipSync(gzipSync(body)));
      expect([bombed.status, nested.status, seen.length]).toEqual([413, 415, 0]);
      await request(server).post("/").set(soap).send(body).expect(200);
    },
  ],
  [
    "accepts signed replies, and rejects with the fixed answer what cannot be signed: other content, errors of the handler, streams above the limit",
    async (start) => {
      const { certificate, privateKey } = createTestCertificate({ subject: "CN=orders", keyType: "rsa" });
      const xml = { "content-type": "text/xml; charset=utf-8" };
      const replies = {
        envelope: () => ({ headers: xml, body: bare("<done/>") }),
        stream: () => ({ headers: xml, body: Readable.from([Buffer.from(bare("<done/>"))]) }),
        empty: () => ({ status: 202 }),
        text: () => ({ body: "not an envelope" }),
        large: () => ({ headers: xml, body: Readable.from([Buffer.from(bare("x".repeat(2_000_000)))]) }),
        boom: () => {
          throw new RangeError("boom");
        },
      };
      const { server } = await start({
        guards: [{ ...options, reply: { sign: { key: privateKey, certificate }, confirm: true } }],
        routes: Object.entries(replies).map(([name, handler]) => ({ path: `/${name}`, handler })),
      });
      const post = (name: string) =>
        request(server).post(`/${name}`).set(soap).send(envelope("wonderland")).buffer(true);
      for (const name of ["envelope", "stream"]) {
        const { status, text, headers } = await post(name);
        expect([name, status]).toEqual([name, 200]);
        expect(text).toContain("<done");
        expect(text).toMatch(/SignatureValue[\s\S]*SignatureConfirmation|SignatureConfirmation[\s\S]*SignatureValue/);
        expect(headers["content-length"]).toBe(String(Buffer.byteLength(text)));
      }
      expect((await post("empty")).status).toBe(202);
      for (const name of ["text", "large", "boom"]) {
        const { status, text } = await post(name);
        expect([name, status, text]).toEqual([name, 500, "An internal error occurred."]);
      }
    },
  ],
  [
    "accepts anonymous messages with their body, and rejects an invalid credential in them",
    async (start) => {
      const { seen, ...orders } = site({ anonymous: true });
      const { server } = await start(orders);
      await request(server)
        .post("/")
        .set({ ...soap, "x-subject": "root" })
        .send(bare(order))
        .expect(200);
      await request(server).post("/").set(soap).send(envelope("guess")).expect(500);
      expect(seen.length).toBe(1);
      expect(seen[0]?.security).toBeUndefined();
      expect(String(seen[0]?.body)).toContain(order);
      expect(seen[0]?.request.headers).not.toHaveProperty("x-subject");
    },
  ],
];
