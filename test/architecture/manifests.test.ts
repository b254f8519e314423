import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly description?: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const read = (...path: string[]) =>
  JSON.parse(readFileSync(join(repository, ...path, "package.json"), "utf8")) as Manifest;
const packages = readdirSync(join(repository, "packages"));
const root = read();

describe.each(packages)("the manifest of %s", (folder) => {
  const manifest = read("packages", folder);

  it("accepts what all packages share", () => {
    expect(manifest).toMatchObject({
      name: `@countersign/${folder}`,
      version: root.version,
      license: root.license,
      type: "module",
      engines: root.engines,
      sideEffects: false,
      files: expect.arrayContaining(["dist", "!**/*.map", "README.md", "LICENSE"]),
    });
    expect(manifest.description).toBeTypeOf("string");
  });

  it("rejects an entry point that is not an ES module with its types first, or that hides package.json", () => {
    const { "./package.json": own, ...entries } = manifest.exports;
    expect(own).toBe("./package.json");
    for (const entry of Object.values(entries)) {
      expect(Object.keys(entry)).toEqual(["types", "default"]);
      expect(entry.types).toBe(entry.default?.replace(/\.js$/, ".d.ts"));
    }
  });

  it("rejects a dependency that is not exact, and a sibling that is not of this repository", () => {
    const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, range] of Object.entries(dependencies)) {
      expect(range, name).toMatch(name.startsWith("@countersign/") ? /^workspace:\*$/ : /^\d+\.\d+\.\d+$/);
    }
  });

  it("rejects a framework as a dependency: it is a peer", () => {
    expect(Object.keys(manifest.dependencies ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(express|koa|fastify|redis|ioredis|kerberos)$/)]),
    );
  });
});
