import { Readable } from "node:stream";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { scriptedGuard } from "../scripted-guard.js";
import { requestText, Wire } from "../wire.js";

const credential = { authorization: "Bearer good" };

export const replyCases: readonly Case[] = [
  [
    "accepts streaming: what the handler has sent arrives before it ends",
    async (start) => {
      const body = new Readable({ read: () => undefined });
      const { port } = await start({
        guards: [scriptedGuard()],
        routes: [{ path: "/", handler: () => ({ headers: { "content-type": "text/plain" }, body }) }],
      });
      const wire = await Wire.open(port);
      wire.send(requestText("GET", "/", ["Authorization: Bearer good"]));
      body.push("first");
      await wire.until(() => wire.received.includes("first"));
      expect(wire.received).toContain("first");
      expect(wire.received).not.toContain("last");
      body.push("last");
      body.push(null);
      await wire.until(() => wire.received.includes("last"));
      expect(wire.received).toMatch(/last\r\n0\r\n\r\n$/);
      expect(wire.received.toLowerCase()).toContain("\r\nx-correlation-id: id-");
      wire.close();
    },
  ],
  [
    "accepts a correlation header on every answer: admitted, anonymous, refused, empty, and not the requestor's own",
    async (start) => {
      const guard = scriptedGuard({ anonymous: true });
      const { server } = await start({
        guards: [guard],
        routes: [
          { path: "/", handler: () => ({ body: "x", headers: { "x-correlation-id": "handler" } }) },
          { path: "/empty", handler: () => ({ status: 204 }) },
        ],
      });
      for (const [path, authorization] of [
        ["/", "Bearer good"],
        ["/empty", "Bearer good"],
        ["/", "Bearer bad"],
        ["/", undefined],
      ] as const) {
        const reply = await request(server)
          .get(path)
          .set({ "x-correlation-id": "mine", ...(authorization ? { authorization } : {}) });
        expect(reply.headers["x-correlation-id"]).toBe(guard.verdicts.at(-1)?.id);
      }
      expect(new Set(guard.verdicts.map(({ id }) => id)).size).toBe(4);
    },
  ],
  [
    "accepts what a handler writes to the Node response itself, with the correlation header",
    async (start) => {
      const { server } = await start({
        guards: [scriptedGuard()],
        routes: [
          {
            path: "/",
            handler: ({ response }) => {
              response.writeHead(201, "Made", { "content-type": "text/plain", "x-own": "1" });
              response.write("a");
              response.end("b");
              return "raw";
            },
          },
        ],
      });
      const reply = await request(server).get("/").set(credential);
      expect([reply.status, reply.text, reply.headers["x-own"]]).toEqual([201, "ab", "1"]);
      expect(reply.headers["x-correlation-id"]).toMatch(/^id-/);
      expect((await request(server).get("/")).status).toBe(401);
    },
  ],
];
