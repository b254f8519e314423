import { expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { type CanonicalForm, canonicalize, exclusive, scan } from "./index.js";

const instance = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance"';
const digest = (text: string, element = 1, form: CanonicalForm = exclusive) => {
  try {
    return canonicalize(scan(Buffer.from(text)), element, form, { qnames: "refuse" }).length > 0;
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return error.code;
  }
};

it("accepts a QName whose prefix the octets bind, and rejects one bound anew with ERR_WSS_INVALID_SECURITY", () => {
  const element = (inner: string) => `<o ${instance} xmlns:p="urn:p"><p:a>${inner}</p:a></o>`;
  expect(digest(element('<b x:type="p:t"/>'))).toBe(true);
  expect(digest(element('<b><c xmlns:p="urn:other"/><d x:type="p:t"/></b>'))).toBe(true);
  expect(digest(element('<b xmlns:p="urn:other" x:type="p:t"/>'))).toBe("ERR_WSS_INVALID_SECURITY");
  expect(digest(element('<b xmlns:p="urn:other"><c/><d x:type="p:t"/></b>'))).toBe("ERR_WSS_INVALID_SECURITY");
  expect(digest(element('<b xmlns:p="urn:other"><p:c x:type="p:t"/></b><d x:type="p:t"/>'))).toBe(true);
  expect(digest(element('<b x:type="q:t"/>'))).toBe("ERR_WSS_INVALID_SECURITY");
});

const depth = 80;
const declared = Array.from("abcdefghijklmnopqrstuvwxyz", (letter) => ` xmlns:q${letter}="urn:q"`).join("");
const deep = (inner: string) =>
  `<o ${instance} xmlns:pp="urn:p"><pp:a>${`<e${declared}>`.repeat(depth)}${inner}${"</e>".repeat(depth)}</pp:a></o>`;

it("looks up QNames in time that does not multiply with depth and declarations", () => {
  const text = deep('<b x:type="pp:t"/>'.repeat(10_000));
  const started = performance.now();
  expect(digest(text)).toBe(true);
  expect(performance.now() - started).toBeLessThan(1_000);
});

it("looks up a PrefixList in time that does not multiply with depth and declarations", () => {
  const inclusivePrefixes = [...Array.from({ length: 98 }, (_, i) => `z${i % 10}${i}`), "pp", "qa"];
  const document = scan(Buffer.from(deep("<b/>")));
  const started = performance.now();
  for (let reference = 0; reference < 120; reference++) {
    const octets = canonicalize(document, depth + 2, { ...exclusive, inclusivePrefixes });
    expect(Buffer.from(octets).toString()).toBe('<b xmlns:pp="urn:p" xmlns:qa="urn:q"></b>');
  }
  expect(performance.now() - started).toBeLessThan(1_000);
});
