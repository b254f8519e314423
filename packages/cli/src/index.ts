/**
 * `@countersign/cli`: the commands of `countersign` as a function, for tests and tools that do not want a process of their
 * own.
 */
export { run } from "./run.js";
export type { CommandStreams, OutputStream } from "./terminal.js";
