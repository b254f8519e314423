import { ConfigurationError } from "@countersign/core/sts";

/** What a Redis server says of itself. */
export interface ServerFacts {
  /** Another one after each start of the process. */
  readonly runId: string;
  readonly role: string;
  readonly evictionPolicy: string;
}

/** Reads the text of INFO: lines of `name:value`. What it does not say is empty. */
export function readServerFacts(info: string): ServerFacts {
  const values = new Map(info.split(/\r?\n/).map((line) => line.split(":", 2) as [string, string]));
  const value = (name: string) => values.get(name)?.trim() ?? "";
  return { runId: value("run_id"), role: value("role"), evictionPolicy: value("maxmemory_policy") };
}

/**
 * What makes a server unfit to be relied upon; undefined where nothing does. A server that evicts forgets what was
 * reserved, silently; one that does not say whether it does is not taken at its silence.
 */
export function serverFault({ runId, role, evictionPolicy }: ServerFacts): ConfigurationError | undefined {
  const fault = (reason: string, remedy: string) =>
    new ConfigurationError("ERR_CONFIG_INSECURE", "url", reason, remedy);
  if (evictionPolicy !== "noeviction") {
    const said =
      evictionPolicy === "" ? "It does not say whether it evicts" : `Its eviction policy is ${evictionPolicy}`;
    return fault(
      `${said}: it could forget what must be remembered.`,
      "Set maxmemory-policy noeviction; let the account run INFO.",
    );
  }
  if (role !== "master") {
    return fault(`Its role is ${role || "not said"}.`, "Give the address of the primary.");
  }
  if (runId === "") return fault("It does not say its run id.", "Let the account run INFO.");
  return undefined;
}
