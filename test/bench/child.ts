import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a script of this folder in a process of its own and reads the number it prints. */
export async function figureOf(script: string, args: readonly string[]): Promise<number> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(process.execPath, [path, ...args]);
  const value = Number(stdout.trim());
  if (!Number.isFinite(value)) throw new TypeError(`${script} printed no figure`);
  return value;
}
