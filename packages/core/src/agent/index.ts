export { createGuard } from "./create-guard.js";
export type { AgentGuardOptions, AgentOptions } from "./options.js";
