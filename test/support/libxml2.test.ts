import { describe, expect, it } from "vitest";
import { isNamespaceMisread, libxml2Canonical } from "./libxml2.js";

/** What libxml2 throws at a document. */
function thrownAt(xml: string): unknown {
  try {
    libxml2Canonical(xml);
  } catch (error) {
    return error;
  }
  throw new TypeError(`libxml2 takes ${xml}`);
}

const named = (name: string) => `<a xmlns:p="${name}"></a>`;

describe("isNamespaceMisread", () => {
  it.each([
    "http://host:",
    "http://host:/path?query#fragment",
    "http://user@host:",
    "http://host:99999999999/",
    "http://a%20b:",
    "http://[::1]:",
  ])("accepts that libxml2 does not read the namespace name %s, which RFC 3986 allows", (name) => {
    expect(isNamespaceMisread(thrownAt(named(name)))).toBe(true);
    expect(isNamespaceMisread(thrownAt(named(name).replaceAll("xmlns:p", "xmlns")))).toBe(true);
  });

  it.each([
    "a b",
    "urn:a%",
    "urn:a%zz",
    "urn:\u00e9",
    "urn:{a}",
    "http://[::1",
    "http://[::1::]:",
    "http://host:x",
    "http://a@b@c/",
    "http://host:1:2",
    "http://host:#a#b",
  ])("rejects that of %s, which RFC 3986 does not allow", (name) => {
    expect(isNamespaceMisread(thrownAt(named(name)))).toBe(false);
  });

  it.each([
    ["an end tag that does not match", `${named("http://host:").slice(0, -4)}</b>`],
    ["a second name that is none", `<a xmlns="http://host:"><b xmlns="a b"></b></a>`],
    ["a prefix without a declaration", `<a xmlns="http://host:"><q:b></q:b></a>`],
    ["an attribute that says the same", `<a b=" 'http://host:' is not a valid URI">`],
  ])("rejects any other complaint: %s", (_, xml) => {
    expect(isNamespaceMisread(thrownAt(xml))).toBe(false);
  });

  it("rejects errors of others that say the same", () => {
    const message = "xmlns:p: 'http://host:' is not a valid URI\n";
    for (const error of [new Error(message), message, { message, details: [{ message }] }, undefined]) {
      expect(isNamespaceMisread(error)).toBe(false);
    }
  });
});
