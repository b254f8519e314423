import { ConfigurationError } from "../errors/index.js";
import {
  type AnswerOptions,
  allowInsecureTransport,
  type CompiledGuard,
  compileRoute,
  createAnswers,
  type Exchange,
  warnOfWeakness,
} from "../guard/index.js";
import { jwt } from "../policy/index.js";
import { loadResponseKeys, PathCache, type ResponseKeys } from "../response/index.js";
import { Collectors } from "./collectors.js";
import { Decisions } from "./decisions.js";
import type { AgentGuardOptions, AgentOptions } from "./options.js";

/** An exchange, and what a challenge of its resource may offer. */
export interface AgentExchange extends Exchange {
  basic: boolean;
  bearer: boolean;
}

/** Options of an agent after all checks. */
export interface CompiledAgent {
  readonly name: string;
  readonly options: AgentOptions;
  /** What it has in common with every guard: limits, injection, reservations, records. */
  readonly base: CompiledGuard;
  readonly decisions: Decisions;
  readonly collectors: Collectors;
  readonly paths: PathCache;
  readonly keys: ResponseKeys | undefined;
  readonly affiliates: ReadonlyMap<string, NonNullable<AgentOptions["affiliates"]>[string]>;
  readonly xmlTypes: ReadonlySet<string>;
  readonly cookieName: string;
  readonly insecureTransport: boolean;
  readonly answer: (error: Parameters<Answer>[0], exchange: AgentExchange) => ReturnType<Answer>;
}

type Answer = ReturnType<typeof createAnswers>;

/**
 * Compiles options whose shape was checked.
 * @throws ConfigurationError for what a policy server in process needs of this agent and it does not have
 */
export function compileAgent(options: AgentGuardOptions): CompiledAgent {
  const { agent, ...shared } = options;
  const base = compileRoute({ ...shared, accept: (agent.bearer ?? []).map((one) => jwt(one)) });
  const paths = new PathCache();
  const collectors = new Collectors(options, base, paths);
  const keys = agent.sign && loadResponseKeys(agent.sign, "agent.sign");
  requireNeeded(agent, collectors);
  warnOfWeakness(options);
  return {
    name: agent.name ?? base.origin,
    options: agent,
    base,
    decisions: new Decisions(agent.decisionPoint, base.clock, agent.cache),
    collectors,
    paths,
    keys,
    affiliates: new Map(Object.entries(agent.affiliates ?? {})),
    xmlTypes: new Set(agent.xmlTypes ?? ["text/xml", "application/xml"]),
    cookieName: agent.sessionCookie?.name ?? "SMSESSION",
    insecureTransport: options[allowInsecureTransport] === true,
    answer: answersOf({
      soap12SenderStatus: options.soap?.soap12SenderStatus ?? 400,
      preciseFaults: options.preciseFaults ?? false,
      realm: base.origin,
    }),
  };
}

/** Challenges are constant for each resource: they offer what its schemes take, whatever was sent. */
function answersOf(options: Omit<AnswerOptions, "bearer" | "basic">): CompiledAgent["answer"] {
  const made = new Map<string, Answer>();
  for (const bearer of [false, true]) {
    for (const basic of [false, true]) made.set(`${bearer}${basic}`, createAnswers({ ...options, bearer, basic }));
  }
  return (error, exchange) => (made.get(`${exchange.bearer}${exchange.basic}`) as Answer)(error, exchange);
}

/** What a policy server in process will ask for must be there before the first caller is. */
function requireNeeded({ decisionPoint, sign, tickets }: AgentOptions, collectors: Collectors): void {
  for (const { what, option } of decisionPoint.needs ?? []) {
    if (what === "signing-key" && sign === undefined) {
      refuseNeed("agent.sign", `${option} makes this agent sign, and it has no key.`, "Give its key and certificate.");
    }
    if (what === "ticket-keys" && tickets === undefined) {
      const reason = `${option} makes this agent seal session tickets, and it has no keys for that.`;
      refuseNeed("agent.tickets", reason, "Give the key ring that the associated services hold too.");
    }
  }
  for (const scheme of decisionPoint.schemes ?? []) {
    try {
      collectors.prepare(scheme);
    } catch (cause) {
      if (!(cause instanceof ConfigurationError)) throw cause;
      const { code, option, message, remedy } = cause;
      const reason = message.slice(option.length + 2, -remedy.length - 1);
      const kind = scheme.kind === "ws-security" ? `${scheme.kind} ${scheme.token}` : scheme.kind;
      // Alternatives that stand for a scheme have no options of their own to point at.
      const ours = option.startsWith("accept[") ? "agent.decisionPoint" : option;
      throw new ConfigurationError(
        code,
        ours,
        `A realm takes ${kind}, which this agent cannot serve. ${reason}`,
        remedy,
      );
    }
  }
}

function refuseNeed(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, `The policy server's ${reason}`, remedy);
}
