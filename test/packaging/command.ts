import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end and returns what it printed. @throws an Error with its output where it fails. */
export async function run(program: string, options: readonly string[], directory: string): Promise<string> {
  try {
    const { stdout } = await execute(program, [...options], { cwd: directory, maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${options.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
