import { generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Certificate, digestUri, keyTransportUri, maskUri } from "../crypto/index.js";
import { createTestCertificate } from "../testing/index.js";
import { canonicalize, exclusive, scan } from "../xml/index.js";
import { writeEncryptedData, writeEncryptedDataReferences } from "./encrypt-data.js";
import { writeEncryptedKey } from "./encrypt-key.js";
import { parseEncryptedData } from "./encrypted-data.js";
import { parseEncryptedKey } from "./encrypted-key.js";
import { writeKeyInfo, writeKeyName } from "./key-info-writer.js";
import { recipientReference } from "./recipient-reference.js";
import { parseReferenceList } from "./reference-list.js";

const certificate = Certificate.load(
  createTestCertificate({ subject: "CN=bob,O=Example", keyType: "rsa" }).certificate,
  "c",
);
const key = randomBytes(32);
const failing = (code: string) => expect.objectContaining({ code });
const canonical = (xml: string) => Buffer.from(canonicalize(scan(Buffer.from(xml)), 0, exclusive)).toString();

describe("writeEncryptedData", () => {
  const keyInfo = writeKeyInfo(recipientReference(certificate, "thumbprint"));

  it("accepts what is to be written: canonical, and read as it was meant", () => {
    const xml = writeEncryptedData({
      plaintext: Buffer.from("x"),
      key,
      type: "element",
      id: "d",
      mimeType: 'a"b',
      keyInfo,
    });
    expect(canonical(xml)).toBe(xml);
    const syntax = parseEncryptedData(scan(Buffer.from(xml)), 0);
    expect(syntax).toMatchObject({ id: "d", type: "http://www.w3.org/2001/04/xmlenc#Element", mimeType: 'a"b' });
    expect(syntax.cipherValue).toHaveLength(12 + 1 + 16);
    const content = writeEncryptedData({ plaintext: Buffer.from("x"), key, type: "content" });
    expect(parseEncryptedData(scan(Buffer.from(content)), 0).type).toBe("http://www.w3.org/2001/04/xmlenc#Content");
  });

  it("rejects an Id that is no NCName, a key of another length, and an unknown cipher", () => {
    const plaintext = Buffer.from("x");
    expect(() => writeEncryptedData({ plaintext, key, id: 'a"b' })).toThrow(failing("ERR_INTERNAL"));
    expect(() => writeEncryptedData({ plaintext, key: key.subarray(1) })).toThrow(failing("ERR_INTERNAL"));
    expect(() => writeEncryptedData({ plaintext, key, algorithm: "urn:x" })).toThrow(
      failing("ERR_WSS_UNSUPPORTED_ALGORITHM"),
    );
  });

  it("writes a ReferenceList that stands alone", () => {
    const xml = writeEncryptedDataReferences(["a", "b"]);
    expect(canonical(xml)).toBe(xml);
    expect(parseReferenceList(scan(Buffer.from(xml)), 0).data).toEqual(["a", "b"]);
    expect(() => writeEncryptedDataReferences(["#a"])).toThrow(failing("ERR_INTERNAL"));
  });
});

describe("writeEncryptedKey", () => {
  const { publicKey } = certificate;
  const x25519 = generateKeyPairSync("x25519").publicKey;
  const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;

  it("accepts recipients of every kind: canonical, and without what BSP forbids", () => {
    for (const recipient of [
      { publicKey },
      { publicKey, transport: { uri: keyTransportUri.rsaOaepMgf1p, digest: digestUri.sha1, label: Buffer.from("l") } },
      { sharedKey: randomBytes(16) },
      { agreementKey: x25519 },
      { agreementKey: x25519, derivation: { kind: "hkdf", salt: key, info: key } as const },
      { agreementKey: p256, recipientKeyInfo: recipientReference(certificate, "thumbprint") },
    ]) {
      const { xml, cipherValue } = writeEncryptedKey({
        key,
        recipient,
        id: "k",
        references: ["a", "b"],
        carriedKeyName: "<n>",
      });
      expect(canonical(xml)).toBe(xml);
      const syntax = parseEncryptedKey(scan(Buffer.from(xml)), 0);
      expect(syntax).toMatchObject({
        id: "k",
        references: { data: ["a", "b"], keys: [] },
        carriedKeyName: "<n>",
        recipient: undefined,
        type: undefined,
        mimeType: undefined,
        encoding: undefined,
      });
      expect(syntax.cipherValue.equals(cipherValue)).toBe(true);
    }
  });

  it("says by default that digest and mask are SHA-256", () => {
    const { xml } = writeEncryptedKey({ key, recipient: { publicKey }, keyInfo: writeKeyInfo(writeKeyName("bob")) });
    const { method, keyInfo, references } = parseEncryptedKey(scan(Buffer.from(xml)), 0);
    expect(method).toMatchObject({
      uri: keyTransportUri.rsaOaep,
      oaep: { digest: digestUri.sha256, mask: maskUri.mgf1Sha256 },
    });
    expect(keyInfo?.keyNames).toEqual(["bob"]);
    expect(references).toBeUndefined();
  });

  it.each([
    ["RSA 1.5", { publicKey, transport: { uri: keyTransportUri.rsa15 } }, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
    ["a transport for an EC key", { publicKey: p256 }, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
    ["an agreement with an RSA key", { agreementKey: publicKey }, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
    ["an unknown wrap", { agreementKey: p256, wrap: "urn:x" }, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
    [
      "a derivation with SHA-1",
      { agreementKey: p256, derivation: { kind: "concat", digest: digestUri.sha1 } as const },
      "ERR_WSS_UNSUPPORTED_ALGORITHM",
    ],
    ["a shared key of 20 octets", { sharedKey: randomBytes(20) }, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
  ])("rejects %s", (_, recipient, code) => {
    expect(() => writeEncryptedKey({ key, recipient })).toThrow(failing(code));
  });

  it("rejects Ids that are no NCNames with ERR_INTERNAL", () => {
    expect(() => writeEncryptedKey({ key, recipient: { publicKey }, id: "1" })).toThrow(failing("ERR_INTERNAL"));
    expect(() => writeEncryptedKey({ key, recipient: { publicKey }, references: ["a b"] })).toThrow(
      failing("ERR_INTERNAL"),
    );
  });
});

describe("recipientReference (X.509 Token Profile 1.1 section 3.2)", () => {
  const read = (by: Parameters<typeof recipientReference>[1]) => {
    const keyInfo = writeKeyInfo(recipientReference(certificate, by));
    const { xml } = writeEncryptedKey({ key, recipient: { publicKey: certificate.publicKey }, keyInfo });
    return parseEncryptedKey(scan(Buffer.from(xml)), 0).keyInfo?.tokenReference?.target;
  };

  it("names the certificate in each way", () => {
    expect(read("thumbprint")).toEqual({ kind: "thumbprintSha1", value: certificate.thumbprintSha1 });
    expect(read("subject-key-identifier")).toEqual({
      kind: "subjectKeyIdentifier",
      value: certificate.subjectKeyIdentifier,
    });
    const { issuer, serialNumber } = certificate;
    expect(read("issuer-serial")).toMatchObject({
      kind: "x509Data",
      x509Data: { issuerSerial: { issuer, serialNumber } },
    });
    expect(read({ token: "X509" })).toMatchObject({ kind: "direct", uri: "#X509" });
  });

  it("rejects a certificate without the identifier that is asked for", () => {
    const without = Object.create(certificate, { subjectKeyIdentifier: { value: undefined } }) as Certificate;
    expect(() => recipientReference(without, "subject-key-identifier")).toThrow(failing("ERR_WSS_INVALID_TOKEN"));
  });
});
