import { parseArgs } from "node:util";
import { credentials } from "../support/credentials.js";
import { attachmentCase, attachmentRow } from "./attachment.js";
import { guardCases, type VerificationCase, verificationCases } from "./cases.js";
import { knownMisses } from "./known-misses.js";
import type { Effort } from "./measure.js";
import { outboundCases, outboundRow } from "./outbound.js";
import { type FoundPeers, findPeers } from "./peers/find.js";
import { heatJava } from "./peers/heat.js";
import { memoryRow, stallRow, twoProcessesRow } from "./processes.js";
import { responseCases, responseRow } from "./response.js";
import { failedRow, type Row, table } from "./rows.js";
import { verificationRows } from "./verification.js";
import { type Prepared, Workspace } from "./workspace.js";

/**
 * The benchmark of the message engine. `--short` takes about two minutes and is what CI runs; `--json` prints the rows as the last
 * line of stdout; `--only NAME,NAME` runs some rows.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    only: { type: "string" },
  },
});

const effort: Effort = options.short
  ? { warmMilliseconds: 600, measureMilliseconds: 400, batchMilliseconds: 2 }
  : { warmMilliseconds: 3000, measureMilliseconds: 3000, batchMilliseconds: 2 };

/** Before the first case. */
const heatMilliseconds = options.short ? 4_000 : 15_000;

/** Rows about a process as a whole, by the case whose message they use. */
const processRows: readonly {
  readonly name: string;
  readonly of: string;
  run(prepared: Prepared, name: string): Promise<Row>;
}[] = [
  { name: "event-loop-1m", of: "x509-1m", run: (prepared, name) => stallRow(name, prepared, options.short) },
  { name: "event-loop-10m", of: "x509-10m", run: (prepared, name) => stallRow(name, prepared, options.short) },
  { name: "memory-1m", of: "x509-1m", run: (prepared, name) => memoryRow(name, prepared, "verify", undefined) },
  { name: "memory-10m", of: "x509-10m", run: (prepared, name) => memoryRow(name, prepared, "verify", 50) },
  {
    name: "memory-10m-worker",
    of: "x509-10m",
    run: (prepared, name) => memoryRow(name, prepared, "worker", undefined),
  },
  {
    name: "two-processes-10k",
    of: "x509-10k",
    run: (prepared, name) => twoProcessesRow(name, prepared, options.short),
  },
];

function progress(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** The rows of one case: its own, its guard's, its processes'. */
async function rowsOf(item: VerificationCase, workspace: Workspace, peers: FoundPeers): Promise<readonly Row[]> {
  const guard = guardCases.find((candidate) => candidate.of === item.name);
  const processes = processRows.filter((row) => row.of === item.name && wanted(row.name));
  const timed = wanted(item.name) || (guard !== undefined && wanted(guard.name));
  if (!timed && processes.length === 0) return [];
  const prepared = workspace.prepare(item, new Date());
  const rows: Row[] = [];
  if (timed) {
    progress(item.name);
    rows.push(...(await orFailure(item.name, () => verificationRows(item, prepared, peers, effort, guard))));
  }
  for (const { name, run } of processes) {
    progress(name);
    rows.push(...(await orFailure(name, async () => [await run(prepared, name)])));
  }
  return rows;
}

function wanted(name: string): boolean {
  return options.only === undefined || options.only.split(",").includes(name);
}

async function orFailure(name: string, work: () => Promise<readonly Row[]>): Promise<Row[]> {
  try {
    return [...(await work())];
  } catch (error) {
    return [failedRow(name, reasonOf(error))];
  }
}

/** One line: of a child process, the line that names its error. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split("\n");
  return (lines.find((line, i) => i > 0 && /^\w*Error\b/.test(line)) ?? lines[0] ?? "").slice(0, 200);
}

async function main(): Promise<boolean> {
  const peers = findPeers(progress);
  const keys = credentials();
  const workspace = new Workspace(keys);
  const rows: Row[] = [];
  try {
    const [first] = verificationCases;
    if (first !== undefined && verificationCases.some(({ name }) => wanted(name))) {
      progress("warming up the Java peers");
      await heatJava(peers, workspace.prepare(first, new Date()).files, heatMilliseconds);
    }
    for (const item of verificationCases) rows.push(...(await rowsOf(item, workspace, peers)));
    for (const item of outboundCases.filter(({ name }) => wanted(name))) {
      progress(item.name);
      rows.push(...(await orFailure(item.name, async () => [await outboundRow(item, keys, workspace, peers, effort)])));
    }
    for (const item of responseCases.filter(({ name }) => wanted(name))) {
      progress(item.name);
      rows.push(...(await orFailure(item.name, async () => [await responseRow(item, keys, effort)])));
    }
    if (wanted(attachmentCase.name)) {
      progress(attachmentCase.name);
      rows.push(...(await orFailure(attachmentCase.name, async () => [await attachmentRow(keys, workspace)])));
    }
  } finally {
    workspace.remove();
    for (const peer of peers.present.values()) peer.close();
  }
  process.stdout.write(`${table(rows)}\n`);
  for (const [name, reason] of peers.absent) process.stdout.write(`absent: ${name} (${reason})\n`);
  const complete = peers.absent.size === 0 || process.env.COUNTERSIGN_REQUIRE !== "all";
  const missed = rows.filter((row) => !row.pass);
  for (const { case: name } of missed) {
    if (Object.hasOwn(knownMisses, name)) process.stdout.write(`known miss: ${name} (${knownMisses[name]})\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  return complete && rows.length > 0 && missed.length === 0;
}

process.exitCode = (await main()) ? 0 : 1;
