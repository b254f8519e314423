import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigurationError, isCountersignError } from "../errors/index.js";
import { createTestAuthority, createTestCertificate, derValue } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import { splitSequence } from "./der.js";

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2026, 11, 31, 23, 59, 59);
const authority = createTestAuthority({ subject: "CN=Test CA,O=Example,C=DE", notBefore, notAfter });
const leaf = authority.issue({
  subject: "CN=orders+UID=7,OU=A\\,B,O=Example,C=DE",
  notBefore,
  notAfter,
  serialNumber: 0xdeadbeefn,
  extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
  alternativeNames: [{ dns: "orders.example" }],
});

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    if (error instanceof ConfigurationError) return `${error.code} ${error.option}`;
    throw error;
  }
  return "none";
}

const sequence = (...values: readonly Uint8Array[]) => derValue(0x30, ...values);
const parts = splitSequence(leaf.der, 3);

/** The same certificate with the values of its signed part changed; the signature no longer holds, but reading never asks. */
function rebuilt(change: (fields: readonly Uint8Array[]) => readonly Uint8Array[]): Buffer {
  const [signed = Buffer.alloc(0), ...others] = parts;
  return sequence(sequence(...change(splitSequence(signed, 20))), ...others);
}

const replaced = (index: number, value: Buffer) => rebuilt((fields) => fields.with(index, value));

describe("Certificate.parse", () => {
  const certificate = Certificate.parse(leaf.der);

  it("reads what node:crypto reads", () => {
    const other = new X509Certificate(leaf.der);
    expect(certificate.serialNumber).toBe(BigInt(`0x${other.serialNumber}`));
    expect(certificate.notBefore).toBe(Date.parse(other.validFrom));
    expect(certificate.notAfter).toBe(Date.parse(other.validTo) + 999);
    expect(certificate.fingerprint256).toBe(other.fingerprint256.replaceAll(":", "").toLowerCase());
    expect(certificate.thumbprintSha1.toString("hex")).toBe(other.fingerprint.replaceAll(":", "").toLowerCase());
    expect(certificate.publicKey.equals(other.publicKey)).toBe(true);
    expect(certificate.version).toBe(3);
  });

  it("names subject and issuer in RFC 4514 text", () => {
    expect(certificate.subject).toBe("CN=orders+UID=7,OU=A\\,B,O=Example,C=DE");
    expect(certificate.issuer).toBe("CN=Test CA,O=Example,C=DE");
    expect(certificate.selfIssued).toBe(false);
    expect(Certificate.parse(authority.der).selfIssued).toBe(true);
  });

  it("takes a certificate that was read before from its cache, and copies its octets", () => {
    const octets = Buffer.from(leaf.der);
    const first = Certificate.parse(octets);
    expect(Certificate.parse(Buffer.from(leaf.der))).toBe(first);
    octets.fill(0);
    expect(first.der).toEqual(leaf.der);
  });

  it("accepts version 1", () => {
    const old = createTestCertificate({ subject: "CN=old", version: 1 });
    expect(Certificate.parse(old.der)).toMatchObject({ version: 1, subject: "CN=old" });
  });

  it.each(["rsa", "ec", "ec-p384", "ec-p521", "ed25519"] as const)(
    "accepts the signature of an %s key, and rejects another's",
    (keyType) => {
      const subject = `CN=CA ${keyType}`;
      const issuer = createTestAuthority({ subject, keyType });
      const clone = createTestAuthority({ subject, keyType: "ec" });
      const issued = Certificate.parse(issuer.issue({ subject: "CN=x" }).der);
      expect(issued.isSignedBy(Certificate.parse(issuer.der))).toBe(true);
      expect(issued.isSignedBy(Certificate.parse(clone.der))).toBe(false);
      expect(issued.isSignedBy(issued)).toBe(false);
      expect(issued.stronglySigned).toBe(true);
    },
  );

  it("rejects the signature when an octet of the signed part changes", () => {
    const changed = Buffer.from(leaf.der);
    const at = changed.indexOf("orders");
    changed[at] = "0".charCodeAt(0);
    expect(Certificate.parse(changed).isSignedBy(Certificate.parse(authority.der))).toBe(false);
    expect(certificate.isSignedBy(Certificate.parse(authority.der))).toBe(true);
  });

  it.each(["rsa", "ec"] as const)("rejects SHA-1 as the digest of an %s signature", (keyType) => {
    const weak = createTestAuthority({ subject: `CN=weak ${keyType}`, keyType });
    const issued = Certificate.parse(weak.issue({ subject: "CN=x", hash: "sha1" }).der);
    expect(issued.isSignedBy(Certificate.parse(weak.der))).toBe(false);
    expect(issued.stronglySigned).toBe(false);
  });
});

