import { describe, expect, it } from "vitest";
import { CountersignError } from "../errors/index.js";
import { auditError, auditText } from "./record.js";

describe("auditText", () => {
  it("keeps ordinary text of every script", () => {
    for (const text of ["alice", "Zoë Ångström", "山田太郎", "🙂", 'a "b" <c>', ""]) expect(auditText(text)).toBe(text);
  });

  it("cuts at 256 characters (K27)", () => {
    expect(auditText("a".repeat(256))).toBe("a".repeat(256));
    expect(auditText("a".repeat(257))).toBe(`${"a".repeat(255)}…`);
    expect(auditText("\n".repeat(1_000_000)).length).toBeLessThanOrEqual(256 * 6);
  });

  it.each([
    ["line ends", "a\r\nb", "a\\u000d\\u000ab"],
    ["NUL and escape", "\0\x1b[31m", "\\u0000\\u001b[31m"],
    ["C1 control characters", "\x85\x9b", "\\u0085\\u009b"],
    ["line separators", "\u2028\u2029", "\\u2028\\u2029"],
    ["characters that turn the text's direction", "a\u202eb\u2066", "a\\u202eb\\u2066"],
    ["half a pair", "a\ud83d", "a\\ud83d"],
  ])("escapes %s", (_, text, escaped) => {
    expect(auditText(text)).toBe(escaped);
  });
});

describe("auditError", () => {
  const place = { line: 3, column: 7, path: `/a/${"b".repeat(500)}` };

  it("has code, verdict, reason, rule, remedy and place, bounded, and never the cause", () => {
    const cause = new RangeError("password=hunter2");
    const detail = { reason: "x\n".repeat(500), rule: "R1", remedy: "Do.", place: () => place, cause };
    const record = auditError(new CountersignError("ERR_TOKEN_REPLAYED", detail));
    expect(record).toMatchObject({ code: "ERR_TOKEN_REPLAYED", verdict: "InvalidSecurity", rule: "R1", remedy: "Do." });
    expect(record.reason).not.toContain("\n");
    expect(record.reason.length).toBeLessThan(1_000);
    expect(record.place).toMatchObject({ line: 3, column: 7 });
    expect(record.place?.path).toHaveLength(256);
    expect(JSON.stringify(record)).not.toContain("hunter2");
  });

  it("has no verdict where none is meant, and no place where it cannot be told", () => {
    const lost = () => {
      throw new RangeError("gone");
    };
    const record = auditError(new CountersignError("ERR_UNAVAILABLE", { reason: "down", place: lost }));
    expect(record).toEqual({ code: "ERR_UNAVAILABLE", reason: "down" });
  });
});
