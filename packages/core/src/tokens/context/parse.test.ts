import { describe, expect, it } from "vitest";
import { scan } from "../../xml/index.js";
import { issueSecurityContextToken } from "./issue.js";
import { conversation13, conversation2005 } from "./names.js";
import { parseSecurityContextToken } from "./parse.js";

const parse = (xml: string) => parseSecurityContextToken(scan(Buffer.from(xml)), 0);
const token = (content: string) =>
  `<wsc:SecurityContextToken xmlns:wsc="${conversation13.namespace}">${content}</wsc:SecurityContextToken>`;
const identifier = "<wsc:Identifier>urn:uuid:1</wsc:Identifier>";

describe("parseSecurityContextToken", () => {
  it.each([conversation13, conversation2005])("accepts what is issued in $version", (words) => {
    for (const instance of ["", "2"]) {
      const { xml, id } = issueSecurityContextToken({ words, identifier: "urn:uuid:1?a=1&b", instance });
      expect(parse(xml)).toMatchObject({ words, identifier: "urn:uuid:1?a=1&b", instance, id });
    }
  });

  it.each([
    ["no Identifier", ""],
    ["two Identifiers", identifier + identifier],
    ["two Instances", `${identifier}<wsc:Instance>1</wsc:Instance><wsc:Instance>2</wsc:Instance>`],
    ["an empty Instance", `${identifier}<wsc:Instance></wsc:Instance>`],
    ["an Identifier that is no absolute URI", "<wsc:Identifier>one</wsc:Identifier>"],
    ["an Identifier of 513 characters", `<wsc:Identifier>urn:${"x".repeat(509)}</wsc:Identifier>`],
    ["an Identifier with a comment", "<wsc:Identifier>urn:uuid:1<!-- -->2</wsc:Identifier>"],
    ["a stranger", `${identifier}<cookie/>`],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, content) => {
    expect(parse(token(identifier)).identifier).toBe("urn:uuid:1");
    expect(() => parse(token(content))).toThrow(expect.objectContaining({ code: "ERR_WSS_INVALID_SECURITY" }));
  });

  it("rejects an element of another name with ERR_WSS_INVALID_SECURITY", () => {
    expect(() => parse("<SecurityContextToken/>")).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_SECURITY" }),
    );
  });
});
