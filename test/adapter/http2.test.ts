import { once } from "node:events";
import { connect, createServer, type Http2Server, type OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { countersign as fastifyGuard, securityOf as fastifySecurity } from "@countersign/fastify";
import { countersign as koaGuard, securityOf as koaSecurity } from "@countersign/koa";
import Fastify from "fastify";
import Koa from "koa";
import { describe, expect, it } from "vitest";
import { type ScriptedGuard, scriptedGuard } from "./scripted-guard.js";

/** What the application answers: who called, with which headers, and the body. `boom` throws, `empty` has no body. */
type App = (guard: ScriptedGuard) => Promise<{ server: Http2Server; close: () => Promise<unknown> }>;

const koa: App = async (guard) => {
  const app = new Koa();
  app.on("error", () => undefined);
  app.use(koaGuard(guard));
  app.use((ctx) => {
    if (ctx.path === "/boom") throw new RangeError("boom");
    const { body } = ctx.request as { body?: unknown };
    ctx.body =
      ctx.path === "/empty" ? null : [koaSecurity(ctx).principal.name, viewOf(ctx.req), String(body)].join(" ");
  });
  return {
    server: createServer((request, response) => void Reflect.apply(app.callback(), app, [request, response])),
    close: async () => undefined,
  };
};

const fastify: App = async (guard) => {
  const app = Fastify({ http2: true });
  await app.register(fastifyGuard, guard);
  app.all("/*", async (request, reply) => {
    if (request.url === "/boom") throw new RangeError("boom");
    if (request.url === "/empty") return reply.code(204).send();
    const { raw } = request as unknown as { raw: Viewed };
    return [fastifySecurity(request as never).principal.name, viewOf(raw), String(request.body)].join(" ");
  });
  await app.ready();
  return { server: app.server as unknown as Http2Server, close: () => app.close() };
};

interface Viewed {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly rawHeaders: readonly string[];
}

const viewOf = ({ headers, rawHeaders }: Viewed): string =>
  `${String(headers["x-subject"])}/${String(headers.x_subject)}/${rawHeaders.filter((name) => /^x.subject$/.test(name)).join()}`;

async function call(server: Http2Server, headers: OutgoingHttpHeaders, body?: string) {
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const stream = client.request({ ":path": "/", ":method": body === undefined ? "GET" : "POST", ...headers });
    stream.end(body);
    const [received] = (await once(stream, "response")) as [NodeJS.Dict<string | number>];
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    return { status: received[":status"], id: received["x-correlation-id"], text };
  } finally {
    client.close();
  }
}

describe.each([
  ["koa", koa],
  ["fastify", fastify],
])("HTTP/2 on %s", (_, app) => {
  it("accepts and rejects credentials, headers and messages as over HTTP/1.1", async () => {
    const byHeader = scriptedGuard({ injects: { "x-subject": "alice" } });
    const byMessage = scriptedGuard({ reads: "message", injects: { "x-subject": "alice" } });
    for (const guard of [byHeader, byMessage]) {
      const { server, close } = await app(guard);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const spoof = { "x-subject": "root", x_subject: "root" };
      if (guard === byHeader) {
        const admitted = await call(server, { authorization: "Bearer good", ...spoof });
        expect(admitted).toMatchObject({ status: 200, text: "alice alice/undefined/x-subject undefined" });
        expect(await call(server, { authorization: "Bearer bad" })).toMatchObject({
          status: 401,
          text: "ERR_TOKEN_MISSING",
        });
        // A pseudo header is no header, and no answer is without its id.
        expect(guard.requests[0]?.headers.map(([name]) => name)).toEqual(["authorization", "x-subject", "x_subject"]);
        expect((await call(server, { authorization: "Bearer good", ":path": "/empty" })).id).toBe(
          guard.verdicts.at(-1)?.id,
        );
      } else {
        const admitted = await call(server, { "content-type": "text/xml", ...spoof }, "<secret>good</secret>");
        expect(admitted).toMatchObject({ status: 200, text: 'alice alice/undefined/x-subject <verified by="good"/>' });
        const refused = await call(server, { "content-type": "text/xml" }, "<secret>bad</secret>");
        expect(refused).toMatchObject({ status: 401, text: "ERR_WSS_FAILED_AUTHENTICATION" });
      }
      server.close();
      await close();
    }
  });

  it("accepts replies, those to errors too, only protected", async () => {
    const guard = scriptedGuard({ signs: "us" });
    const { server, close } = await app(guard);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    for (const [path, status] of [
      ["/", 200],
      ["/boom", 500],
    ] as const) {
      const reply = await call(server, { authorization: "Bearer good", ":path": path });
      expect(reply).toMatchObject({
        status,
        id: guard.verdicts.at(-1)?.id,
        text: expect.stringMatching(/^<signed by="us">.+<\/signed>$/),
      });
    }
    expect((await call(server, { authorization: "Bearer bad" })).text).toBe("ERR_TOKEN_MISSING");
    server.close();
    await close();
  });
});
