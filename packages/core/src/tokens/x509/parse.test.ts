import { describe, expect, it } from "vitest";
import { Certificate } from "../../crypto/index.js";
import { isCountersignError } from "../../errors/index.js";
import { createTestAuthority, createTestCertificate, derValue } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import { issueBinarySecurityToken } from "./issue.js";
import { valueTypes } from "./names.js";
import { parseBinarySecurityToken } from "./parse.js";

const root = createTestAuthority({ subject: "CN=Root" });
const leaf = root.issue({ subject: "CN=orders,O=Example" });
const certificates = [leaf, root].map(({ der }) => Certificate.parse(der)) as [Certificate, Certificate];

const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const soap = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0";
const profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0";

function token({
  content = leaf.der.toString("base64"),
  encoding = ` EncodingType="${soap}#Base64Binary"`,
  type = ` ValueType="${profile}#X509v3"`,
  name = "BinarySecurityToken",
} = {}): string {
  return `<w:${name} xmlns:w="${wsse}" xmlns:u="${wsu}" u:Id="x1"${encoding}${type}>${content}</w:${name}>`;
}

function parse(xml: string) {
  return parseBinarySecurityToken(scan(Buffer.from(xml)), 0);
}

function codeOf(xml: string): string {
  try {
    return parse(xml)
      .certificates.map(({ subject }) => subject)
      .join(" < ");
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    throw error;
  }
}

const base64 = (...ders: readonly Uint8Array[]) => derValue(0x30, ...ders).toString("base64");
const pkiPath = ` ValueType="${profile}#X509PKIPathv1"`;

describe("parseBinarySecurityToken", () => {
  it("accepts an X.509v3 certificate", () => {
    expect(parse(token())).toMatchObject({
      element: 0,
      id: "x1",
      valueType: valueTypes.x509v3,
      certificates: [certificates[0]],
    });
  });

  it("accepts white space and line breaks in the base64, and no Id", () => {
    const content = `\n  ${leaf.der.toString("base64").replaceAll(/.{64}/g, "$&\n  ")}\n`;
    expect(codeOf(token({ content }))).toBe("CN=orders,O=Example");
    expect(parse(token().replace(' u:Id="x1"', "")).id).toBeUndefined();
  });

  it("accepts a PKIPath and gives the signer first", () => {
    expect(codeOf(token({ type: pkiPath, content: base64(root.der, leaf.der) }))).toBe("CN=orders,O=Example < CN=Root");
  });

  it.each([
    ["no EncodingType (F1, BSP R3029)", { encoding: "" }],
    ["HexBinary (F2, BSP R3030)", { encoding: ` EncodingType="${soap}#HexBinary"`, content: leaf.der.toString("hex") }],
    ["an EncodingType without namespace", { encoding: ' EncodingType="Base64Binary"' }],
    ["no ValueType (F1, BSP R3031)", { type: "" }],
    ["a child element", { content: `<x/>${leaf.der.toString("base64")}` }],
    ["no content", { content: "" }],
    ["missing padding (C24)", { content: root.der.toString("base64").replace(/=*$/, "").slice(0, -1) }],
    ["the URL alphabet (C24)", { content: `${leaf.der.toString("base64").slice(0, 4)}_-_-` }],
    ["something behind the padding (C24)", { content: `${Buffer.alloc(31).toString("base64")}AAAA` }],
    ["more than 64 KiB (K14)", { content: Buffer.alloc(65_537).toString("base64") }],
    ["another element", { name: "Other" }],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_name, changed) => {
    expect(codeOf(token(changed))).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it.each([`${profile}#X509v1`, `${profile}#X509v3 `, "", "__proto__", "constructor"])(
    "rejects the ValueType %j with ERR_WSS_UNSUPPORTED_TOKEN",
    (type) => {
      expect(codeOf(token({ type: ` ValueType="${type}"` }))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
    },
  );

  it.each([
    ["a cut certificate (C22)", { content: leaf.der.subarray(0, -1).toString("base64") }],
    ["a certificate and an octet", { content: Buffer.concat([leaf.der, Buffer.of(0)]).toString("base64") }],
    [
      "a version 1 certificate",
      { content: createTestCertificate({ subject: "CN=old", version: 1 }).der.toString("base64") },
    ],
    ["a certificate of more than 16 KiB", { content: derValue(0x30, Buffer.alloc(17_000)).toString("base64") }],
    ["a PKIPath as a certificate", { content: base64(root.der, leaf.der) }],
    ["a certificate as a PKIPath", { type: pkiPath }],
    ["a PKIPath in reversed order (C21)", { type: pkiPath, content: base64(leaf.der, root.der) }],
    ["an empty PKIPath (C21)", { type: pkiPath, content: base64() }],
    [
      "a PKIPath of many certificates (C21)",
      { type: pkiPath, content: base64(...Array.from({ length: 60 }, () => root.der)) },
    ],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_name, changed) => {
    expect(codeOf(token(changed))).toBe("ERR_WSS_INVALID_TOKEN");
  });
});

describe("issueBinarySecurityToken", () => {
  it("writes what parseBinarySecurityToken reads", () => {
    const [certificate, authority] = certificates;
    const one = issueBinarySecurityToken([certificate], "me");
    expect(parse(one.xml)).toMatchObject({ id: "me", valueType: one.valueType, certificates: [certificate] });
    const path = issueBinarySecurityToken([certificate, authority]);
    expect(parse(path.xml)).toMatchObject({ id: path.id, valueType: valueTypes.x509PkiPath, certificates });
  });
});
