import { describe, expect, it } from "vitest";
import { checkHeaderLines, headerLines } from "./header-lines.js";

const refusal = expect.objectContaining({ code: "ERR_HTTP_HEADERS" });

describe("headerLines", () => {
  it("has every line of a name, in order, and none of another", () => {
    const headers = [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["A", "4"],
    ] as const;
    expect(headerLines(headers, "a")).toEqual(["1", "3"]);
    expect(headerLines(headers, "c")).toEqual([]);
    expect(Object.isFrozen(headerLines(headers, "c"))).toBe(true);
  });
});

describe("checkHeaderLines", () => {
  it.each(["close", "keep-alive", "Keep-Alive, Upgrade", " TE ,close,", "", "trailer", "upgrade, HTTP2-Settings"])(
    "accepts Connection: %s",
    (value) => {
      expect(() => checkHeaderLines([["connection", value]])).not.toThrow();
    },
  );

  it.each(["close, X-Auth-User", "x-subject", "authorization", "keep-alive x", "close;x", "__proto__"])(
    "rejects Connection: %s with ERR_HTTP_HEADERS (L3)",
    (value) => {
      expect(() => checkHeaderLines([["connection", value]])).toThrow(refusal);
      expect(() =>
        checkHeaderLines([
          ["connection", "close"],
          ["connection", value],
        ]),
      ).toThrow(refusal);
    },
  );

  it.each(["authorization", "content-encoding"])(
    "accepts %s once, and rejects it twice with ERR_HTTP_HEADERS, the same value included",
    (name) => {
      expect(() => checkHeaderLines([[name, "a"]])).not.toThrow();
      expect(() =>
        checkHeaderLines([
          [name, "a"],
          [name, "a"],
        ]),
      ).toThrow(refusal);
    },
  );

  it("accepts other headers as often as they come", () => {
    expect(() => checkHeaderLines(Array.from({ length: 1000 }, () => ["cookie", "a=b"] as const))).not.toThrow();
  });
});
