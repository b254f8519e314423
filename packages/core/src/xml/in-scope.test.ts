import { describe, expect, it } from "vitest";
import { namespacesInScope } from "./in-scope.js";
import { scan } from "./scan.js";

const scope = (text: string, element: number) =>
  Object.fromEntries(namespacesInScope(scan(Buffer.from(text)), element));

describe("namespacesInScope()", () => {
  it("finds what an element and its ancestors declare, the nearest of each prefix", () => {
    const text = '<a xmlns="urn:d" xmlns:p="urn:p"><b xmlns:p="urn:q" xmlns:é="urn:&amp;"><c/></b><d/></a>';
    expect(scope(text, 2)).toEqual({ "": "urn:d", p: "urn:q", é: "urn:&" });
    expect(scope(text, 3)).toEqual({ "": "urn:d", p: "urn:p" });
  });

  it("leaves out a default namespace that was taken back", () => {
    const text = '<a xmlns="urn:d"><b xmlns=""/></a>';
    expect(scope(text, 1)).toEqual({});
    expect(scope(text, 0)).toEqual({ "": "urn:d" });
  });
});
