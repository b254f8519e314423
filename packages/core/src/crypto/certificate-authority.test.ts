import { X509Certificate } from "node:crypto";
import { CertificateChainValidationEngine, Certificate as PkijsCertificate } from "pkijs";
import { describe, expect, it } from "vitest";
import { createTestAuthority, createTestCertificate, testKeyPair } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import {
  type CertificateRequest,
  createAuthority,
  generateKeyPair,
  type IssuedCertificate,
} from "./certificate-authority.js";
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
    expect(read.extensions.subjectAltNames.map(({ kind }) => kind)).toEqual(["dns", "email", "uri", "ip", "directory"]);
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

describe("the validator of pkijs as a second opinion", () => {
  const root = createTestAuthority({ subject: "CN=Root,O=Example", ...validity });

  async function opinions(
    leaf: IssuedCertificate,
    ...hints: IssuedCertificate[]
  ): Promise<[ours: boolean, theirs: boolean]> {
    const engine = new CertificateChainValidationEngine({
      trustedCerts: [PkijsCertificate.fromBER(root.der)],
      certs: [...hints, leaf].map(({ der }) => PkijsCertificate.fromBER(der)),
      checkDate: new Date(now),
    });
    const { result } = await engine.verify();
    const trust = createCertificateTrust({ authorities: [root.der], subjects: [() => true] }, "trust");
    try {
      trust.validate(
        [leaf, ...hints].map(({ der }) => Certificate.parse(der)),
        now,
      );
      return [true, result];
    } catch {
      return [false, result];
    }
  }

  const middle = (request: Partial<CertificateRequest> = {}) =>
    root.subordinate({ subject: "CN=Middle,O=Example", ...validity, ...request });
  const expired = { notBefore, notAfter: now - 1000 };
  const outside = { nameConstraints: { permitted: [{ directory: "O=Elsewhere" }] } };

  it.each([
    ["a plain path", {}, {}, true],
    ["an expired leaf", {}, expired, false],
    ["an expired intermediate", expired, {}, false],
    ["an intermediate that is no authority", { authority: false, keyUsage: ["digitalSignature"] }, {}, false],
    ["an intermediate that may not sign certificates", { keyUsage: ["digitalSignature"] }, {}, false],
    ["an intermediate whose names exclude the leaf", outside, {}, false],
    [
      "an intermediate whose names include the leaf",
      { nameConstraints: { permitted: [{ directory: "O=Example" }] } },
      {},
      true,
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
});
