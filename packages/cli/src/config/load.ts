import { readFile, stat } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { GuardOptions } from "@countersign/core";
import { messageOf, UsageError } from "../usage-error.js";
import { guardOptionsOf } from "./json-form.js";

/** Milliseconds that a configuration has to be loaded: it may fetch a key, not wait for a person. */
const loadMilliseconds = 10_000;

/**
 * Loads guard options: the default export of a module (an object, a promise of one, or a function that returns either), or
 * a JSON file. The options themselves are checked by `createGuard`.
 * @throws UsageError where the file is missing, cannot be loaded, throws, takes more than ten seconds, or holds no options
 */
export async function loadConfig(path: string): Promise<GuardOptions> {
  const file = resolve(path);
  if (!(await isFile(file))) throw new UsageError(`The configuration ${path} is missing: there is no such file.`);
  const options = extname(file) === ".json" ? await readJson(file, path) : await importModule(file, path);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new UsageError(`The configuration ${path} holds no guard options: export them as the default export.`);
  }
  return options as GuardOptions;
}

const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

async function readJson(file: string, path: string): Promise<GuardOptions> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`The configuration ${path} is not JSON: ${messageOf(error)}`);
  }
  return guardOptionsOf(value, file);
}

async function importModule(file: string, path: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const reason = `The configuration ${path} did not load within ${loadMilliseconds / 1_000} seconds.`;
    timer = setTimeout(() => reject(new UsageError(reason)), loadMilliseconds);
  });
  try {
    return await Promise.race([defaultExport(file), late]);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The configuration ${path} cannot be loaded: ${loadFailure(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function defaultExport(file: string): Promise<unknown> {
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return typeof exported === "function" ? await (exported as () => unknown)() : await exported;
}

function loadFailure(error: unknown): string {
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `Node ${process.versions.node} does not run this kind of file. Compile it to JavaScript, or use Node 22.18 or newer for TypeScript.`;
  }
  return messageOf(error);
}
