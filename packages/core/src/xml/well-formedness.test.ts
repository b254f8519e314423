import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { scan } from "./index.js";

/** "accepted", or the code of the refusal. */
function outcome(message: string | Uint8Array): string {
  try {
    scan(Buffer.from(message as string));
    return "accepted";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    expect(error.detail.reason).not.toBe("");
    error.detail.place?.();
    return error.code;
  }
}

const malformed = "ERR_XML_MALFORMED";
const forbidden = "ERR_XML_FORBIDDEN";
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
const utf16be = (text: string) => utf16(text).swap16();

/** What is accepted, and its twin with one thing changed. */
const twins: readonly (readonly [what: string, accepted: string | Buffer, refused: string | Buffer, code: string])[] = [
  ["an end tag", "<a></a>", "<a></b>", malformed],
  ["the whole of an end tag's name", "<ab></ab>", "<ab></a>", malformed],
  ["no more than an end tag's name", "<a></a>", "<a></ab>", malformed],
  ["white space in an end tag", "<a></a \r\n>", "<a></ a>", malformed],
  ["nesting", "<a><b></b></a>", "<a><b></a></b>", malformed],
  ["one root", "<a/>", "<a/><b/>", malformed],
  ["white space behind the root", "<a/>\n", "<a/>x", malformed],
  ["white space before the root", "\n<a/>", "x<a/>", malformed],
  ["something", "<a/>", "", malformed],
  ["an element", "<!-- c --><a/>", "<!-- c -->", malformed],
  ["a start", "<a></a>", "</a>", malformed],
  ["an end", "<a></a>", "<a>", malformed],
  ["an escaped <", "<a>&lt;</a>", "<a><</a>", malformed],
  ["an escaped &", "<a>&amp;</a>", "<a>&</a>", malformed],
  ["an escaped ]]>", "<a>]]&gt;</a>", "<a>]]></a>", malformed],
  ["]] and > apart", "<a>]] ></a>", "<a>x]]>x</a>", malformed],
  ["]] before a comment and >", "<a>]]<!---->></a>", "<a>]]]></a>", malformed],
  ["CDATA", "<a><![CDATA[<&>]]></a>", "<a><![CDATA[<&></a>", malformed],
  ["CDATA inside the root", "<a><![CDATA[]]></a>", "<![CDATA[]]><a/>", malformed],
  ["CDATA in capitals", "<a><![CDATA[]]></a>", "<a><![cdata[]]></a>", malformed],
  ["a comment", "<a><!-- - --></a>", "<a><!-- -- --></a>", malformed],
  ["a comment that ends", "<a><!----></a>", "<a><!--></a>", malformed],
  ["an attribute", '<a b="c"/>', "<a b=c/>", malformed],
  ["an attribute's value", '<a b=""/>', "<a b/>", malformed],
  ["a value's end", `<a b='"'/>`, `<a b='"/>`, malformed],
  ["white space between attributes", '<a b="" c=""/>', '<a b=""c=""/>', malformed],
  ["white space around =", '<a b = ""/>', '<a b = = ""/>', malformed],
  ["> in a value", '<a b=">"/>', '<a b="<"/>', malformed],
  ["a reference in a value", '<a b="&amp;"/>', '<a b="&"/>', malformed],
  ["different attributes", '<a b="" c=""/>', '<a b="" b=""/>', malformed],
  ["an empty-element tag", "<a />", "<a / >", malformed],
  ["a closed start tag", "<a><b/></a>", "<a<b/></a>", malformed],
  ["a character reference", "<a>&#65;&#x41;</a>", "<a>&#X41;</a>", malformed],
  ["a tab by reference", "<a>&#9;</a>", "<a>&#8;</a>", malformed],
  ["the last character", "<a>&#x10FFFF;</a>", "<a>&#x110000;</a>", malformed],
  ["a character beyond the surrogates", "<a>&#xE000;</a>", "<a>&#xDFFF;</a>", malformed],
  ["U+FFFD by reference", "<a>&#xFFFD;</a>", "<a>&#xFFFE;</a>", malformed],
  ["digits in a reference", "<a>&#0065;</a>", "<a>&#;</a>", malformed],
  ["U+FFFD", "<a>\ufffd</a>", "<a>\ufffe</a>", malformed],
  ["U+FFFD in a value", '<a b="\ufffd"/>', '<a b="\uffff"/>', malformed],
  ["U+FFFD in a comment", "<a><!--\ufffd--></a>", "<a><!--\uffff--></a>", malformed],
  ["a tab", "<a>\t</a>", "<a>\u0008</a>", malformed],
  ["a tab in a value", '<a b="\t"/>', '<a b="\u0000"/>', malformed],
  ["a tab in CDATA", "<a><![CDATA[\t]]></a>", "<a><![CDATA[\u001f]]></a>", malformed],
  ["U+007F and U+0085", "<a>\u007f\u0085</a>", "<a>\u007f\u0001</a>", malformed],
  ["names beyond ASCII", "<é名/>", "<é×/>", malformed],
  ["a name's first character", "<a1/>", "<1a/>", malformed],
  ["a name's other characters", "<a.-_·/>", "<a·,/>", malformed],
  ["the declaration", '<?xml version="1.0"?><a/>', '<?xml version="1.1"?><a/>', malformed],
  [
    "the declaration's order",
    '<?xml version="1.0" encoding="utf-8"?><a/>',
    '<?xml encoding="utf-8" version="1.0"?><a/>',
    malformed,
  ],
  ["UTF-8", '<?xml version="1.0" encoding="UTF-8"?><a/>', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', malformed],
  [
    "standalone",
    '<?xml version="1.0" standalone="no"?><a/>',
    '<?xml version="1.0" standalone="maybe"?><a/>',
    malformed,
  ],
  ["octets of UTF-8", Buffer.from("<a>é</a>"), Buffer.from("<a>é</a>", "latin1"), malformed],
  ["one byte order mark", "\ufeff<a/>", "\ufeff\ufeff<a/>", malformed],
  ["UTF-16 with its mark", utf16("<a>é</a>"), Buffer.from("<a/>", "utf16le"), malformed],
  [
    "big-endian UTF-16",
    utf16be('<?xml version="1.0" encoding="utf-16"?><a/>'),
    utf16be('<?xml version="1.0" encoding="utf-8"?><a/>'),
    malformed,
  ],
  ["whole UTF-16", utf16("<a/>"), utf16("<a/>").subarray(0, -1), malformed],
  ["paired surrogates", utf16("<a>😀</a>"), utf16("<a>\ud83d</a>"), malformed],
  ["no document type", "<a/>", "<!DOCTYPE a><a/>", forbidden],
  ["no document type with entities", "<a/>", '<!DOCTYPE a [<!ENTITY e "x">]><a/>', forbidden],
  ["no instruction in the root", "<a>x</a>", "<a><?p x?></a>", forbidden],
  ["no instruction before the root", "<a/>", "<?p x?><a/>", forbidden],
  ["no instruction behind the root", "<a/>", "<a/><?p x?>", forbidden],
  ["no second declaration", '<?xml version="1.0"?><a/>', ' <?xml version="1.0"?><a/>', forbidden],
  ["predefined entities", "<a>&apos;&quot;&gt;</a>", "<a>&nbsp;</a>", forbidden],
  ["predefined entities in a value", '<a b="&apos;"/>', '<a b="&e;"/>', forbidden],
  ["a bound prefix", '<p:a xmlns:p="urn:p"/>', '<q:a xmlns:p="urn:p"/>', malformed],
  ["a bound prefix of an attribute", '<a xmlns:p="urn:p" p:b=""/>', '<a xmlns:p="urn:p" q:b=""/>', malformed],
  ["a prefix inside its scope", '<a><b xmlns:p="urn:p"><p:c/></b></a>', '<a><b xmlns:p="urn:p"/><p:c/></a>', malformed],
  [
    "the default namespace undeclared",
    '<a xmlns="urn:a"><b xmlns=""/></a>',
    '<a xmlns:p="urn:a"><b xmlns:p=""/></a>',
    malformed,
  ],
  ["one colon", '<p:a xmlns:p="urn:p"/>', '<p:a:b xmlns:p="urn:p"/>', malformed],
  ["a colon inside", '<p:a xmlns:p="urn:p"/>', "<:a/>", malformed],
  ["a local part", '<p:a xmlns:p="urn:p"/>', '<p: xmlns:p="urn:p"/>', malformed],
  ["a prefix once", '<a xmlns:p="urn:p" xmlns:q="urn:p"/>', '<a xmlns:p="urn:p" xmlns:p="urn:p"/>', malformed],
  ["the default once", '<a xmlns="urn:p"/>', '<a xmlns="urn:p" xmlns="urn:q"/>', malformed],
  [
    "attributes of two namespaces",
    '<a xmlns:p="urn:p" xmlns:q="urn:q" p:b="" q:b=""/>',
    '<a xmlns:p="urn:p" xmlns:q="urn:p" p:b="" q:b=""/>',
    malformed,
  ],
  [
    "an attribute without and one with prefix",
    '<a xmlns="urn:p" xmlns:p="urn:p" b="" p:b=""/>',
    '<a xmlns:p="urn:p" p:b="" p:b=""/>',
    malformed,
  ],
  [
    "xml bound to its name",
    '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
    '<a xmlns:xml="urn:x"/>',
    malformed,
  ],
  [
    "xml bound once",
    '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
    '<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
    malformed,
  ],
  [
    "the name of xml for xml only",
    '<a xml:lang="en"/>',
    '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>',
    malformed,
  ],
  ["xmlns undeclared", '<a xmlns:p="urn:p"/>', '<a xmlns:xmlns="urn:p"/>', malformed],
  ["the name of xmlns for nobody", '<a xmlns:p="urn:p"/>', '<a xmlns:p="http://www.w3.org/2000/xmlns/"/>', malformed],
  ["an element named xmlns", "<xmlns/>", '<a xmlns:b="urn:b"><xmlns:b/></a>', malformed],
  ["an absolute namespace", '<a xmlns:p="urn:x"/>', '<a xmlns:p="../x"/>', forbidden],
  ["a scheme", '<a xmlns="http://x/y"/>', '<a xmlns="//x/y"/>', forbidden],
  ["ASCII namespaces", '<a xmlns="urn:x"/>', '<a xmlns="urn:\u0080"/>', forbidden],
  ["namespaces without white space", '<a xmlns="urn:x"/>', '<a xmlns=" urn:x"/>', forbidden],
  ["a namespace by reference", '<a xmlns="urn:&#120;"/>', '<a xmlns="urn:&#228;"/>', forbidden],
  ["escapes of a URI", '<a xmlns="urn:%20"/>', '<a xmlns="urn:%2"/>', forbidden],
  ["one fragment", '<a xmlns="urn:x#y"/>', '<a xmlns="urn:x#y#z"/>', forbidden],
];

describe("well-formedness", () => {
  it.each(twins)("accepts %s, and rejects it changed", (_what, accepted, refused, code) => {
    expect(outcome(accepted)).toBe("accepted");
    expect(outcome(refused)).toBe(code);
    expect(outcome(accepted)).toBe("accepted");
  });

  it("rejects every beginning of a message, however it ends, with ERR_XML_MALFORMED or ERR_XML_FORBIDDEN", () => {
    const message =
      '<?xml version="1.0"?><!-- c --><a:b xmlns:a="urn:x" xmlns="u:y" c=\'d&amp;\' a:d = "e"><f/><g >text &lt; ]] > ' +
      "<![CDATA[x]]> &#x41;</g ><!-- d --></a:b>";
    expect(outcome(message)).toBe("accepted");
    for (let length = 0; length < message.length - 1; length++) {
      for (const rest of ["", ">", "\n", ">\n", "é>"]) {
        expect(outcome(message.slice(0, length) + rest)).toMatch(/^ERR_XML_(MALFORMED|FORBIDDEN)$/);
      }
    }
  });

  it("rejects attributes of one name with ERR_XML_MALFORMED, though an earlier message was refused in between", () => {
    const message = '<a xmlns:p="urn:p" b="" p:b=""><c xmlns:p="urn:q"/></a>';
    for (let round = 0; round < 3; round++) {
      expect(outcome(message)).toBe("accepted");
      expect(outcome('<a xmlns:p="urn:p" b="" p:b=""><c xmlns:p="urn:q">')).toBe(malformed);
      expect(outcome("<p:a/>")).toBe(malformed);
    }
  });
});
