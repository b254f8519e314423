import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { recorder } from "../recorder.js";
import { scriptedGuard } from "../scripted-guard.js";
import type { Handler, Seen } from "../site.js";
import { requestText, Wire } from "../wire.js";

const credential = "Authorization: Bearer good";
const spoofs = [
  "X-Subject: root",
  "x-subject: toor",
  "X_Subject: root",
  "X.SUBJECT: root",
  "x_subject: root",
  "X-Other: kept",
];

/** Every name and value that a handler can find for our header, whatever it looks at. */
function found(seen: Seen | undefined): Record<string, unknown> {
  const mine = (name: string) => name.toLowerCase().replace(/[_.]/g, "-") === "x-subject";
  const { request: node, records } = seen ?? {};
  const pick = (record: object | undefined) => Object.entries(record ?? {}).filter(([name]) => mine(name));
  const raw = node?.rawHeaders ?? [];
  return {
    headers: pick(node?.headers),
    distinct: pick(node?.headersDistinct),
    raw: raw
      .filter((_, index) => index % 2 === 0)
      .flatMap((name, index) => (mine(name) ? [name, raw[index * 2 + 1]] : [])),
    lookup: ["x-subject", "X-Subject", "x_subject", "x.subject"].map((name) => seen?.header(name)),
    records: Object.values(records ?? {}).map(pick),
  };
}

const injected = (records: number) => ({
  headers: [["x-subject", "alice"]],
  distinct: [["x-subject", ["alice"]]],
  raw: ["x-subject", "alice"],
  lookup: ["alice", "alice", undefined, undefined],
  records: Array.from({ length: records }, () => [["x-subject", "alice"]]),
});

const absent = (records: number) => ({
  headers: [],
  distinct: [],
  raw: [],
  lookup: [undefined, undefined, undefined, undefined],
  records: Array.from({ length: records }, () => []),
});

