import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with what was skipped, by the name of what was absent, and one plain line of counts. */
export class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const absent = new Map<string, number>();
    const unexplained: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++;
      // Its tests were not run: what their beforeAll did went wrong.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed" || state === "failed") {
          counts[state]++;
          continue;
        }
        counts.skipped++;
        const { requires } = test.meta();
        if (requires === undefined) unexplained.push(`${module.relativeModuleId} > ${test.fullName}`);
        else absent.set(requires, (absent.get(requires) ?? 0) + 1);
      }
    }
    const lines = [
      ...[...absent].sort().map(([name, tests]) => `skipped, because ${name} is absent: ${tests}`),
      ...unexplained.map((test) => `skipped, no reason given: ${test}`),
      `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
}
