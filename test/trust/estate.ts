import { type Broker, type BrokerOptions, createBroker, type Identity, type RelyingParty } from "@countersign/broker";
import {
  type Client,
  type ClientOptions,
  createClient,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from "@countersign/client";
import { createGuard, type Guard, type GuardOptions, saml2 } from "@countersign/core";
import type { ServerReply, ServerRequest } from "@countersign/core/adapter";
import { createTestCertificate } from "@countersign/core/testing";

/** Noon, so that nothing depends on the day that tests run. */
export const noon = Date.UTC(2026, 0, 31, 12);

/** A clock that stands still until it is moved. */
export class TestClock {
  time = noon;
  now = () => this.time;
  /** Moves on by seconds. */
  pass(seconds: number): void {
    this.time += seconds * 1000;
  }
}

const validity = { notBefore: noon - 86_400_000, notAfter: noon + 86_400_000 };
/** The broker's signing key. */
export const brokerKey = createTestCertificate({ subject: "CN=sts", keyType: "rsa", ...validity });
/** A key that signs for nobody. */
export const strangerKey = createTestCertificate({ subject: "CN=stranger", keyType: "rsa", ...validity });
/** The service's key for replies. */
export const serviceKey = createTestCertificate({ subject: "CN=orders", keyType: "rsa", ...validity });

/** Everybody the identity provider knows. */
const people: ReadonlyMap<string, { readonly password: string; readonly identity: Identity }> = new Map([
  [
    "alice",
    { password: "wonderland", identity: { name: "alice@example", claims: { role: ["clerk"], mail: "alice@example" } } },
  ],
  ["bob", { password: "builder", identity: { name: "bob@example", claims: { role: ["guest"] } } }],
]);

export const issuer = "https://sts.example";
export const stsUrl = "https://sts.example/sts";
export const ordersUrl = "https://orders.example/orders";

const relyingParties: readonly RelyingParty[] = [
  { appliesTo: ordersUrl, claims: ["role"] },
  { appliesTo: "https://bearer-only.example", keyTypes: ["bearer"] },
];

/** An identity provider that counts, and can be out. */
export class TestIdentityProvider {
  calls = 0;
  out = false;
  readonly authenticate = async (name: string, password: string): Promise<Identity | undefined> => {
    this.calls++;
    if (this.out) throw new TypeError("the directory is out");
    const found = people.get(name);
    return found?.password === password ? found.identity : undefined;
  };
  readonly lookUp = async (name: string) => {
    this.calls++;
    const found = people.get(name);
    return found && { secret: found.password, identity: found.identity };
  };
}

/** Hands a request to whatever answers it in this process, as if over TLS. */
export class LoopTransport implements HttpTransport {
  readonly sent: HttpRequest[] = [];
  /** Changes a reply on its way. */
  tamper: ((body: string, request: HttpRequest) => string) | undefined;
  encrypted = true;
  readonly #routes: ReadonlyMap<string, (request: ServerRequest) => Promise<ServerReply>>;

  constructor(routes: Readonly<Record<string, (request: ServerRequest) => Promise<ServerReply>>>) {
    this.#routes = new Map(Object.entries(routes));
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.sent.push(request);
    const route = this.#routes.get(request.url.origin + request.url.pathname);
    if (route === undefined) throw new TypeError(`nothing listens at ${request.url.href}`);
    const { status, headers, body = Buffer.alloc(0) } = await route(toServerRequest(request, this.encrypted));
    const octets = this.tamper ? Buffer.from(this.tamper(Buffer.from(body).toString(), request)) : body;
    return { status, headers, body: octets };
  }

  close(): void {}
}

/** A request as an adapter would hand it over. */
export function toServerRequest(
  { method, url, headers, body }: Pick<HttpRequest, "method" | "url" | "headers" | "body">,
  encrypted = true,
): ServerRequest {
  return {
    method,
    target: url.pathname,
    headers: Object.entries(headers),
    body: async () => body,
    transport: { encrypted, remoteAddress: "192.0.2.1" },
    signal: new AbortController().signal,
  };
}

/** A broker with everything at hand that tests look at. */
export function testBroker(options: Partial<BrokerOptions> = {}) {
  const clock = new TestClock();
  const identityProvider = new TestIdentityProvider();
  const events: Parameters<Extract<BrokerOptions["audit"], (...parameters: never[]) => unknown>>[0][] = [];
  const broker: Broker = createBroker({
    issuer,
    origin: "https://sts.example",
    signing: { key: brokerKey.privateKey, certificate: brokerKey.certificate },
    identityProvider,
    relyingParties,
    clock,
    audit: (event) => {
      events.push(event);
    },
    ...options,
  });
  return { broker, clock, identityProvider, events };
}

/** A service that answers every admitted message with its own Body and who asked. */
export function testService(clock: TestClock, options: Partial<GuardOptions> = {}) {
  const guard: Guard = createGuard({
    origin: "https://orders.example",
    trust: { issuers: [{ name: issuer, certificates: [brokerKey.certificate] }] },
    accept: [
      saml2({ audience: ordersUrl, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
      saml2({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
    ],
    clock,
    ...options,
  });
  return async (request: ServerRequest): Promise<ServerReply> => {
    const verdict = await guard.admit(request);
    if (verdict.kind === "answered") return verdict.reply;
    if (verdict.kind === "anonymous") return { status: 500, headers: {} };
    const { security } = verdict;
    const soap = security.message?.soapVersion === "1.1" ? soap11 : soap12;
    const type = security.message?.soapVersion === "1.1" ? "text/xml" : "application/soap+xml";
    const roles = security.claims.values("role").join(",");
    const body = `<s:Envelope xmlns:s="${soap}"><s:Body><hello roles="${roles}">${security.principal.name}</hello></s:Body></s:Envelope>`;
    const headers = { "content-type": `${type}; charset=utf-8` };
    return guard.secureReply(security, { status: 200, headers, body: Buffer.from(body) });
  };
}

const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
const soap12 = "http://www.w3.org/2003/05/soap-envelope";

/** An order, as a SOAP 1.2 or 1.1 envelope. */
export const order = (version: "1.1" | "1.2" = "1.2"): string =>
  `<s:Envelope xmlns:s="${version === "1.1" ? soap11 : soap12}"><s:Body><order xmlns="urn:orders">1</order></s:Body></s:Envelope>`;

/** A broker, a service and a client of one requestor that reaches both. */
export function estate(
  client: Partial<ClientOptions> = {},
  { broker: brokerOptions, service }: { broker?: Partial<BrokerOptions>; service?: Partial<GuardOptions> } = {},
) {
  const { broker, clock, identityProvider, events } = testBroker(brokerOptions);
  const transport = new LoopTransport({
    [stsUrl]: (request) => broker.handle(request),
    [ordersUrl]: testService(clock, service),
  });
  const asked = { count: 0, name: "alice", password: "wonderland" };
  const requestor: Client = createClient({
    broker: { url: stsUrl, certificates: [brokerKey.certificate] },
    credentials: async () => {
      asked.count++;
      return { name: asked.name, password: asked.password };
    },
    transport,
    clock,
    ...client,
  });
  return { broker, clock, identityProvider, events, transport, client: requestor, asked };
}
