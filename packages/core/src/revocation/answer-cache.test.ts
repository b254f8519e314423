import { describe, expect, it } from "vitest";
import { AnswerCache, type KeptAnswer } from "./answer-cache.js";

const minute = 60_000;

/** A cache with a clock of its own, and answers that count how often they were asked for. */
function cacheOf(answer: Partial<KeptAnswer> = {}) {
  let elapsed = 0;
  let asked = 0;
  let down = false;
  const cache = new AnswerCache<KeptAnswer>({ maxAge: 10 * minute, elapsed: () => elapsed });
  const ask = async () => {
    asked++;
    if (down) throw new RangeError("down");
    return { thisUpdate: 0, validUntil: 60 * minute, octets: 1, ...answer };
  };
  return {
    get: (key = "a", now = 0) => cache.get(key, now, ask),
    at: (key = "a", now = 0) => cache.at(key, now, ask),
    pass(milliseconds: number) {
      elapsed += milliseconds;
    },
    fail(fails: boolean) {
      down = fails;
    },
    get asked() {
      return asked;
    },
  };
}

describe("AnswerCache", () => {
  it("accepts one answer for all who ask at a time, and another for another key", async () => {
    const cache = cacheOf();
    await Promise.all([cache.get(), cache.get(), cache.get("b"), cache.get()]);
    expect(cache.asked).toBe(2);
    expect(cache.at()).toBeDefined();
    expect(cache.at("c")).toBeUndefined();
    expect(cache.asked).toBe(2);
  });

  it("accepts an answer up to its last moment, and rejects it after", async () => {
    const cache = cacheOf({ validUntil: 5 * minute });
    await cache.get();
    expect(cache.at("a", 5 * minute)).toBeDefined();
    expect(cache.at("a", 5 * minute + 1)).toBeUndefined();
  });

  it("accepts without asking for four fifths of the age, and asks behind it at the whole age, not for all keys at one moment", async () => {
    const cache = cacheOf();
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => cache.get(key)));
    cache.pass(8 * minute - 1);
    for (const key of keys) expect(cache.at(key)).toBeDefined();
    expect(cache.asked).toBe(100);
    cache.pass(minute);
    for (const key of keys) expect(cache.at(key)).toBeDefined();
    await new Promise(setImmediate);
    expect(cache.asked).toBeGreaterThan(110);
    expect(cache.asked).toBeLessThan(190);
    cache.pass(minute + 1);
    for (const key of keys) cache.at(key);
    expect(cache.asked).toBe(200);
  });

  it("rejects while a failure is remembered without asking, and accepts when that is over", async () => {
    const cache = cacheOf();
    cache.fail(true);
    for (let i = 0; i < 5; i++) await expect(cache.get()).rejects.toThrow("down");
    expect(cache.asked).toBe(1);
    cache.fail(false);
    cache.pass(29_999);
    await expect(cache.get()).rejects.toThrow("down");
    cache.pass(1);
    await expect(cache.get()).resolves.toMatchObject({ octets: 1 });
    expect(cache.asked).toBe(2);
  });

  it("accepts the answer at hand while the source is down, and asks once in the cool-down", async () => {
    const cache = cacheOf();
    await cache.get();
    cache.fail(true);
    cache.pass(10 * minute);
    for (let i = 0; i < 5; i++) {
      expect(cache.at()).toBeDefined();
      await new Promise(setImmediate);
    }
    expect(cache.asked).toBe(2);
  });

  it("keeps no more than 1,000 answers and 32 MiB", async () => {
    const many = cacheOf();
    for (let i = 0; i <= 1_000; i++) await many.get(`key ${i}`);
    expect([many.at("key 0"), many.at("key 1000")]).toEqual([undefined, expect.anything()]);
    const large = cacheOf({ octets: 10 << 20 });
    for (let i = 0; i < 4; i++) await large.get(`key ${i}`);
    expect([large.at("key 0"), large.at("key 3")]).toEqual([undefined, expect.anything()]);
  });
});
