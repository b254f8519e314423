import { describe, expect, it } from "vitest";
import { attackIds } from "../attack/catalogue.js";
import { type AttackCase, attackReport } from "./attack-report.js";

const others = new Set<string>(attackIds.filter((id) => id !== "I7"));
const ran = (passed: boolean, verdict?: "IS" | "FC", milliseconds = 1): AttackCase => ({
  id: "I7",
  passed,
  outcome: verdict && { id: "I7", verdict, milliseconds },
});

describe("attackReport()", () => {
  it("accepts a row whose cases all pass, with the time of the slowest", () => {
    expect(attackReport([ran(true, "IS", 1.5), ran(true, "IS", 2.25)], others)).toEqual([
      { id: "I7", expected: "IS|FA", verdict: "IS", milliseconds: 2.25, pass: true },
    ]);
  });

  it("rejects a row with one failing case, with a case that threw, or without a case", () => {
    expect(attackReport([ran(true, "IS"), ran(false, "FC")], others)[0]).toMatchObject({
      verdict: "IS|FC",
      pass: false,
    });
    expect(attackReport([ran(false)], others)[0]).toMatchObject({ verdict: "none", pass: false });
    expect(attackReport([], others)[0]).toMatchObject({ verdict: "none", pass: false });
  });

  it("rejects a line for an excluded row", () => {
    expect(attackReport([], new Set(attackIds))).toEqual([]);
  });
});
