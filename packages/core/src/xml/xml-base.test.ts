import { describe, expect, it } from "vitest";
import { joinReferences, removeDotSegments } from "./xml-base.js";

describe("Canonical XML 1.1, Appendix A: remove-dot-segments", () => {
  it.each([
    ["no/..//.///seg/file.ext", "seg/file.ext"],
    ["no/../yes/", "yes/"],
    ["../../no/../..", "../../../"],
    ["no/..", ""],
    ["./.", ""],
    ["/a/b/c/./../../g", "/a/g"],
    ["..yes/..no/..no/..no/../../../..yes", "..yes/..yes"],
    ["//no/..", "/"],
    ["/../..", "/"],
    ["yes/no/no/..", "yes/no/"],
  ])("makes %j into %j", (path, expected) => {
    expect(removeDotSegments(path)).toBe(expected);
  });
});

describe("Canonical XML 1.1, section 2.4: join-URI-References", () => {
  it.each([
    ["http://a/b/c?q", "d", "http://a/b/d"],
    ["http://a/b/", "../c#f", "http://a/c"],
    ["http://a", "b", "http://a/b"],
    ["http://a/b?q", "", "http://a/b?q"],
    ["http://a/b", "//c/d", "http://c/d"],
    ["http://a/b", "urn:c", "urn:c"],
    ["../b/", "c", "../b/c"],
    ["..", "c", "../c"],
    ["b", "../../c", "../../c"],
  ])("joins %j and %j to %j", (base, reference, expected) => {
    expect(joinReferences(base, reference)).toBe(expected);
  });
});
