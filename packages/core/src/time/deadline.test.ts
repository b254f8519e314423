import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { disregard, withinDeadline } from "./deadline.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("withinDeadline", () => {
  it("accepts a value that is there at once, without a timer", () => {
    for (const value of [1, "a", undefined, null, { a: 1 }]) expect(withinDeadline(value, 10, "it")).toBe(value);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("accepts an answer before the deadline, and rejects one after it with ERR_UNAVAILABLE", async () => {
    const after = (milliseconds: number) =>
      new Promise<string>((resolve) => setTimeout(() => resolve("answer"), milliseconds));
    const early = Promise.resolve(withinDeadline(after(9), 10, "the store"));
    const late = expect(withinDeadline(after(11), 10, "the store")).rejects.toMatchObject({
      code: "ERR_UNAVAILABLE",
      detail: { reason: "the store did not answer within 10 ms" },
    });
    await vi.advanceTimersByTimeAsync(20);
    expect(await early).toBe("answer");
    await late;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("hands on a rejection, and leaves none unhandled that comes too late", async () => {
    await expect(withinDeadline(Promise.reject(new RangeError("down")), 10, "it")).rejects.toThrow("down");
    const late = new Promise((_, reject) => setTimeout(() => reject(new RangeError("too late")), 20));
    const outcome = expect(withinDeadline(late, 10, "it")).rejects.toMatchObject({ code: "ERR_UNAVAILABLE" });
    await vi.advanceTimersByTimeAsync(30);
    await outcome;
  });

  it("rejects with ERR_UNAVAILABLE where no time is left", async () => {
    const never = expect(withinDeadline(new Promise(() => undefined), -5, "it")).rejects.toMatchObject({
      code: "ERR_UNAVAILABLE",
    });
    await vi.advanceTimersByTimeAsync(2);
    await never;
  });
});

describe("disregard", () => {
  it("accepts anything, and leaves no rejection unhandled", async () => {
    for (const answer of [undefined, null, 1, "a", {}, Promise.reject(new RangeError("down"))]) {
      expect(disregard(answer)).toBeUndefined();
    }
    await vi.advanceTimersByTimeAsync(1);
  });
});
