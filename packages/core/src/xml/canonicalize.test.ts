import { describe, expect, it } from "vitest";
import { type CanonicalForm, type CanonicalOptions, canonicalize, canonicalizeTo, exclusive, scan } from "./index.js";

const inclusive: CanonicalForm = { method: "inclusive", comments: false };

/** The canonical form of the n-th element: collected and handed to a sink, which must be the same. */
function canonical(text: string, element = 0, form: CanonicalForm = exclusive, options?: CanonicalOptions): string {
  const document = scan(Buffer.from(text));
  const pieces: Buffer[] = [];
  canonicalizeTo(document, element, form, { update: (octets) => pieces.push(Buffer.from(octets)) }, options);
  const collected = Buffer.from(canonicalize(document, element, form, options)).toString();
  expect(Buffer.concat(pieces).toString()).toBe(collected);
  return collected;
}

describe("Exclusive XML Canonicalization 1.0", () => {
  it.each([
    ["a declaration where it is used", '<a xmlns:p="urn:p"><p:b/></a>', 0, '<a><p:b xmlns:p="urn:p"></p:b></a>'],
    [
      "what ancestors declare",
      '<a xmlns="urn:a" xmlns:p="urn:p"><b p:c=""/></a>',
      1,
      '<b xmlns="urn:a" xmlns:p="urn:p" p:c=""></b>',
    ],
    [
      "a prefix again behind its scope",
      '<a><p:b xmlns:p="urn:p"><p:c/></p:b><p:b xmlns:p="urn:p"/></a>',
      0,
      '<a><p:b xmlns:p="urn:p"><p:c></p:c></p:b><p:b xmlns:p="urn:p"></p:b></a>',
    ],
    [
      "a prefix bound anew",
      '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"><p:c xmlns:p="urn:p"/></p:b></p:a>',
      0,
      '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"><p:c xmlns:p="urn:p"></p:c></p:b></p:a>',
    ],
    ["the default undeclared", '<a xmlns="urn:a"><b xmlns=""/></a>', 0, '<a xmlns="urn:a"><b xmlns=""></b></a>'],
    ["no default undeclared for nothing", '<a><b xmlns=""/></a>', 0, "<a><b></b></a>"],
    ["an & in a namespace", '<p:a xmlns:p="urn:p?a&amp;b"/>', 0, '<p:a xmlns:p="urn:p?a&amp;b"></p:a>'],
    [
      "namespaces that differ in spelling only",
      '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:&#112;"/></p:a>',
      0,
      '<p:a xmlns:p="urn:p"><p:b></p:b></p:a>',
    ],
    [
      "attributes by namespace, then name",
      '<a xmlns:q="urn:1" xmlns:p="urn:2" p:a="" z="" q:b="" q:a="" b=""/>',
      0,
      '<a xmlns:p="urn:2" xmlns:q="urn:1" b="" z="" q:a="" q:b="" p:a=""></a>',
    ],
    [
      "xml: attributes last by their name",
      '<a xml:lang="" xmlns:z="urn:z" z:a="" b=""/>',
      0,
      '<a xmlns:z="urn:z" b="" xml:lang="" z:a=""></a>',
    ],
  ])("writes %s", (_what, text, element, expected) => {
    expect(canonical(text, element)).toBe(expected);
  });

  it("keeps apart a namespace with & and one that looks like its spelling", () => {
    const text = '<e xmlns:p="urn:x?a&amp;amp;b"><p:a/><f xmlns:p="urn:x?a&amp;b"><p:a/></f></e>';
    const document = scan(Buffer.from(text));
    expect(document.name(1)).not.toBe(document.name(3));
    expect(document.namespace(3)).toBe("urn:x?a&b");
    expect(canonical(text)).toBe(
      '<e><p:a xmlns:p="urn:x?a&amp;amp;b"></p:a><f><p:a xmlns:p="urn:x?a&amp;b"></p:a></f></e>',
    );
  });

  it("writes listed prefixes where they are in scope, whatever is listed besides", () => {
    const text = '<a xmlns="urn:a" xmlns:p="urn:p" xmlns:q="urn:q"><q:b><c xmlns:p="urn:r"/></q:b></a>';
    const form = { ...exclusive, inclusivePrefixes: ["p", "none", "p"] };
    expect(canonical(text, 1, form)).toBe(
      '<q:b xmlns:p="urn:p" xmlns:q="urn:q"><c xmlns="urn:a" xmlns:p="urn:r"></c></q:b>',
    );
    const everything = { ...exclusive, inclusivePrefixes: ["#default", "p"] };
    expect(canonical(text, 1, everything)).toBe(
      '<q:b xmlns="urn:a" xmlns:p="urn:p" xmlns:q="urn:q"><c xmlns:p="urn:r"></c></q:b>',
    );
  });
});

