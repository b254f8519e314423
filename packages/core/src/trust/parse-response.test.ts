import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { canonicalize, exclusive, scan } from "../xml/index.js";
import { writeAssertionReference } from "../xmlsec/index.js";
import {
  parseRequestSecurityTokenResponses,
  type RequestSecurityTokenResponse,
  tokenTypes,
  writeRequestSecurityTokenResponseCollection,
} from "./index.js";

const parse = (xml: string) => parseRequestSecurityTokenResponses(scan(Buffer.from(xml)), 0);
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    throw error;
  }
  return "accepted";
};

const token = '<t:Token xmlns:t="urn:t" ID="a"><t:v>1 &lt; 2</t:v></t:Token>';
const reference = writeAssertionReference("2.0", "a");
const response: RequestSecurityTokenResponse = {
  context: "urn:uuid:1",
  tokenType: tokenTypes.saml2,
  keyType: "bearer",
  appliesTo: "urn:orders",
  lifetime: { created: Date.UTC(2026, 0, 31, 10), expires: Date.UTC(2026, 0, 31, 11) },
  requestedSecurityToken: token,
  attachedReference: reference,
  unattachedReference: reference,
  renewing: { allow: false },
};
const written = writeRequestSecurityTokenResponseCollection([response]);

describe("WS-Trust 1.4 section 3.2: RequestSecurityTokenResponse", () => {
  it("accepts everything that it writes", () => {
    const [found, ...others] = parse(written);
    expect(others).toEqual([]);
    const standing = (xml: string) => Buffer.from(canonicalize(scan(Buffer.from(xml)), 0, exclusive)).toString();
    expect(found).toEqual({
      ...response,
      requestedSecurityToken: expect.any(String),
      attachedReference: expect.any(String),
      unattachedReference: expect.any(String),
    });
    expect(standing(found?.requestedSecurityToken ?? "")).toBe(token);
    expect(standing(found?.attachedReference ?? "")).toBe(standing(reference));
  });

  it("accepts a response without collection", () => {
    const bare = written
      .replace(/<wst:RequestSecurityTokenResponseCollection( xmlns:wst="[^"]*")>/, "")
      .replace("</wst:RequestSecurityTokenResponseCollection>", "")
      .replace(
        "<wst:RequestSecurityTokenResponse ",
        '<wst:RequestSecurityTokenResponse xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512" ',
      );
    expect(parse(bare)).toHaveLength(1);
  });

  it("accepts elements that it does not read, and leaves them out", () => {
    const more = written.replace(
      "<wst:KeyType>",
      "<wst:Entropy></wst:Entropy><wst:Entropy></wst:Entropy><wst:KeyType>",
    );
    expect(parse(more)[0]).toEqual(parse(written)[0]);
  });

  it("accepts a token whose prefixes are declared outside, and keeps those that only values use", () => {
    const outside = written
      .replace(token, '<t:Token ID="a"><t:v x:type="xs:string">1</t:v></t:Token>')
      .replace("xmlns:wst=", 'xmlns:t="urn:t" xmlns:x="urn:x" xmlns:xs="urn:xs" xmlns:wst=');
    const found = scan(Buffer.from(parse(outside)[0]?.requestedSecurityToken ?? ""));
    expect(found.namespace(0)).toBe("urn:t");
    expect(found.namespaceOf(0, "xs")).toBe("urn:xs");
  });

  it.each([
    ["another root", "<x></x>"],
    [
      "a stranger in the collection",
      written.replace(
        "<wst:RequestSecurityTokenResponse ",
        "<wst:RequestSecurityToken></wst:RequestSecurityToken><wst:RequestSecurityTokenResponse ",
      ),
    ],
    ["no token", written.replace(/<wst:RequestedSecurityToken>.*<\/wst:RequestedSecurityToken>/, "")],
    ["an empty token", written.replace(/(<wst:RequestedSecurityToken>).*(<\/wst:RequestedSecurityToken>)/, "$1$2")],
    ["two tokens in one", written.replace(token, token + token)],
    [
      "two tokens",
      written.replace(
        "<wst:KeyType>",
        `<wst:RequestedSecurityToken>${token}</wst:RequestedSecurityToken><wst:KeyType>`,
      ),
    ],
    ["an unknown key type", written.replace("/Bearer<", "/Baerer<")],
    ["a malformed time", written.replace("2026-01-31T11:00:00.000Z", "never")],
    ["eleven responses", writeRequestSecurityTokenResponseCollection(Array.from({ length: 11 }, () => response))],
  ])("rejects %s with ERR_STS_RESPONSE_INVALID", (_, xml) => {
    expect(codeOf(() => parse(xml))).toBe("ERR_STS_RESPONSE_INVALID");
  });
});
