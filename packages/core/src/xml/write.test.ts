import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { canonicalize, element, escapeAttribute, escapeText, exclusive, scan } from "./index.js";

describe("the writer", () => {
  it("writes what is canonical as it stands", () => {
    const text = element(
      "p:a",
      {
        "xmlns:q": "urn:1",
        z: '"<>&\t\n\r',
        "xmlns:p": "urn:2",
        "p:b": "",
        "q:b": "",
        a: "'",
        xmlns: "urn:0",
        "xml:lang": "en",
      },
      element("b", {}, escapeText("<>&\r\n\t\"'é😀")),
      element("c", { Id: "é" }),
    );
    const form = { ...exclusive, inclusivePrefixes: ["#default", "p", "q"] };
    expect(Buffer.from(canonicalize(scan(Buffer.from(text)), 0, form)).toString()).toBe(text);
    expect(text).toBe(
      '<p:a xmlns="urn:0" xmlns:p="urn:2" xmlns:q="urn:1" a="\'" z="&quot;&lt;>&amp;&#x9;&#xA;&#xD;" xml:lang="en" q:b="" p:b="">' +
        '<b>&lt;&gt;&amp;&#xD;\n\t"\'é😀</b><c Id="é"></c></p:a>',
    );
  });

  it.each(["\u0000", "\u0008", "\u001f", "\ufffe", "\uffff", "\ud800", "a\udc00b"])(
    "rejects %j with ERR_CONFIG_INVALID",
    (text) => {
      for (const write of [escapeText, escapeAttribute, (value: string) => element("a", { b: value })]) {
        expect(() => write(text)).toThrow(ConfigurationError);
        expect(() => write("\t\n\r \ue000\ufffd😀")).not.toThrow();
      }
    },
  );

  it.each(["", "a b", "a:b:c", ":a", "1a", 'a="b"', "a/", "é"])(
    "rejects the name %j with ERR_CONFIG_INVALID",
    (name) => {
      expect(() => element(name, {})).toThrow(ConfigurationError);
      expect(() => element("a", { [name]: "" })).toThrow(ConfigurationError);
      expect(element("p:a-1._", {})).toBe("<p:a-1._></p:a-1._>");
    },
  );
});
