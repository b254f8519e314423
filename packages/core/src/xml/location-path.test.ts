import { describe, expect, it } from "vitest";
import { compileLocationPath } from "./location-path.js";
import { scan } from "./scan.js";

const octets = Buffer.from(`<o:Order xmlns:o="urn:o" xmlns="urn:d" no="7" o:no="8">
  <o:User> ali<!-- x -->ce </o:User>
  <o:Line id="a"><o:Price>10.5</o:Price></o:Line>
  <o:Line id="b"><o:Price>2</o:Price></o:Line>
  <o:Line id="c"><o:Price><![CDATA[3]]></o:Price></o:Line>
  <Note>plain</Note><Empty/>
</o:Order>`);
const namespaces = { p: "urn:o", d: "urn:d" };
// Compiled before the message is scanned, as at start.
const read = (text: string, from?: number) => {
  const path = compileLocationPath(text, namespaces, "path");
  return path.read(scan(octets), from);
};

describe("compileLocationPath()", () => {
  it.each([
    ["/p:Order/p:User", " alice "],
    ["p:Order/p:User/text()", " alice "],
    ["/child::p:Order/child::p:Line[2]/attribute::id", "b"],
    ["/p:Order/@no", "7"],
    ["/p:Order/@p:no", "8"],
    ["/p:Order/p:Line[last()]/p:Price", "3"],
    ["/*/d:Note", "plain"],
    ["/*/*[6]", ""],
    ["count(/p:Order/p:Line)", "3"],
    ["count(/p:Order/p:Line/@id)", "3"],
    ["count(/p:Order/p:Absent)", "0"],
    ["sum(/p:Order/p:Line/p:Price)", "15.5"],
    ["sum(/p:Order/p:Line/p:Price) div count(/p:Order/p:Line)", String(15.5 / 3)],
    ["(count(/p:Order/*) mod 4) div 2", "1"],
    ["/p:Order/@no mod 4 mod 2", "1"],
    ["index(/p:Order/*[3])", "2"],
    ["index(/p:Order)", "1"],
    ["1 div 100000000", "0.00000001"],
  ])("accepts %s and reads %j", (text, value) => {
    expect(read(text)).toEqual({ found: "value", text: value });
  });

  it.each([
    ["/p:Order/p:Line", "several"],
    ["/p:Order/p:Line/@id", "several"],
    ["/p:Order/p:Line[4]", "none"],
    ["/p:Order/p:Line[1]/@other", "none"],
    ["/p:Order/User", "none"],
    ["/p:User", "none"],
    ["/@no", "none"],
    ["/p:Order/p:Line[1]", "unreadable"],
    ["1 div 0", "unreadable"],
    ["sum(/p:Order/d:Note)", "unreadable"],
    ["sum(/p:Order/p:Line)", "unreadable"],
    ["/p:Order/p:User mod 2", "unreadable"],
    ["/p:Order/p:Line div 2", "several"],
    ["2 div /p:Order/p:Absent", "none"],
    ["index(/p:Order/p:Line)", "several"],
    ["index(/p:Order/p:Absent)", "none"],
    ["index(/p:Order/@no)", "unreadable"],
  ])("reads no value by %s: %s", (text, found) => {
    expect(read(text)).toEqual({ found });
  });

  it("starts where the reader says, with or without a leading slash", () => {
    expect(read("/p:Line[1]/@id", 0)).toEqual({ found: "value", text: "a" });
    expect(read("p:Line[1]/@id", 0)).toEqual({ found: "value", text: "a" });
    expect(read("/p:Order/p:Line[1]/@id", 0)).toEqual({ found: "none" });
  });

  it("takes names without prefix from the default of its own namespaces, attributes never", () => {
    const path = (text: string) => {
      const compiled = compileLocationPath(text, { "": "urn:o" }, "path");
      return compiled.read(scan(octets));
    };
    expect(path("/Order/@no")).toEqual({ found: "value", text: "7" });
    expect(path("/Order/Note")).toEqual({ found: "none" });
  });

  it("finds the one element, and none for several, attributes and numbers", () => {
    const element = (text: string) => {
      const compiled = compileLocationPath(text, namespaces, "path");
      return compiled.element(scan(octets));
    };
    expect(element("/p:Order/p:Line[2]")).toBe(4);
    for (const text of ["/p:Order/p:Line", "/p:Order/@no", "count(/p:Order)", "/p:Order/p:Absent"]) {
      expect(element(text)).toBe(-1);
    }
  });

  it.each([
    "",
    "/",
    "//p:User",
    "/p:Order//p:User",
    "/p:Order/..",
    "/p:Order/.",
    "/p:Order/",
    "/p:Order/@*",
    "/p:Order/@no/p:User",
    "/p:Order/p:User/text()/p:Line",
    "text()",
    "/p:Order[@no='7']",
    "/p:Order[0]",
    "/p:Order[1.5]",
    "/p:Order[1",
    "/p:Order p:User",
    "ancestor::p:Order",
    "/p:Order | /p:User",
    "/p:Order + 1",
    "string(/p:Order)",
    "document(/p:Order)",
    "count(/p:Order",
    "count(1)",
    "/p:Order div",
    "$x",
    "/q:Order",
    "/constructor:Order",
    `/p:Order${"/p:Line".repeat(32)}`,
    `/${"a".repeat(1_024)}`,
    `${"(".repeat(9)}1${")".repeat(9)}`,
  ])("rejects %j with ERR_CONFIG_INVALID", (text) => {
    const expected = expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "schemes[0].user" });
    expect(() => compileLocationPath(text, namespaces, "schemes[0].user")).toThrow(expected);
  });

  it("reads a message that was scanned before the path was compiled", () => {
    const message = scan(Buffer.from('<l:late xmlns:l="urn:late" l:a="1" b="2"><l:c>x</l:c><c>y</c></l:late>'));
    const late = (text: string) => compileLocationPath(text, { l: "urn:late", m: "urn:other" }, "path").read(message);
    expect(late("/l:late/@l:a")).toEqual({ found: "value", text: "1" });
    expect(late("/l:late/@b")).toEqual({ found: "value", text: "2" });
    expect(late("/l:late/l:c")).toEqual({ found: "value", text: "x" });
    expect(late("/l:late/c")).toEqual({ found: "value", text: "y" });
    expect(late("/l:late/m:c")).toEqual({ found: "none" });
    expect(late("/l:late/@a")).toEqual({ found: "none" });
  });

  it("reads hostile breadth and depth in linear time", () => {
    const path = compileLocationPath("sum(/a/b/c) div count(/*/*/*[1])", {}, "path");
    const wide = scan(Buffer.from(`<a>${"<b><c>1</c></b>".repeat(8_000)}</a>`));
    const started = performance.now();
    for (let i = 0; i < 10; i++) expect(path.read(wide)).toEqual({ found: "value", text: "1" });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
