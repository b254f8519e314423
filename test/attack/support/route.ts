import {
  type AuditEvent,
  CountersignError,
  createGuard,
  type GuardOptions,
  type ReplayCache,
  type SecurityContext,
  type Verdict,
} from "@countersign/core";
import { expect } from "vitest";
import { libxml2Canonical } from "../../support/libxml2.js";
import type { SoapMessage } from "../../support/messages.js";
import { namespaces } from "../../support/namespaces.js";
import { verdictOf } from "../attack.js";
import type { AttackVerdict } from "../catalogue.js";
import { expectFixedAnswer } from "./answers.js";
import type { Sent } from "./sent.js";

/** How a request ended. */
export interface Outcome {
  readonly decision: Verdict;
  readonly verdict: AttackVerdict;
  readonly record: AuditEvent | undefined;
  readonly milliseconds: number;
}

/** Remembers nothing, so that no refusal is a replay by mistake. */
const forgetful: ReplayCache = { reserve: () => "fresh" };

/** A route under attack: a guard on the public API, reached by requests of raw octets over TLS. */
export class Route {
  readonly #options: Omit<GuardOptions, "origin">;
  readonly #records: AuditEvent[] = [];
  readonly #guard: ReturnType<typeof createGuard>;

  constructor(options: Omit<GuardOptions, "origin" | "audit">) {
    this.#options = options;
    this.#guard = createGuard({
      replay: forgetful,
      ...options,
      origin: "https://orders.example",
      audit: (event) => {
        this.#records.push(event);
      },
    });
  }

  /** The same route with other options on top. */
  with(options: Partial<Omit<GuardOptions, "origin" | "audit">>): Route {
    return new Route({ ...this.#options, ...options });
  }

  /** Sends a request. The body reader keeps to the limit it is given, as those of the adapters do. */
  async send({ soap, body, headers = {}, transport }: Sent): Promise<Outcome> {
    const octets = typeof body === "string" ? Buffer.from(body, "utf8") : body;
    const lines = { "content-type": soap === "1.1" ? "text/xml" : "application/soap+xml", ...headers };
    const started = performance.now();
    const decision = await this.#guard.admit({
      method: "POST",
      target: "/orders",
      headers: Object.entries(lines),
      body: async (limit) => {
        if (octets.length > limit)
          throw new CountersignError("ERR_HTTP_TOO_LARGE", { reason: "the body is too large" });
        return octets;
      },
      transport: { encrypted: true, remoteAddress: "192.0.2.1", ...transport },
      signal: new AbortController().signal,
    });
    const milliseconds = performance.now() - started;
    const record = this.#records.find(({ id }) => id === decision.id);
    const verdict = verdictOf(decision, record === undefined ? [] : [record]);
    return { decision, verdict, record, milliseconds };
  }

  /** Milliseconds until a message over TLS is refused; nothing is kept of it. */
  async refusalTime({ soap, bytes: body }: SoapMessage): Promise<number> {
    const { decision, milliseconds } = await this.send({ soap, body });
    this.#records.length = 0;
    if (decision.kind !== "answered") throw new TypeError("the message was not refused");
    return milliseconds;
  }

  /** Sends a genuine message: it must be admitted, and what is handed over must be what was signed. */
  async admits(message: SoapMessage, how: Pick<Sent, "headers" | "transport"> = {}): Promise<SecurityContext> {
    const { decision, record } = await this.send({ ...how, soap: message.soap, body: message.bytes });
    expect(record?.error).toBeUndefined();
    if (decision.kind !== "admitted") throw new TypeError("the genuine message was not admitted");
    const body = Buffer.from(decision.security.message?.body.bytes ?? []);
    expect(body.toString()).toBe(canonicalBody(message));
    expect(Buffer.from(decision.inject.body?.bytes ?? []).includes(body)).toBe(true);
    return decision.security;
  }

  /** Sends an attack: it must be refused, with the one answer that refusals of its kind have. */
  async refuses(sent: Sent): Promise<AttackVerdict> {
    return (await this.refusal(sent)).verdict;
  }

  /** As {@link refuses}, with the audit record and the time it took. */
  async refusal(sent: Sent): Promise<Outcome & { readonly record: AuditEvent }> {
    const outcome = await this.send(sent);
    const { decision, record } = outcome;
    expect(decision.kind, `admitted: ${sent.body.toString().slice(0, 20_000)}`).toBe("answered");
    if (record === undefined) throw new TypeError("the attack left no record");
    expectRefused(outcome, sent);
    return { ...outcome, record };
  }
}

/** Asserts that a request was refused, is recorded as such, and was answered as refusals of its kind are. */
export function expectRefused({ decision, record }: Outcome, sent: Sent): void {
  if (decision.kind !== "answered" || record?.error === undefined) throw new TypeError("the request was not refused");
  expect(record.outcome).toBe("refused");
  expectFixedAnswer(decision, record.error.code, sent);
}

/** The canonical octets of the Body: as signed, or as libxml2 writes them where the transport alone protects it. */
export function canonicalBody(message: SoapMessage): string {
  const signed = message.signatures.flatMap(({ references }) => references).find(({ part }) => part === "body");
  if (signed !== undefined) return signed.octets.toString();
  const soap = message.soap === "1.1" ? "soap" : "env";
  return libxml2Canonical(
    message.text,
    { method: "inclusive" },
    { xpath: `/${soap}:Envelope/${soap}:Body`, namespaces },
  );
}
