import { describe, expect, it } from "vitest";
import { Certificate } from "../crypto/index.js";
import { createTestCertificate, testKeyPair } from "../testing/index.js";
import { scan } from "../xml/index.js";
import { parseKeyInfo } from "../xmlsec/index.js";
import { type KeyReference, writeKeyReference } from "./key-reference.js";

const certificate = Certificate.load(
  createTestCertificate({ subject: "CN=alice,O=Example" }).certificate,
  "certificate",
);
const { publicKey } = testKeyPair("ec", "alice");

/** What a receiver reads of it. */
const read = (reference: KeyReference) => parseKeyInfo(scan(Buffer.from(writeKeyReference(reference))), 0);

describe("writeKeyReference", () => {
  it("names a token of the message", () => {
    expect(read({ by: "token", id: "X-1" }).tokenReference?.target).toMatchObject({ kind: "direct", uri: "#X-1" });
    expect(read({ by: "token", id: "X-1", valueType: "urn:t" }).tokenReference?.target).toMatchObject({
      valueType: "urn:t",
    });
    expect(read({ by: "saml2", id: "_1" }).tokenReference?.target).toMatchObject({ kind: "samlAssertionId", id: "_1" });
    const { target, tokenType } = read({ by: "saml11", id: "_1" }).tokenReference ?? {};
    expect(target).toEqual({ kind: "samlAssertionId", version: "1.1", id: "_1" });
    expect(tokenType).toBe("http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1");
  });

  it("names a certificate that the receiver has", () => {
    expect(read({ by: "thumbprint", certificate }).tokenReference?.target).toEqual({
      kind: "thumbprintSha1",
      value: certificate.thumbprintSha1,
    });
    expect(read({ by: "issuer-serial", certificate }).tokenReference?.target).toMatchObject({
      kind: "x509Data",
      x509Data: { issuerSerial: { serialNumber: certificate.serialNumber } },
    });
    expect(read({ by: "subject-key-identifier", certificate }).tokenReference?.target).toEqual({
      kind: "subjectKeyIdentifier",
      value: certificate.subjectKeyIdentifier,
    });
  });

  it("repeats a reference that an STS gave, and writes a bare key", () => {
    const xml = '<x:any xmlns:x="urn:x"/>';
    expect(writeKeyReference({ by: "reference", xml })).toContain(xml);
    expect(read({ by: "key-value", key: publicKey }).keyValue?.key.equals(publicKey)).toBe(true);
  });

  it("rejects a certificate without subject key identifier with ERR_WSS_INVALID_TOKEN", () => {
    const bare = Object.create(certificate, { subjectKeyIdentifier: { value: undefined } }) as Certificate;
    expect(() => writeKeyReference({ by: "subject-key-identifier", certificate: bare })).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_TOKEN" }),
    );
  });
});
