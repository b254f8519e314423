import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ConfigurationError, CountersignError, isCountersignError, isRefusal, placed, refuse } from "./error.js";
import { errorTable } from "./table.js";

const secret = "hunter2";
const cause = new RangeError(secret);
const error = new CountersignError("ERR_WSS_FAILED_CHECK", { reason: `the digest of ${secret}`, rule: "R1", cause });

describe("CountersignError", () => {
  it("has a message that may be published, and keeps the exact reason out of sight", () => {
    expect(error).toMatchObject({ code: "ERR_WSS_FAILED_CHECK", family: "wss", status: 401, expose: false });
    expect(error.message).toBe(errorTable.ERR_WSS_FAILED_CHECK.sentence);
    expect(error.detail.reason).toContain(secret);
    expect(JSON.stringify(error)).not.toContain(secret);
    expect(JSON.stringify({ ...error })).not.toContain(secret);
    expect(String(error)).not.toContain(secret);
    expect(inspect(new CountersignError("ERR_INTERNAL", { reason: secret }))).not.toContain(secret);
    expect(error.cause).toBe(cause);
  });

  it("is thrown by refuse with reason, rule, remedy and place", () => {
    const place = { line: 1, column: 2, path: "/a" };
    const more = { rule: "r", remedy: "m", place: () => place };
    expect(() => refuse("ERR_XML_LIMIT", "why", more)).toThrow(
      expect.objectContaining({ code: "ERR_XML_LIMIT", detail: { reason: "why", ...more } }),
    );
  });
});

describe("isCountersignError", () => {
  it("accepts an error of another copy of the package, and rejects what only looks like one", () => {
    const copy = Object.defineProperty(new Error("copy"), Symbol.for("countersign.error"), { value: true });
    expect([error, copy].map(isCountersignError)).toEqual([true, true]);
    const others = [new Error("no"), { code: "ERR_WSS_FAILED_CHECK", detail: {} }, null, undefined, "ERR", 0];
    expect(others.map(isCountersignError)).toEqual(others.map(() => false));
  });
});

describe("isRefusal", () => {
  it("accepts what refuses a message, and rejects outages, defects and strangers", () => {
    const refusals = ["ERR_WSS_INVALID_SECURITY", "ERR_TOKEN_EXPIRED", "ERR_POLICY_CLAIM", "ERR_XML_LIMIT"] as const;
    for (const code of refusals) expect(isRefusal(new CountersignError(code, { reason: "r" }))).toBe(true);
    const others = ["ERR_UNAVAILABLE", "ERR_STS_UNREACHABLE", "ERR_INTERNAL"] as const;
    for (const code of others) expect(isRefusal(new CountersignError(code, { reason: "r" }))).toBe(false);
    expect(isRefusal(new TypeError("defect"))).toBe(false);
    expect(isRefusal(new ConfigurationError("ERR_CONFIG_INVALID", "a", "b.", "c."))).toBe(false);
  });
});

describe("placed", () => {
  const here = { line: 3, column: 7, path: "/a/b" };
  const there = { line: 1, column: 1, path: "/a" };

  it("accepts a place and a remedy for a refusal that has none, and keeps all else", () => {
    const found = placed(error, () => here, "Mend it.");
    expect(found).toMatchObject({ code: "ERR_WSS_FAILED_CHECK", cause });
    expect(found.detail).toMatchObject({ reason: error.detail.reason, rule: "R1", remedy: "Mend it.", cause });
    expect(found.detail.place?.()).toEqual(here);
  });

  it("rejects to move a refusal that has its place, or to change its remedy", () => {
    const own = new CountersignError("ERR_TOKEN_EXPIRED", { reason: "r", remedy: "Wait.", place: () => there });
    expect(placed(own, () => here, "Mend it.")).toBe(own);
    const remedied = new CountersignError("ERR_TOKEN_EXPIRED", { reason: "r", remedy: "Wait." });
    expect(placed(remedied, () => here, "Mend it.").detail.remedy).toBe("Wait.");
  });
});

describe("ConfigurationError", () => {
  it("names the option, what is wrong and the remedy, as a TypeError", () => {
    const mistake = new ConfigurationError("ERR_CONFIG_INSECURE", "accept[0].over", "It is open.", "Use TLS.");
    expect(mistake).toBeInstanceOf(TypeError);
    expect(mistake).toMatchObject({
      code: "ERR_CONFIG_INSECURE",
      option: "accept[0].over",
      remedy: "Use TLS.",
      message: "accept[0].over: It is open. Use TLS.",
    });
  });
});
