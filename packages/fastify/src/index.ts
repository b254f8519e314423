import type { IncomingMessage, Server } from "node:http";
import { Readable } from "node:stream";
import {
  type AdapterOptions,
  type Arrival,
  type CountersignOptions,
  createGate,
  createServing,
  type Endpoint,
  type Gate,
  type Guard,
  type ProxyOptions,
  type ReplyHold,
  readOctets,
  type SecurityContext,
  type ServerReply,
  securityOfRequest,
} from "@countersign/core/adapter";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

// What options are made of: `saml2`, `saml11`, `usernameToken`, `x509`, `jwt`, `has`, `createGuard`, and the types.
export * from "@countersign/core";
export type { AdapterOptions, CountersignOptions, Endpoint, ProxyOptions };

declare module "fastify" {
  interface FastifyRequest {
    /** What the guard verified; undefined where none ran, or where the request is anonymous. */
    security: SecurityContext | undefined;
  }
  interface FastifyContextConfig {
    /** Another guard for this route, in place of those of its scope; `false`: none. */
    countersign?: CountersignOptions | Guard | false | undefined;
  }
}

/** Options of {@link mount}. */
export interface MountOptions extends AdapterOptions {
  /** What is served, for example a broker. */
  readonly endpoint: Endpoint;
  /** Where the endpoint is served, with everything below. */
  readonly path: string;
}

/** Media types of messages: their octets are the body. */
const messageTypes = ["text/xml", "application/xml", "application/soap+xml", "multipart/related"];

/** Bodies that take the place of what was received, for the parser of message types. */
const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Replies that wait for protection, innermost guard last. */
const holds = new WeakMap<FastifyRequest, ReplyHold[]>();

/** Requests decided by the guard of their route. */
const overridden = new WeakSet<FastifyRequest>();

/** Guards of routes, by server and by what stands in the route's configuration: stacked plugins share them. */
const routeGates = new WeakMap<Server, Map<object, Gate>>();

const plugin: FastifyPluginAsync<CountersignOptions | Guard> = async (app, options) => {
  const scopeGate = createGate(options);
  const gates = routeGates.get(app.server) ?? new Map<object, Gate>();
  routeGates.set(app.server, gates);
  const gateOfRoute = (config: CountersignOptions | Guard): Gate => {
    const gate = gates.get(config) ?? createGate(config);
    gates.set(config, gate);
    return gate;
  };
  const gateOf = (request: FastifyRequest): Gate | undefined => {
    const { countersign: config } = request.routeOptions.config;
    if (config === undefined) return scopeGate;
    if (config === false || overridden.has(request)) return undefined;
    overridden.add(request);
    return gateOfRoute(config);
  };

  if (!app.hasRequestDecorator("security")) app.decorateRequest("security", undefined);
  for (const type of messageTypes) if (!app.hasContentTypeParser(type)) app.addContentTypeParser(type, parseOctets);
  // A mistake in a route's options is found at start; routes declared before the plugin is loaded show at their first request.
  app.addHook("onRoute", ({ config }) => {
    if (config?.countersign) gateOfRoute(config.countersign);
  });
  // Before any parser or schema looks at what an unauthenticated requestor sent. The callback form: what does not pass never goes on.
  app.addHook("preParsing", (request, reply, payload, next) => {
    const entered = async () => enter(gateOf(request), request, reply, payload);
    entered().then(
      (stream) => stream && next(null, stream),
      (defect) => {
        request.log.error({ err: defect }, "the guard of this route cannot be used");
        reply.code(500).send();
      },
    );
  });
  app.addHook("onSend", (request, reply, payload, next) => {
    const waiting = holds.get(request);
    if (!waiting || !isProtectable(payload)) return next(null, payload);
    holds.delete(request);
    protect(reply, payload, waiting).then((octets) => next(null, octets), next);
  });
  app.addHook("onClose", async () => {
    await Promise.all([scopeGate, ...gates.values()].map((gate) => gate.close()));
  });
};

