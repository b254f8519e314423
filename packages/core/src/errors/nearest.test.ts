import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.js";

describe("nearest", () => {
  const names = ["audience", "attesters", "issuers", "over"];

  it.each([
    ["audence", "audience"],
    ["Audience", "audience"],
    ["atesters", "attesters"],
    ["issuer", "issuers"],
    ["ovr", "over"],
  ])("accepts %s as a slip of %s", (name, meant) => {
    expect(nearest(name, names)).toBe(meant);
  });

  it.each(["", "colour", "auXXXXce", "x".repeat(65)])("rejects %j as no name that is known", (name) => {
    expect(nearest(name, names)).toBeUndefined();
  });

  it("takes the closest of several", () => {
    expect(nearest("signed", ["signer", "sign", "signed-by"])).toBe("signer");
  });
});
