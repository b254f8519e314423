import { type AgentGuardOptions, createGuard } from "../agent/index.js";
import { randomUuid } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import {
  correlationHeader,
  type Endpoint,
  type Guard,
  type GuardOptions,
  type Injection,
  type SecurityContext,
  type ServerReply,
} from "../guard/index.js";
import { settleUnread } from "./answer.js";
import { type Arrival, type Exchange, exchangeOf } from "./exchange.js";
import { type HandlerReply, type ProtectedReply, ReplyProtection } from "./reply-protection.js";
import { type HeaderRecord, HeaderRewrite } from "./rewrite.js";
import { compileTransport, type ProxyOptions } from "./transport.js";
import { warn, warnOfOpenEnd } from "./warning.js";

/** What an adapter adds to a guard. */
export interface AdapterOptions {
  /** Proxies in front of this service. Default: none is believed. */
  readonly proxy?: ProxyOptions | undefined;
}

/** Options of `countersign(...)`: those of a guard, or a ready guard that several routes share, and those of the adapter. */
export type CountersignOptions = (GuardOptions | AgentGuardOptions | { readonly guard: Guard }) & AdapterOptions;

/** A request that the guard let pass: what its handler gets. */
export interface Passage {
  readonly kind: "passed";
  /** The verified identity; undefined where the request is anonymous. */
  readonly security: SecurityContext | undefined;
  /**
   * The new request body, where the guard read the old one: the verified message, or the octets as received where the
   * guard did not replace them. Undefined: the request stream is untouched.
   */
  readonly body: Buffer | undefined;
  /** Rewrites a further record of headers that a framework keeps besides those of Node. */
  readonly rewrite: (record: HeaderRecord) => void;
  /** Values of Set-Cookie that the reply must carry besides those of its handler; empty for most. */
  readonly setCookies: readonly string[];
  /** Protection of the reply; undefined where the guard protects none. */
  readonly reply: ReplyHold | undefined;
}

/**
 * A reply that must be protected. The Node response holds back whatever is written until then, so an adapter need do
 * nothing; one whose framework changes replies later (compression) protects at the right moment and lets that pass.
 */
export interface ReplyHold {
  /** Protects a reply, and lets what is written from now on pass. Never rejects. */
  protect(reply: HandlerReply): Promise<ProtectedReply>;
}

/** What an adapter does next. `over`: nothing, nobody waits for an answer; above all the handler does not run. */
export type Outcome = Passage | { readonly kind: "answered"; readonly reply: ServerReply } | { readonly kind: "over" };

/** A guard on Node HTTP requests. */
export interface Gate {
  /** Closes the guard, if it was made here from options. */
  close(): Promise<void>;
  /** Decides about a request and prepares it for its handler. Never rejects. */
  enter(arrival: Arrival): Promise<Outcome>;
}

/**
 * Makes a gate.
 * @throws ConfigurationError as {@link createGuard} does, and for a wrong `proxy`
 */
export function createGate(input: CountersignOptions | Guard): Gate {
  const { guard, own, proxy } = resolve(input);
  const transportOf = compileTransport(proxy);
  return {
    close: async () => (own ? guard.close() : undefined),
    async enter(arrival) {
      const exchange = exchangeOf(arrival);
      warnOfOpenEnd(arrival.request);
      try {
        const transport = transportOf(arrival.request, exchange.lines);
        const verdict = await guard.admit(exchange.toServerRequest(arrival, transport));
        if (verdict.kind === "admitted" && verdict.release) exchange.releaseAtEnd(verdict.release);
        if (exchange.over) return { kind: "over" };
        exchange.id = verdict.id;
        if (verdict.kind === "answered") return await answer(arrival, exchange, verdict.reply);
        const security = verdict.kind === "admitted" ? verdict.security : undefined;
        const body = bodyOf(verdict.inject.body);
        const rewrite = new HeaderRewrite(verdict.inject, body?.length);
        rewrite.apply(arrival.request);
        exchange.security = security ?? exchange.security;
        return {
          kind: "passed",
          security,
          body: body ?? exchange.body.octets,
          rewrite: (record) => rewrite.applyTo(record),
          setCookies: verdict.inject.setCookies ?? none,
          reply: security && guard.securesReplies ? holdReply(exchange, guard, security) : undefined,
        };
      } catch (defect) {
        warn("A guard failed; the request was answered with 500", defect);
        return exchange.over ? { kind: "over" } : answer(arrival, exchange, failureOf(guard));
      }
    },
  };
}

/** Serves an endpoint on Node HTTP requests. The result is the reply to write; undefined where nobody waits for it. */
export function createServing(
  endpoint: Endpoint,
  options: AdapterOptions = {},
): (arrival: Arrival) => Promise<ServerReply | undefined> {
  const transportOf = compileTransport(options.proxy);
  return async (arrival) => {
    const exchange = exchangeOf(arrival);
    warnOfOpenEnd(arrival.request);
    let reply: ServerReply;
    try {
      reply = await endpoint.handle(exchange.toServerRequest(arrival, transportOf(arrival.request, exchange.lines)));
    } catch (defect) {
      warn("An endpoint failed; the request was answered with 500", defect);
      reply = bareFailure;
    }
    if (exchange.over) return undefined;
    await answer(arrival, exchange, reply);
    return reply;
  };
}

function resolve(input: CountersignOptions | Guard): { guard: Guard; own: boolean; proxy: ProxyOptions | undefined } {
  if (typeof input !== "object" || input === null) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "countersign",
      "There are no options.",
      "Pass the options of a guard, or a guard.",
    );
  }
  if ("admit" in input) return { guard: input, own: false, proxy: undefined };
  if (!("guard" in input)) {
    const { proxy, ...options } = input;
    return { guard: createGuard(options), own: true, proxy };
  }
  const stray = Object.keys(input).find((key) => key !== "guard" && key !== "proxy");
  if (stray === undefined) return { guard: input.guard, own: false, proxy: input.proxy };
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    stray,
    "A ready guard has its options already.",
    "Give it to createGuard, or leave `guard` out.",
  );
}

const none: readonly string[] = Object.freeze([]);

/** What is left to say where nothing else works. */
const bareFailure: ServerReply = Object.freeze({ status: 500, headers: Object.freeze({}) });

function failureOf(guard: Guard): ServerReply {
  try {
    return guard.failure();
  } catch {
    return bareFailure;
  }
}

async function answer(
  { request, response }: Arrival,
  exchange: Exchange,
  reply: ServerReply,
): Promise<{ kind: "answered"; reply: ServerReply }> {
  exchange.id = reply.headers[correlationHeader] ?? exchange.id ?? randomUuid();
  await settleUnread(request, response);
  return { kind: "answered", reply };
}

/** Reads `bytes` once: the guard may build them on demand. */
function bodyOf(body: Injection["body"]): Buffer | undefined {
  const bytes = body?.bytes;
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function holdReply({ capture }: Exchange, guard: Guard, security: SecurityContext): ReplyHold {
  const protection = new ReplyProtection(guard, security);
  capture.add(protection);
  return {
    async protect(reply) {
      const result = await protection.protect(reply);
      capture.settle(protection);
      return result;
    },
  };
}
