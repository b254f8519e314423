import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

/** Tests of applications only need to know how a function is called; these hand out the inner layers besides. */
const exempt = ["core/testing"];

/** The declarations of every public entry point, by `package/sub-path`. */
const entries: readonly (readonly [name: string, path: string])[] = readdirSync(join(repository, "packages")).flatMap(
  (folder) => {
    const manifest = readFileSync(join(repository, "packages", folder, "package.json"), "utf8");
    const { exports } = JSON.parse(manifest) as { exports: Record<string, { types?: string }> };
    return Object.entries(exports).flatMap(([path, { types }]) => {
      const name = join(folder, path);
      return types === undefined || exempt.includes(name) ? [] : [[name, join(repository, "packages", folder, types)]];
    });
  },
) as [string, string][];

/** The names, and the options, that a module exports without a docstring, each with the file that declares it. */
function undocumented(program: ts.Program, path: string): readonly string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path} is not a module: build first`);
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declared = symbol.declarations?.[0]?.getSourceFile().fileName.replace(`${repository}/`, "");
    const named = [{ name: exported.name, symbol }];
    // Of options each one says what it means: its default, its limit, its consequence.
    if (exported.name.endsWith("Options")) {
      for (const member of symbol.members?.values() ?? [])
        named.push({ name: `${exported.name}.${member.name}`, symbol: member });
    }
    return named.flatMap(({ name, symbol: declaration }) => {
      const text = ts.displayPartsToString(declaration.getDocumentationComment(checker));
      return text.trim() === "" ? [`${name} in ${declared}`] : [];
    });
  });
}

const programOf = (paths: readonly string[]) =>
  ts.createProgram(paths, { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, skipLibCheck: true });

describe("S9 every exported name and every option has a docstring", () => {
  const program = programOf(entries.map(([, path]) => path));

  it.each(entries)("accepts %s", (_, path) => {
    expect(undocumented(program, path)).toEqual([]);
  });

  it("rejects a name without one", () => {
    const directory = mkdtempSync(join(tmpdir(), "docstrings-"));
    try {
      const path = join(directory, "entry.d.ts");
      const names = "/** Said. */\nexport declare const said: 1;\nexport declare const unsaid: 1;\n";
      const options = "/** Said. */\nexport interface SomeOptions {\n  /** Said. */ said: 1;\n  unsaid: 1;\n}\n";
      writeFileSync(path, names + options);
      expect(undocumented(programOf([path]), path)).toEqual([`unsaid in ${path}`, `SomeOptions.unsaid in ${path}`]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
