import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { canonicalize, defaultXmlLimits, exclusive, registerName, scan, type XmlLimits } from "./index.js";

const read = (text: string, limits?: XmlLimits) => scan(Buffer.from(text), limits);

const outcome = (text: string): string => {
  try {
    read(text);
    return "accepted";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return error.code;
  }
};

describe("octets that are a name and a namespace", () => {
  it("accepts a prefixed name that was a namespace before, and knows its parts", () => {
    read('<e xmlns:p="one:Name"/>');
    const document = read('<one:Name xmlns:one="urn:one"/>');
    expect([document.namespace(0), document.localName(0)]).toEqual(["urn:one", "Name"]);
    expect(Buffer.from(canonicalize(document, 0, exclusive)).toString()).toBe(
      '<one:Name xmlns:one="urn:one"></one:Name>',
    );
  });

  it("rejects what is no qualified name with ERR_XML_MALFORMED, though it was a namespace before", () => {
    read('<e xmlns:p="two:Name" xmlns:q="two:a:b"/>');
    expect(outcome('<two:Name xmlns:two="urn:two"/>')).toBe("accepted");
    expect(outcome("<two:Name/>")).toBe("ERR_XML_MALFORMED");
    expect(outcome('<two:a:b xmlns:two="urn:two"/>')).toBe("ERR_XML_MALFORMED");
    expect(outcome('<e><f xmlns:p="two:a:c"/><two:a:c xmlns:two="urn:two"/></e>')).toBe("ERR_XML_MALFORMED");
  });

  it("accepts declarations and identifiers whose names are namespaces too", () => {
    const text = '<e xmlns:three="urn:three"><f three:Id="i"/></e>';
    for (const namespace of ["three:Id", "xmlns:three"]) {
      expect(read(text).ids.map(({ value }) => value)).toEqual(["i"]);
      read(`<e xmlns:p="${namespace}"/>`);
    }
    expect(read(text).ids.map(({ value }) => value)).toEqual(["i"]);
  });

  it("gives a name no meaning that it had in an earlier message", () => {
    const name = registerName("urn:four", "Name");
    const nameIn = (namespace: string, beside: string) =>
      read(`<e xmlns:m="${beside}" xmlns:n="${namespace}"><n:Name/></e>`).name(1);
    expect(nameIn("urn:four", "urn:beside")).toBe(name);
    expect(nameIn("urn:other", "n:Name")).not.toBe(name);
    expect(nameIn("urn:four", "n:Name")).toBe(name);
  });

  it("accepts a message with as many different names, prefixes and namespaces as its limits allow", () => {
    const most = 2_000;
    const limits = { ...defaultXmlLimits, maxDistinctNames: most };
    for (let round = 0; round < 8; round++) {
      const names = Array.from({ length: most - 1 }, (_, i) => `p${round}x${i}`);
      const text = `<e>${names.map((p) => `<${p}:n${p} xmlns:${p}="urn:${p}"/>`).join("")}</e>`;
      const document = read(text, limits);
      expect(names.filter((p, i) => document.namespace(i + 1) !== `urn:${p}`)).toEqual([]);
      expect(document.localName(most - 1)).toBe(`n${names.at(-1)}`);
      expect(canonicalize(document, 0, exclusive).length).toBeGreaterThan(text.length);
    }
  });
});
