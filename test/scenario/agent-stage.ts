import { type HttpResponse, NodeHttpTransport } from "@countersign/client";
import {
  type AgentGuardOptions,
  type AgentOptions,
  type Attributes,
  type AuditEvent,
  type DecisionPoint,
  type DirectoryUser,
  keyRing,
  type PolicyServerOptions,
  policyServer,
  type SchemeRequirement,
  type SecurityContext,
  type UserDirectory,
  xmlDocumentCredentials,
} from "@countersign/core";
import { createTestAuthority } from "@countersign/core/testing";
import { describe, onTestFinished } from "vitest";
import { expressFramework } from "../adapter/express.js";
import { fastifyFramework } from "../adapter/fastify.js";
import { koaFramework } from "../adapter/koa.js";
import type { Framework, Result, Seen } from "../adapter/site.js";
import { TestClock } from "../trust/estate.js";

const frameworks: readonly Framework[] = [expressFramework, koaFramework, fastifyFramework];

/** Describes a requirement by its id and sentence, once on each framework. */
export function agentScenario(title: string, tests: (stage: () => AgentStage) => void): void {
  for (const framework of frameworks) {
    describe(`${title} [${framework.name}]`, () => tests(() => new AgentStage(framework)));
  }
}

/** Whose certificates the services take. */
export const authority = createTestAuthority({ subject: "CN=Agents CA" });
const server = authority.issue({ subject: "CN=localhost", alternativeNames: [{ ip: "127.0.0.1" }] });
const serverTls = { key: server.privateKey, cert: server.certificate };

/** A key ring of one key; the same seed gives the same ring. */
export const ringOf = (seed: number) =>
  keyRing([Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + seed * 101) % 251))]);

/** What must never be seen outside of policy server and agent. */
export const sentinel = "Sentinel-5d1f0c";

const people: ReadonlyMap<string, { readonly password: string; readonly attributes: Attributes }> = new Map([
  [
    "alice",
    { password: "wonderland", attributes: { role: ["clerk"], department: ["sales"], clear: [`${sentinel}-alice`] } },
  ],
  ["bob", { password: "builder", attributes: { role: ["guest"], department: ["site"] } }],
]);

/** A directory that counts, can be out, and can lose its users. */
export class TestDirectory implements UserDirectory {
  readonly name = "people";
  checked = 0;
  out = false;
  readonly disabled = new Set<string>();
  /** Users by certificate subject. */
  readonly certificates = new Map<string, string>();

  readonly find = (name: string): DirectoryUser | undefined => {
    const found = this.disabled.has(name) ? undefined : people.get(name);
    return found && { name, attributes: found.attributes };
  };
  readonly verify = async (name: string, password: string): Promise<boolean> => {
    this.checked++;
    if (this.out) throw new TypeError("the directory is out");
    return people.get(name)?.password === password;
  };
  readonly secret = (name: string): string | undefined => {
    this.checked++;
    return people.get(name)?.password;
  };
  readonly certificate = ({ subject }: { readonly subject: string }): string | undefined =>
    this.certificates.get(subject);
  readonly assertion = ({ name }: { readonly name: string }): string => name;
}

/** A policy server that writes down what it is asked. */
export class RecordedDecisions implements DecisionPoint {
  readonly calls: { readonly operation: string; readonly asked: unknown; readonly answer: unknown }[] = [];
  readonly #point: DecisionPoint;
  readonly needs;
  readonly schemes;
  readonly isProtected;
  readonly authenticate;
  readonly authorize;
  readonly validateSession;
  readonly logOut;

  constructor(point: DecisionPoint) {
    this.#point = point;
    this.needs = point.needs;
    this.schemes = point.schemes;
    const recorded =
      <P extends unknown[], T>(operation: string, question: (...parameters: P) => Promise<T>) =>
      async (...parameters: P): Promise<T> => {
        const answer = await question(...parameters);
        this.calls.push({ operation, asked: parameters[0], answer });
        return answer;
      };
    this.isProtected = recorded("isProtected", point.isProtected.bind(point));
    this.authenticate = recorded("authenticate", point.authenticate.bind(point));
    this.authorize = recorded("authorize", point.authorize.bind(point));
    this.validateSession = recorded("validateSession", point.validateSession.bind(point));
    this.logOut = recorded("logOut", point.logOut.bind(point));
  }

  /** The operations in the order in which they were asked. */
  get operations(): readonly string[] {
    return this.calls.map(({ operation }) => operation);
  }

  /** How often credentials were checked. */
  get authentications(): number {
    return this.operations.filter((operation) => operation === "authenticate").length;
  }

  close(): Promise<void> {
    return this.#point.close();
  }
}

/** A service behind an agent. */
export interface AgentService {
  readonly url: string;
  readonly events: readonly AuditEvent[];
  /** What its handler saw, each time that it ran. */
  readonly handled: readonly Handled[];
}

