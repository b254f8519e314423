import { describe, expect, it } from "vitest";
import { checkedClock, systemClock } from "./clock.js";

const told = (answer: unknown) => checkedClock({ now: () => answer as number }).now();
const refusal = (reason: string) =>
  expect.objectContaining({ code: "ERR_INTERNAL", detail: expect.objectContaining({ reason }) });

describe("checkedClock", () => {
  it("accepts every moment that a Date can hold", () => {
    for (const moment of [0, -1, 1.5, Date.UTC(2026, 10, 22), 8.64e15, -8.64e15]) expect(told(moment)).toBe(moment);
  });

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    8.64e15 + 1,
    undefined,
    null,
    "2026-11-22",
    1n,
    {},
    new Date(0),
    Promise.resolve(0),
  ])("rejects %s with ERR_INTERNAL", (answer) => {
    expect(() => told(answer)).toThrow(refusal("the clock told no time"));
  });

  it("leaves no rejection unhandled", () => {
    expect(() => told(Promise.reject(new RangeError("down")))).toThrow(refusal("the clock told no time"));
  });

  it("rejects with ERR_INTERNAL where the clock throws, and keeps the cause", () => {
    const cause = new RangeError("no time source");
    const clock = checkedClock({
      now() {
        throw cause;
      },
    });
    expect(() => clock.now()).toThrow(refusal("the clock failed"));
    expect(() => clock.now()).toThrow(expect.objectContaining({ cause }));
  });

  it("leaves the machine's clock as it is", () => {
    expect(checkedClock(systemClock)).toBe(systemClock);
  });
});
