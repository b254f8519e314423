import type { ServerResponse } from "node:http";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { type Script, scriptedGuard } from "../scripted-guard.js";
import type { Handler } from "../site.js";

const credential = { authorization: "Bearer good" };
const boom = new RangeError("boom of the handler");

export const failureCases: readonly Case[] = [
  [
    "accepts errors of a handler for the framework's own error handling, thrown at once or later",
    async (start) => {
      let calls = 0;
      const throws: Handler = () => {
        calls++;
        throw boom;
      };
      const rejects: Handler = async () => {
        calls++;
        await new Promise((resolve) => setImmediate(resolve));
        throw boom;
      };
      const { server, errors } = await start({
        guards: [scriptedGuard()],
        routes: [
          { path: "/throws", handler: throws },
          { path: "/rejects", handler: rejects },
        ],
      });
      for (const path of ["/throws", "/rejects"]) {
        const reply = await request(server).get(path).set(credential);
        expect([reply.status, ["the framework answers", "Internal Server Error"].includes(reply.text)]).toEqual([
          500,
          true,
        ]);
        // The framework may have cleared the headers: this one stays.
        expect(reply.headers["x-correlation-id"]).toMatch(/^id-/);
      }
      expect([errors, calls]).toEqual([[boom, boom], 2]);
      // The twin: a refusal is no error of the framework.
      await request(server).get("/throws").expect(401);
      expect([errors.length, calls]).toEqual([2, 2]);
    },
  ],
  [
    "rejects with the guard's fixed answer where the guard fails: neither handler nor framework learns of it",
    async (start) => {
      let calls = 0;
      for (const defect of ["throws", "rejects"] satisfies Script["defect"][]) {
        const { server, errors } = await start({
          guards: [scriptedGuard({ defect, anonymous: true })],
          routes: [{ path: "/", handler: () => ({ body: String(calls++) }) }],
        });
        const reply = await request(server).post("/").set(credential).send({ a: 1 });
        expect([reply.status, reply.text]).toEqual([500, "fixed failure"]);
        expect(reply.headers["x-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/);
        expect([errors.length, calls]).toEqual([0, 0]);
      }
    },
  ],
  [
    "rejects with the guard's fixed answer where an injection cannot be applied",
    async (start) => {
      let calls = 0;
      const guard = scriptedGuard();
      const admit = guard.admit.bind(guard);
      guard.admit = async (received) => {
        const verdict = await admit(received);
        if (verdict.kind !== "admitted") return verdict;
        const strips = () => {
          throw boom;
        };
        return { ...verdict, inject: { ...verdict.inject, strips } };
      };
      const { server, errors } = await start({
        guards: [guard],
        routes: [{ path: "/", handler: () => ({ body: String(calls++) }) }],
      });
      expect((await request(server).get("/").set(credential)).text).toBe("fixed failure");
      expect([errors.length, calls]).toEqual([0, 0]);
    },
  ],
  [
    "rejects to go on where somebody else has answered meanwhile: neither handler nor guard adds to that answer",
    async (start) => {
      let calls = 0;
      const responses: ServerResponse[] = [];
      const guard = scriptedGuard({
        delay: async () => {
          responses.at(-1)?.writeHead(503, { "content-type": "text/plain" }).write("somebody");
        },
      });
      const { server, errors } = await start({
        guards: [guard],
        routes: [{ path: "/", handler: () => ({ body: String(calls++) }) }],
      });
      server.prependListener("request", (_request, response) => responses.push(response));
      for (const headers of [credential, {}]) {
        const answer = request(server)
          .get("/")
          .set(headers)
          .then((reply) => reply);
        while (guard.verdicts.length < responses.length || responses.length === 0) await new Promise(setImmediate);
        await new Promise(setImmediate);
        responses.at(-1)?.end(" else");
        const { status, text } = await answer;
        expect([status, text]).toEqual([503, "somebody else"]);
        guard.verdicts.length = 0;
        responses.length = 0;
      }
      expect([errors.length, calls]).toEqual([0, 0]);
    },
  ],
  [
    "accepts a path that leads nowhere for the framework's 404, and rejects it before without a credential",
    async (start) => {
      const { server } = await start({ guards: [scriptedGuard()], routes: [{ path: "/", handler: () => ({}) }] });
      const missing = await request(server).get("/nowhere").set(credential);
      expect([missing.status, missing.headers["x-correlation-id"]]).toEqual([404, expect.stringMatching(/^id-/)]);
      expect((await request(server).get("/nowhere")).status).toBe(401);
    },
  ],
  [
    "accepts a server with timeouts silently, and warns once of one without",
    async (start) => {
      const warnings: Error[] = [];
      const onWarning = (warning: Error) => warnings.push(warning);
      process.on("warning", onWarning);
      try {
        for (const requestTimeout of [300_000, 0]) {
          const { server } = await start({ guards: [scriptedGuard()], routes: [{ path: "/", handler: () => ({}) }] });
          server.requestTimeout = requestTimeout;
          await request(server).get("/").set(credential).expect(200);
          await request(server).get("/").expect(401);
          expect(warnings.filter(({ message }) => message.includes("requestTimeout")).length).toBe(
            requestTimeout === 0 ? 1 : 0,
          );
        }
      } finally {
        process.off("warning", onWarning);
      }
    },
  ],
];
