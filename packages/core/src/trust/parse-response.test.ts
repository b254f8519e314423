import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { canonicalize, exclusive, scan } from "../xml/index.js";
import { writeAssertionReference } from "../xmlsec/index.js";
import {
  parseRequestSecurityTokenResponse,
  parseRequestSecurityTokenResponses,
  type RequestSecurityTokenResponse,
  type ResponseContent,
  tokenTypes,
  trust13,
  trust2005,
  writeRequestSecurityTokenResponse,
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
    ["21 responses", writeRequestSecurityTokenResponseCollection(Array.from({ length: 21 }, () => response))],
  ])("rejects %s with ERR_STS_RESPONSE_INVALID", (_, xml) => {
    expect(codeOf(() => parse(xml))).toBe("ERR_STS_RESPONSE_INVALID");
  });
});

describe("WS-Trust 1.4 sections 5 to 7: one response", () => {
  const read = (xml: string, vocabulary = trust13) =>
    parseRequestSecurityTokenResponse(scan(Buffer.from(xml)), 0, vocabulary);

  it.each([trust13, trust2005])("accepts what it writes in WS-Trust $version", (vocabulary) => {
    const wholes: readonly ResponseContent[] = [
      { cancelled: true, context: "c" },
      { tokenType: vocabulary.statusType, status: { valid: true } },
      { status: { valid: false, reason: "a & b" } },
      {
        requestedSecurityToken: '<a xmlns="urn:a"></a>',
        proof: { kind: "key", key: Buffer.alloc(32, 1) },
        keySize: 256,
      },
      { keyType: "symmetric-key", proof: { kind: "computed", entropy: Buffer.alloc(16, 2) } },
    ];
    for (const response of wholes) {
      const { requestedSecurityToken: _, ...rest } = read(
        writeRequestSecurityTokenResponse(response, vocabulary),
        vocabulary,
      );
      const { requestedSecurityToken: __, ...wanted } = response;
      expect(rest).toEqual(wanted);
    }
  });

  const status = writeRequestSecurityTokenResponse({ status: { valid: true } }, trust13);
  it.each([
    ["a status code of the other version (J9)", status.replace(trust13.status.valid, trust2005.status.valid)],
    ["an unknown status code", status.replace(trust13.status.valid, "urn:fine")],
    ["a status without code", status.replace(/<wst:Code>.*<\/wst:Code>/, "")],
    ["a response of the other version", status.replaceAll(trust13.namespace, trust2005.namespace)],
    [
      "a computed key without the issuer's share",
      writeRequestSecurityTokenResponse({ proof: { kind: "computed", entropy: Buffer.alloc(16) } }, trust13).replace(
        /<wst:Entropy>.*<\/wst:Entropy>/,
        "",
      ),
    ],
    ["two responses", writeRequestSecurityTokenResponseCollection([{ cancelled: true }, { cancelled: true }])],
  ])("rejects %s with ERR_STS_RESPONSE_INVALID", (_, xml) => {
    expect(codeOf(() => read(xml))).toBe("ERR_STS_RESPONSE_INVALID");
  });
});
