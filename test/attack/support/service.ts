import type { ServerOptions } from "node:https";
import { type AuditEvent, type GuardOptions, x509 } from "@countersign/core";
import type { AdapterOptions } from "@countersign/core/adapter";
import type { ExpectStatic } from "vitest";
import { expressFramework } from "../../adapter/express.js";
import { fastifyFramework } from "../../adapter/fastify.js";
import { koaFramework } from "../../adapter/koa.js";
import { recorder } from "../../adapter/recorder.js";
import type { Framework, Handler, Running, Seen, Site } from "../../adapter/site.js";
import { Wire, type WireAnswer } from "../../adapter/wire.js";
import { credentials } from "../../support/credentials.js";
import { type MessageOptions, type SoapMessage, type SoapVersion, x509Message } from "../../support/messages.js";
import { type AttackResult, verdictOf } from "../attack.js";
import type { AttackVerdict } from "../catalogue.js";

/*
 * A service under attack over HTTP: a real server of each framework, with a guard from options in front of a handler that
 * keeps what it sees. Requests are octets on a socket.
 */

/** The frameworks that there are adapters for. */
export const frameworks: readonly Framework[] = [expressFramework, koaFramework, fastifyFramework];

const { signer } = credentials();

/** Signed messages over plain HTTP; the handler is told in `x-auth-user` who called. */
const signedMessages: GuardOptions = {
  origin: "https://orders.example",
  trust: { certificates: [signer.certificate] },
  accept: [x509()],
  inject: { headers: { "x-auth-user": ({ principal }) => principal.name } },
};

/** The value of `x-auth-user` for genuine messages. */
export const caller = "CN=alice,O=Example";

/** A genuine message for services with the usual guard. */
export const genuineMessage = (more?: MessageOptions): SoapMessage => x509Message({ signer, ...more });

/** Options of a service, besides what every service has. */
export interface ServiceOptions {
  /** Of its guard. */
  readonly guard?: Partial<GuardOptions> & AdapterOptions;
  /** Its routes; default the guard in front of `/orders`. */
  readonly site?: (guard: GuardOptions, handler: Handler) => Site;
  readonly tls?: ServerOptions;
}

/** A running service, and what came to it. */
export interface Service {
  readonly port: number;
  /** What its handler saw. */
  readonly seen: readonly Seen[];
  readonly records: readonly AuditEvent[];
  /** Sends octets on a connection of their own, and waits for the answer. */
  raw(...parts: readonly (string | Uint8Array)[]): Promise<WireAnswer>;
  /** Posts a body with header lines to `/orders`. */
  post(body: string | Uint8Array, lines: readonly string[]): Promise<WireAnswer>;
  /** Posts a genuine message with further header lines, and asserts that it is handled. */
  admits(expect: ExpectStatic, lines?: readonly string[]): Promise<Seen>;
  /** Asserts that the handler was not called since, and tells why: the verdict of the last record, else the HTTP status. */
  refused(expect: ExpectStatic, answer: WireAnswer, handled: number): AttackVerdict;
}

/** The head of a request. */
export const head = (method: string, target: string, lines: readonly string[]): string =>
  [`${method} ${target} HTTP/1.1`, "Host: orders.example", ...lines, "", ""].join("\r\n");

/** The Content-Type line of a message. */
export const contentType = (version: SoapVersion): string =>
  `Content-Type: ${version === "1.1" ? "text/xml" : "application/soap+xml"}; charset=utf-8`;

/** A case for `attack` that runs with a service, and ends it. */
export function served(
  framework: Framework,
  options: ServiceOptions,
  body: (service: Service, expect: ExpectStatic) => AttackResult | Promise<AttackResult>,
): (expect: ExpectStatic) => Promise<AttackResult> {
  return async (expect) => {
    const records: AuditEvent[] = [];
    const { handler, seen } = recorder();
    const guard = { ...signedMessages, audit: (event: AuditEvent) => void records.push(event), ...options.guard };
    const site = options.site?.(guard, handler) ?? { routes: [{ path: "/orders", guards: [guard], handler }] };
    const running = await framework.start(site, options.tls);
    try {
      return await body(serviceOf(running, seen, records), expect);
    } finally {
      await running.close();
    }
  };
}

function serviceOf({ port }: Running, seen: readonly Seen[], records: readonly AuditEvent[]): Service {
  const service: Service = {
    port,
    seen,
    records,
    async raw(...parts) {
      const wire = await Wire.open(port);
      try {
        wire.send(...parts);
        return await wire.answer();
      } finally {
        wire.close();
      }
    },
    post(content, lines) {
      const octets = Buffer.from(content);
      return service.raw(head("POST", "/orders", [...lines, `Content-Length: ${octets.length}`]), octets);
    },
    async admits(expect, lines = []) {
      const { bytes, soap } = genuineMessage();
      const answer = await service.post(bytes, [contentType(soap), ...lines]);
      expect([answer.status, answer.body.includes("handled")], answer.body).toEqual([200, true]);
      return seen.at(-1) as Seen;
    },
    refused(expect, answer, handled) {
      expect(seen.length).toBe(handled);
      const record = records.find(({ id }) => id === answer.headers["x-correlation-id"]);
      return verdictOf({ kind: "answered", reply: answer }, record === undefined ? [] : [record]);
    },
  };
  return service;
}

/** Every value that a handler can find for a header in any view of its request, whatever the spelling of the name. */
export function valuesOf({ request, records, header }: Seen, name: string): readonly string[] {
  const mine = (found: string) => found.toLowerCase().replace(/[_.]/g, "-") === name;
  const inRecord = (record: object | undefined) =>
    Object.entries(record ?? {}).flatMap(([key, value]) => (mine(key) ? [value].flat().map(String) : []));
  const inRaw = (raw: readonly string[]) => raw.filter((_, index) => index % 2 === 1 && mine(raw[index - 1] ?? ""));
  const views = [
    request.headers,
    request.headersDistinct,
    request.trailers,
    request.trailersDistinct,
    ...Object.values(records),
  ];
  const spellings = [name, name.toUpperCase(), name.replaceAll("-", "_"), name.replaceAll("-", ".")];
  const lookedUp = spellings.map((spelling) => header(spelling)).filter((value) => value !== undefined);
  return [
    ...new Set([...views.flatMap(inRecord), ...inRaw(request.rawHeaders), ...inRaw(request.rawTrailers), ...lookedUp]),
  ];
}
