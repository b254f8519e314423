import { describe, expect, it } from "vitest";
import { isCountersignError, refuse } from "../errors/index.js";
import { ClaimSet, type ValidatedToken } from "../identity/index.js";
import type { PresentedToken } from "../policy/index.js";
import { TokenValidation } from "./token-validation.js";

const noon = Date.UTC(2026, 0, 31, 12);
const token = (digest: string, expires = noon + 3_600_000, kind: ValidatedToken["kind"] = "saml2"): ValidatedToken => ({
  kind,
  principal: { name: "alice", kind },
  claims: new ClaimSet([]),
  issuer: "https://sts.example",
  id: "_1",
  expires,
  digest,
  text: kind === "username" ? undefined : `<a>${digest}</a>`,
  replay: [],
});

function scene(answer: (asked: PresentedToken) => unknown = () => "valid", revalidateAfterSeconds?: number) {
  const asked: PresentedToken[] = [];
  const source = {
    statusOf: async (presented: PresentedToken) => {
      asked.push(presented);
      return (await answer(presented)) as "valid";
    },
  };
  const validation = new TokenValidation(source, revalidateAfterSeconds);
  const require = async (one: ValidatedToken, now = noon) => {
    try {
      await validation.requireAll([one], now, performance.now() + 1000);
    } catch (error) {
      if (isCountersignError(error)) return error.code;
      throw error;
    }
    return "accepted";
  };
  return { asked, require };
}

describe("asking about tokens that hold here", () => {
  it("accepts a good answer, and shows the token whole", async () => {
    const { asked, require } = scene();
    expect(await require(token("a"))).toBe("accepted");
    expect(asked).toEqual([{ kind: "saml2", issuer: "https://sts.example", id: "_1", text: "<a>a</a>" }]);
  });

  it("accepts a good answer for 60 s, and not for another token", async () => {
    const { asked, require } = scene();
    for (const now of [noon, noon + 59_999]) await require(token("a"), now);
    expect(asked).toHaveLength(1);
    await require(token("a"), noon + 60_000);
    expect(asked).toHaveLength(2);
    await require(token("b"), noon + 60_000);
    expect(asked).toHaveLength(3);
  });

  it("accepts a good answer no longer than the token lives, nor before it was given", async () => {
    const { asked, require } = scene();
    await require(token("a", noon + 10_000));
    await require(token("a", noon + 10_000), noon + 10_000);
    expect(asked).toHaveLength(2);
    await require(token("b"));
    await require(token("b"), noon - 1);
    expect(asked).toHaveLength(4);
  });

  it("accepts nothing unasked where no answer is to be kept", async () => {
    const { asked, require } = scene(undefined, 0);
    for (let times = 0; times < 3; times++) await require(token("a"));
    expect(asked).toHaveLength(3);
  });

  it("accepts many callers with one question", async () => {
    const { asked, require } = scene(() => new Promise((resolve) => setTimeout(resolve, 5, "valid")));
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => require(token("a"))));
    expect([asked.length, new Set(outcomes)]).toEqual([1, new Set(["accepted"])]);
  });

  it("accepts tokens beyond what it can keep: it asks again", async () => {
    const { asked, require } = scene();
    for (let index = 0; index < 10_001; index++) await require(token(String(index)));
    expect(await require(token("0"))).toBe("accepted");
    expect(asked).toHaveLength(10_002);
  });

  it("accepts passwords without a question", async () => {
    const { asked, require } = scene(() => "invalid");
    expect(await require(token("a", noon, "username"))).toBe("accepted");
    expect(asked).toEqual([]);
  });

  it.each(["invalid", "VALID", true, undefined, null, {}])("rejects the answer %j, and asks again", async (answer) => {
    const { asked, require } = scene(() => answer);
    expect([await require(token("a")), await require(token("a"))]).toEqual(["ERR_TOKEN_REVOKED", "ERR_TOKEN_REVOKED"]);
    expect(asked).toHaveLength(2);
  });

  it("rejects with an outage where nobody answers, and keeps nothing of it", async () => {
    const state = { out: true };
    const { require } = scene(() => (state.out ? Promise.reject(new TypeError("gone")) : "valid"));
    expect(await require(token("a"))).toBe("ERR_UNAVAILABLE");
    state.out = false;
    expect(await require(token("a"))).toBe("accepted");
    const unreachable = scene(() => refuse("ERR_STS_UNREACHABLE", "down"));
    expect(await unreachable.require(token("a"))).toBe("ERR_STS_UNREACHABLE");
    const silent = scene(() => new Promise(() => undefined));
    expect(await silent.require(token("a"))).toBe("ERR_UNAVAILABLE");
  });
});
