import type { Row } from "../scenario/rows.js";

/** What `pnpm rows` knows of one test. */
export interface ScenarioTest {
  /** Titles from the outermost describe to the test. */
  readonly path: readonly string[];
  readonly state: "passed" | "failed" | "skipped" | "pending";
}

/** The state of one requirement on one framework; `core` for rows that no framework can change. */
export interface RowStatus {
  readonly row: string;
  readonly framework: Framework;
  readonly status: "passing" | "failing" | "missing";
}

/** Where a row is shown. */
export type Framework = "express" | "koa" | "fastify" | "core";

const frameworks = ["express", "koa", "fastify"] as const;

/** The status of every row and framework from the titles and states of the tests that ran. */
export function rowStatuses(rows: readonly Row[], tests: readonly ScenarioTest[]): RowStatus[] {
  return rows.flatMap(({ id, scope }) =>
    (scope === "core" ? (["core"] as const) : frameworks).map((framework) => ({
      row: id,
      framework,
      status: statusOf(tests.filter((test) => names(test, id, framework))),
    })),
  );
}

function names({ path }: ScenarioTest, id: string, framework: Framework): boolean {
  return path.some((title) => title === id || title.startsWith(`${id} `)) && path.join(" ").includes(`[${framework}]`);
}

function statusOf(tests: readonly ScenarioTest[]): RowStatus["status"] {
  if (tests.some(({ state }) => state === "failed")) return "failing";
  const shown = (verb: string) => tests.some(({ path, state }) => state === "passed" && path.at(-1)?.includes(verb));
  return shown("accepts") && shown("rejects") ? "passing" : "missing";
}
