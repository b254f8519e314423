/** `pnpm rows [--json]`: the requirement rows against the frameworks, from a run of test/scenario. */
import { parseArgs } from "node:util";
import type { TestCase } from "vitest/node";
import { rows } from "../scenario/rows.js";
import { type Framework, type RowStatus, rowStatuses } from "./row-status.js";
import { printTable, runTests } from "./run.js";

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const tests = await runTests("test/scenario");
const statuses = rowStatuses(
  rows,
  tests.map((test) => ({ path: titles(test), state: test.result().state })),
);

printTable(
  ["row", "express", "koa", "fastify", "requirement"],
  rows.map(({ id, title, scope }) => {
    const cell = (framework: Framework) => cellText(statuses, id, scope === "core" ? "core" : framework);
    return [id, cell("express"), cell("koa"), cell("fastify"), scope === "core" ? `${title} (core only)` : title];
  }),
);
const count = (status: RowStatus["status"]) => statuses.filter((cell) => cell.status === status).length;
const done = rows.filter(({ id }) => statuses.every(({ row, status }) => row !== id || status === "passing")).length;
process.stdout.write(
  `\n${done} of ${rows.length} rows done; cells: ${count("passing")} passing, ${count("failing")} failing, ${count("missing")} missing\n`,
);
if (options.json) process.stdout.write(`${JSON.stringify(statuses)}\n`);

function titles(test: TestCase): string[] {
  const path = [test.name];
  for (let parent = test.parent; parent.type === "suite"; parent = parent.parent) path.unshift(parent.name);
  return path;
}

function cellText(cells: readonly RowStatus[], id: string, framework: Framework): string {
  return cells.find((cell) => cell.row === id && cell.framework === framework)?.status ?? "";
}
