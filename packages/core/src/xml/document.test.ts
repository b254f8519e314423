import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { canonicalize, exclusive, registerName, scan, XmlDocument } from "./index.js";

const item = registerName("urn:x", "item");
const other = registerName("urn:y", "item");
const plainId = registerName("", "Id");

const read = (text: string) => scan(Buffer.from(text));

describe("an XmlDocument", () => {
  it("knows names, prefixes and namespaces", () => {
    const document = read('<a xmlns="urn:x" xmlns:q="urn:y"><item/><q:item/><b xmlns=""><item/></b></a>');
    expect(document.elementCount).toBe(5);
    expect(document.name(1)).toBe(item);
    expect(document.name(2)).toBe(other);
    expect(document.name(4)).not.toBe(item);
    expect([document.prefix(2), document.localName(2), document.qualifiedName(2)]).toEqual(["q", "item", "q:item"]);
    expect([0, 1, 2, 3, 4].map((element) => document.namespace(element))).toEqual(["urn:x", "urn:x", "urn:y", "", ""]);
    expect(document.namespaceOf(4, "")).toBeUndefined();
    expect(document.namespaceOf(4, "q")).toBe("urn:y");
    expect(document.namespaceOf(0, "xml")).toBe("http://www.w3.org/XML/1998/namespace");
    expect(document.namespaceOf(0, "none")).toBeUndefined();
  });

  it("walks from element to element", () => {
    const document = read("<a><b><c/><d/></b><e/></a>");
    expect([0, 1, 2, 3, 4].map((element) => document.parent(element))).toEqual([-1, 0, 1, 1, 0]);
    expect([0, 1, 2, 3, 4].map((element) => document.firstChild(element))).toEqual([1, 2, -1, -1, -1]);
    expect([0, 1, 2, 3, 4].map((element) => document.nextSibling(element))).toEqual([-1, 4, 3, -1, -1]);
    expect([0, 1, 2, 3, 4].map((element) => document.after(element))).toEqual([5, 4, 3, 4, 5]);
    const children = read('<a><x/><item xmlns="urn:y"/><item xmlns="urn:x"/></a>');
    expect([children.child(0, item), children.child(0, other), children.child(1, item)]).toEqual([3, 2, -1]);
    expect(() => document.name(5)).toThrow(RangeError);
    expect(() => document.name(-1)).toThrow(RangeError);
  });

  it("knows the offsets of tags", () => {
    const text = "<a>é<b x='>'>y</b ><c/></a>";
    const document = read(text);
    const octets = Buffer.from(text);
    const slice = (from: number, to: number) => octets.subarray(from, to).toString();
    expect(slice(document.start(1), document.end(1))).toBe("<b x='>'>y</b >");
    expect(slice(document.contentStart(1), document.contentEnd(1))).toBe("y");
    expect(slice(document.start(2), document.end(2))).toBe("<c/>");
    expect(document.contentStart(2)).toBe(document.contentEnd(2));
  });

  it.each([
    ["plain", "plain"],
    ["", ""],
    ["a<!-- no -->b", "ab"],
    ["admin@x<!---->.evil", "admin@x.evil"],
    ["a<![CDATA[<b> & ]]]]>c", "a<b> & ]]c"],
    ["<![CDATA[]]>", ""],
    ["&lt;&gt;&amp;&apos;&quot;&#65;&#x1F600;&#xe9;", "<>&'\"A😀é"],
    ["a\r\nb\rc\n", "a\nb\nc\n"],
    ["<![CDATA[a\r\nb\rc]]>\r", "a\nb\nc\n"],
    ["a&#13;b", "a\rb"],
    ["é名😀\uffee", "é名😀\uffee"],
  ])("reads the text %j as %j", (content, text) => {
    const document = read(`<a><b>${content}</b></a>`);
    expect(document.text(1)).toBe(text);
    expect(document.text(0)).toBeUndefined();
  });

  it("reads no text of an element that has elements", () => {
    expect(read("<a>x<b/></a>").text(0)).toBeUndefined();
    expect(read("<a>x<!----></a>").text(0)).toBe("x");
    expect(read("<a/>").text(0)).toBe("");
  });

  it.each([
    ['"a"', "a"],
    ["'\"'", '"'],
    ['" a\tb\nc\r\nd\re "', " a b c d e "],
    ['"&#9;&#10;&#13;&lt;&amp;&quot;é"', '\t\n\r<&"é'],
  ])("reads the value %j as %j", (written, value) => {
    const document = read(`<a xmlns:p="urn:x" Id=${written} p:item=${written} z=""/>`);
    expect(document.attribute(0, plainId)).toBe(value);
    expect(document.attribute(0, item)).toBe(value);
    expect(document.attribute(0, other)).toBeUndefined();
    expect(document.attributeCount(0)).toBe(3);
    expect(document.attributes(0)).toEqual([
      { namespace: "", localName: "Id", value },
      { namespace: "urn:x", localName: "item", value },
      { namespace: "", localName: "z", value: "" },
    ]);
  });

  it("collects whatever may be an identifier", () => {
    const document = read(
      '<a Id="1" Idx="2"><b xmlns:p="urn:x" p:ID="3" xml:id="4" ids="5"/><c AssertionID="6" iD="7"/></a>',
    );
    expect(document.ids.map(({ element, value }) => [element, value])).toEqual([
      [0, "1"],
      [1, "3"],
      [1, "4"],
      [2, "6"],
    ]);
    expect(document.ids[0]?.attribute).toBe(plainId);
  });

  it("knows line, column and path", () => {
    const document = read("<a>\r\n<p:b xmlns:p='urn:x'>é<c/>\n</p:b>\r<d/><d>\n  <e/></d></a>");
    expect(document.place(0)).toEqual({ line: 1, column: 1, path: "/a" });
    expect(document.place(2)).toEqual({ line: 2, column: 23, path: "/a/p:b/c" });
    expect(document.place(5)).toEqual({ line: 5, column: 3, path: "/a/d[2]/e" });
    expect(document.placeAt(document.end(2))).toEqual({ line: 2, column: 27, path: "/a/p:b" });
  });

  it("stays as it is while others are scanned", () => {
    const kept = read('<a xmlns:p="urn:x"><p:item Id="kept">text</p:item></a>');
    for (let i = 0; i < 500; i++) read(`<b${i} xmlns:p="urn:y" Id="${i}"><p:item/></b${i}>`);
    expect([kept.name(1), kept.text(1), kept.ids[0]?.value]).toEqual([item, "text", "kept"]);
  });

  it("keeps the octets it was given, without byte order mark", () => {
    const octets = Buffer.from("\ufeff<a/>");
    expect(read("\ufeff<a/>").bytes.toString()).toBe("<a/>");
    expect(scan(new Uint8Array(octets)).bytes.buffer).not.toBe(octets.buffer);
    expect(scan(octets).bytes.buffer).toBe(octets.buffer);
    expect(scan(Buffer.from("\ufeff<a>é</a>", "utf16le")).bytes.toString()).toBe("<a>é</a>");
  });

  it.each([
    ["private octets", (text: string) => Buffer.from(text)],
    [
      "shared octets",
      (text: string) => {
        const octets = Buffer.from(new SharedArrayBuffer(Buffer.byteLength(text)));
        octets.write(text);
        return octets;
      },
    ],
    ["UTF-16", (text: string) => Buffer.from(text, "utf16le")],
  ])("goes to another thread with %s", (_what, encode) => {
    const octets = encode('\ufeff<a xmlns="urn:x"><item Id="1" é="2"/><unknown/></a>');
    const here = scan(octets);
    const there = XmlDocument.fromTransfer(octets, structuredClone(here.toTransfer()));
    expect([there.child(0, item), there.child(0, other)]).toEqual([1, -1]);
    expect([there.name(1), there.localName(2), there.namespace(2)]).toEqual([item, "unknown", "urn:x"]);
    expect(there.attributes(1)).toEqual(here.attributes(1));
    expect(there.attribute(1, plainId)).toBe("1");
    expect(there.ids).toEqual([{ element: 1, attribute: plainId, value: "1" }]);
    expect(Buffer.from(canonicalize(there, 0, exclusive)).toString()).toBe(
      '<a xmlns="urn:x"><item Id="1" é="2"></item><unknown></unknown></a>',
    );
  });

  it("names the place of a refusal, with the elements around it", () => {
    try {
      read("<s:a xmlns:s='urn:s'>\n  <b/><b>&nbsp;</b></s:a>");
      expect.fail("accepted");
    } catch (error) {
      if (!isCountersignError(error)) throw error;
      expect(error.detail.place?.()).toEqual({ line: 2, column: 10, path: "/s:a/b[2]" });
    }
  });
});
