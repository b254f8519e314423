import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { run } from "./command.js";

/** What a package.json says, as far as the checks look at it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A package as it would be published. */
export interface PackedPackage {
  readonly manifest: Manifest;
  /** Path of the tarball. */
  readonly tarball: string;
  /** The paths inside it. */
  readonly files: readonly string[];
}

/** Packs every package of the repository into `directory`. */
export async function pack(repository: string, directory: string): Promise<PackedPackage[]> {
  const options = ["--recursive", "--filter", "./packages/*", "pack", "--json", "--pack-destination", directory];
  const packed = JSON.parse(await run("pnpm", options, repository)) as {
    filename: string;
    files: { path: string }[];
  }[];
  return Promise.all(
    packed.map(async ({ filename, files }) => ({
      manifest: JSON.parse(await run("tar", ["-xzOf", filename, "package/package.json"], directory)) as Manifest,
      tarball: filename,
      files: files.map(({ path }) => path),
    })),
  );
}

const required = ["LICENSE", "README.md", "package.json"];
const unwanted = /\.test\.|\.map$|\.tsbuildinfo$|^src\//;

/** What is wrong with a packed package: its content, its manifest (publint) and its types (attw). */
export async function problemsOf({ manifest, tarball, files }: PackedPackage, repository: string): Promise<string[]> {
  const octets = await readFile(tarball);
  const lint = await publint({
    pack: { tarball: octets.buffer.slice(octets.byteOffset, octets.byteOffset + octets.byteLength) as ArrayBuffer },
    strict: true,
  });
  const problems = [
    ...required.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => unwanted.test(file)).map((file) => `${file} must not be published`),
    ...lint.messages.map((message) => formatMessage(message, lint.pkg, { color: false }) ?? message.code),
  ];
  const attw = join(repository, "node_modules/.bin/attw");
  await run(
    attw,
    [tarball, "--profile", "esm-only", "--no-definitely-typed", "--no-emoji", "--no-color"],
    repository,
  ).catch((error: Error) => problems.push(error.message));
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}