/** What a handler saw. */
export interface Handled {
  readonly security: SecurityContext | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** Where a scenario with agents plays. */
export class AgentStage {
  readonly framework: Framework;
  readonly clock = new TestClock();
  readonly directory = new TestDirectory();
  readonly documentScheme = documentScheme;
  readonly ring = ringOf(1);
  readonly otherRing = ringOf(2);

  constructor(framework: Framework) {
    this.framework = framework;
  }

  /** A policy server with one realm, `/auth`, whose users show name and password in the document; alice may post there. */
  decisions(options: Partial<PolicyServerOptions> = {}): RecordedDecisions {
    const point = new RecordedDecisions(
      policyServer({
        users: this.directory,
        sessions: { keys: ringOf(1) },
        realms: [{ name: "auth", resources: ["/auth/*"], scheme: documentScheme }],
        policies: [{ realm: "auth", rules: [{}], users: ["alice"] }],
        clock: this.clock,
        ...options,
      }),
    );
    onTestFinished(() => point.close());
    return point;
  }

  /** Starts a service of which one path, and all below it, is guarded by an agent. */
  async service(
    agent: AgentOptions,
    {
      path = "/auth",
      encrypted = true,
      handler = echo,
      ...options
    }: Partial<AgentGuardOptions> & {
      readonly path?: string;
      readonly encrypted?: boolean;
      readonly handler?: (seen: Seen) => Result | Promise<Result>;
    } = {},
  ): Promise<AgentService> {
    const events: AuditEvent[] = [];
    const handled: Handled[] = [];
    const guard: AgentGuardOptions = {
      origin: "https://auth.example",
      clock: this.clock,
      audit: (event) => {
        events.push(event);
      },
      ...options,
      agent,
    };
    const watched = (seen: Seen) => {
      handled.push({
        security: seen.security,
        headers: { ...seen.request.headers },
        body: Buffer.isBuffer(seen.body) ? seen.body.toString() : JSON.stringify(seen.body ?? null),
      });
      return handler(seen);
    };
    const site = { routes: [{ path, guards: [guard], handler: watched }] };
    const running = await this.framework.start(
      site,
      encrypted ? { ...serverTls, ca: authority.certificate, requestCert: true, rejectUnauthorized: false } : undefined,
    );
    onTestFinished(() => running.close());
    return { url: `${encrypted ? "https" : "http"}://127.0.0.1:${running.port}${path}`, events, handled };
  }
}

/** Name and password in the document, over TLS. */
export const documentScheme: SchemeRequirement = xmlDocumentCredentials({
  user: "PurchaseOrder/User",
  password: "PurchaseOrder/Password",
});

const echo = ({ body }: Seen): Result => ({
  headers: { "content-type": "text/xml; charset=utf-8" },
  body: Buffer.isBuffer(body) ? body : "<ok/>",
});

/** A purchase order that shows who sends it. */
export const order = (user = "alice", password = "wonderland"): string =>
  `<PurchaseOrder><User>${user}</User><Password>${password}</Password><Item n="2">nail</Item></PurchaseOrder>`;

const namespaces = {
  "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
  "1.2": "http://www.w3.org/2003/05/soap-envelope",
} as const;

/** A SOAP message. */
export const soap = (
  body: string,
  { version = "1.1", header = "" }: { version?: "1.1" | "1.2"; header?: string } = {},
) =>
  `<s:Envelope xmlns:s="${namespaces[version]}">${header === "" ? "" : `<s:Header>${header}</s:Header>`}<s:Body>${body}</s:Body></s:Envelope>`;

/** Media types by SOAP version. */
export const soapTypes = { "1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8" } as const;

/** Sends a request as it is. */
export async function send(
  { url }: { readonly url: string },
  {
    body = "",
    headers = {},
    type = "text/xml",
    method = "POST",
    suffix = "",
    identity,
  }: {
    readonly body?: string | Uint8Array;
    /** A list is sent line by line. */
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    /** The client certificate of TLS. */
    readonly identity?: { readonly privateKey: string; readonly certificate: string } | undefined;
    readonly type?: string;
    readonly method?: "POST" | "GET";
    readonly suffix?: string;
  },
): Promise<HttpResponse & { readonly text: string }> {
  const https = new NodeHttpTransport({
    ca: authority.certificate,
    certificate: identity?.certificate,
    key: identity?.privateKey,
  });
  try {
    const response = await https.send({
      url: new URL(url + suffix),
      method,
      headers: { ...(method === "POST" ? { "content-type": type } : {}), ...headers } as Record<string, string>,
      body: Buffer.from(body),
      timeoutMilliseconds: 5_000,
      maxResponse: 1 << 20,
    });
    return { ...response, text: Buffer.from(response.body).toString() };
  } finally {
    https.close();
  }
}
