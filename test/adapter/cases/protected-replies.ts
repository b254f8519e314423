import { Readable } from "node:stream";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { scriptedGuard } from "../scripted-guard.js";
import type { Handler, Result } from "../site.js";
import { requestText, Wire } from "../wire.js";

const credential = { authorization: "Bearer good" };
const xml = { "content-type": "text/xml; charset=utf-8" };
const text = "<reply>\u00e9</reply>";
const signed = (body: string, by = "us") => `<signed by="${by}">${body}</signed>`;

const streamed = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

const variants: Readonly<Record<string, () => Result>> = {
  string: () => ({ headers: xml, body: text }),
  octets: () => ({ headers: xml, body: Buffer.from(text) }),
  stream: () => ({ headers: xml, body: streamed("<reply>", "\u00e9", "</reply>") }),
};

/** Handlers that write around the framework. */
const writes: Readonly<Record<string, Handler>> = {
  "write and end": ({ response }) => {
    response.setHeader("content-type", xml["content-type"]);
    response.write("<reply>");
    response.write(Buffer.from("\u00e9"), () => response.end("3c2f7265706c793e", "hex"));
    return "raw";
  },
  "writeHead with an object": ({ response }) => {
    response.writeHead(200, { ...xml, "content-length": Buffer.byteLength(text) }).end(text);
    return "raw";
  },
  "writeHead with a list": ({ response }) => {
    response.writeHead(200, "Fine", ["Content-Type", xml["content-type"]]);
    response.flushHeaders();
    response.end(text, () => undefined);
    return "raw";
  },
  pipe: ({ response }) => {
    response.setHeader("content-type", xml["content-type"]);
    streamed("<reply>", "\u00e9", "</reply>").pipe(response);
    return "raw";
  },
};