export const headerCases: readonly Case[] = [
  [
    "accepts the injected header in every view, and rejects every spelling that the requestor sent",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ injects: { "x-subject": "alice" } });
      const { port } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      for (const lines of [[], spoofs]) {
        const wire = await Wire.open(port);
        wire.send(requestText("GET", "/", [credential, ...lines]));
        expect((await wire.answer()).status).toBe(200);
        wire.close();
      }
      for (const one of seen) expect(found(one)).toEqual(injected(Object.keys(one.records).length));
      expect(seen.length).toBe(2);
      expect(seen[1]?.header("x-other")).toBe("kept");
      expect(seen[1]?.request.headersDistinct["x-other"]).toEqual(["kept"]);
    },
  ],
  [
    "accepts anonymous requests without the header, and rejects the requestor's own there as well",
    async (start) => {
      const { seen, handler } = recorder();
      const guard = scriptedGuard({ reads: "message", anonymous: true, injects: {} });
      const stripping = scriptedGuard({ anonymous: true });
      const admit = stripping.admit.bind(stripping);
      stripping.admit = async (received) => {
        const verdict = await admit(received);
        const strips = (name: string) => name.toLowerCase().replace(/[_.]/g, "-") === "x-subject";
        return verdict.kind === "anonymous" ? { ...verdict, inject: { ...verdict.inject, strips } } : verdict;
      };
      const { port } = await start({
        routes: [
          { path: "/strips", guards: [stripping], handler },
          { path: "/keeps", guards: [guard], handler },
        ],
      });
      const wire = await Wire.open(port);
      wire.send(requestText("GET", "/strips", spoofs));
      expect((await wire.answer()).status).toBe(200);
      wire.close();
      const other = await Wire.open(port);
      other.send(requestText("POST", "/keeps", [...spoofs, "Content-Type: text/xml"], "<a/>"));
      expect((await other.answer()).status).toBe(200);
      other.close();
      expect(found(seen[0])).toEqual(absent(Object.keys(seen[0]?.records ?? {}).length));
      expect(seen[1]?.request.headers["x-subject"]).toBe("root, toor");
    },
  ],
  [
    "rejects what server code in front of the guard copied into the framework's own record of headers",
    async (start) => {
      const { seen, handler } = recorder();
      const { server } = await start({
        earlyHeaders: { "x-subject": "root", x_subject: "root", "X-Subject": "root", "x-early": "kept" },
        guards: [scriptedGuard({ injects: { "x-subject": "alice" } })],
        routes: [{ path: "/", handler }],
      });
      await request(server).get("/").set("authorization", "Bearer good").expect(200);
      expect(found(seen[0])).toEqual(injected(Object.keys(seen[0]?.records ?? {}).length));
      expect(seen[0]?.header("x-early")).toBe("kept");
    },
  ],
  [
    "accepts other trailers, and rejects a trailer with the name of an injected header",
    async (start) => {
      const { seen, handler } = recorder();
      const handle: Handler = async (one) => {
        if (!one.request.readableEnded) for await (const _ of one.request);
        return handler(one);
      };
      const { port } = await start({
        routes: [
          { path: "/header", guards: [scriptedGuard({ injects: { "x-subject": "alice" } })], handler: handle },
          {
            path: "/message",
            guards: [scriptedGuard({ reads: "message", injects: { "x-subject": "alice" } })],
            handler: handle,
          },
          { path: "/open", handler: handle },
        ],
      });
      for (const path of ["/header", "/message", "/open"]) {
        const wire = await Wire.open(port);
        wire.send(
          `POST ${path} HTTP/1.1\r\nHost: a\r\n${credential}\r\nContent-Type: ${path === "/message" ? "text/xml" : "text/plain"}\r\nTransfer-Encoding: chunked\r\n\r\n`,
        );
        wire.send("15\r\n<secret>good</secret>\r\n0\r\nX-Subject: root\r\nx_subject: root\r\nX-Sum: 1\r\n\r\n");
        expect((await wire.answer()).status).toBe(200);
        wire.close();
      }
      const views = seen.map(({ request: { trailers, trailersDistinct, rawTrailers } }) => ({
        trailers: { ...trailers },
        distinct: { ...trailersDistinct },
        rawTrailers,
      }));
      const kept = { trailers: { "x-sum": "1" }, distinct: { "x-sum": ["1"] }, rawTrailers: ["X-Sum", "1"] };
      expect(views.slice(0, 2)).toEqual([kept, kept]);
      expect(views[2]?.trailers).toMatchObject({ "x-subject": "root" });
    },
  ],
  [
    "accepts other trailers behind two stacked guards, and rejects those with a name that either injects",
    async (start) => {
      const { seen, handler } = recorder();
      const { port } = await start({
        guards: [scriptedGuard({ reads: "message", injects: { "x-zone": "outer" } })],
        routes: [{ path: "/", guards: [scriptedGuard({ injects: { "x-subject": "alice" } })], handler }],
      });
      const wire = await Wire.open(port);
      wire.send(
        `POST / HTTP/1.1\r\nHost: a\r\n${credential}\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      wire.send("15\r\n<secret>good</secret>\r\n0\r\nX-Subject: root\r\nx_zone: root\r\nX-Sum: 1\r\n\r\n");
      expect((await wire.answer()).status).toBe(200);
      wire.close();
      expect(seen.map(({ request: { rawTrailers, trailers } }) => [rawTrailers, { ...trailers }])).toEqual([
        [["X-Sum", "1"], { "x-sum": "1" }],
      ]);
    },
  ],
  [
    "accepts every received line as it is, and rejects a credential sent twice",
    async (start) => {
      const { handler } = recorder();
      const guard = scriptedGuard();
      const { port } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
      const wire = await Wire.open(port);
      wire.send(
        requestText("GET", "/", [credential, "X-A: 1", "x-a: 2", "Content-Type: text/xml", "Content-Type: text/plain"]),
      );
      wire.send(requestText("GET", "/", [credential, credential]));
      expect((await wire.answers(2)).map(({ status }) => status)).toEqual([200, 401]);
      wire.close();
      expect(guard.requests[0]?.headers).toEqual([
        ["host", "localhost"],
        ["authorization", "Bearer good"],
        ["x-a", "1"],
        ["x-a", "2"],
        ["content-type", "text/xml"],
        ["content-type", "text/plain"],
      ]);
    },
  ],
  [
    "accepts the headers of two stacked guards, and rejects spoofs of both",
    async (start) => {
      const { seen, handler } = recorder();
      const { server } = await start({
        guards: [scriptedGuard({ injects: { "x-subject": "outer", "x-zone": "outer" } })],
        routes: [{ path: "/", guards: [scriptedGuard({ injects: { "x-subject": "alice" } })], handler }],
      });
      await request(server)
        .get("/")
        .set({ authorization: "Bearer good", "x-subject": "root", "x-zone": "root", x_zone: "root" })
        .expect(200);
      expect(found(seen[0])).toEqual(injected(Object.keys(seen[0]?.records ?? {}).length));
      expect(seen[0]?.request.headers["x-zone"]).toBe("outer");
      expect(seen[0]?.request.rawHeaders.join(" ")).not.toContain("root");
    },
  ],
];