describe("malformed certificates (C22)", () => {
  it("rejects every truncation with ERR_WSS_INVALID_TOKEN", () => {
    for (let length = 0; length < leaf.der.length; length += 7) {
      expect(codeOf(() => Certificate.parse(leaf.der.subarray(0, length)))).toBe("ERR_WSS_INVALID_TOKEN");
    }
  });

  it("accepts or rejects with ERR_WSS_INVALID_TOKEN whatever octet changes, and never crashes", () => {
    const seen = new Set<string>();
    for (let at = 0; at < leaf.der.length; at += 3) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(leaf.der);
        changed[at] = (changed[at] ?? 0) ^ flip;
        seen.add(
          codeOf(() => {
            const parsed = Certificate.parse(changed);
            expect(parsed.subject + parsed.issuer).toBeTypeOf("string");
            expect(parsed.isSignedBy(Certificate.parse(authority.der))).toBe(false);
            expect(parsed.publicKey.type).toBe("public");
          }),
        );
      }
    }
    expect([...seen].sort()).toEqual(["ERR_WSS_INVALID_TOKEN", "none"]);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["more than 16 KiB", Buffer.concat([Buffer.from([0x30, 0x82, 0x40, 0x01]), Buffer.alloc(0x4001)])],
    ["a length of 0x7FFFFFFF", Buffer.from("30847fffffff", "hex")],
    ["a length of nine octets", Buffer.from("3089ffffffffffffffffff", "hex")],
    ["an indefinite length", Buffer.from("30800000", "hex")],
    ["a length not in its shortest form", Buffer.concat([Buffer.from([0x30, 0x83, 0x00]), leaf.der.subarray(2)])],
    ["an octet behind it", Buffer.concat([leaf.der, Buffer.of(0)])],
    ["a value behind the signature", sequence(...parts, derValue(0x05))],
    ["a negative serial number", replaced(1, Buffer.from("0201ff", "hex"))],
    ["a serial number of 40 octets", replaced(1, derValue(0x02, Buffer.alloc(40, 1)))],
    ["an empty serial number", replaced(1, Buffer.from("0200", "hex"))],
    ["version 4", replaced(0, Buffer.from("a003020103", "hex"))],
    ["extensions in version 2", replaced(0, Buffer.from("a003020101", "hex"))],
    ["another inner algorithm", replaced(2, Buffer.from("300a06082a8648ce3d040303", "hex"))],
    ["a date that is none", replaced(4, Buffer.concat([Buffer.from("301e170d"), Buffer.from("260230000000Z")]))],
    ["a field too many", rebuilt((fields) => [...fields, derValue(0x05)])],
    ["a field too few", rebuilt((fields) => fields.slice(0, 5))],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_name, der) => {
    expect(codeOf(() => Certificate.parse(der))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects thousands of tiny values with ERR_WSS_INVALID_TOKEN, and many names in bearable time (K14)", () => {
    const crowd = sequence(...Array.from({ length: 7000 }, () => derValue(0x05)));
    const names = Array.from({ length: 250 }, () => ({ dns: "a" }));
    const many = authority.issue({ subject: "CN=x", alternativeNames: names }).der;
    const before = process.cpuUsage();
    expect(codeOf(() => Certificate.parse(crowd))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(codeOf(() => Certificate.parse(many))).toBe("none");
    expect(process.cpuUsage(before).user).toBeLessThan(50_000);
  });

  it("rejects an extension that stands twice, and one whose value is broken", () => {
    const issue = (extensions: { id: string; value: Buffer }[]) =>
      Certificate.parse(authority.issue({ subject: "CN=x", extensions }).der).extensions.nameConstraints;
    const identifier = { id: "2.5.29.14", value: derValue(0x04, Buffer.of(1)) };
    expect(codeOf(() => issue([identifier]))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(codeOf(() => issue([{ id: "2.5.29.37", value: Buffer.from("3000", "hex") }]))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(codeOf(() => issue([{ id: "2.5.29.30", value: Buffer.from("3000", "hex") }]))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(codeOf(() => issue([{ id: "1.2.3.4", value: Buffer.from("00", "hex") }]))).toBe("none");
  });

  it("rejects an EC key whose curve is written out (CVE-2020-0601)", () => {
    const explicit = replaced(
      6,
      Buffer.from("301630100607 2a8648ce3d0201 3005 020101 0500 0302 0004".replaceAll(" ", ""), "hex"),
    );
    expect(codeOf(() => Certificate.parse(explicit).publicKey)).toBe("ERR_WSS_INVALID_TOKEN");
  });
});

describe("Certificate.load", () => {
  it.each([
    ["PEM text", leaf.certificate],
    ["PEM octets", Buffer.from(leaf.certificate)],
    ["DER octets", leaf.der],
    ["text before the PEM block", `subject=CN\n${leaf.certificate}`],
    ["CR LF", leaf.certificate.replaceAll("\n", "\r\n")],
    ["an X509Certificate", new X509Certificate(leaf.der)],
    ["a Certificate", Certificate.parse(leaf.der)],
  ])("accepts %s", (_name, given) => {
    expect(Certificate.load(given, "trust").der).toEqual(leaf.der);
  });

  it("accepts several PEM blocks where a list is meant, and rejects them where one is", () => {
    const both = leaf.certificate + authority.certificate;
    expect(Certificate.loadAll(both, "trust").map((one) => one.subject)).toEqual([
      Certificate.parse(leaf.der).subject,
      "CN=Test CA,O=Example,C=DE",
    ]);
    expect(codeOf(() => Certificate.load(both, "trust"))).toBe("ERR_CONFIG_INVALID trust");
  });

  it.each([
    ["a private key", leaf.privateKey, "ERR_CONFIG_INSECURE trust"],
    ["text", "certificate", "ERR_CONFIG_INVALID trust"],
    ["nothing", undefined, "ERR_CONFIG_INVALID trust"],
    ["an empty block", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "ERR_CONFIG_INVALID trust"],
    ["a block without end", leaf.certificate.replace("-----END", "---END"), "ERR_CONFIG_INVALID trust"],
    ["a broken certificate", leaf.der.subarray(1), "ERR_CONFIG_INVALID trust"],
  ])("rejects %s", (_name, given, code) => {
    expect(codeOf(() => Certificate.load(given as string, "trust"))).toBe(code);
  });

  it("rejects a certificate for a weak key with ERR_CONFIG_INSECURE", () => {
    const keyPair = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const weak = createTestCertificate({ subject: "CN=weak", keyPair });
    expect(codeOf(() => Certificate.load(weak.certificate, "trust"))).toBe("ERR_CONFIG_INSECURE trust");
  });
});

describe("Certificate.loadRecipient", () => {
  const issued = (keyPair: ReturnType<typeof generateKeyPairSync>) =>
    authority.issue({ subject: "CN=recipient", notBefore, notAfter, keyPair: keyPair as never }).certificate;

  it.each([
    ["X25519", issued(generateKeyPairSync("x25519"))],
    ["P-256", leaf.certificate],
    ["RSA", createTestCertificate({ subject: "CN=rsa", keyType: "rsa" }).certificate],
  ])("accepts a certificate for %s", (_name, given) => {
    expect(Certificate.loadRecipient(given, "encrypt.for").issuer).not.toBe("");
  });

  it.each([
    ["Ed25519, which can only sign", issued(generateKeyPairSync("ed25519")), "ERR_CONFIG_INVALID encrypt.for"],
    ["X448", issued(generateKeyPairSync("x448")), "ERR_CONFIG_INVALID encrypt.for"],
    ["weak RSA", issued(generateKeyPairSync("rsa", { modulusLength: 1024 })), "ERR_CONFIG_INSECURE encrypt.for"],
    ["two keys", leaf.certificate + authority.certificate, "ERR_CONFIG_INVALID encrypt.for"],
    ["no key at all", "certificate", "ERR_CONFIG_INVALID encrypt.for"],
  ])("rejects a certificate for %s", (_name, given, code) => {
    expect(codeOf(() => Certificate.loadRecipient(given, "encrypt.for"))).toBe(code);
  });

  it("rejects X25519 where a signer is meant", () => {
    expect(codeOf(() => Certificate.load(issued(generateKeyPairSync("x25519")), "trust"))).toBe(
      "ERR_CONFIG_INVALID trust",
    );
  });
});
