import { countersign, mount, securityOf } from "@countersign/fastify";
import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { runContract } from "./contract.js";
import { fastifyFramework } from "./fastify.js";
import { scriptedGuard } from "./scripted-guard.js";

runContract(fastifyFramework);

const good = { authorization: "Bearer good" };
const status = async (app: FastifyInstance, url: string, headers: Record<string, string> = {}) =>
  (await app.inject({ method: "POST", url, headers })).statusCode;

describe("the route's own guard", () => {
  it("accepts `config.countersign` in place of the scope's guard, and rejects by it", async () => {
    const app = Fastify();
    await app.register(countersign, scriptedGuard());
    const other = scriptedGuard({ secret: "other" });
    app.post("/scope", async (request) => securityOf(request).principal.name);
    app.post("/other", { config: { countersign: other } }, async (request) => securityOf(request).principal.name);
    app.post("/none", { config: { countersign: false } }, async (request) => String(request.security));
    expect([await status(app, "/scope", good), await status(app, "/scope")]).toEqual([200, 401]);
    expect([await status(app, "/other", { authorization: "Bearer other" }), await status(app, "/other", good)]).toEqual(
      [200, 401],
    );
    expect([await status(app, "/none"), (await app.inject({ method: "POST", url: "/none" })).body]).toEqual([
      200,
      "undefined",
    ]);
    await app.close();
  });

  it("accepts it once where several plugins guard the scope, and rejects by it alone", async () => {
    const app = Fastify();
    const own = scriptedGuard({ secret: "own" });
    await app.register(countersign, scriptedGuard({ secret: "outer" }));
    await app.register(async (scope) => {
      await scope.register(countersign, scriptedGuard({ secret: "inner" }));
      scope.post("/own", { config: { countersign: { guard: own } } }, async () => "handled");
      scope.post("/both", async () => "handled");
    });
    expect(await status(app, "/own", { authorization: "Bearer own" })).toBe(200);
    expect(own.requests.length).toBe(1);
    expect(await status(app, "/own", { authorization: "Bearer outer" })).toBe(401);
    expect(await status(app, "/both", { authorization: "Bearer outer" })).toBe(401);
    await app.close();
  });

  it("rejects impossible options at start, and where the plugin was not yet loaded at the first request, with 500", async () => {
    const late = Fastify();
    await late.register(countersign, scriptedGuard());
    const impossible = { countersign: { origin: "nowhere", accept: [] } };
    expect(() => late.post("/", { config: impossible }, async () => "handled")).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID" }),
    );
    const early = Fastify();
    void early.register(countersign, scriptedGuard());
    early.post("/", { config: impossible }, async () => "handled");
    early.post("/guarded", async () => "handled");
    const reply = await early.inject({ method: "POST", url: "/", headers: good });
    expect([reply.statusCode, reply.body]).toEqual([500, ""]);
    // The twin: routes declared before the plugin is loaded are guarded all the same.
    expect([await status(early, "/guarded", good), await status(early, "/guarded")]).toEqual([200, 401]);
    await Promise.all([late.close(), early.close()]);
  });
});

