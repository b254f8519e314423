import { describe, expect, it } from "vitest";
import { bounded } from "./bounded.js";

const soon = () => performance.now() + 30;

describe("bounded", () => {
  it("makes nothing of no callback", () => {
    expect(bounded(undefined, soon(), "accept[0].verify")).toBeUndefined();
  });

  it("accepts an answer in time, with what it was asked, and rejects a later one with ERR_UNAVAILABLE", async () => {
    const ask = (late: boolean) =>
      bounded(
        (a: number, b: number) => (late ? new Promise<number>(() => undefined) : Promise.resolve(a + b)),
        soon(),
        "accept[0].verify",
      )?.(1, 2);
    expect(await ask(false)).toBe(3);
    await expect(ask(true)).rejects.toMatchObject({
      code: "ERR_UNAVAILABLE",
      detail: { reason: expect.stringMatching(/^accept\[0\]\.verify did not answer within \d+ ms$/) },
    });
    expect(bounded(() => 5, soon(), "x")?.()).toBe(5);
  });

  it("rejects at once where no time is left, and hands on what the callback throws", async () => {
    const never = bounded(() => new Promise(() => undefined), performance.now() - 1_000, "x");
    await expect(never?.()).rejects.toMatchObject({ code: "ERR_UNAVAILABLE" });
    const failing = bounded(
      () => {
        throw new RangeError("down");
      },
      soon(),
      "x",
    );
    expect(failing).toThrow("down");
  });
});
