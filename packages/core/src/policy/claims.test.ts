import { describe, expect, it } from "vitest";
import { CountersignError } from "../errors/index.js";
import { ClaimSet, type Principal } from "../identity/index.js";
import { type ClaimRule, has, requireClaims } from "./claims.js";

const principal: Principal = { name: "alice", kind: "saml2" };
const claims = new ClaimSet([
  { type: "role", values: ["clerk", "buyer"], issuer: "sts" },
  { type: "mail", values: [""], issuer: "sts" },
]);

function verdict(...rules: readonly ClaimRule[]): unknown {
  try {
    requireClaims(rules, claims, principal);
    return "accepted";
  } catch (error) {
    const { code, detail } = error as CountersignError;
    return `${code} ${detail.reason}`;
  }
}

describe("has", () => {
  it("accepts a claim, or one of several values of it, and rejects what is not there with ERR_POLICY_CLAIM", () => {
    for (const rule of [
      has("role"),
      has("role", "clerk"),
      has("role", "admin", "buyer"),
      has("mail"),
      has("mail", ""),
    ]) {
      expect(verdict(rule)).toBe("accepted");
    }
    for (const rule of [has("rank"), has("role", "admin"), has("role", "Clerk"), has("role", "clerk "), has("Role")]) {
      expect(verdict(rule)).toBe(`ERR_POLICY_CLAIM The claim ${rule.description} is required.`);
    }
    for (const name of ["__proto__", "constructor", "toString"])
      expect(verdict(has(name))).toMatch(/^ERR_POLICY_CLAIM/);
  });

  it("says what it wants in one line", () => {
    expect(has("role").description).toBe("role");
    expect(has("role", "clerk").description).toBe("role = clerk");
    expect(has("role", "clerk", "buyer").description).toBe("role = clerk | buyer");
  });
});

describe("requireClaims", () => {
  const rule = (holds: unknown): ClaimRule => ({ description: "own", holds: holds as ClaimRule["holds"] });

  it("accepts no rule, and rejects by the first of several that does not hold", () => {
    expect(verdict()).toBe("accepted");
    expect(verdict(has("role"), has("rank"), has("grade"))).toBe("ERR_POLICY_CLAIM The claim rank is required.");
  });

  it("hands a rule the claims and the principal", () => {
    expect(verdict(rule((found: unknown, who: unknown) => found === claims && who === principal))).toBe("accepted");
  });

  it.each([undefined, null, 1, "true", {}, [], Promise.resolve(true)])(
    "rejects a rule that answers %s with ERR_INTERNAL: it must not count as true",
    (answer) => {
      expect(verdict(rule(() => answer))).toMatch(/^ERR_INTERNAL the claim rule own answered \w+, not true or false$/);
    },
  );

  it("rejects a rule that rejects or throws with ERR_INTERNAL, and with an outage that it tells", () => {
    expect(verdict(rule(() => Promise.reject(new RangeError("down"))))).toMatch(/^ERR_INTERNAL/);
    const throwing = (error: Error) =>
      rule(() => {
        throw error;
      });
    expect(verdict(throwing(new RangeError("down")))).toBe("ERR_INTERNAL the claim rule own failed");
    const outage = new CountersignError("ERR_UNAVAILABLE", { reason: "the directory is down" });
    expect(verdict(throwing(outage))).toBe("ERR_UNAVAILABLE the directory is down");
  });
});
