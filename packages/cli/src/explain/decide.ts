import {
  type AuditEvent,
  type Clock,
  createGuard,
  type GuardOptions,
  InMemoryReplayCache,
  type SecurityContext,
  systemClock,
} from "@countersign/core";
import type { ServerReply } from "@countersign/core/adapter";
import { refuse } from "@countersign/core/inspect";
import type { Subject } from "./subject.js";
import { withoutEffects } from "./without-effects.js";

/** How the request is supposed to have come in: a file does not say. */
export interface Arrival {
  readonly encrypted: boolean;
  /** The requestor's TLS certificate, DER. */
  readonly peerCertificate: Uint8Array | undefined;
}

/** What the guard decided. */
export interface Decision {
  /** The audit record, as a service would have written it. */
  readonly record: AuditEvent;
  /** What a handler would have been given; undefined where it would not have run, or for an anonymous caller. */
  readonly security: SecurityContext | undefined;
  /** What the caller would have got in place of the handler's reply. */
  readonly reply: ServerReply | undefined;
}

/**
 * Lets a guard of these options decide about the request: its own pipeline, with a replay cache and an audit sink of this
 * call alone, so that nothing outside is changed or filled.
 * @param at The moment to decide at, milliseconds since 1970. Default: the clock of the options.
 * @throws ConfigurationError as `createGuard` does
 */
export async function decide(
  subject: Subject,
  options: GuardOptions,
  arrival: Arrival,
  at: number | undefined,
): Promise<Decision> {
  const clock: Clock = at === undefined ? (options.clock ?? systemClock) : { now: () => at };
  const records: AuditEvent[] = [];
  const audit = (event: AuditEvent): void => void records.push(event);
  const guard = createGuard({ ...withoutEffects(options), clock, audit, replay: new InMemoryReplayCache({ clock }) });
  try {
    const verdict = await guard.admit({
      method: subject.method,
      target: subject.target,
      headers: subject.headers,
      body: async (limit) => bounded(subject.body, limit),
      transport: arrival,
      signal: new AbortController().signal,
    });
    const [record] = records;
    if (record === undefined) refuse("ERR_INTERNAL", "the guard wrote no audit record");
    return {
      record,
      security: verdict.kind === "admitted" ? verdict.security : undefined,
      reply: verdict.kind === "answered" ? verdict.reply : undefined,
    };
  } finally {
    await guard.close();
  }
}

/**
 * The body, as an adapter reads it: never more than the route takes.
 * @throws ERR_HTTP_TOO_LARGE
 */
export function bounded(body: Uint8Array, limit: number): Uint8Array {
  if (body.length <= limit) return body;
  refuse("ERR_HTTP_TOO_LARGE", `the body has ${body.length} octets, more than ${limit}`, {
    rule: "limits.maxBody",
    remedy: "Send a smaller message, or raise limits.maxBody.",
  });
}
