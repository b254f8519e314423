import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Readable } from "node:stream";
import { countersign, mount, securityOf } from "@countersign/fastify";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { listening } from "./listening.js";
import type { Framework, GuardInput, Handler, Route, Seen } from "./site.js";

/** Builds a site with Fastify. */
export const fastifyFramework: Framework = {
  name: "fastify",
  async start(site, tls) {
    const errors: unknown[] = [];
    const app = Fastify({
      forceCloseConnections: true,
      serverFactory: (listener) => (tls ? createTlsServer(tls, listener) : createServer(listener)),
    });
    app.setErrorHandler((error, _request, reply) => {
      errors.push(error);
      return reply.code(500).type("text/plain").send("the framework answers");
    });
    const { earlyHeaders } = site;
    if (earlyHeaders) {
      app.addHook("onRequest", async (request) => {
        request.headers = { ...request.headers, ...earlyHeaders };
      });
    }
    if (site.before) {
      // Fastify's own parsers run behind the guard: what reads a body before it is another hook, or the platform.
      app.addHook("preParsing", async ({ raw }) => {
        const octets = await octetsOf(raw);
        if (site.before === "raw") Object.assign(raw, { body: octets });
        return Readable.from([octets], { objectMode: false });
      });
    }
    await addGuards(app, site.guards ?? []);
    if (site.outerReverse) {
      app.addHook("onSend", async (_request, reply, payload) => {
        reply.header("x-outer", "1");
        return Buffer.isBuffer(payload) ? Buffer.from(payload).reverse() : payload;
      });
    }
    await addRoutes(app, site.routes ?? []);
    const { scope, endpoint } = site;
    if (scope) {
      await app.register(
        async (child) => {
          await addGuards(child, scope.guards);
          await addRoutes(child, scope.routes);
        },
        { prefix: scope.path },
      );
    }
    if (endpoint) await app.register(mount, endpoint);
    await app.ready();
    return listening(app.server, errors, () => app.close());
  },
};

async function addGuards(app: FastifyInstance, guards: readonly GuardInput[]): Promise<void> {
  for (const guard of guards) await app.register(countersign, guard);
}

async function addRoutes(app: FastifyInstance, routes: readonly Route[]): Promise<void> {
  for (const { path, guards, handler } of routes) {
    await app.register(async (child) => {
      await addGuards(child, guards ?? []);
      child.all(path, handlerOf(handler));
    });
  }
}

// Not an async function: what a handler throws at once must be seen to be thrown at once.
const handlerOf = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) => {
  const result = handler(seenBy(request, reply));
  if (result instanceof Promise) return result.then((later) => send(reply, later));
  return send(reply, result);
};

function send(reply: FastifyReply, result: Awaited<ReturnType<Handler>>): FastifyReply {
  if (result === "raw") return reply.hijack();
  return reply
    .code(result.status ?? 200)
    .headers(result.headers ?? {})
    .send(result.body);
}

const seenBy = (request: FastifyRequest, reply: FastifyReply): Seen => ({
  security: request.security,
  securityOf: () => securityOf(request),
  body: request.body,
  path: request.url.split("?")[0] ?? "",
  header: (name) => request.headers[name.toLowerCase()]?.toString(),
  records: { "request.headers": request.headers },
  request: request.raw,
  response: reply.raw,
});

async function octetsOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
