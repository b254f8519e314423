import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import {
  type AdapterOptions,
  type Arrival,
  type CountersignOptions,
  createGate,
  createServing,
  type Endpoint,
  type Guard,
  type ProxyOptions,
  type ReplyHold,
  type SecurityContext,
  type ServerReply,
  securityOfRequest,
} from "@countersign/core/adapter";
import type { Context, Middleware, ParameterizedContext, Request } from "koa";

// What options are made of: `saml2`, `saml11`, `usernameToken`, `x509`, `jwt`, `has`, `createGuard`, and the types.
export * from "@countersign/core";
export type { AdapterOptions, CountersignOptions, Endpoint, ProxyOptions };

declare module "koa" {
  interface DefaultState {
    /** What the guard verified; undefined where none ran, or where the request is anonymous. */
    security?: SecurityContext | undefined;
  }
}

/** What body parsers leave on a request. */
interface Parsed {
  body?: unknown;
  rawBody?: unknown;
}

/**
 * A guard as Koa middleware: for `app.use`, or around one route of a router.
 *
 * | The request | Then |
 * |---|---|
 * | is admitted | the next middleware runs: `ctx.state.security` is set, headers are injected, `ctx.request.body` and `rawBody` hold the verified message as a Buffer where the credential is in one |
 * | is anonymous, and `anonymous` is set | the next middleware runs without `ctx.state.security` |
 * | is refused, or the guard fails | the guard's answer is sent; nothing further runs, and no error is thrown |
 *
 * @param options Options of a guard and of the adapter, or a guard from `createGuard` that several routes share.
 * @throws ConfigurationError for a wrong or impossible option
 */
export function countersign(options: CountersignOptions | Guard): Middleware {
  const gate = createGate(options);
  return async (ctx, next) => {
    const outcome = await gate.enter(arrivalOf(ctx));
    if (outcome.kind === "over") ctx.respond = false;
    if (outcome.kind === "answered") answer(ctx, outcome.reply);
    if (outcome.kind !== "passed") return;
    if (outcome.body) Object.assign(ctx.request, { body: outcome.body, rawBody: outcome.body } satisfies Parsed);
    if (outcome.security) ctx.state.security = outcome.security;
    for (const cookie of outcome.setCookies) ctx.append("set-cookie", cookie);
    await next();
    if (outcome.reply) await protect(ctx, outcome.reply);
  };
}

/** Serves an endpoint, such as a broker: `router.all("/sts", mount(broker))`. */
export function mount(endpoint: Endpoint, options?: AdapterOptions): Middleware {
  const serve = createServing(endpoint, options);
  return async (ctx) => {
    const reply = await serve(arrivalOf(ctx));
    if (reply) answer(ctx, reply);
    else ctx.respond = false;
  };
}

/**
 * What the guard verified about this request.
 * @throws ConfigurationError where no guard ran, or where the request is anonymous
 */
export function securityOf(ctx: Pick<Context, "req">): SecurityContext {
  return securityOfRequest(ctx.req);
}

function arrivalOf({ req, res, request, originalUrl }: ParameterizedContext): Arrival {
  const [parsed, early]: [Request & Parsed, IncomingMessage & Parsed] = [request, req];
  return {
    request: req,
    response: res,
    target: originalUrl,
    parsed: () => [parsed.rawBody, parsed.body, early.rawBody, early.body],
  };
}

/** Sets the body before status and headers: Koa derives both from it. */
function answer(ctx: ParameterizedContext, { status, headers, body }: ServerReply): void {
  ctx.body = body === undefined ? null : Buffer.from(body);
  ctx.status = status;
  ctx.set(headers);
}

/**
 * Protects a reply that a handler set, before outer middleware (compression, for example) changes it. Bodies of other
 * kinds, and what Koa writes for an error, are protected as they are written.
 */
async function protect(ctx: ParameterizedContext, hold: ReplyHold): Promise<void> {
  const body: unknown = ctx.body;
  if (ctx.respond === false) return;
  if (typeof body !== "string" && !(body instanceof Uint8Array) && !(body instanceof Readable)) return;
  const reply = await hold.protect({ status: ctx.status, headers: ctx.response.headers, body });
  for (const name of reply.remove) ctx.remove(name);
  answer(ctx, { status: reply.status, headers: reply.set, body: reply.body });
}
