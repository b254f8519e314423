import { describe, expect, it } from "vitest";
import { ConfigurationError, isCountersignError } from "../errors/index.js";
import { defaultXmlLimits, scan, type XmlLimits, xmlLimits } from "./index.js";

function outcome(message: string, limits?: XmlLimits): string {
  try {
    scan(Buffer.from(message), limits);
    return "accepted";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return error.code;
  }
}

const list = (count: number, item: (i: number) => string) => Array.from({ length: count }, (_, i) => item(i)).join("");
const root = (content: string) => `<r>${content}</r>`;

/** A message that has exactly so many of what the limit counts. */
const messages: Readonly<Record<keyof XmlLimits, (count: number) => string>> = {
  maxDepth: (n) => "<a>".repeat(n) + "</a>".repeat(n),
  maxElements: (n) => root("<a/>".repeat(n - 1)),
  maxDistinctNames: (n) => root(list(n - 1, (i) => `<n${i}/>`)),
  maxAttributesPerElement: (n) => `<r${list(n, (i) => ` a${i}=""`)}/>`,
  maxAttributes: (n) => root(list(Math.ceil(n / 4), (i) => `<a${list(Math.min(4, n - 4 * i), (j) => ` b${j}=""`)}/>`)),
  maxAttributeValue: (n) => `<r a="${"x".repeat(n)}"/>`,
  maxName: (n) => `<${"n".repeat(n)}/>`,
  maxNamespaceUri: (n) => `<r xmlns="${"urn:".padEnd(n, "x")}"/>`,
  maxNamespacesPerElement: (n) => `<r${list(n, (i) => ` xmlns:p${i}="urn:x"`)}/>`,
  maxNamespacesInScope: (n) =>
    list(Math.ceil(n / 20), (i) => `<e${list(Math.min(20, n - 20 * i), (j) => ` xmlns:p${20 * i + j}="urn:x"`)}>`) +
    "</e>".repeat(Math.ceil(n / 20)),
  maxNamespaces: (n) =>
    root(list(Math.ceil(n / 4), (i) => `<a${list(Math.min(4, n - 4 * i), (j) => ` xmlns:p${j}="urn:x"`)}/>`)),
  maxComments: (n) => root("<!---->".repeat(n)),
};

describe("limits", () => {
  it.each(Object.keys(messages) as (keyof XmlLimits)[])(
    "accepts %s at its default, and rejects one more with ERR_XML_LIMIT",
    (name) => {
      const limit = defaultXmlLimits[name];
      expect(outcome(messages[name](limit))).toBe("accepted");
      expect(outcome(messages[name](limit + 1))).toBe("ERR_XML_LIMIT");
    },
  );

  it.each(Object.keys(messages) as (keyof XmlLimits)[])(
    "accepts %s where it is set, and rejects one more with ERR_XML_LIMIT",
    (name) => {
      const limits = xmlLimits({ [name]: 25 });
      expect(outcome(messages[name](25), limits)).toBe("accepted");
      expect(outcome(messages[name](26), limits)).toBe("ERR_XML_LIMIT");
      expect(outcome(messages[name](26))).toBe("accepted");
      expect(outcome(messages[name](26), limits)).toBe("ERR_XML_LIMIT");
    },
  );

  it("rejects more prefixes and namespaces than names are allowed with ERR_XML_LIMIT", () => {
    const limits = xmlLimits({ maxDistinctNames: 100 });
    const prefixes = (n: number) => root(list(n, (i) => `<a xmlns:p${i}="urn:x"/>`));
    const namespaces = (n: number) => root(list(n, (i) => `<r xmlns:p="urn:${i}"/>`));
    for (const message of [prefixes, namespaces]) {
      expect(outcome(message(100), limits)).toBe("accepted");
      expect(outcome(message(101), limits)).toBe("ERR_XML_LIMIT");
    }
  });

  it("names the place and the remedy", () => {
    try {
      scan(Buffer.from("<a>\n<b/>\n <b><c/></b></a>"), xmlLimits({ maxDepth: 2 }));
      expect.fail("accepted");
    } catch (error) {
      if (!isCountersignError(error)) throw error;
      expect(error.detail.place?.()).toEqual({ line: 3, column: 5, path: "/a/b[2]" });
      expect(error.detail.remedy).toContain("maxDepth");
    }
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 20_000_000, "100"])(
    "rejects %s as a limit with ERR_CONFIG_INVALID",
    (value) => {
      expect(() => xmlLimits({ maxElements: value as number })).toThrow(ConfigurationError);
      expect(xmlLimits({ maxElements: 1 }).maxElements).toBe(1);
    },
  );

  it("rejects limits that nobody knows with ERR_CONFIG_INVALID", () => {
    expect(() => xmlLimits({ maxElement: 1 } as Partial<XmlLimits>, "xml.limits")).toThrow(/xml\.limits\.maxElement/);
    expect(xmlLimits()).toEqual(defaultXmlLimits);
  });
});
