import type { IncomingMessage } from "node:http";
import {
  type AdapterOptions,
  type Arrival,
  type CountersignOptions,
  createGate,
  createServing,
  type Endpoint,
  type Guard,
  type ProxyOptions,
  type SecurityContext,
  securityOfRequest,
  writeAnswer,
} from "@countersign/core/adapter";
import type { Request, RequestHandler, Response } from "express";

// What options are made of: `saml2`, `saml11`, `usernameToken`, `x509`, `jwt`, `has`, `createGuard`, and the types.
export * from "@countersign/core";
export type { AdapterOptions, CountersignOptions, Endpoint, ProxyOptions };

declare global {
  namespace Express {
    interface Request {
      /** What the guard verified; undefined where none ran, or where the request is anonymous. */
      security?: SecurityContext | undefined;
    }
  }
}

/**
 * A guard as Express middleware: for `app.use` at the root or under a path, on a Router, or on one route.
 *
 * | The request | Then |
 * |---|---|
 * | is admitted | the handler runs: `req.security` is set, headers are injected, `req.body` holds the verified message as a Buffer where the credential is in one |
 * | is anonymous, and `anonymous` is set | the handler runs without `req.security` |
 * | is refused, or the guard fails | the guard's answer is sent; neither the handler nor Express's error handling runs |
 *
 * @param options Options of a guard and of the adapter, or a guard from `createGuard` that several routes share.
 * @throws ConfigurationError for a wrong or impossible option
 */
export function countersign(options: CountersignOptions | Guard): RequestHandler {
  const gate = createGate(options);
  return async (req, res, next) => {
    const outcome = await gate.enter(arrivalOf(req, res));
    if (outcome.kind === "answered") writeAnswer(res, outcome.reply);
    if (outcome.kind !== "passed") return;
    if (outcome.body) req.body = outcome.body;
    if (outcome.security) req.security = outcome.security;
    for (const cookie of outcome.setCookies) res.append("set-cookie", cookie);
    next();
  };
}

/** Serves an endpoint, such as a broker: `app.use("/sts", mount(broker))`. */
export function mount(endpoint: Endpoint, options?: AdapterOptions): RequestHandler {
  const serve = createServing(endpoint, options);
  return async (req, res) => {
    const reply = await serve(arrivalOf(req, res));
    if (reply) writeAnswer(res, reply);
  };
}

/**
 * What the guard verified about this request.
 * @throws ConfigurationError where no guard ran, or where the request is anonymous
 */
export function securityOf(req: IncomingMessage): SecurityContext {
  return securityOfRequest(req);
}

const arrivalOf = (req: Request & { rawBody?: unknown }, res: Response): Arrival => ({
  request: req,
  response: res,
  target: req.originalUrl,
  parsed: () => [req.rawBody, req.body],
});
