import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Certificate as PkijsCertificate } from "pkijs";
import { afterAll, describe, expect, it } from "vitest";
import { createTestAuthority, createTestCertificate, testKeyPair } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import {
  type CertificateRequest,
  createAuthority,
  generateKeyPair,
  type IssuedCertificate,
} from "./certificate-authority.js";
import type { AlternativeName } from "./certificate-template.js";
import { createCertificateTrust } from "./certificate-trust.js";
import { loadPrivateKey } from "./keys.js";

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2027, 0, 1);
const now = Date.UTC(2026, 6, 1);
const validity = { notBefore, notAfter };

describe("issued certificates", () => {
  it.each(["ec", "ec-p384", "ec-p521", "rsa", "ed25519"] as const)(
    "stand the test of node:crypto and pkijs with %s keys",
    async (keyType) => {
      const root = createTestAuthority({ subject: "CN=Root,O=Example,C=DE", keyType, ...validity });
      const leaf = root.issue({ subject: "CN=leaf,E=a@b.example,DC=example,2.5.4.5=7", keyType, ...validity });
      const [other, issuer] = [new X509Certificate(leaf.certificate), new X509Certificate(root.der)];
      expect(other.verify(issuer.publicKey)).toBe(true);
      expect(other.checkIssued(issuer)).toBe(true);
      expect(other.checkPrivateKey(loadPrivateKey(leaf.privateKey, "key"))).toBe(true);
      expect(issuer.ca).toBe(true);
      expect(other.ca).toBe(false);
      expect(
        PkijsCertificate.fromBER(leaf.der).extensions?.map(({ parsedValue }) => parsedValue !== undefined),
      ).not.toContain(false);
    },
  );

  it("write dates before and after 2050, and every extension, as pkijs reads them", () => {
    const issued = createTestCertificate({
      subject: "CN=x",
      notBefore: Date.UTC(1949, 11, 31),
      notAfter: Date.UTC(2050, 0, 1),
      authority: true,
      pathLength: 3,
      keyUsage: ["keyCertSign", "nonRepudiation"],
      extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
      alternativeNames: [
        { dns: "a.example" },
        { email: "a@b" },
        { uri: "urn:x" },
        { ip: "10.0.0.1" },
        { directory: "CN=y" },
      ],
      nameConstraints: { permitted: [{ dns: "example" }], excluded: [{ email: "c" }] },
      serialNumber: 0x80n,
    });
    const read = Certificate.parse(issued.der);
    const other = PkijsCertificate.fromBER(issued.der);
    expect(other.notBefore.value.getTime()).toBe(read.notBefore);
    expect(other.notAfter.value.getTime()).toBe(read.notAfter - 999);
    expect(other.serialNumber.toBigInt()).toBe(read.serialNumber);
    expect(read.extensions).toMatchObject({
      authority: true,
      pathLength: 3,
      extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
      unknownCritical: [],
    });
    expect([...(read.extensions.keyUsage ?? [])]).toEqual([1, 5]);
    expect(read.extensions.subjectAltNames.map(({ type }) => type)).toEqual([2, 1, 6, 7, 4]);
    expect(other.extensions?.length).toBe(7);
  });

  it("have fresh serial numbers and keys", () => {
    const [first, second] = [createAuthority({ subject: "CN=a" }), createAuthority({ subject: "CN=a" })];
    expect(Certificate.parse(first.der).serialNumber).not.toBe(Certificate.parse(second.der).serialNumber);
    expect(first.privateKey).not.toBe(second.privateKey);
  });

  it("rejects a subject that is no name with ERR_CONFIG_INVALID", () => {
    expect(() => createAuthority({ subject: "Root" })).toThrow(expect.objectContaining({ code: "ERR_CONFIG_INVALID" }));
  });
});

describe("key pairs for tests", () => {
  it("are one per label for RSA, and new otherwise", () => {
    expect(testKeyPair("rsa", "a")).toBe(testKeyPair("rsa", "a"));
    expect(testKeyPair("rsa", "a")).not.toBe(testKeyPair("rsa", "b"));
    expect(testKeyPair("ec", "a")).not.toBe(testKeyPair("ec", "a"));
    expect(generateKeyPair("ed25519").publicKey.asymmetricKeyType).toBe("ed25519");
  });
});