/**
 * A guard as a Fastify plugin: `app.register(countersign, options)` guards all routes of the scope that registers it.
 *
 * | The request | Then |
 * |---|---|
 * | is admitted | the handler runs: `request.security` is set, headers are injected, `request.body` holds the verified message as a Buffer where the credential is in one |
 * | is anonymous, and `anonymous` is set | the handler runs without `request.security` |
 * | is refused, or the guard fails | the guard's answer is sent; neither parsers, schemas, the handler nor Fastify's error handling run |
 *
 * A route's `config.countersign` takes the place of the scope's guards. The options are those of a guard and of the
 * adapter, or a guard from `createGuard`. A wrong or impossible one stops the start with a ConfigurationError.
 */
export const countersign: FastifyPluginAsync<CountersignOptions | Guard> = fastifyPlugin(plugin, {
  name: "@countersign/fastify",
  fastify: "5.x",
});

/** Serves an endpoint, such as a broker: `app.register(mount, { endpoint: broker, path: "/sts" })`. */
export const mount: FastifyPluginAsync<MountOptions> = async (app, { endpoint, path, proxy }) => {
  const serve = createServing(endpoint, { proxy });
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await serve(arrivalOf(request, reply));
    return answer ? send(reply, answer) : reply.hijack();
  };
  const base = path.replace(/\/+$/, "");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
  app.all(base === "" ? "/" : base, handler);
  app.all(`${base}/*`, handler);
};

/**
 * What the guard verified about this request.
 * @throws ConfigurationError where no guard ran, or where the request is anonymous
 */
export function securityOf(request: Pick<FastifyRequest, "raw">): SecurityContext {
  return securityOfRequest(request.raw);
}

/** Lets the guard decide. The result is the stream that the parsers read; undefined where the request ends here. */
async function enter(
  gate: Gate | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: Readable,
): Promise<Readable | undefined> {
  if (!gate) return payload;
  const outcome = await gate.enter(arrivalOf(request, reply));
  if (outcome.kind === "over") reply.hijack();
  if (outcome.kind === "answered") send(reply, outcome.reply);
  if (outcome.kind !== "passed") return undefined;
  if (request.headers !== request.raw.headers) {
    // An earlier hook has set `request.headers`: a second record, which shows before the one that Node keeps.
    const headers = { ...request.headers };
    outcome.rewrite(headers);
    request.headers = headers;
  }
  if (outcome.security) request.security = outcome.security;
  for (const cookie of outcome.setCookies) reply.header("set-cookie", cookie);
  if (outcome.reply) holds.set(request, [...(holds.get(request) ?? []), outcome.reply]);
  if (!outcome.body) return payload;
  bodies.set(request.raw, outcome.body);
  return Readable.from([outcome.body], { objectMode: false });
}

function arrivalOf(request: FastifyRequest, reply: FastifyReply): Arrival {
  const early: { body?: unknown; rawBody?: unknown } & IncomingMessage = request.raw;
  return {
    request: request.raw,
    response: reply.raw,
    target: request.originalUrl,
    parsed: () => [early.rawBody, early.body],
  };
}

const send = (reply: FastifyReply, { status, headers, body }: ServerReply): FastifyReply =>
  reply
    .code(status)
    .headers(headers)
    .send(body && Buffer.from(body));

/** The parser of message types: the octets, those of the verified message where the guard took them. */
async function parseOctets(request: FastifyRequest, payload: IncomingMessage): Promise<Buffer> {
  return bodies.get(request.raw) ?? readOctets(payload, request.routeOptions.bodyLimit);
}

type Payload = string | Buffer | Readable | null | undefined;

/** Payloads of other kinds are protected as they are written. */
const isProtectable = (payload: unknown): payload is Payload =>
  payload === undefined ||
  payload === null ||
  typeof payload === "string" ||
  payload instanceof Uint8Array ||
  payload instanceof Readable;

/** Protects a reply before later hooks (compression, for example) change it. */
async function protect(reply: FastifyReply, payload: Payload, waiting: readonly ReplyHold[]): Promise<Buffer | null> {
  let body: Payload = payload;
  for (const hold of waiting.toReversed()) {
    const result = await hold.protect({
      status: reply.statusCode,
      headers: reply.getHeaders(),
      body: body ?? undefined,
    });
    for (const name of result.remove) reply.removeHeader(name);
    reply.code(result.status).headers(result.set);
    body = result.body;
  }
  return Buffer.isBuffer(body) ? body : null;
}