export const protectedReplyCases: readonly Case[] = [
  [
    "accepts replies of every kind protected as a whole, and leaves them alone where the guard protects none",
    async (start) => {
      const guard = scriptedGuard({ signs: "us" });
      const site = (one: typeof guard) => ({
        guards: [one],
        routes: Object.entries(variants).map(([name, handler]) => ({ path: `/${name}`, handler })),
      });
      const { server: protecting } = await start(site(guard));
      const { server: plain } = await start(site(scriptedGuard()));
      for (const name of Object.keys(variants)) {
        const reply = await request(protecting).get(`/${name}`).set(credential).buffer(true);
        expect([name, reply.status, reply.text]).toEqual([name, 200, signed(text)]);
        expect(reply.headers).toMatchObject({
          ...xml,
          "x-signed": "us",
          "content-length": String(Buffer.byteLength(signed(text))),
        });
        expect(reply.headers).not.toHaveProperty("etag");
        expect(reply.headers).not.toHaveProperty("transfer-encoding");
        expect((await request(plain).get(`/${name}`).set(credential).buffer(true)).text).toBe(text);
        expect((await request(protecting).get(`/${name}`)).text).toBe("ERR_TOKEN_MISSING");
      }
      expect(guard.replies.length).toBe(3);
      expect(guard.replies[0]).toMatchObject({ status: 200, headers: xml });
    },
  ],
  [
    "accepts what a handler writes around the framework only protected",
    async (start) => {
      const { server } = await start({
        guards: [scriptedGuard({ signs: "us" })],
        routes: Object.entries(writes).map(([name, handler]) => ({ path: `/${name.replaceAll(" ", "-")}`, handler })),
      });
      for (const name of Object.keys(writes)) {
        const reply = await request(server)
          .get(`/${name.replaceAll(" ", "-")}`)
          .set(credential)
          .buffer(true);
        expect([name, reply.text]).toEqual([name, signed(text)]);
        expect(reply.headers["x-correlation-id"]).toMatch(/^id-/);
      }
    },
  ],
  [
    "accepts JSON objects and the framework's error replies only protected",
    async (start) => {
      const guard = scriptedGuard({ signs: "us" });
      const { server, errors } = await start({
        guards: [guard],
        routes: [
          { path: "/json", handler: () => ({ body: { a: 1 } }) },
          {
            path: "/boom",
            handler: () => {
              throw new RangeError("boom");
            },
          },
        ],
      });
      const json = await request(server).get("/json").set(credential).buffer(true).parse(asText);
      expect(json.body).toBe(signed('{"a":1}'));
      const boom = await request(server).get("/boom").set(credential);
      expect([boom.status, boom.text]).toEqual([
        500,
        expect.stringMatching(/^<signed by="us">(the framework answers|Internal Server Error)<\/signed>$/),
      ]);
      const missing = await request(server).get("/nowhere").set(credential).buffer(true).parse(asText);
      expect([missing.status, String(missing.body).startsWith('<signed by="us">')]).toEqual([404, true]);
      expect(errors.length).toBe(1);
    },
  ],
  [
    "accepts replies without a body: 204, 304, an empty 202, HEAD",
    async (start) => {
      const guard = scriptedGuard({ signs: "us" });
      const { server, port } = await start({
        guards: [guard],
        routes: [
          { path: "/204", handler: () => ({ status: 204 }) },
          { path: "/304", handler: () => ({ status: 304 }) },
          { path: "/202", handler: () => ({ status: 202 }) },
          { path: "/head", handler: () => ({ headers: xml, body: text }) },
        ],
      });
      for (const status of [204, 304, 202]) {
        const reply = await request(server).post(`/${status}`).set(credential);
        expect([reply.status, reply.text]).toEqual([status, ""]);
      }
      const wire = await Wire.open(port);
      const lines = ["Authorization: Bearer good"];
      wire.send(
        requestText("POST", "/204", lines),
        requestText("HEAD", "/head", lines),
        requestText("POST", "/304", lines),
      );
      await wire.until(() => wire.received.includes("HTTP/1.1 304"));
      expect(wire.received.match(/^HTTP\/1.1 \d+/gm)).toEqual(["HTTP/1.1 204", "HTTP/1.1 200", "HTTP/1.1 304"]);
      expect(wire.received).not.toContain("signed by");
      expect(wire.received.split("HTTP/1.1 200")[0]?.toLowerCase()).not.toContain("content-length");
      wire.close();
    },
  ],
  [
    "accepts a reply of exactly the limit, and rejects a larger one, streamed or not, with the fixed answer",
    async (start) => {
      const guard = scriptedGuard({ signs: "us", maxReply: 10 });
      const cookies = { "set-cookie": ["a=1"], "x-handler": "1" };
      const endless = new Readable({
        read() {
          this.push("x".repeat(1_000));
        },
      });
      const { server } = await start({
        guards: [guard],
        routes: [
          { path: "/fits", handler: () => ({ headers: xml, body: "0123456789" }) },
          { path: "/large", handler: () => ({ headers: { ...xml, ...cookies }, body: "0123456789a" }) },
          { path: "/stream", handler: () => ({ headers: xml, body: endless }) },
          {
            path: "/raw",
            handler: ({ response }) => {
              response.writeHead(200, { ...xml, ...cookies });
              for (let index = 0; index < 11; index++) response.write("x");
              response.end();
              return "raw";
            },
          },
        ],
      });
      expect((await request(server).get("/fits").set(credential).buffer(true)).text).toBe(signed("0123456789"));
      for (const path of ["/large", "/stream", "/raw"]) {
        const reply = await request(server).get(path).set(credential);
        expect([path, reply.status, reply.text]).toEqual([path, 500, "fixed failure"]);
        expect(reply.headers).not.toHaveProperty("set-cookie");
        expect(reply.headers).not.toHaveProperty("x-handler");
        expect(reply.headers["x-correlation-id"]).toMatch(/^id-/);
      }
      expect(endless.destroyed).toBe(true);
    },
  ],
  [
    "rejects with the fixed answer where protection fails: the unprotected reply never goes out",
    async (start) => {
      const { server, errors } = await start({
        guards: [scriptedGuard({ signs: "fails" })],
        routes: [
          ...Object.entries(variants).map(([name, handler]) => ({ path: `/${name}`, handler })),
          { path: "/raw", handler: writes["write and end"] ?? (() => "raw") },
          { path: "/json", handler: () => ({ body: { a: 1 } }) },
        ],
      });
      for (const name of [...Object.keys(variants), "raw", "json"]) {
        const reply = await request(server).get(`/${name}`).set(credential);
        expect([name, reply.status, reply.text]).toEqual([name, 500, "fixed failure"]);
      }
      expect(errors).toEqual([]);
    },
  ],
  [
    "accepts headers beside the body: several cookies stay, those that protection removes go",
    async (start) => {
      const { server } = await start({
        guards: [scriptedGuard({ signs: "us" })],
        routes: [
          {
            path: "/",
            handler: () => ({
              headers: { ...xml, "set-cookie": ["a=1", "b=2"], "x-unsigned": "1", "x-kept": "1" },
              body: text,
            }),
          },
        ],
      });
      const reply = await request(server).get("/").set(credential).buffer(true);
      expect(reply.headers).toMatchObject({ "set-cookie": ["a=1", "b=2"], "x-kept": "1" });
      expect(reply.headers).not.toHaveProperty("x-unsigned");
    },
  ],
  [
    "accepts protection by two stacked guards, the inner one first",
    async (start) => {
      const { server } = await start({
        guards: [scriptedGuard({ signs: "outer" })],
        routes: [...Object.entries(variants), ["raw", writes.pipe ?? (() => "raw" as const)] as const].map(
          ([name, handler]) => ({
            path: `/${name}`,
            guards: [scriptedGuard({ signs: "inner" })],
            handler,
          }),
        ),
      });
      for (const name of [...Object.keys(variants), "raw"]) {
        const reply = await request(server).get(`/${name}`).set(credential).buffer(true);
        expect([name, reply.text]).toEqual([name, signed(signed(text, "inner"), "outer")]);
      }
    },
  ],
  [
    "accepts changes by what stands around the guard after protection, as compression makes them",
    async (start) => {
      const { server } = await start({
        outerReverse: true,
        guards: [scriptedGuard({ signs: "us" })],
        routes: Object.entries(variants).map(([name, handler]) => ({ path: `/${name}`, handler })),
      });
      for (const name of Object.keys(variants)) {
        const reply = await request(server).get(`/${name}`).set(credential).buffer(true).parse(asOctets);
        expect([name, Buffer.from(reply.body).reverse().toString(), reply.headers["x-outer"]]).toEqual([
          name,
          signed(text),
          "1",
        ]);
      }
    },
  ],
  [
    "accepts anonymous replies as they are: there is nobody to protect them for",
    async (start) => {
      const guard = scriptedGuard({ signs: "us", anonymous: true });
      const { server } = await start({
        guards: [guard],
        routes: [{ path: "/", handler: () => ({ headers: xml, body: text }) }],
      });
      expect((await request(server).get("/").buffer(true)).text).toBe(text);
      expect((await request(server).get("/").set(credential).buffer(true)).text).toBe(signed(text));
      expect(guard.replies.length).toBe(1);
    },
  ],
];

type Parser = Parameters<request.Test["parse"]>[0];

const asOctets: Parser = (response, done) => {
  const chunks: Buffer[] = [];
  (response as unknown as Readable)
    .on("data", (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
    .on("end", () => done(null, Buffer.concat(chunks)));
};

const asText: Parser = (response, done) => asOctets(response, (error, body) => done(error, String(body)));
