import { expect } from "vitest";
import type { Case } from "../case.js";
import { scriptedGuard } from "../scripted-guard.js";
import { requestText, Wire } from "../wire.js";

const good = "Authorization: Bearer good";

export const connectionCases: readonly Case[] = [
  [
    "accepts a second request on the connection after a refusal, whose body was not read",
    async (start) => {
      const { port } = await start({
        guards: [scriptedGuard()],
        routes: [{ path: "/", handler: () => ({ body: "handled" }) }],
      });
      const wire = await Wire.open(port);
      wire.send(requestText("POST", "/", ["Content-Type: application/json"], '{"a":1}'));
      expect((await wire.answer()).status).toBe(401);
      wire.send(requestText("POST", "/", [good, "Content-Type: application/json"], '{"a":1}'));
      expect((await wire.answers(2)).map(({ status }) => status)).toEqual([401, 200]);
      wire.close();
    },
  ],
  [
    "accepts a second request after a refusal whose body came together with its head, chunked, or came only after the answer",
    async (start) => {
      const { port } = await start({
        guards: [scriptedGuard()],
        routes: [{ path: "/", handler: () => ({ body: "handled" }) }],
      });
      const chunked =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
      const [head = "", body = ""] = requestText("POST", "/", ["Content-Type: application/json"], '{"a":1}').split(
        /(?<=\r\n\r\n)/,
      );
      for (const [first, rest] of [
        [chunked, ""],
        [head, body],
      ] as const) {
        const wire = await Wire.open(port);
        wire.send(first);
        const refused = await wire.answer();
        expect([refused.status, refused.headers.connection]).toEqual([401, "keep-alive"]);
        wire.send(rest, requestText("GET", "/", [good]));
        expect((await wire.answers(2)).map(({ status }) => status)).toEqual([401, 200]);
        wire.close();
      }
    },
  ],
  [
    "accepts and rejects pipelined requests each by its own credential, in their order",
    async (start) => {
      // The first verdict takes longest: nothing of the later ones may come through with it.
      const delay = ({ target }: { target: string }) =>
        new Promise<void>((resolve) => setTimeout(resolve, target === "/1" ? 60 : 5));
      const guard = scriptedGuard({ delay });
      const handler = ({ path }: { path: string }) => ({ body: path });
      const paths = ["/1", "/2", "/3", "/4"];
      const { port } = await start({ guards: [guard], routes: paths.map((path) => ({ path, handler })) });
      const wire = await Wire.open(port);
      wire.send(paths.map((path, index) => requestText("GET", path, index % 2 === 0 ? [good] : [])).join(""));
      const answers = await wire.answers(4);
      expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual([
        "200 /1",
        "401 ERR_TOKEN_MISSING",
        "200 /3",
        "401 ERR_TOKEN_MISSING",
      ]);
      expect(new Set(answers.map(({ headers }) => headers["x-correlation-id"])).size).toBe(4);
      wire.close();
    },
  ],
  [
    "rejects a message shorter than its Content-Length, and one whose framing is ambiguous",
    async (start) => {
      let calls = 0;
      const { port } = await start({
        guards: [scriptedGuard({ reads: "message" })],
        routes: [{ path: "/", handler: () => ({ body: String(calls++) }) }],
      });
      const body = "<secret>good</secret>";
      for (const framing of [
        ["Content-Length: 100"],
        ["Content-Length: 21", "Content-Length: 22"],
        ["Content-Length: 21", "Transfer-Encoding: chunked"],
      ]) {
        const wire = await Wire.open(port);
        wire.send(["POST / HTTP/1.1", "Host: a", "Content-Type: text/xml", ...framing, "", body].join("\r\n"));
        wire.socket.end();
        await wire.until(() => wire.closed);
        expect([wire.closed, /^HTTP\/1.1 200/.test(wire.received)]).toEqual([true, false]);
      }
      expect(calls).toBe(0);
      const wire = await Wire.open(port);
      wire.send(requestText("POST", "/", ["Content-Type: text/xml"], body));
      expect((await wire.answer()).status).toBe(200);
      wire.close();
    },
  ],
];
