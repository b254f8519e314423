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
