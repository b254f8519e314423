import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.js";
import type { PackedPackage } from "./pack.js";

/** A project that has installed the packed packages and nothing of the repository. */
export interface Consumer {
  readonly directory: string;
  /** Every public sub-path, for example `@countersign/core/adapter`. */
  readonly specifiers: readonly string[];
  /** Every command, and the version that it must say it is of. */
  readonly commands: readonly (readonly [name: string, version: string])[];
}

/** Installs the tarballs, with the frameworks they are peers of and Node's types, in a new project in `directory`. */
export async function install(
  packages: readonly PackedPackage[],
  nodeTypes: string,
  directory: string,
): Promise<Consumer> {
  const tarballs = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
  const neighbours = packages.flatMap(({ manifest: { peerDependencies = {}, devDependencies = {} } }) =>
    Object.entries(devDependencies).filter(([name]) => name in peerDependencies || name.startsWith("@types/")),
  );
  await mkdir(directory);
  await writeJson(join(directory, "package.json"), {
    name: "consumer",
    private: true,
    dependencies: { ...tarballs, ...Object.fromEntries(neighbours), "@types/node": nodeTypes },
  });
  const overrides = Object.entries(tarballs).map(([name, tarball]) => `  "${name}": "${tarball}"\n`);
  await writeFile(join(directory, "pnpm-workspace.yaml"), `loglevel: error\noverrides:\n${overrides.join("")}`);
  await run("pnpm", ["install", "--prefer-offline", "--no-frozen-lockfile"], directory);
  return {
    directory,
    specifiers: packages.flatMap(({ manifest }) =>
      Object.keys(manifest.exports)
        .filter((path) => path !== "./package.json")
        .map((path) => manifest.name + path.slice(1)),
    ),
    commands: packages.flatMap(({ manifest: { bin = {}, version } }) =>
      Object.keys(bin).map((name) => [name, version] as const),
    ),
  };
}

/** Imports every sub-path, as an ES module and by `require()`. @throws where one cannot be loaded. */
export async function load({ directory, specifiers }: Consumer): Promise<void> {
  const list = JSON.stringify(specifiers);
  await writeFile(join(directory, "all.mjs"), `for (const name of ${list}) await import(name);\n`);
  await writeFile(join(directory, "all.cjs"), `for (const name of ${list}) require(name);\n`);
  await run(process.execPath, ["all.mjs"], directory);
  await run(process.execPath, ["--no-warnings", "all.cjs"], directory);
}

/** Runs every command as `npx` finds it. @throws where one does not start, or says another version. */
export async function start({ directory, commands }: Consumer): Promise<void> {
  for (const [name, version] of commands) {
    const said = await run("npx", ["--no-install", name, "--version"], directory);
    if (said.trim() !== version) throw new Error(`${name} --version says ${said.trim()}, not ${version}`);
  }
}

/**
 * Type-checks a program that imports every sub-path, as Node and as a bundler resolve them, our declarations included.
 * @throws with the compiler's complaints, but for those about the declarations of other packages.
 */
export async function typecheck({ directory, specifiers }: Consumer, compiler: string): Promise<void> {
  const imports = specifiers.map((name, index) => `export * as part${index} from "${name}";\n`);
  await writeFile(join(directory, "all.mts"), imports.join(""));
  const strict = {
    strict: true,
    noEmit: true,
    target: "es2023",
    lib: ["es2023"],
    types: ["node"],
    skipLibCheck: false,
  };
  for (const resolution of ["nodenext", "bundler"]) {
    const project = join(directory, `tsconfig.${resolution}.json`);
    const module = resolution === "bundler" ? "esnext" : "nodenext";
    const compilerOptions = { ...strict, module, moduleResolution: resolution };
    await writeJson(project, { compilerOptions, files: ["all.mts"] });
    await run(process.execPath, [compiler, "-p", project], directory).catch((error: Error) => {
      const complaints = error.message.split("\n").filter((line) => /: error TS|^error TS/.test(line));
      const ours = complaints.filter((line) => !line.startsWith("node_modules/") || line.includes("@countersign"));
      if (complaints.length === 0 || ours.length > 0) throw error;
    });
  }
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
