import { EventEmitter, once } from "node:events";
import { gzipSync } from "node:zlib";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { recorder } from "../recorder.js";
import { scriptedGuard } from "../scripted-guard.js";
import { requestText, Wire } from "../wire.js";

const message = "<a><secret>good</secret></a>";
const forged = "<a><secret>evil</secret></a>";

/** Octets that change in every decoding: a byte order mark, a broken sequence, CRLF, NUL. */
const octets = (text: string) =>
  Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text), Buffer.from([13, 10, 0xff, 0xc0, 0])]);

export const bodyCases: readonly Case[] = [
  [
    "accepts a message by its exact octets, and rejects another one",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message" });
      const { server } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      await request(server).post("/").type("text/xml").send(octets(message)).expect(200);
      await request(server).post("/").type("application/soap+xml").send(octets(message)).expect(200);
      await request(server).post("/").type("text/xml").send(octets(forged)).expect(401);
      expect(guard.bodies).toEqual([octets(message), octets(message), octets(forged)]);
      expect(seen.length).toBe(2);
    },
  ],
  [
    "accepts the verified message in place of the body, with headers that are true of it",
    async (start) => {
      const { seen, handler } = recorder();
      const { server } = await start({
        guards: [scriptedGuard({ reads: "message" })],
        routes: [{ path: "/", handler }],
      });
      const coded = gzipSync(message);
      await request(server)
        .post("/")
        .set({ "content-type": "text/xml; charset=UTF-8; x=1", "content-md5": "wrong", "content-encoding": "identity" })
        .send(message)
        .expect(200);
      const [one] = seen;
      expect(Buffer.isBuffer(one?.body) && one.body.toString()).toBe('<verified by="good"/>');
      const headers = one?.request.headers;
      expect(headers).toMatchObject({ "content-type": "text/xml; charset=utf-8", "content-length": "21" });
      for (const name of ["content-md5", "content-encoding", "transfer-encoding"])
        expect(headers).not.toHaveProperty(name);
      expect(one?.header("content-type")).toBe("text/xml; charset=utf-8");
      // Coded octets go to the core as they are: the scripted guard does not know gzip, and refuses.
      await request(server)
        .post("/")
        .set({ "content-type": "text/xml", "content-encoding": "gzip" })
        .send(coded)
        .expect(401);
    },
  ],
  [
    "accepts a chunked message, and rejects another one",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message" });
      const { port } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      for (const [text, status] of [
        [message, 200],
        [forged, 401],
      ] as const) {
        const wire = await Wire.open(port);
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (const character of text) wire.send(`1\r\n${character}\r\n`);
        wire.send("0\r\n\r\n");
        expect((await wire.answer()).status).toBe(status);
        wire.close();
      }
      expect(guard.bodies.map(String)).toEqual([message, forged]);
      expect(seen[0]?.request.headers).toMatchObject({ "content-length": "21" });
      expect(seen[0]?.request.headers).not.toHaveProperty("transfer-encoding");
    },
  ],
  [
    "accepts a credential in a header although the body was parsed before, and rejects a message there with ERR_HTTP_BODY_CONSUMED",
    async (start) => {
      const { seen, handler } = recorder();
      const { server, errors } = await start({
        before: "json",
        routes: [
          { path: "/header", guards: [scriptedGuard()], handler },
          { path: "/message", guards: [scriptedGuard({ reads: "message" })], handler },
        ],
      });
      await request(server).post("/header").set("authorization", "Bearer good").send({ a: 1 }).expect(200);
      await request(server).post("/header").send({ a: 1 }).expect(401);
      const refused = await request(server).post("/message").type("text/xml").send('"<secret>good</secret>"');
      expect([refused.status, refused.text]).toEqual([500, "ERR_HTTP_BODY_CONSUMED"]);
      expect([seen.length, errors.length]).toEqual([1, 0]);
    },
  ],
  [
    "accepts octets that a raw parser left, and rejects them with ERR_HTTP_BODY_CONSUMED where it inflated them",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message" });
      const { server } = await start({ before: "raw", guards: [guard], routes: [{ path: "/", handler }] });
      await request(server).post("/").type("text/xml").send(octets(message)).expect(200);
      await request(server).post("/").type("text/xml").send(octets(forged)).expect(401);
      const coded = request(server).post("/").set({ "content-type": "text/xml", "content-encoding": "gzip" });
      expect((await coded.send(gzipSync(message))).text).toBe("ERR_HTTP_BODY_CONSUMED");
      expect(guard.bodies).toEqual([octets(message), octets(forged)]);
      expect([seen.length, String(seen[0]?.body)]).toEqual([1, '<verified by="good"/>']);
    },
  ],
  [
    "accepts JSON bodies behind a guard that reads a header, and rejects before they are parsed",
    async (start) => {
      const { seen, handler } = recorder();
      const { server, errors } = await start({
        guards: [scriptedGuard()],
        after: "json",
        routes: [{ path: "/", handler }],
      });
      await request(server)
        .post("/")
        .set("authorization", "Bearer good")
        .send({ deep: [1, 2] })
        .expect(200);
      expect(seen[0]?.body).toEqual({ deep: [1, 2] });
      expect(seen[0]?.request.headers["content-type"]).toBe("application/json");
      const refused = await request(server).post("/").type("json").send("{ not json");
      expect([refused.status, refused.text]).toEqual([401, "ERR_TOKEN_MISSING"]);
      expect(errors.length).toBe(0);
    },
  ],
  [
    "accepts an anonymous message with its body as received, and rejects a wrong credential in it",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message", anonymous: true });
      const { server } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      await request(server).post("/").type("text/xml").send("<nothing/>").expect(200);
      await request(server).post("/").type("text/xml").send(forged).expect(401);
      expect(seen.map(({ body }) => String(body))).toEqual(["<nothing/>"]);
      expect(seen[0]?.security).toBeUndefined();
    },
  ],
  [
    "rejects media types by the guard's answer, known to the framework or not",
    async (start) => {
      const { seen, handler } = recorder();
      const { server, errors } = await start({
        guards: [scriptedGuard({ reads: "message" })],
        routes: [{ path: "/", handler }],
      });
      for (const type of [
        "application/json",
        "text/plain",
        "application/x-unheard-of",
        "text/xmlx",
        "TEXT",
        "text/xml2;a",
      ]) {
        const refused = await request(server).post("/").set("content-type", type).send(message);
        expect([type, refused.status, refused.text]).toEqual([type, 415, "ERR_HTTP_MEDIA_TYPE"]);
        expect(refused.headers["x-correlation-id"]).toMatch(/^id-/);
      }
      await request(server).post("/").type("text/xml").send(message).expect(200);
      expect([seen.length, errors.length]).toEqual([1, 0]);
    },
  ],
  [
    "accepts a body of exactly the limit, and rejects one octet more with ERR_HTTP_TOO_LARGE, declared or not",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message", limit: message.length });
      const { server, port } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      await request(server).post("/").type("text/xml").send(message).expect(200);
      expect((await request(server).post("/").type("text/xml").send(`${message} `)).text).toBe("ERR_HTTP_TOO_LARGE");
      const wire = await Wire.open(port);
      wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n");
      wire.send(`${message.length.toString(16)}\r\n${message}\r\n1\r\n \r\n0\r\n\r\n`);
      expect((await wire.answer()).body).toBe("ERR_HTTP_TOO_LARGE");
      wire.close();
      expect(seen.length).toBe(1);
    },
  ],
  [
    "rejects a body without an end: answers, reads a bounded rest, and closes the connection",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message", limit: 1_000 });
      const { server, port } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      for (const framing of ["Content-Length: 1000000000", "Transfer-Encoding: chunked"]) {
        let read = 0;
        server.once("connection", (socket) => socket.on("close", () => (read = socket.bytesRead)));
        const wire = await Wire.open(port);
        wire.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n${framing}\r\n\r\n`);
        const chunk = framing.startsWith("T") ? `4000\r\n${"x".repeat(0x4000)}\r\n` : "x".repeat(0x4000);
        const flood = setInterval(() => !wire.closed && wire.socket.writable && wire.send(chunk.repeat(8)), 1);
        const answer = await wire.answer();
        expect([answer.status, answer.headers.connection]).toEqual([413, "close"]);
        await wire.until(() => wire.closed && read > 0, 5_000);
        clearInterval(flood);
        expect(wire.closed).toBe(true);
        expect(read).toBeLessThan(4_000_000);
      }
      expect(seen.length).toBe(0);
    },
  ],
  [
    "rejects a request that breaks off with ERR_HTTP_ABORTED, and tells the guard by its signal",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message" });
      const { port, errors } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      const wire = await Wire.open(port);
      wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n", message);
      await wire.until(() => guard.requests.length > 0);
      const signal = guard.requests[0]?.signal;
      expect(signal?.aborted).toBe(false);
      wire.close();
      await wire.until(() => guard.verdicts.length > 0);
      expect(guard.verdicts).toMatchObject([{ kind: "answered", error: { code: "ERR_HTTP_ABORTED" } }]);
      await wire.until(() => signal?.aborted === true);
      expect([signal?.aborted, seen.length]).toEqual([true, 0]);
      // Koa tells its error handling that a connection was lost; that is all.
      for (const error of errors) expect(error).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|HPE_)/) });
    },
  ],
  [
    "rejects requests that go away before the verdict: the handler does not run",
    async (start) => {
      const { seen, handler } = recorder();
      const decide = new EventEmitter();
      const waiting = once(decide, "now");
      const guard = scriptedGuard({ delay: async () => void (await waiting) });
      const { server, port, errors } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      const wire = await Wire.open(port);
      wire.send(requestText("POST", "/", ["Authorization: Bearer good", "Content-Type: application/json"], "{}"));
      await wire.until(() => guard.requests.length > 0);
      wire.close();
      await wire.until(() => guard.requests[0]?.signal.aborted === true);
      decide.emit("now");
      await request(server).get("/").set("authorization", "Bearer good").expect(200);
      expect(guard.verdicts.map(({ kind }) => kind)).toEqual(["admitted", "admitted"]);
      expect(seen.length).toBe(1);
      for (const error of errors) expect(error).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|HPE_)/) });
    },
  ],
];
