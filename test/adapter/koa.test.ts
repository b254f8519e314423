import { describe, expect, it } from "vitest";
import { runContract, titles } from "./contract.js";
import { exceptions } from "./exceptions.js";
import { koaFramework } from "./koa.js";

describe("the adapter contract on koa", () => {
  runContract(koaFramework);

  it("declares exceptions for existing cases only, each with a reason", () => {
    for (const { title, reason } of exceptions) {
      expect(titles).toContain(title);
      expect(reason).not.toBe("");
    }
    expect(new Set(titles).size).toBe(titles.length);
  });
});
