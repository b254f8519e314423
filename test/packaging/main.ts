/**
 * The last part of `pnpm lint`: packs every package, checks the tarballs, installs them in a project that has nothing
 * else of the repository, loads every sub-path from both module systems and type-checks a program that imports them.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { install, load, start, typecheck } from "./consumer.js";
import { type Manifest, pack, problemsOf } from "./pack.js";

/** The root of the repository, seen from the compiled file in test/dist/packaging. */
const repository = resolve(import.meta.dirname, "../../..");
const directory = await mkdtemp(join(tmpdir(), "packaging-"));
const problems: string[] = [];
try {
  const packages = await pack(repository, directory);
  for (const packed of packages) problems.push(...(await problemsOf(packed, repository)));
  const root = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as Manifest;
  const nodeTypes = root.devDependencies?.["@types/node"] ?? "*";
  const consumer = await install(packages, nodeTypes, join(directory, "consumer"));
  await load(consumer);
  await start(consumer);
  await typecheck(consumer, join(repository, "node_modules/typescript/bin/tsc"));
  process.stdout.write(`${packages.length} packages with ${consumer.specifiers.length} entry points packed and used\n`);
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
} finally {
  await rm(directory, { recursive: true });
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
