import { describe, expect, it } from "vitest";
import type { IssuedToken } from "./issued-token.js";
import { TokenCache } from "./token-cache.js";

const token = (expires: number | undefined): IssuedToken => ({
  xml: "<t/>",
  id: "t",
  appliesTo: "urn:orders",
  keyType: "bearer",
  expires,
  attachedReference: undefined,
});

describe("the token cache", () => {
  it("accepts a token until its margin, and gets a new one from then on", async () => {
    let now = 0;
    const cache = new TokenCache(10, () => now);
    const first = token(100);
    expect(await cache.get("k", async () => first)).toBe(first);
    now = 89;
    expect(await cache.get("k", async () => token(200))).toBe(first);
    now = 90;
    expect(await cache.get("k", async () => token(200))).not.toBe(first);
  });

  it("asks for the next token in the last fifth of a life, earlier for some, and lets nobody wait", async () => {
    for (const [random, from] of [
      [0, 81_000],
      [0.999999, 72_001],
    ] as const) {
      let now = 0;
      let calls = 0;
      let answer = (_: IssuedToken) => {};
      const next = () => {
        calls++;
        return new Promise<IssuedToken>((resolve) => {
          answer = resolve;
        });
      };
      const cache = new TokenCache(
        10_000,
        () => now,
        () => random,
      );
      const first = token(100_000);
      await cache.get("k", async () => first);
      now = from - 2;
      await cache.get("k", next);
      expect(calls).toBe(0);
      now = from;
      for (let times = 0; times < 3; times++) expect(await cache.get("k", next)).toBe(first);
      expect(calls).toBe(1);
      const second = token(200_000);
      answer(second);
      await expect.poll(() => cache.get("k", next)).toBe(second);
      expect(calls).toBe(1);
    }
  });

  it("asks at most a minute ahead, and again five seconds after a renewal that failed", async () => {
    let now = 0;
    let calls = 0;
    const fail = async () => {
      calls++;
      throw new TypeError("no");
    };
    const cache = new TokenCache(
      0,
      () => now,
      () => 1,
    );
    const long = token(36_000_000);
    await cache.get("k", async () => long);
    for (const [time, expected] of [
      [35_939_999, 0],
      [35_940_000, 1],
      [35_944_999, 1],
      [35_945_000, 2],
    ] as const) {
      now = time;
      expect(await cache.get("k", fail)).toBe(long);
      expect(calls).toBe(expected);
      await Promise.resolve();
    }
    now = 36_000_000;
    await expect(cache.get("k", fail)).rejects.toThrow("no");
  });

  it("keeps nothing that was asked for before it was cleared", async () => {
    let answer = (_: IssuedToken) => {};
    const cache = new TokenCache(0, () => 0);
    const late = cache.get("k", () => new Promise((resolve) => (answer = resolve)));
    cache.clear();
    const fresh = token(100);
    answer(token(100));
    await late;
    expect(await cache.get("k", async () => fresh)).toBe(fresh);
  });

  it("asks once for a thousand callers of one token that has ended", async () => {
    let now = 0;
    let calls = 0;
    const cache = new TokenCache(10, () => now);
    await cache.get("k", async () => token(100));
    now = 100;
    const obtain = async () => {
      calls++;
      return token(200);
    };
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => cache.get("k", obtain)));
    expect(new Set(tokens).size).toBe(1);
    expect(calls).toBe(1);
  });

  it("never keeps a token without an end, or one that is over", async () => {
    const cache = new TokenCache(10, () => 0);
    for (const expires of [undefined, 10, -1]) {
      let calls = 0;
      const obtain = async () => {
        calls++;
        return token(expires);
      };
      await cache.get("k", obtain);
      await cache.get("k", obtain);
      expect(calls).toBe(2);
    }
  });

  it("asks once for callers at the same time, and again after a rejection", async () => {
    const cache = new TokenCache(10, () => 0);
    let calls = 0;
    const fail = async () => {
      calls++;
      throw new TypeError("no");
    };
    await expect(Promise.all([cache.get("k", fail), cache.get("k", fail)])).rejects.toThrow("no");
    expect(calls).toBe(1);
    const live = token(100);
    expect(await cache.get("k", async () => live)).toBe(live);
    expect(await cache.get("other", async () => token(100))).not.toBe(live);
  });

  it("keeps a thousand tokens and lets the oldest go", async () => {
    const cache = new TokenCache(10, () => 0);
    for (let index = 0; index <= 1000; index++) await cache.get(String(index), async () => token(100));
    let calls = 0;
    const count = async () => {
      calls++;
      return token(100);
    };
    await cache.get("1000", count);
    expect(calls).toBe(0);
    await cache.get("0", count);
    expect(calls).toBe(1);
  });

  it("J5 makes keys of 256 bits in which parts cannot run into each other", () => {
    const keys = [["a", "b"], ["ab"], ["a,b"], ['a","b'], ["a", undefined], ["a", "null"], ["a"], ["b", "a"]].map(
      (parts) => TokenCache.keyOf(parts),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});
