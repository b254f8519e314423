import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { run } from "@countersign/cli";

/** The root of the repository. */
export const repository: string = resolve(import.meta.dirname, "../..");

/** The program as it is installed. */
export const program: string = join(repository, "packages/cli/bin/countersign.js");

/** What became of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. */
export async function call(words: readonly string[], stdin: string | Uint8Array = ""): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const code = await run(words, {
    stdin: (async function* () {
      yield stdin;
    })(),
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

/** Runs the program in a process of its own. */
export function launch(
  words: readonly string[],
  options: { readonly stdin?: string | Uint8Array; readonly directory?: string } = {},
): Promise<Outcome> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: options.directory ?? repository,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => fulfil({ code, stdout, stderr }));
    // A program that has seen enough closes its input.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.stdin ?? "");
  });
}

/** The JSON of the last line. */
export const lastLine = <T>({ stdout }: Pick<Outcome, "stdout">): T =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as T;

/** A folder of files, from which modules can import the packages. */
export interface Folder {
  readonly path: string;
  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): string;
  remove(): void;
}

/** Makes a folder that is gone again after `remove`. */
export function createFolder(): Folder {
  const parent = join(repository, "test/dist");
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, "cli-"));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}

/** DER as PEM text. */
export const pem = (der: Uint8Array, label = "CERTIFICATE"): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