describe("parsers and schemas", () => {
  const schema = { body: { type: "object", required: ["a"], properties: { a: { type: "number" } } } };

  it("accepts bodies for schema validation after the guard, and rejects before it", async () => {
    const app = Fastify();
    await app.register(countersign, scriptedGuard());
    app.post("/", { schema }, async ({ body }) => body);
    const post = (payload: string, headers: Record<string, string>) =>
      app.inject({ method: "POST", url: "/", payload, headers: { "content-type": "application/json", ...headers } });
    expect((await post('{"a":1}', good)).json()).toEqual({ a: 1 });
    expect((await post('{"a":"x"}', good)).statusCode).toBe(400);
    for (const payload of ['{"a":"x"}', "{ broken", "x".repeat(2_000_000)])
      expect((await post(payload, {})).statusCode).toBe(401);
    await app.close();
  });

  it("accepts the service's own XML parser, which is given the verified message, and rejects before it runs", async () => {
    const app = Fastify();
    const parsed: string[] = [];
    app.addContentTypeParser("text/xml", { parseAs: "string" }, async (_request: unknown, text: string) => {
      parsed.push(text);
      return { text };
    });
    await app.register(countersign, scriptedGuard({ reads: "message" }));
    app.post("/", async ({ body }) => body);
    const post = (payload: string) =>
      app.inject({ method: "POST", url: "/", payload, headers: { "content-type": "text/xml" } });
    expect((await post("<secret>good</secret>")).json()).toEqual({ text: '<verified by="good"/>' });
    expect((await post("<secret>bad</secret>")).statusCode).toBe(401);
    expect(parsed).toEqual(['<verified by="good"/>']);
    await app.close();
  });

  it("accepts octets of message types on unguarded routes of the scope up to its body limit, and rejects more", async () => {
    const app = Fastify({ bodyLimit: 10 });
    await app.register(countersign, scriptedGuard({ reads: "message" }));
    app.post("/", { config: { countersign: false } }, async ({ body }) => Buffer.isBuffer(body) && body.toString());
    app.post("/guarded", async ({ body }) => Buffer.isBuffer(body) && body.toString());
    const post = (url: string, payload: string) =>
      app.inject({ method: "POST", url, payload, headers: { "content-type": "application/soap+xml" } });
    expect((await post("/", "<a>123</a>")).body).toBe("<a>123</a>");
    expect((await post("/", "<a>1234</a>")).statusCode).toBe(413);
    // The guard has a limit of its own, and its verified message is not measured again.
    expect((await post("/guarded", "<secret>good</secret>")).body).toBe('<verified by="good"/>');
    await app.close();
  });
});

describe("scopes", () => {
  it("accepts an unguarded sibling of an encapsulated scope, and rejects in the scope", async () => {
    const app = Fastify();
    await app.register(async (scope) => {
      await scope.register(countersign, scriptedGuard());
      scope.post("/inside", async () => "handled");
      await scope.register(async (child) => child.post("/deep", async () => "handled"));
    });
    app.post("/outside", async () => "handled");
    expect(await Promise.all(["/inside", "/deep", "/outside"].map((url) => status(app, url)))).toEqual([401, 401, 200]);
    expect(await Promise.all(["/inside", "/deep"].map((url) => status(app, url, good)))).toEqual([200, 200]);
    await app.close();
  });

  it("closes the guards it made, and none that it was given", async () => {
    const app = Fastify();
    const given = scriptedGuard();
    await app.register(countersign, given);
    app.post("/", { config: { countersign: { guard: given } } }, async () => "handled");
    expect(await status(app, "/", good)).toBe(200);
    await app.close();
    expect(given.closed).toBe(0);
  });

  it("accepts a hijacked reply only protected, and rejects its writer as anyone", async () => {
    const app = Fastify();
    await app.register(countersign, scriptedGuard({ signs: "us" }));
    app.post("/", (_request, reply) => {
      reply.hijack();
      reply.raw.end("raw");
    });
    expect((await app.inject({ method: "POST", url: "/", headers: good })).body).toBe('<signed by="us">raw</signed>');
    expect(await status(app, "/")).toBe(401);
    await app.close();
  });

  it("leaves the parsers of the application alone where an endpoint is mounted", async () => {
    const app = Fastify();
    const bodies: string[] = [];
    await app.register(mount, {
      path: "/sts/",
      endpoint: {
        async handle(request) {
          bodies.push(Buffer.from(await request.body(100)).toString());
          return { status: 200, headers: {} };
        },
        close: async () => undefined,
      },
    });
    app.post("/", async ({ body }) => body);
    const post = (url: string) =>
      app.inject({ method: "POST", url, payload: '{"a":1}', headers: { "content-type": "application/json" } });
    expect((await post("/")).json()).toEqual({ a: 1 });
    expect((await post("/sts")).statusCode).toBe(200);
    expect(bodies).toEqual(['{"a":1}']);
    await app.close();
  });
});
