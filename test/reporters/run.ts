import { resolve } from "node:path";
import type { TestCase } from "vitest/node";
import { createVitest } from "vitest/node";

/** The root of the repository, seen from the compiled file in test/dist/reporters. */
export const repository = resolve(import.meta.dirname, "../../..");

/** Runs the tests whose path starts with `folder`; prints failures as vitest does and sets the exit code for them. */
export async function runTests(folder: string): Promise<readonly TestCase[]> {
  const vitest = await createVitest("test", {
    root: repository,
    run: true,
    watch: false,
    reporters: ["dot"],
  });
  try {
    const filters = [`${resolve(repository, folder)}/`];
    if ((await vitest.globTestSpecifications(filters)).length === 0) return [];
    const { testModules, unhandledErrors } = await vitest.start(filters);
    if (unhandledErrors.length > 0 || testModules.some((module) => !module.ok())) process.exitCode = 1;
    return testModules.flatMap((module) => [...module.children.allTests()]);
  } finally {
    await vitest.close();
  }
}

/** Prints a table with aligned columns. */
export function printTable(header: readonly string[], lines: readonly (readonly string[])[]): void {
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => line[column]?.length ?? 0)));
  for (const line of [header, widths.map((width) => "-".repeat(width)), ...lines]) {
    const cells = line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
}
