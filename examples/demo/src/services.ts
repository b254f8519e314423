import type { RequestListener, Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import {
  type AuditEvent,
  type GuardOptions,
  has,
  jwt,
  type SecurityContext,
  saml2,
  usernameToken,
  x509,
} from "@countersign/core";
import * as onExpress from "@countersign/express";
import * as onFastify from "@countersign/fastify";
import * as onKoa from "@countersign/koa";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import { receipt } from "./order.js";

/** The audience of the order service, on every framework. */
export const audience = "urn:example:orders";

/** The frameworks. */
export type Framework = "express" | "koa" | "fastify";

/** The order service on one framework. */
export interface OrderService {
  readonly framework: Framework;
  readonly url: string;
  /** The latest decision of its guard. */
  readonly latest: () => AuditEvent | undefined;
  /** How often its handler ran. */
  readonly handled: () => number;
  close(): Promise<void>;
}

/** What the order service is configured with. */
export interface ServiceSettings {
  readonly tls: { readonly key: string; readonly certificate: string };
  readonly issuer: { readonly name: string; readonly certificates: readonly string[] };
  /** Certificate of the partner who signs messages with its own key. */
  readonly partner: string;
  readonly reply: { readonly key: string; readonly certificate: string };
  readonly jwt: { readonly issuer: string; readonly key: string };
  readonly checkPassword: (name: string, password: string) => boolean;
}

/** What each framework does with a request once the guard let it through. */
type Handle = (security: SecurityContext, subjectHeader: string | undefined) => { type: string; body: string };

/** Starts the same service on the three frameworks. */
export async function startOrderServices(settings: ServiceSettings): Promise<readonly OrderService[]> {
  return Promise.all((["express", "koa", "fastify"] as const).map((framework) => start(framework, settings)));
}

function guardOptions(settings: ServiceSettings, audit: (event: AuditEvent) => void): GuardOptions {
  return {
    origin: "https://orders.example",
    trust: { issuers: [settings.issuer], certificates: [settings.partner] },
    accept: [
      saml2({ audience, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
      saml2({ audience, confirm: "bearer", over: "transport" }),
      usernameToken({ verify: settings.checkPassword, over: "transport" }),
      x509(),
      jwt({ issuer: settings.jwt.issuer, audience, keys: settings.jwt.key, over: "transport" }),
    ],
    require: {
      claims: [
        // Partners and password users carry no claims: they are known one by one.
        {
          description: "role = clerk",
          holds: (claims, { kind }) =>
            kind === "x509" || kind === "username" || has("role", "clerk").holds(claims, { name: "", kind }),
        },
      ],
    },
    inject: { headers: { "x-subject": ({ principal }) => principal.name } },
    reply: { sign: settings.reply, confirm: true },
    audit,
  };
}

async function start(framework: Framework, settings: ServiceSettings): Promise<OrderService> {
  let latest: AuditEvent | undefined;
  let handled = 0;
  const options = guardOptions(settings, (event) => {
    latest = event;
  });
  const handle: Handle = (security, subjectHeader) => {
    handled++;
    return receipt(security, subjectHeader);
  };
  const running = await starters[framework](options, handle, settings.tls);
  const url = `https://localhost:${running.port}/orders`;
  return { framework, url, latest: () => latest, handled: () => handled, close: running.close };
}

interface Running {
  readonly port: number;
  close(): Promise<void>;
}

type Starter = (options: GuardOptions, handle: Handle, tls: ServiceSettings["tls"]) => Promise<Running>;

const starters: Readonly<Record<Framework, Starter>> = {
  async express(options, handle, tls) {
    const app = express();
    app.use("/orders", onExpress.countersign(options));
    app.post("/orders", (request, response) => {
      const { type, body } = handle(onExpress.securityOf(request), request.get("x-subject"));
      response.type(type).send(body);
    });
    return listen(app, tls);
  },
  async koa(options, handle, tls) {
    const app = new Koa();
    app.use(onKoa.countersign(options));
    app.use((context) => {
      const { type, body } = handle(onKoa.securityOf(context), context.get("x-subject"));
      context.type = type;
      context.body = body;
    });
    return listen(app.callback(), tls);
  },
  async fastify(options, handle, tls) {
    const app = Fastify({ https: { key: tls.key, cert: tls.certificate }, requestTimeout: 15_000 });
    await app.register(onFastify.countersign, options);
    app.post("/orders", (request, reply) => {
      const { type, body } = handle(onFastify.securityOf(request), request.headers["x-subject"]?.toString());
      return reply.type(type).send(body);
    });
    await app.listen({ port: 0, host: "localhost" });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  },
};

async function listen(listener: RequestListener, tls: ServiceSettings["tls"]): Promise<Running> {
  const server: Server = createServer({ key: tls.key, cert: tls.certificate }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "localhost", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
