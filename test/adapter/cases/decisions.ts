import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { recorder } from "../recorder.js";
import { scriptedGuard } from "../scripted-guard.js";
import type { Handler } from "../site.js";

const good = { authorization: "Bearer good" };
const bad = { authorization: "Bearer bad" };

export const decisionCases: readonly Case[] = [
  [
    "accepts a credential and rejects another one without calling the handler",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard();
      const { server, errors } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      const admitted = await request(server).get("/").set(good);
      expect([admitted.status, admitted.text]).toEqual([200, "handled"]);
      const refused = await request(server).get("/").set(bad);
      expect([refused.status, refused.text]).toEqual([401, "ERR_TOKEN_MISSING"]);
      expect(refused.headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "x-exact": "a, b;c",
        "content-length": "17",
      });
      expect([seen.length, guard.requests.length, errors.length]).toEqual([1, 2, 0]);
    },
  ],
  [
    "accepts the security context on the request and from securityOf alike",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard();
      const { server } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      await request(server).get("/").set(good).expect(200);
      const [verdict] = guard.verdicts;
      expect(verdict?.kind === "admitted" && verdict.security).toBe(seen[0]?.security);
      expect(seen[0]?.securityOf()).toBe(seen[0]?.security);
    },
  ],
  [
    "rejects securityOf with ERR_CONFIG_INVALID where no guard ran",
    async (start) => {
      const thrown: unknown[] = [];
      const handler: Handler = (seen) => {
        Object.assign(seen.request, { security: { principal: { name: "forged" } } });
        try {
          seen.securityOf();
        } catch (error) {
          thrown.push(error);
        }
        return {};
      };
      const { server } = await start({ routes: [{ path: "/", handler }] });
      await request(server).get("/").set(good);
      expect(thrown).toMatchObject([
        { code: "ERR_CONFIG_INVALID", message: expect.stringMatching(/^securityOf: No guard ran/) },
      ]);
    },
  ],
  [
    "accepts an anonymous request where allowed, rejects a wrong credential there, and rejects securityOf for the anonymous",
    async (start) => {
      const thrown: unknown[] = [];
      const handler: Handler = (seen) => {
        try {
          return { body: seen.securityOf().principal.name };
        } catch (error) {
          thrown.push(error);
          return { body: seen.security === undefined ? "nobody" : "somebody" };
        }
      };
      const { server } = await start({
        guards: [scriptedGuard({ anonymous: true })],
        routes: [{ path: "/", handler }],
      });
      expect((await request(server).get("/")).text).toBe("nobody");
      expect((await request(server).get("/").set(good)).text).toBe("alice");
      expect((await request(server).get("/").set(bad)).status).toBe(401);
      expect(thrown).toMatchObject([{ code: "ERR_CONFIG_INVALID", message: expect.stringMatching(/anonymous/) }]);
    },
  ],
  [
    "accepts a guard around one route, and rejects on that route only",
    async (start) => {
      const { seen, handler } = recorder();
      const { server } = await start({
        routes: [
          { path: "/guarded", guards: [scriptedGuard()], handler },
          { path: "/open", handler },
        ],
      });
      await request(server).post("/guarded").set(good).expect(200);
      await request(server).post("/guarded").expect(401);
      await request(server).get("/guarded").expect(401);
      await request(server).post("/open").expect(200);
      expect(seen.map(({ security }) => security?.principal.name)).toEqual(["alice", undefined]);
    },
  ],
  [
    "accepts two guards on two routes, and rejects the credential of one at the other",
    async (start) => {
      const { seen, handler } = recorder();
      const { server } = await start({
        routes: [
          { path: "/one", guards: [scriptedGuard({ secret: "one" })], handler },
          { path: "/two", guards: [scriptedGuard({ secret: "two" })], handler },
        ],
      });
      await request(server).get("/one").set("authorization", "Bearer one").expect(200);
      await request(server).get("/two").set("authorization", "Bearer two").expect(200);
      await request(server).get("/one").set("authorization", "Bearer two").expect(401);
      await request(server).get("/two").set("authorization", "Bearer one").expect(401);
      expect(seen.length).toBe(2);
    },
  ],
  [
    "accepts a scope guarded as a whole, and rejects inside it only; the guard is told the whole target",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard();
      const { server } = await start({
        routes: [{ path: "/open", handler }],
        scope: { path: "/scope", guards: [guard], routes: [{ path: "/inner", handler }] },
      });
      await request(server).get("/scope/inner?q=%2f..&q=2").set(good).expect(200);
      await request(server).get("/scope/inner").expect(401);
      await request(server).get("/open").expect(200);
      expect(guard.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
        "GET /scope/inner?q=%2f..&q=2",
        "GET /scope/inner",
      ]);
      expect(seen.length).toBe(2);
    },
  ],
  [
    "accepts what two stacked guards both admit, and rejects what either refuses",
    async (start) => {
      const { seen, handler } = recorder();
      const outer = scriptedGuard();
      const inner = scriptedGuard({ reads: "message", secret: "inner" });
      const { server } = await start({ guards: [outer], routes: [{ path: "/", guards: [inner], handler }] });
      const send = (authorization: string, body: string) =>
        request(server).post("/").set({ authorization, "content-type": "text/xml" }).send(body);
      await send("Bearer good", "<secret>inner</secret>").expect(200);
      const refusedInside = await send("Bearer good", "<secret>other</secret>").expect(401);
      const refusedOutside = await send("Bearer bad", "<secret>inner</secret>").expect(401);
      expect([refusedInside.text, refusedOutside.text]).toEqual(["ERR_WSS_FAILED_AUTHENTICATION", "ERR_TOKEN_MISSING"]);
      expect([outer.requests.length, inner.requests.length, seen.length]).toEqual([3, 2, 1]);
      // The innermost decision is the one that handler and audit know.
      expect(seen[0]?.security?.id).toBe(inner.verdicts[0]?.id);
      expect(refusedInside.headers["x-correlation-id"]).toBe(inner.verdicts[1]?.id);
    },
  ],
  [
    "accepts received octets at both of two stacked guards that read the message, and rejects at the inner one",
    async (start) => {
      const { seen, handler } = recorder();
      const outer = scriptedGuard({ reads: "message", secret: "outer" });
      const inner = scriptedGuard({ reads: "message", secret: "inner" });
      const { server } = await start({ guards: [outer], routes: [{ path: "/", guards: [inner], handler }] });
      const both = "<secret>outer</secret><secret>inner</secret>";
      await request(server).post("/").type("text/xml").send(both).expect(200);
      await request(server).post("/").type("text/xml").send("<secret>outer</secret>").expect(401);
      expect(inner.bodies[0]?.toString()).toBe(both);
      expect(String(seen[0]?.body)).toBe('<verified by="inner"/>');
      expect(seen.length).toBe(1);
    },
  ],
  [
    "accepts the outer guard's identity where the inner one lets the request pass as anonymous, and rejects a wrong credential there",
    async (start) => {
      const { seen, handler } = recorder();
      const inner = scriptedGuard({ reads: "message", secret: "inner", anonymous: true });
      const { server } = await start({ guards: [scriptedGuard()], routes: [{ path: "/", guards: [inner], handler }] });
      await request(server).post("/").set(good).type("text/xml").send("<nothing/>").expect(200);
      await request(server).post("/").set(good).type("text/xml").send("<secret>other</secret>").expect(401);
      expect(inner.verdicts.map(({ kind }) => kind)).toEqual(["anonymous", "answered"]);
      expect([seen.length, seen[0]?.security?.principal.name, seen[0]?.securityOf().principal.name]).toEqual([
        1,
        "alice",
        "alice",
      ]);
    },
  ],
  [
    "accepts one ready guard on many routes, and rejects on each of them",
    async (start) => {
      const { handler } = recorder();
      const guard = scriptedGuard();
      const { server } = await start({
        routes: [
          { path: "/one", guards: [guard], handler },
          { path: "/two", guards: [{ guard }], handler },
        ],
      });
      for (const path of ["/one", "/two"]) {
        await request(server).get(path).set(good).expect(200);
        await request(server).get(path).set(bad).expect(401);
      }
      expect(guard.requests.length).toBe(4);
    },
  ],
  [
    "accepts a HEAD request as the GET, and rejects it without a body",
    async (start) => {
      const { seen, handler } = recorder();
      const { server } = await start({ guards: [scriptedGuard()], routes: [{ path: "/", handler }] });
      const admitted = await request(server).head("/").set(good).expect(200);
      const refused = await request(server).head("/").set(bad).expect(401);
      expect([admitted.text ?? "", refused.text ?? "", refused.headers["content-length"]]).toEqual(["", "", "17"]);
      expect(seen.length).toBe(1);
    },
  ],
];
