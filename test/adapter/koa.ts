import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { countersign, mount, securityOf } from "@countersign/koa";
import Router from "@koa/router";
import Koa, { type Context, type Middleware } from "koa";
import { listening } from "./listening.js";
import type { Framework, Handler, Route, Seen } from "./site.js";

/** Builds a site with Koa. */
export const koaFramework: Framework = {
  name: "koa",
  async start(site, tls) {
    const errors: unknown[] = [];
    const app = new Koa();
    app.on("error", (error) => errors.push(error));
    const { earlyHeaders } = site;
    if (earlyHeaders) {
      app.use((ctx, next) => {
        Object.assign(ctx.headers, earlyHeaders);
        return next();
      });
    }
    if (site.outerReverse) app.use(reversed);
    if (site.before) app.use(parser(site.before));
    for (const guard of site.guards ?? []) app.use(countersign(guard));
    if (site.after) app.use(parser(site.after));
    app.use(routerOf(site.routes ?? [], []));
    if (site.scope)
      app.use(
        routerOf(
          site.scope.routes,
          site.scope.guards.map((guard) => countersign(guard)),
          site.scope.path,
        ),
      );
    if (site.endpoint) {
      const { path, endpoint, proxy } = site.endpoint;
      const router = new Router();
      router.all([path, `${path}/{*below}`], mount(endpoint, { proxy }));
      app.use(router.routes());
    }
    const listener = app.callback();
    return listening(tls ? createTlsServer(tls, listener) : createServer(listener), errors);
  },
};

function routerOf(routes: readonly Route[], guards: readonly Middleware[], prefix = ""): Middleware {
  // Without `sensitive` this router takes /SVC for /svc in its routes, but not in its middleware: the guard would not run.
  const router = new Router({ prefix, sensitive: true });
  for (const guard of guards) router.use(guard);
  for (const route of routes) {
    router.all(route.path, ...(route.guards ?? []).map((guard) => countersign(guard)), handlerOf(route.handler));
  }
  return router.routes() as unknown as Middleware;
}

// Not an async function: what a handler throws at once must be seen to be thrown at once.
const handlerOf =
  (handler: Handler): Middleware =>
  (ctx) => {
    const result = handler(seenBy(ctx));
    if (result instanceof Promise) return result.then((later) => send(ctx, later));
    return send(ctx, result);
  };

function send(ctx: Context, result: Awaited<ReturnType<Handler>>): void {
  if (result === "raw") {
    ctx.respond = false;
    return;
  }
  ctx.body = result.body ?? null;
  ctx.status = result.status ?? 200;
  for (const [name, value] of Object.entries(result.headers ?? {})) ctx.set(name, value);
}

const seenBy = (ctx: Context): Seen => ({
  security: ctx.state.security,
  securityOf: () => securityOf(ctx),
  body: (ctx.request as { body?: unknown }).body,
  path: ctx.path,
  header: (name) => ctx.get(name) || undefined,
  records: { "ctx.headers": ctx.headers, "ctx.request.header": ctx.request.header },
  request: ctx.req,
  response: ctx.res,
});

/** A body parser as Koa's are: it sets `ctx.request.body`, unless that is set. */
const parser =
  (kind: "json" | "raw"): Middleware =>
  async (ctx, next) => {
    const request = ctx.request as { body?: unknown; rawBody?: unknown };
    if (request.body === undefined && (kind === "raw" || ctx.is("json"))) {
      const octets = await octetsOf(ctx.req);
      request.body = kind === "raw" ? octets : JSON.parse(octets.toString());
    } else if (request.body === undefined && kind === "json") {
      // What a parser of forms does: the octets are gone, an object remains.
      await octetsOf(ctx.req);
      request.body = {};
    }
    await next();
  };

async function octetsOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Changes replies where compression does. */
const reversed: Middleware = async (ctx, next) => {
  ctx.set("x-outer", "1");
  await next();
  if (Buffer.isBuffer(ctx.body)) ctx.body = Buffer.from(ctx.body).reverse();
};
