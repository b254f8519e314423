import { describe, expect, it } from "vitest";
import { defaultXmlLimits, scan } from "../xml/index.js";
import { requireDecryptedXml } from "./decrypted-xml.js";
import { parseEncryptedData } from "./encrypted-data.js";
import { xencNames } from "./encryption-names.js";

const xenc = "http://www.w3.org/2001/04/xmlenc#";
const FAILED = "ERR_WSS_DECRYPTION_FAILED";

/** Whether the plaintext may stand in the place of an EncryptedData between siblings, in a namespace declared outside. */
function judge(
  type: string,
  plaintext: string | Uint8Array,
  { before = "<a/>", after = "<b/>", wrap = true } = {},
): string {
  const data =
    `<x:EncryptedData xmlns:x="${xenc}" ${type === "" ? "" : `Type="${type}"`}><x:EncryptionMethod Algorithm="urn:c"/>` +
    "<x:CipherData><x:CipherValue/></x:CipherData></x:EncryptedData>";
  const text = wrap
    ? `<e:Envelope xmlns:e="urn:e"><e:Body xmlns:o="urn:o">${before}${data}${after}</e:Body></e:Envelope>`
    : data;
  const doc = scan(Buffer.from(text));
  let element = 0;
  while (doc.name(element) !== xencNames.encryptedData) element++;
  try {
    requireDecryptedXml(doc, parseEncryptedData(doc, element), Buffer.from(plaintext as string), {
      ...defaultXmlLimits,
      maxDepth: 10,
    });
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "accepted";
}

const Element = `${xenc}Element`;
const Content = `${xenc}Content`;

describe("requireDecryptedXml", () => {
  it.each([
    ["an element that uses a namespace from outside", Element, "<o:Order o:a='1'><e:x/></o:Order>"],
    ["content of elements and text", Content, "text<o:x/> &amp; <![CDATA[</e:Body>]]><!-- c --><y/>"],
    ["empty content", Content, ""],
    ["an element that looks like its parent", Element, "<e:Body><e:Body/></e:Body>"],
  ])("accepts %s", (_, type, plaintext) => {
    expect(judge(type, plaintext)).toBe("accepted");
  });

  it("accepts one element in place of the whole document, and rejects content there", () => {
    expect(judge(Element, "<o/>", { wrap: false })).toBe("accepted");
    expect(judge(Element, "<o/><o/>", { wrap: false })).toBe(FAILED);
    expect(judge(Element, " <o/>", { wrap: false })).toBe(FAILED);
    expect(judge(Content, "<o/>", { wrap: false })).toBe(FAILED);
  });

  it.each([
    ["two elements", Element, "<o:a/><o:b/>"],
    ["text around the element", Element, " <o:a/>"],
    ["text behind the element", Element, "<o:a/>x"],
    ["a comment around the element", Element, "<!-- c --><o:a/>"],
    ["text alone", Element, "text"],
    ["nothing", Element, ""],
    ["the end of the parent and its start again", Content, "</e:Body><e:Body>"],
    [
      "the end of all parents and their start again",
      Content,
      "</e:Body></e:Envelope><e:Envelope xmlns:e='urn:e'><e:Body>",
    ],
    ["an element that closes its parent", Element, "<o:a></o:a></e:Body><e:Body>"],
    ["an open comment", Content, "<!--"],
    ["an open CDATA section", Content, "<![CDATA["],
    ["an open element", Content, "<o:a>"],
    ["an end tag", Content, "</o:a>"],
    ["an undeclared prefix", Element, "<p:a/>"],
    ["a DOCTYPE", Element, "<!DOCTYPE a><a/>"],
    ["an entity", Content, "&evil;"],
    ["a processing instruction (B1)", Content, "<?p?>"],
    ["an XML declaration", Element, "<?xml version='1.0'?><a/>"],
    ["a byte order mark", Element, "\ufeff<a/>"],
    ["more depth than allowed", Element, `${"<a>".repeat(10)}${"</a>".repeat(10)}`],
    ["octets of no Type", "", "<a/>"],
    ["another Type", "urn:other", "<a/>"],
  ])("rejects %s with ERR_WSS_DECRYPTION_FAILED (D19)", (_, type, plaintext) => {
    expect(judge(type, plaintext)).toBe(FAILED);
  });

  it("rejects an open comment or section that what follows would close", () => {
    expect(judge(Content, "<!--", { after: "<b/>-- >-->" })).toBe(FAILED);
    expect(judge(Content, "<![CDATA[", { after: "<b/><![CDATA[ ]]>" })).toBe(FAILED);
  });

  it("rejects octets that are no UTF-8 (D19)", () => {
    expect(judge(Content, Buffer.from([0x61, 0xff, 0x61]))).toBe(FAILED);
    expect(judge(Content, Buffer.from("<a/>", "utf16le"))).toBe(FAILED);
  });
});
