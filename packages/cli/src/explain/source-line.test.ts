import { describe, expect, it } from "vitest";
import { sourceLine } from "./source-line.js";

describe("sourceLine", () => {
  it.each([
    ["a\nbc\nd", 2, 2, { text: "bc", caret: 1 }],
    ["a\r\nbc\rd", 3, 1, { text: "d", caret: 0 }],
    ["🙂🙂x", 1, 3, { text: "🙂🙂x", caret: 2 }],
    ["a\tb", 1, 3, { text: "a b", caret: 2 }],
    ["<Password>abc</Password><x/>", 1, 25, { text: "<Password>[hidden]</Password><x/>", caret: 29 }],
    ["\u001b[31mx", 1, 6, { text: "\\u001b[31mx", caret: 10 }],
  ])("accepts %j, line %i, column %i", (text, line, column, expected) => {
    expect(sourceLine(text, { line, column })).toEqual(expected);
  });

  it("cuts a long line around the place", () => {
    const line = sourceLine(`${"a".repeat(5_000)}X${"b".repeat(5_000)}`, { line: 1, column: 5_001 });
    expect(line?.text).toMatch(/^…a{40}Xb{69}…$/);
    expect(line?.text[line.caret]).toBe("X");
  });

  it("rejects a line that is not there", () => {
    expect(sourceLine("a\nb", { line: 3, column: 1 })).toBeUndefined();
  });
});
