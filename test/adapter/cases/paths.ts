import { expect } from "vitest";
import type { Case } from "../case.js";
import { scriptedGuard } from "../scripted-guard.js";
import type { Handler } from "../site.js";
import { requestText, Wire } from "../wire.js";

/** Spellings that one reader takes for `/svc` and another does not. */
export const spellings = [
  "/svc",
  "/svc/",
  "//svc",
  "//svc//",
  "/SVC",
  "/Svc",
  "/svc%2f",
  "/svc%2F",
  "/%73vc",
  "/sv%63",
  "/svc;x",
  "/svc;/x",
  "/svc?x",
  "/svc#x",
  "/./svc",
  "/../svc",
  "/x/../svc",
  "/svc/.",
  "/svc%00",
  "/svc%20",
  "/svc.",
  "\\svc",
  "http://localhost/svc",
  "/svc/%2e%2e/svc",
  "/%2fsvc",
  "/svc%",
];

export const pathCases: readonly Case[] = [
  [
    "rejects every spelling of a guarded path without a credential; the guard is the handler's only entry",
    async (start) => {
      let calls = 0;
      const handler: Handler = () => {
        calls++;
        return { body: "handled" };
      };
      const sites = [
        await start({ routes: [{ path: "/svc", guards: [scriptedGuard()], handler }] }),
        await start({ scope: { path: "/svc", guards: [scriptedGuard()], routes: [{ path: "/", handler }] } }),
        await start({ guards: [scriptedGuard()], routes: [{ path: "/svc", handler }] }),
      ];
      for (const { port } of sites) {
        for (const path of spellings) {
          const wire = await Wire.open(port);
          wire.send(requestText("GET", path));
          const { status } = await wire.answer();
          expect([path, [400, 401, 404].includes(status)]).toEqual([path, true]);
          wire.close();
        }
        expect(calls).toBe(0);
        const wire = await Wire.open(port);
        wire.send(requestText("GET", "/svc", ["Authorization: Bearer good"]));
        expect((await wire.answer()).status).toBe(200);
        wire.close();
        calls = 0;
      }
    },
  ],
];
