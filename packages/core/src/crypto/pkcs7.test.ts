import { describe, expect, it } from "vitest";
import { createTestAuthority, createTestCertificate } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import { parsePkcs7, writePkcs7 } from "./pkcs7.js";

const validity = { notBefore: Date.parse("2026-01-01"), notAfter: Date.parse("2027-01-01") };
const root = createTestAuthority({ subject: "CN=Root", ...validity });
const leaf = Certificate.parse(root.issue({ subject: "CN=leaf", ...validity }).der);
const authority = Certificate.parse(root.der);
const other = Certificate.parse(createTestCertificate({ subject: "CN=other", ...validity }).der);

const codeOf = (octets: Uint8Array) => {
  try {
    return parsePkcs7(octets).map(({ subject }) => subject);
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe("parsePkcs7", () => {
  it("accepts certificates in whatever order, the signer's first, as Java writes them", () => {
    expect(codeOf(writePkcs7([leaf, authority]))).toEqual(["CN=leaf", "CN=Root"]);
    expect(codeOf(writePkcs7([authority, leaf]))).toEqual(["CN=leaf", "CN=Root"]);
    expect(codeOf(writePkcs7([other]))).toEqual(["CN=other"]);
  });

  const good = writePkcs7([leaf, authority]);
  it.each<[string, Uint8Array]>([
    ["two that could be the signer's", writePkcs7([leaf, other])],
    ["one that stands twice", writePkcs7([other, other])],
    ["none", writePkcs7([])],
    ["more octets behind it", Buffer.concat([good, Buffer.from([0])])],
    ["fewer octets", good.subarray(0, -1)],
    [
      "another content type",
      Buffer.from(good.toString("hex").replace("2a864886f70d010702", "2a864886f70d010703"), "hex"),
    ],
    ["nothing", Buffer.alloc(0)],
    ["a certificate alone", other.der],
    ["eleven", writePkcs7(Array.from({ length: 11 }, () => other))],
    ["a signer", Buffer.from(good.toString("hex").replace(/3100$/, "310"), "hex")],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_, octets) => {
    expect(codeOf(good)).toEqual(["CN=leaf", "CN=Root"]);
    expect(codeOf(octets)).toBe("ERR_WSS_INVALID_TOKEN");
  });
});
