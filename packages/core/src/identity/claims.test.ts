import { describe, expect, it } from "vitest";
import { ClaimSet, noClaims } from "./claims.js";

const issuer = "urn:sts";
const claims = new ClaimSet([
  { type: "role", values: ["clerk", "admin"], issuer },
  { type: "mail", values: [], issuer },
  { type: "role", values: ["auditor"], issuer },
]);

describe("ClaimSet", () => {
  it("has the values of all claims of a type, in order", () => {
    expect(claims.values("role")).toEqual(["clerk", "admin", "auditor"]);
    expect(claims.value("role")).toBe("clerk");
    expect([...claims]).toHaveLength(3);
  });

  it.each([
    ["role", undefined, true],
    ["role", "auditor", true],
    ["role", "Clerk", false],
    ["role", "clerk ", false],
    ["Role", undefined, false],
    ["mail", undefined, true],
    ["mail", "", false],
    ["__proto__", undefined, false],
    ["constructor", undefined, false],
  ])("tells whether there is %s = %s by exact text: %s", (type, value, expected) => {
    expect(claims.has(type, value)).toBe(expected);
  });

  it("has nothing where there is nothing", () => {
    expect(claims.value("mail")).toBeUndefined();
    expect(noClaims.values("role")).toEqual([]);
    expect(noClaims.has("role")).toBe(false);
  });

  it("does not change with the list it was made of", () => {
    const list = [{ type: "role", values: ["clerk"], issuer }];
    const made = new ClaimSet(list);
    list.push({ type: "role", values: ["admin"], issuer });
    expect(made.has("role", "admin")).toBe(false);
    expect([...made]).toHaveLength(1);
  });
});
