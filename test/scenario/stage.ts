import { type BrokerOptions, serve } from "@countersign/broker";
import {
  type Client,
  type ClientOptions,
  createClient,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  NodeHttpTransport,
} from "@countersign/client";
import { type AuditEvent, type SecurityContext, saml2, saml11 } from "@countersign/core";
import type { CountersignOptions } from "@countersign/core/adapter";
import { createTestAuthority } from "@countersign/core/testing";
import { describe, onTestFinished } from "vitest";
import { expressFramework } from "../adapter/express.js";
import { fastifyFramework } from "../adapter/fastify.js";
import { koaFramework } from "../adapter/koa.js";
import type { Framework, Seen } from "../adapter/site.js";
import { brokerKey, issuer, ordersUrl, TestClock, testBroker } from "../trust/estate.js";

const frameworks: readonly Framework[] = [expressFramework, koaFramework, fastifyFramework];

/** Describes a requirement by its id and sentence, once on each framework; every test gets a stage of its own. */
export function scenario(title: string, tests: (stage: () => Stage) => void): void {
  for (const framework of frameworks) describe(`${title} [${framework.name}]`, () => tests(() => new Stage(framework)));
}

const authority = createTestAuthority({ subject: "CN=Scenario CA" });
const server = authority.issue({ subject: "CN=localhost", alternativeNames: [{ ip: "127.0.0.1" }] });
/** TLS of a requestor towards everybody on a stage. */
export const tls = { ca: authority.certificate };

/** One version of SAML: what broker, service and requestor of a stage are told so that tokens are of it. */
export interface SamlVersion {
  readonly kind: "saml2" | "saml11";
  readonly broker: Partial<BrokerOptions>;
  readonly service: Partial<CountersignOptions>;
  readonly client: Partial<ClientOptions>;
}

const version = (kind: SamlVersion["kind"], alternative: typeof saml2 | typeof saml11): SamlVersion => ({
  kind,
  broker: { relyingParties: [{ appliesTo: ordersUrl, claims: ["role"], tokenTypes: [kind] }] },
  service: {
    accept: [
      alternative({ audience: ordersUrl, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
      alternative({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
    ],
  },
  client: { tokenType: kind },
});

/** The versions of SAML that all parties speak. */
export const samlVersions = [version("saml2", saml2), version("saml11", saml11)] as const;

/** A service that is on. */
export interface Service {
  readonly url: string;
  /** The decisions of its guard, in order. */
  readonly events: readonly AuditEvent[];
  /** What its handler was given, each time that it ran. */
  readonly handled: readonly SecurityContext[];
}

/** A requestor that is on. */
export interface Requestor {
  readonly client: Client;
  readonly wire: Wire;
  /** Who sits in front of it, and how often they were asked for name and password. */
  readonly user: { asked: number; name: string; password: string };
}

/**
 * Where a scenario plays: brokers, services on one framework and requestors, on loopback over TLS, and one clock for all
 * of them. What a test starts is stopped when that test has finished.
 */
export class Stage {
  readonly framework: Framework;
  readonly clock = new TestClock();

  constructor(framework: Framework) {
    this.framework = framework;
  }

  /** Starts the order service. By default it trusts the broker's certificate, and takes tokens for {@link ordersUrl}. */
  async service(options: Partial<CountersignOptions> = {}, encrypted = true): Promise<Service> {
    const events: AuditEvent[] = [];
    const handled: SecurityContext[] = [];
    const guard: CountersignOptions = {
      origin: "https://orders.example",
      trust: { issuers: [{ name: issuer, certificates: [brokerKey.certificate] }] },
      accept: [
        saml2({ audience: ordersUrl, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
        saml2({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
      ],
      clock: this.clock,
      audit: (event) => {
        events.push(event);
      },
      ...options,
    };
    const handler = ({ securityOf }: Seen) => {
      const security = securityOf();
      handled.push(security);
      return { headers: { "content-type": soap12Type }, body: greeting(security.principal.name) };
    };
    const site = { routes: [{ path: "/orders", guards: [guard], handler }] };
    const running = await this.framework.start(site, encrypted ? serverTls : undefined);
    onTestFinished(() => running.close());
    return { url: `${encrypted ? "https" : "http"}://127.0.0.1:${running.port}/orders`, events, handled };
  }

  /** Starts a broker that runs alone; `leave` takes it off the network. */
  async broker(options: Partial<BrokerOptions> = {}) {
    const { broker, identityProvider, events } = testBroker({ clock: this.clock, ...options });
    const served = await serve(broker, { port: 0, tls: { key: server.privateKey, certificate: server.certificate } });
    onTestFinished(() => served.close());
    return { url: served.url, broker, identityProvider, events, leave: () => served.close() };
  }

  /** Starts a broker that is mounted in an application of the framework. */
  async mountedBroker(options: Partial<BrokerOptions> = {}) {
    const { broker, identityProvider, events } = testBroker({ clock: this.clock, ...options });
    const site = { endpoint: { path: broker.path, endpoint: broker } };
    const running = await this.framework.start(site, serverTls);
    onTestFinished(async () => {
      await running.close();
      await broker.close();
    });
    return { url: `https://127.0.0.1:${running.port}${broker.path}`, broker, identityProvider, events };
  }

  /** Starts alice's requestor, which gets tokens from a broker. */
  requestor({ url }: { readonly url: string }, options: Partial<ClientOptions> = {}): Requestor {
    const broker = { url, certificates: [brokerKey.certificate], signedReplies: true };
    return this.direct({ broker, ...options });
  }

  /** Starts alice's requestor without a broker: it shows her password itself, unless the options say otherwise. */
  direct(options: Partial<ClientOptions> = {}): Requestor {
    const wire = new Wire();
    const user = { asked: 0, name: "alice", password: "wonderland" };
    const credentials = () => {
      user.asked++;
      return { name: user.name, password: user.password };
    };
    const client = createClient({ credentials, transport: wire, clock: this.clock, ...options });
    onTestFinished(async () => {
      await client.close();
      wire.close();
    });
    return { client, wire, user };
  }
}

/** HTTPS that remembers what came back, and can change it on its way. */
export class Wire implements HttpTransport {
  readonly #https = new NodeHttpTransport(tls);
  readonly sent: HttpRequest[] = [];
  readonly received: HttpResponse[] = [];
  tamper: (body: string) => string = (body) => body;

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.sent.push(request);
    const response = await this.#https.send(request);
    const body = Buffer.from(this.tamper(Buffer.from(response.body).toString()));
    this.received.push({ ...response, body });
    return { ...response, body };
  }

  close(): void {
    this.#https.close();
  }
}

const serverTls = { key: server.privateKey, cert: server.certificate };
const soap12 = "http://www.w3.org/2003/05/soap-envelope";
const soap12Type = "application/soap+xml; charset=utf-8";

const greeting = (name: string): string =>
  `<s:Envelope xmlns:s="${soap12}"><s:Body><hello>${name}</hello></s:Body></s:Envelope>`;

/** Posts a message as it is: what somebody does who has no client to help. */
export async function post({ url }: { readonly url: string }, body: string | Uint8Array): Promise<HttpResponse> {
  const https = new NodeHttpTransport(tls);
  try {
    return await https.send({
      url: new URL(url),
      method: "POST",
      headers: { "content-type": soap12Type },
      body: Buffer.from(body),
      timeoutMilliseconds: 5000,
      maxResponse: 1 << 20,
    });
  } finally {
    https.close();
  }
}
