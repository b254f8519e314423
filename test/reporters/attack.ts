/** `pnpm test:attack [--table] [--json]`: the catalogue of attacks by id, from a run of test/attack. */
import { parseArgs } from "node:util";
import { attackIds, catalogue } from "../attack/catalogue.js";
import { notApplicable, notYet } from "../attack/exclusions.js";
import { type AttackCase, attackReport } from "./attack-report.js";
import { printTable, runTests } from "./run.js";

const { values: options } = parseArgs({
  options: { table: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});

const cases = (await runTests("test/attack")).flatMap((test): AttackCase[] => {
  const id = attackIds.find((known) => test.name.startsWith(`${known} `));
  return id === undefined
    ? []
    : [{ id, passed: test.ok() && test.result().state === "passed", outcome: test.meta().attack }];
});
const excluded = { ...notApplicable, ...notYet };
const report = attackReport(cases, new Set(Object.keys(excluded)));

if (options.table) {
  printTable(
    ["id", "expected", "verdict", "ms", "", "attack"],
    attackIds.map((id) => {
      const row = report.find((line) => line.id === id);
      if (row === undefined) return [id, "", "", "", "excluded", `${catalogue[id].title} (${excluded[id]})`];
      const took = row.milliseconds.toFixed(1);
      return [id, row.expected, row.verdict, took, row.pass ? "pass" : "FAIL", catalogue[id].title];
    }),
  );
}
const passed = report.filter(({ pass }) => pass).length;
process.stdout.write(
  `\n${attackIds.length} rows: ${passed} pass, ${report.length - passed} fail; ` +
    `${Object.keys(notApplicable).length} do not apply, ${Object.keys(notYet).length} have no test yet\n`,
);
if (passed < report.length) process.exitCode = 1;
if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