const openssl = spawnSync("openssl", ["version"]).status === 0;

describe.skipIf(!openssl)("OpenSSL's command (openssl) as a second opinion", () => {
  const root = createTestAuthority({ subject: "CN=Root,O=Example", ...validity });
  const folder = mkdtempSync(join(tmpdir(), "certificates-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function opinions(
    leaf: IssuedCertificate,
    ...hints: IssuedCertificate[]
  ): Promise<[ours: boolean, theirs: boolean]> {
    const file = (name: string, ...issued: IssuedCertificate[]) => {
      writeFileSync(join(folder, name), issued.map(({ certificate }) => certificate).join(""));
      return join(folder, name);
    };
    const options = ["-x509_strict", "-attime", String(now / 1000), "-CAfile", file("root.pem", root)];
    const hinted = hints.length === 0 ? [] : ["-untrusted", file("hints.pem", ...hints)];
    const { status } = spawnSync("openssl", ["verify", ...options, ...hinted, file("leaf.pem", leaf)]);
    const trust = createCertificateTrust({ authorities: [root.der] });
    try {
      await trust.validate(
        [leaf, ...hints].map(({ der }) => Certificate.parse(der)),
        now,
      );
      return [true, status === 0];
    } catch {
      return [false, status === 0];
    }
  }

  const middle = (request: Partial<CertificateRequest> = {}) =>
    root.subordinate({ subject: "CN=Middle,O=Example", ...validity, ...request });
  const expired = { notBefore, notAfter: now - 1000 };
  const permitted = (...names: AlternativeName[]) => ({ nameConstraints: { permitted: names } });
  const excluded = (...names: AlternativeName[]) => ({ nameConstraints: { excluded: names } });
  const twoHosts = { alternativeNames: [{ dns: "a.example" }, { dns: "b.other" }] };

  it.each([
    ["a plain path", {}, {}, true],
    ["an expired leaf", {}, expired, false],
    ["an expired intermediate", expired, {}, false],
    ["an intermediate that is no authority", { authority: false, keyUsage: ["digitalSignature"] }, {}, false],
    ["an intermediate that may not sign certificates", { keyUsage: ["digitalSignature"] }, {}, false],
    [
      "an unknown critical extension",
      { extensions: [{ id: "1.2.3", critical: true, value: Buffer.of(5, 0) }] },
      {},
      false,
    ],
    ["names that exclude the leaf", permitted({ directory: "O=Elsewhere" }), {}, false],
    ["names that include the leaf", permitted({ directory: "O=Example" }), {}, true],
    ["a base that is not at the start of the name", permitted({ directory: "CN=leaf" }), {}, false],
    ["one of two hosts permitted", permitted({ dns: "example" }), twoHosts, false],
    ["both hosts permitted", permitted({ dns: "example" }, { dns: "other" }), twoHosts, true],
    ["one of two hosts excluded", excluded({ dns: "other" }), twoHosts, false],
    [
      "a mail address of the subject excluded",
      excluded({ email: "evil.example" }),
      { subject: "E=a@evil.example,O=Example" },
      false,
    ],
  ] as [string, Partial<CertificateRequest>, Partial<CertificateRequest>, boolean][])(
    "agrees about %s",
    async (_name, above, below, expected) => {
      const issuer = middle(above);
      const leaf = issuer.issue({ subject: "CN=leaf,O=Example", ...validity, ...below });
      expect(await opinions(leaf, issuer)).toEqual([expected, expected]);
    },
  );

  it("agrees about a missing intermediate and about an impostor", async () => {
    const impostor = createTestAuthority({ subject: "CN=Root,O=Example", ...validity });
    expect(await opinions(middle().issue({ subject: "CN=leaf", ...validity }))).toEqual([false, false]);
    expect(await opinions(impostor.issue({ subject: "CN=leaf", ...validity }), impostor)).toEqual([false, false]);
  });

  it("agrees about path lengths", async () => {
    const limited = middle({ pathLength: 0 });
    const below = limited.subordinate({ subject: "CN=Below", ...validity });
    expect(await opinions(limited.issue({ subject: "CN=leaf", ...validity }), limited)).toEqual([true, true]);
    expect(await opinions(below.issue({ subject: "CN=leaf", ...validity }), below, limited)).toEqual([false, false]);
  });
});
