import { createGuard as createRouteGuard, type Guard, type GuardInternals, type GuardOptions } from "../guard/index.js";
import { AgentGuard } from "./agent-guard.js";
import { checkAgentOptions } from "./option-schema.js";
import type { AgentGuardOptions } from "./options.js";

/**
 * Creates a guard: the decision about every request of a route. With `agent`, a policy server decides; with `accept`, the
 * options do.
 * @throws ConfigurationError for any wrong, impossible or insecure option, with its path and the remedy
 */
export function createGuard(options: GuardOptions | AgentGuardOptions, internals?: GuardInternals): Guard {
  if (!isForAgent(options)) return createRouteGuard(options, internals);
  checkAgentOptions(options);
  return new AgentGuard(options);
}

const isForAgent = (options: GuardOptions | AgentGuardOptions): options is AgentGuardOptions =>
  typeof options === "object" && options !== null && "agent" in options;
