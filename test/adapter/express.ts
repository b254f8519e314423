import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { pipeline, Readable } from "node:stream";
import { countersign, mount, securityOf } from "@countersign/express";
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from "express";
import { listening } from "./listening.js";
import type { Framework, Handler, Route, Seen, Site } from "./site.js";

/** Builds a site with Express. */
export const expressFramework: Framework = {
  name: "express",
  async start(site, tls) {
    const errors: unknown[] = [];
    const app = express();
    if (site.earlyHeaders) app.use(withHeaders(site.earlyHeaders));
    if (site.outerReverse) app.use(reversed);
    if (site.before === "json") app.use(express.json({ type: () => true, strict: false }));
    if (site.before === "raw") app.use(express.raw({ type: () => true }));
    for (const guard of site.guards ?? []) app.use(countersign(guard));
    if (site.after === "json") app.use(express.json());
    addRoutes(app, site.routes ?? []);
    if (site.scope) {
      const router = Router();
      for (const guard of site.scope.guards) router.use(countersign(guard));
      addRoutes(router, site.scope.routes);
      app.use(site.scope.path, router);
    }
    if (site.endpoint) app.use(site.endpoint.path, mount(site.endpoint.endpoint, { proxy: site.endpoint.proxy }));
    const onError: ErrorRequestHandler = (error, _req, res, next) => {
      errors.push(error);
      if (res.headersSent) return next(error);
      res.status(500).type("text").send("the framework answers");
    };
    app.use(onError);
    return listening(tls ? createTlsServer(tls, app) : createServer(app), errors);
  },
};

function addRoutes(router: Pick<Router, "all">, routes: readonly Route[]): void {
  for (const { path, guards = [], handler } of routes) {
    router.all(path, ...guards.map((guard) => countersign(guard)), handlerOf(handler));
  }
}

// Not an async function: what a handler throws at once must be seen to be thrown at once.
const handlerOf =
  (handler: Handler): RequestHandler =>
  (req, res) => {
    const result = handler(seenBy(req, res));
    if (result instanceof Promise) return result.then((later) => send(res, later));
    return send(res, result);
  };

function send(res: Response, result: Awaited<ReturnType<Handler>>): void {
  if (result === "raw") return;
  const { status = 200, headers = {}, body } = result;
  res.status(status).set(headers);
  if (body instanceof Readable) pipeline(body, res, () => undefined);
  else if (body === undefined) res.end();
  else if (typeof body === "string" || Buffer.isBuffer(body)) res.send(body);
  else res.json(body);
}

const seenBy = (req: Request, res: Response): Seen => ({
  security: req.security,
  securityOf: () => securityOf(req),
  body: req.body,
  path: req.path,
  header: (name) => req.get(name),
  records: {},
  request: req,
  response: res,
});

const withHeaders =
  (headers: NonNullable<Site["earlyHeaders"]>): RequestHandler =>
  (req, _res, next) => {
    Object.assign(req.headers, headers);
    next();
  };

/** Changes replies at the level where compression does. */
const reversed: RequestHandler = (_req, res, next) => {
  res.setHeader("x-outer", "1");
  const end = res.end;
  res.end = ((chunk?: unknown, ...rest: unknown[]) => {
    if (!(chunk instanceof Uint8Array)) return Reflect.apply(end, res, [chunk, ...rest]);
    return Reflect.apply(end, res, [Buffer.from(chunk).reverse()]);
  }) as typeof res.end;
  next();
};
