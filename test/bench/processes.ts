import { figureOf } from "./child.js";
import { figureRow, type Row } from "./rows.js";
import type { Prepared } from "./workspace.js";

/** The event loop's longest pause during a verification; it may be ten times the SHA-256 time of 0.5 MB. */
export async function stallRow(name: string, prepared: Prepared, short: boolean): Promise<Row> {
  const args = [prepared.files.setting, prepared.files.message, short ? "15" : "40"];
  const value = await best(short ? 2 : 3, () => figureOf("stall-child.js", args));
  return figureRow(name, { value, unit: "x SHA-256 of 0.5 MB" }, [
    { text: "event loop stalls at most 10x SHA-256 of 0.5 MB", pass: value <= 10 },
  ]);
}

/** Peak memory of a process that verifies a message once, on its thread or in a worker, above one that only holds it. */
export async function memoryRow(
  name: string,
  prepared: Prepared,
  how: "verify" | "worker",
  most: number | undefined,
): Promise<Row> {
  const { setting, message } = prepared.files;
  const peak = (what: string) => best(3, () => figureOf("memory-child.js", [what, setting, message]));
  const held = await peak("hold");
  const code = (await peak("load")) - held;
  const value = (await peak(how)) - held;
  const gates =
    most === undefined
      ? []
      : [{ text: `at most ${most} MB above a process that holds the input`, pass: value <= most }];
  const row = figureRow(name, { value, unit: "MB" }, gates);
  return { ...row, notes: [`${code.toFixed(0)} MB of it are the engine's code`] };
}

/** Throughput of two processes over that of one. */
export async function twoProcessesRow(name: string, prepared: Prepared, short: boolean): Promise<Row> {
  const child = () =>
    figureOf("throughput-child.js", [prepared.files.setting, prepared.files.message, short ? "1000" : "4000"]);
  const one = await child();
  const [first, second] = await Promise.all([child(), child()]);
  return figureRow(name, { value: (first + second) / one, unit: "x one process" }, []);
}

/** The lowest of several attempts: what disturbs a measurement only ever adds. */
export async function best(attempts: number, measure: () => Promise<number>): Promise<number> {
  let lowest = await measure();
  for (let i = 1; i < attempts; i++) lowest = Math.min(lowest, await measure());
  return lowest;
}
