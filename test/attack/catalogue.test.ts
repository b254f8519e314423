import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attackIds } from "./catalogue.js";
import { notApplicable, notYet } from "./exclusions.js";

const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"));
const tested = new Set(
  sources.flatMap((source) => [...source.matchAll(/\battack\(\s*"([A-N]\d+)"/g)].map((match) => match[1])),
);

describe("the attack catalogue", () => {
  it("accepts 269 rows in 14 groups without a gap", () => {
    const groups = new Map<string, number>();
    for (const id of attackIds) {
      const group = id.charAt(0);
      const next = (groups.get(group) ?? 0) + 1;
      expect(id).toBe(`${group}${next}`);
      groups.set(group, next);
    }
    expect([...groups.values()]).toEqual([29, 24, 25, 20, 19, 6, 25, 8, 18, 25, 27, 25, 12, 6]);
  });

  it("rejects a row that is neither tested nor excluded", () => {
    expect(attackIds.filter((id) => !tested.has(id) && !(id in notApplicable) && !(id in notYet))).toEqual([]);
  });

  it("rejects a row that is both tested and excluded, or excluded twice", () => {
    expect(attackIds.filter((id) => tested.has(id) && (id in notApplicable || id in notYet))).toEqual([]);
    expect(attackIds.filter((id) => id in notApplicable && id in notYet)).toEqual([]);
  });
});
