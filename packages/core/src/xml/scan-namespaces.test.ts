import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { exclusive } from "./canonical-form.js";
import { canonicalize, scan } from "./index.js";

/** What a message is read as: names and canonical octets, or the code of its refusal. */
function reading(message: string): string {
  try {
    const document = scan(Buffer.from(message));
    const names = Array.from({ length: document.elementCount }, (_, element) => [
      document.namespace(element),
      document.localName(element),
      document.attributes(element),
    ]);
    return JSON.stringify([names, Buffer.from(canonicalize(document, 0, exclusive)).toString()]);
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return error.code;
  }
}

const xml = "http://www.w3.org/XML/1998/namespace";

/** Messages that name the prefixes xml and xmlns, in octets that are a namespace and the name of a declaration too. */
const hostile = [
  '<a xmlns:p="urn:evil"><b xmlns:p="xmlns:xml"/></a>',
  '<a xmlns:p="urn:evil"><b xmlns:p="xmlns:xmlns"/></a>',
  '<a xmlns:p="urn:evil"><b xmlns:p="xmlns:p"/><c xmlns:p="urn:evil"/></a>',
  '<a xmlns:xml="urn:evil"/>',
  '<a xmlns:xml="urn:evil"><b></a>',
  '<a xmlns:xmlns="urn:evil"/>',
  '<a xmlns="urn:evil" xmlns:xml="urn:evil"/>',
  '<a xmlns="urn:evil" xmlns:xmlns="urn:evil"/>',
  `<a xmlns:p="${xml}"/>`,
  `<a xmlns="urn:a" xmlns:p="urn:a"><b xmlns:p="${xml}"/></a>`,
];

const honest = [
  '<a xml:lang="en"/>',
  `<a xmlns:xml="${xml}" xml:space="preserve"/>`,
  '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"/><p:b xmlns:p="urn:p"/><p:b xmlns:p="urn:q"/></p:a>',
  '<p:a xmlns:p="http://x.example/?a&amp;b"/>',
];

describe("namespaces that a message is expected to declare", () => {
  it.each(hostile.filter((text) => /xmlns:xml(ns)?="urn|:p="http/.test(text)))(
    "rejects %s, whatever came before",
    (text) => {
      for (const before of [...hostile, ...honest]) {
        reading(before);
        expect(reading(text)).toBe("ERR_XML_MALFORMED");
      }
    },
  );

  it("accepts a message as the same one whatever came before", () => {
    const alone = honest.map(reading);
    expect(alone).not.toContain("ERR_XML_MALFORMED");
    for (const before of [...hostile, ...[...hostile].reverse()]) {
      reading(before);
      expect(honest.map(reading)).toEqual(alone);
    }
  });

  it("rejects the octets of a namespace that was written with a reference, where they are no reference themselves", () => {
    for (let i = 0; i < 3; i++) {
      expect(reading('<p:a xmlns:p="http://x.example/?a&amp;b"/>')).not.toBe("ERR_XML_MALFORMED");
      expect(reading('<p:a xmlns:p="http://x.example/?a&b"/>')).toBe("ERR_XML_MALFORMED");
    }
  });
});