describe("canonical octets", () => {
  it("are those of the message where they do not differ", () => {
    const text = '<o><a xmlns="urn:a" b="c"><d>text &amp; text</d></a></o>';
    const octets = Buffer.from(text);
    const document = scan(octets);
    const view = canonicalize(document, 1, exclusive);
    expect(view.buffer).toBe(octets.buffer);
    expect(Buffer.from(view).toString()).toBe(text.slice(3, -4));
    const changed = canonicalize(scan(Buffer.from(text.replace("text &amp;", "text &#38;"))), 1, exclusive);
    expect(Buffer.from(changed).toString()).toBe(text.slice(3, -4));
  });

  it("belong to the caller where they differ", () => {
    const first = canonicalize(scan(Buffer.from("<a>one<b/></a>")), 0, exclusive);
    const large = canonicalize(scan(Buffer.from(`<a>${"<b/>".repeat(50_000)}</a>`)), 0, exclusive);
    canonicalize(scan(Buffer.from("<a>two<b/></a>")), 0, exclusive);
    expect(Buffer.from(first).toString()).toBe("<a>one<b></b></a>");
    expect(large.length).toBe(7 + 50_000 * 7);
  });

  it("leave out subtrees, and nothing else", () => {
    const text = "<a>1<b><c/></b>2<d>\r</d>3<e/></a>";
    expect(canonical(text, 0, exclusive, { without: 1 })).toBe("<a>12<d>\n</d>3<e></e></a>");
    expect(canonical(text, 0, exclusive, { without: [4, 1] })).toBe("<a>12<d>\n</d>3</a>");
    expect(canonical(text, 0, exclusive, { without: [1, 2] })).toBe("<a>12<d>\n</d>3<e></e></a>");
    expect(canonical(text, 3, exclusive, { without: 1 })).toBe("<d>\n</d>");
    expect(() => canonical(text, 1, exclusive, { without: 1 })).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_SECURITY" }),
    );
    expect(() => canonical(text, 1, exclusive, { without: 0 })).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_SECURITY" }),
    );
  });

  it("forget what a left out subtree would have rendered", () => {
    const text = '<a><p:b xmlns:p="urn:p"/><p:c xmlns:p="urn:p"/></a>';
    expect(canonical(text, 0, exclusive, { without: 1 })).toBe('<a><p:c xmlns:p="urn:p"></p:c></a>');
  });

  it("have the comments around the root for the whole document only", () => {
    const text = '<?xml version="1.0"?>\n<!--1--><a><!--2--></a>\n<!--3-->\n';
    const comments = { ...exclusive, comments: true };
    expect(canonical(text, 0, comments, { document: true })).toBe("<!--1-->\n<a><!--2--></a>\n<!--3-->");
    expect(canonical(text, 0, comments)).toBe("<a><!--2--></a>");
    expect(canonical(text, 0, exclusive, { document: true })).toBe("<a></a>");
  });

  it("are written in one piece or many, whatever the length of text", () => {
    for (const length of [1, 3, 4, 5, 255, 256, 257, 4_095, 4_096, 8_192, 70_000]) {
      const run = "x".repeat(length);
      expect(canonical(`<a>${run}>${run}<b/>${run}\r</a>`)).toBe(`<a>${run}&gt;${run}<b></b>${run}\n</a>`);
      expect(canonical(`<a><![CDATA[${"<".repeat(length)}]]></a>`)).toBe(`<a>${"&lt;".repeat(length)}</a>`);
    }
  });
});

describe("Canonical XML 1.0", () => {
  it("writes everything in scope, and xml: attributes of ancestors", () => {
    const text = '<a xmlns:p="urn:p" xmlns="urn:a" xml:lang="en" xml:id="i"><b xmlns="" xmlns:q="urn:q"/></a>';
    expect(canonical(text, 1, inclusive)).toBe('<b xmlns:p="urn:p" xmlns:q="urn:q" xml:id="i" xml:lang="en"></b>');
    expect(canonical(text, 1, { method: "inclusive11", comments: false })).toBe(
      '<b xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="en"></b>',
    );
    expect(canonical(text, 1)).toBe("<b></b>");
  });
});
