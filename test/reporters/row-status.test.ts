import { describe, expect, it } from "vitest";
import { rows } from "../scenario/rows.js";
import { rowStatuses, type ScenarioTest } from "./row-status.js";

const test = (path: string[], state: ScenarioTest["state"] = "passed"): ScenarioTest => ({ path, state });
const status = (tests: ScenarioTest[], row = "R4.1", framework = "koa") =>
  rowStatuses(rows, tests).find((cell) => cell.row === row && cell.framework === framework)?.status;

const shown = [test(["R4.1 x", "[koa] accepts a"]), test(["R4.1 x", "[koa] rejects a with ERR_B"])];

describe("rowStatuses()", () => {
  it("accepts a row shown by an accepted case and its refused twin", () => {
    expect(status(shown)).toBe("passing");
    expect(status([test(["R1.10 [core] accepts a"]), test(["R1.10 [core] rejects a"])], "R1.10", "core")).toBe(
      "passing",
    );
  });

  it.each([
    ["no twin", shown.slice(0, 1)],
    ["no accepted case", shown.slice(1)],
    ["another framework", shown.map(({ path }) => test(path.map((title) => title.replace("koa", "fastify"))))],
    ["a longer id", shown.map(({ path }) => test(path.map((title) => title.replace("R4.1", "R4.10"))))],
    ["a skipped twin", [...shown.slice(0, 1), test(["R4.1 x", "[koa] rejects a"], "skipped")]],
  ])("rejects as missing: %s", (_, tests) => {
    expect(status(tests)).toBe("missing");
  });

  it("rejects as failing a cell with one failed test", () => {
    expect(status([...shown, test(["R4.1 x", "[koa] accepts b"], "failed")])).toBe("failing");
  });

  it("has every flow requirement once", () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(13 + 15 + 11 + 18);
    expect(rowStatuses(rows, [])).toHaveLength(54 * 3 + 3);
  });
});
