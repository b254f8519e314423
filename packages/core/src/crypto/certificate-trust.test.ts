import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigurationError, isCountersignError } from "../errors/index.js";
import { createTestAuthority, createTestCertificate } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import type { CertificateAuthority, CertificateRequest, IssuedCertificate } from "./certificate-authority.js";
import { type CertificateTrustOptions, createCertificateTrust } from "./certificate-trust.js";

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2027, 0, 1) - 1000;
const now = Date.UTC(2026, 6, 1);
const validity = { notBefore, notAfter };

const root = createTestAuthority({ subject: "CN=Root,O=Example,C=DE", ...validity });
const orders: CertificateRequest = { subject: "CN=orders,O=Example,C=DE", ...validity };

function read(...issued: readonly IssuedCertificate[]): readonly Certificate[] {
  return issued.map(({ der }) => Certificate.parse(der));
}

function trustOf(options: Partial<CertificateTrustOptions> = {}) {
  return createCertificateTrust({ authorities: [root.certificate], subjects: [() => true], ...options }, "trust");
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    if (error instanceof ConfigurationError) return `${error.code} ${error.option}`;
    throw error;
  }
  return "accepted";
}

/** The verdict about a leaf that `issuer` issues. */
function verdict(
  request: Partial<CertificateRequest>,
  issuer: CertificateAuthority = root,
  options?: Partial<CertificateTrustOptions>,
  at = now,
) {
  const leaf = issuer.issue({ ...orders, ...request });
  return codeOf(() => trustOf({ authorities: [root.certificate], ...options }).validate(read(leaf, issuer), at));
}

describe("certificates trusted by being listed", () => {
  const own = createTestCertificate(orders);
  const trust = createCertificateTrust({ certificates: [own.certificate] }, "trust");

  it("accepts the listed certificate, and rejects a clone of it (C2)", () => {
    expect(trust.validate(read(own), now)).toMatchObject({ pinned: true, notBefore, notAfter: notAfter + 999 });
    const clone = createTestCertificate({ ...orders, serialNumber: Certificate.parse(own.der).serialNumber });
    expect(codeOf(() => trust.validate(read(clone), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("rejects what a listed certificate has issued, authority or not (C20)", () => {
    const listed = createTestAuthority({ ...orders, subject: "CN=listed" });
    const pinned = createCertificateTrust({ certificates: [listed.certificate] }, "trust");
    expect(codeOf(() => pinned.validate(read(listed.issue(orders), listed), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it.each([
    ["before it is valid", notBefore - 1, "ERR_WSS_INVALID_TOKEN"],
    ["at its first moment", notBefore, "accepted"],
    ["in its last second", notAfter + 999, "accepted"],
    ["after it", notAfter + 1000, "ERR_WSS_INVALID_TOKEN"],
  ])("judges its dates: %s (C19)", (_name, at, code) => {
    expect(codeOf(() => trust.validate(read(own), at))).toBe(code);
  });

  it.each([
    ["a usage that is not for signatures", { keyUsage: ["keyEncipherment"] }, "ERR_WSS_INVALID_TOKEN"],
    ["nonRepudiation alone", { keyUsage: ["nonRepudiation"] }, "accepted"],
    ["no key usage", { keyUsage: [] }, "accepted"],
    ["version 1", { version: 1 }, "accepted"],
    [
      "an unknown critical extension",
      { extensions: [{ id: "1.2.3.4", critical: true, value: Buffer.alloc(2) }] },
      "ERR_WSS_INVALID_TOKEN",
    ],
    ["the same extension, not critical", { extensions: [{ id: "1.2.3.4", value: Buffer.alloc(2) }] }, "accepted"],
  ] as [string, Partial<CertificateRequest>, string][])("judges %s", (_name, request, code) => {
    const listed = createTestCertificate({ ...orders, ...request });
    const pinned = createCertificateTrust({ certificates: [listed.certificate] }, "trust");
    expect(codeOf(() => pinned.validate(read(listed), now))).toBe(code);
  });
});

describe("paths to an authority", () => {
  const middle = root.subordinate({ subject: "CN=Middle,O=Example,C=DE", ...validity });
  const leaf = middle.issue(orders);

  it("accepts a path with its intermediate, and rejects it without (C1)", () => {
    const result = trustOf().validate(read(leaf, middle), now);
    expect(result.path.map(({ subject }) => subject)).toEqual([
      orders.subject,
      "CN=Middle,O=Example,C=DE",
      "CN=Root,O=Example,C=DE",
    ]);
    expect(result.pinned).toBe(false);
    expect(codeOf(() => trustOf().validate(read(leaf), now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(codeOf(() => trustOf({ known: [middle.certificate] }).validate(read(leaf), now))).toBe("accepted");
  });

  it("takes hints in any order, and ignores those that lead nowhere", () => {
    const stranger = createTestAuthority({ subject: "CN=Stranger", ...validity });
    expect(codeOf(() => trustOf().validate(read(leaf, stranger, root, middle), now))).toBe("accepted");
  });

  it("rejects a stranger's authority of the same name (C1, C2)", () => {
    const impostor = createTestAuthority({ subject: "CN=Root,O=Example,C=DE", ...validity });
    expect(codeOf(() => trustOf().validate(read(impostor.issue(orders), impostor), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("rejects a self-signed certificate, and the authority's own (C1)", () => {
    expect(codeOf(() => trustOf().validate(read(createTestCertificate(orders)), now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(codeOf(() => trustOf().validate(read(root), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("rejects a leaf as an issuer, whatever it is told to be (C20)", () => {
    const asIssuer = (request: Partial<CertificateRequest>) => {
      const fake = root.subordinate({ ...orders, subject: "CN=not an authority", ...request });
      return codeOf(() => trustOf().validate(read(fake.issue({ ...orders, subject: "CN=admin" }), fake), now));
    };
    expect(asIssuer({ authority: true, keyUsage: ["keyCertSign"] })).toBe("accepted");
    expect(asIssuer({ authority: true, keyUsage: [] })).toBe("accepted");
    expect(asIssuer({ authority: false, keyUsage: ["keyCertSign"] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(asIssuer({ authority: true, keyUsage: ["digitalSignature"] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(asIssuer({ authority: false, keyUsage: ["digitalSignature"] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(asIssuer({ version: 1 })).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects a leaf of version 1", () => {
    expect(verdict({ version: 1 })).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("judges the dates of every certificate (C19)", () => {
    const expired = { notBefore, notAfter: now - 1000 };
    const future = { notBefore: now + 1000, notAfter };
    expect(verdict({})).toBe("accepted");
    expect(verdict(expired)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict(future)).toBe("ERR_WSS_INVALID_TOKEN");
    const oldMiddle = root.subordinate({ subject: "CN=Old", ...expired });
    expect(verdict({}, oldMiddle)).toBe("ERR_WSS_INVALID_TOKEN");
    const oldRoot = createTestAuthority({ subject: "CN=Old Root", ...expired });
    expect(verdict({}, oldRoot, { authorities: [oldRoot.certificate] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({}, oldRoot, { authorities: [oldRoot.certificate] }, now - 2000)).toBe("accepted");
  });

  it("allows the configured skew and no more", () => {
    const expired = { notBefore, notAfter: now - 31_000 };
    expect(verdict(expired, root, { clockSkewSeconds: 31 })).toBe("accepted");
    expect(verdict(expired, root, { clockSkewSeconds: 30 })).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("counts intermediates against path length constraints, self-issued ones apart", () => {
    const limited = createTestAuthority({ subject: "CN=Limited", pathLength: 0, ...validity });
    const trusted = { authorities: [limited.certificate] };
    expect(verdict({}, limited, trusted)).toBe("accepted");
    const below = limited.subordinate({ subject: "CN=Below", ...validity });
    expect(verdict({}, below, trusted)).toBe("ERR_WSS_INVALID_TOKEN");
    const renewed = limited.subordinate({ subject: "CN=Limited", pathLength: 0, ...validity });
    expect(verdict({}, renewed, trusted)).toBe("accepted");
  });

  it("accepts five certificates in a path and rejects six", () => {
    const chain = [root];
    for (let depth = 1; depth <= 4; depth++) {
      chain.unshift((chain[0] ?? root).subordinate({ subject: `CN=Level ${depth}`, ...validity }));
    }
    const [fourth = root, third = root] = chain;
    expect(codeOf(() => trustOf().validate(read(third.issue(orders), ...chain.slice(1)), now))).toBe("accepted");
    expect(codeOf(() => trustOf().validate(read(fourth.issue(orders), ...chain), now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(
      codeOf(() => trustOf({ maxPathLength: 4 }).validate(read(third.issue(orders), ...chain.slice(1)), now)),
    ).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("accepts ten certificates and rejects eleven, and none (C21)", () => {
    const hints = Array.from({ length: 10 }, () => root);
    expect(codeOf(() => trustOf().validate(read(root.issue(orders), ...hints.slice(1)), now))).toBe("accepted");
    expect(codeOf(() => trustOf().validate(read(root.issue(orders), ...hints), now))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(codeOf(() => trustOf().validate([], now))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects weak keys and weak signatures anywhere in the path (C7)", () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const small = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 });
    const other = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    expect(verdict({ keyPair: weak })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({ keyPair: small })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({ keyPair: other })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({ hash: "sha1" })).toBe("ERR_WSS_FAILED_CHECK");
    expect(verdict({ hash: "sha512" })).toBe("accepted");
    const weakMiddle = root.subordinate({ subject: "CN=Weak", keyPair: weak, ...validity });
    expect(verdict({}, weakMiddle)).toBe("ERR_WSS_FAILED_CHECK");
    const weakRoot = createTestAuthority({ subject: "CN=Weak Root", keyPair: weak, ...validity });
    expect(verdict({}, weakRoot, { authorities: [weakRoot.certificate] })).toBe(
      "ERR_CONFIG_INSECURE trust.authorities[0]",
    );
  });

  it("rejects unknown critical extensions anywhere in the path", () => {
    const extensions = [{ id: "2.5.29.36", critical: true, value: Buffer.from("3003800100", "hex") }];
    expect(verdict({ extensions })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({}, root.subordinate({ subject: "CN=Strict", extensions, ...validity }))).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
    expect(verdict({ extensions: extensions.map((one) => ({ ...one, critical: false })) })).toBe("accepted");
  });

  it("asks for the configured extended key usage (C19)", () => {
    const clientAuth = "1.3.6.1.5.5.7.3.2";
    const asked = { extendedKeyUsage: [clientAuth, "1.3.6.1.5.5.7.3.36"] };
    expect(verdict({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.1", clientAuth] }, root, asked)).toBe("accepted");
    expect(verdict({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] }, root, asked)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({ extendedKeyUsage: ["2.5.29.37.0"] }, root, asked)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({}, root, asked)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(verdict({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] })).toBe("accepted");
  });

  it("finds the good path among crossed ones", () => {
    const keyPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const crossed = { subject: "CN=Crossed", keyPair };
    const good = root.subordinate({ ...crossed, ...validity });
    const expired = root.subordinate({ ...crossed, notBefore, notAfter: now - 1000 });
    const stranger = createTestAuthority({ subject: "CN=Stranger", ...validity }).subordinate({
      ...crossed,
      ...validity,
    });
    const issued = good.issue(orders);
    expect(codeOf(() => trustOf().validate(read(issued, expired, stranger, good), now))).toBe("accepted");
    expect(codeOf(() => trustOf().validate(read(issued, good, stranger, expired), now))).toBe("accepted");
    expect(codeOf(() => trustOf().validate(read(issued, expired, stranger), now))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects certificates that sign one another crosswise in bounded time", () => {
    const subject = "CN=Maze";
    const first = createTestAuthority({ subject, keyType: "ec-p521", ...validity });
    const maze = Array.from({ length: 9 }, () => first.subordinate({ subject, keyPair: first.keyPair, ...validity }));
    const path = read(first.issue(orders), ...maze);
    const before = performance.now();
    expect(codeOf(() => trustOf().validate(path, now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(performance.now() - before).toBeLessThan(250);
  });
});

describe("subjects and issuers", () => {
  it("accepts a subject that is named, and rejects any other (C17)", () => {
    const subjects = ["CN=orders, O=Example, C=DE"];
    expect(verdict({}, root, { subjects })).toBe("accepted");
    expect(verdict({ subject: "CN=admin,O=Example,C=DE" }, root, { subjects })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(verdict({ subject: "CN=ORDERS,O=Example,C=DE" }, root, { subjects })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it.each([
    ["an escaped comma", "CN=orders\\,O=Example,C=DE"],
    ["parts side by side", "CN=orders+O=Example,C=DE"],
    ["a NUL behind the name", "CN=orders\\00,O=Example,C=DE"],
    ["a part in front", "CN=admin,CN=orders,O=Example,C=DE"],
    ["a part behind", "CN=orders,O=Example,C=DE,DC=evil"],
    ["a newline", "CN=orders\\0a,O=Example,C=DE"],
  ])("rejects %s with ERR_WSS_FAILED_AUTHENTICATION (C18)", (_name, subject) => {
    expect(verdict({ subject }, root, { subjects: ["CN=orders,O=Example,C=DE"] })).toBe(
      "ERR_WSS_FAILED_AUTHENTICATION",
    );
    expect(verdict({ subject }, root, { subjects: [subject] })).toBe("accepted");
  });

  it("asks a function about the parsed name every time, cached path or not", () => {
    let allowed = true;
    const trust = trustOf({ subjects: [(subject) => allowed && subject.values("O").includes("Example")] });
    const path = read(root.issue(orders));
    expect(codeOf(() => trust.validate(path, now))).toBe("accepted");
    allowed = false;
    expect(codeOf(() => trust.validate(path, now))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects where a function answers anything but true", () => {
    const subjects = [() => "yes" as unknown as boolean];
    expect(verdict({}, root, { subjects })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("accepts a leaf of a named issuer, and rejects one of an authority further up", () => {
    const middle = root.subordinate({ subject: "CN=Middle", ...validity });
    expect(verdict({}, middle, { issuers: ["CN=Middle"] })).toBe("accepted");
    expect(verdict({}, root, { issuers: ["CN=Middle"] })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(verdict({}, middle, { issuers: ["CN=Root,O=Example,C=DE"] })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });
});

describe("the cache of positive results", () => {
  it("gives the same result again, and never beyond the dates", () => {
    const trust = trustOf();
    const path = read(root.issue(orders));
    const first = trust.validate(path, now);
    expect(trust.validate(path, now + 1000)).toBe(first);
    expect(codeOf(() => trust.validate(path, notAfter + 1000))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(codeOf(() => trust.validate(path, notBefore - 1))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(trust.validate(path, now)).toBe(first);
  });

  it("keeps the verdicts of different trusts apart (C25)", () => {
    const path = read(root.issue(orders));
    const stranger = createTestAuthority({ subject: "CN=Stranger", ...validity });
    expect(codeOf(() => trustOf().validate(path, now))).toBe("accepted");
    expect(codeOf(() => trustOf({ authorities: [stranger.certificate] }).validate(path, now))).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
  });

  it("does not take a leaf's good path for another leaf's", () => {
    const trust = trustOf();
    const middle = root.subordinate({ subject: "CN=Middle", ...validity });
    const good = middle.issue(orders);
    const bad = createTestCertificate(orders);
    expect(codeOf(() => trust.validate(read(good, middle), now))).toBe("accepted");
    expect(codeOf(() => trust.validate(read(bad, middle), now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(codeOf(() => trust.validate(read(good), now))).toBe("ERR_WSS_FAILED_CHECK");
  });
});

describe("find", () => {
  const keyPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const old = createTestCertificate({ ...orders, keyPair, notBefore, notAfter: now - 1000 });
  const renewed = createTestCertificate({ ...orders, keyPair });
  const upcoming = createTestCertificate({ ...orders, keyPair, notBefore: now + 1000, notAfter: notAfter + 1000_000 });
  const trust = trustOf({ certificates: [old.certificate, renewed.certificate], known: [upcoming.certificate] });
  const [first, second] = read(old, renewed) as [Certificate, Certificate];
  const subjectKeyIdentifier = second.subjectKeyIdentifier ?? Buffer.alloc(0);

  it("accepts each kind of reference, and rejects its mutated twin", () => {
    expect(trust.find({ thumbprintSha1: first.thumbprintSha1 }, now)).toBe(first);
    expect(trust.find({ thumbprintSha1: first.thumbprintSha1.subarray(1) }, now)).toBeUndefined();
    expect(trust.find({ issuer: " cn=orders, o=Example, C=DE", serialNumber: first.serialNumber }, now)).toBe(first);
    expect(trust.find({ issuer: orders.subject, serialNumber: first.serialNumber + 1n }, now)).toBeUndefined();
    expect(trust.find({ issuer: "CN=other", serialNumber: first.serialNumber }, now)).toBeUndefined();
    expect(trust.find({ issuer: "no name", serialNumber: first.serialNumber }, now)).toBeUndefined();
    expect(trust.find({ subjectKeyIdentifier }, now)).toBe(second);
    expect(
      trust.find({ subjectKeyIdentifier: Buffer.concat([subjectKeyIdentifier, Buffer.of(0)]) }, now),
    ).toBeUndefined();
  });

  it("takes the one of several that is valid", () => {
    expect(trust.find({ subjectKeyIdentifier }, now - 2000)?.isValidAt(now - 2000)).toBe(true);
    expect(trust.find({ subjectKeyIdentifier }, notAfter + 10_000)?.der).toEqual(upcoming.der);
  });

  it("does not find authorities, nor another trust's certificates (C15)", () => {
    const [authority] = read(root) as [Certificate];
    expect(trust.find({ thumbprintSha1: authority.thumbprintSha1 }, now)).toBeUndefined();
    expect(trustOf().find({ thumbprintSha1: first.thumbprintSha1 }, now)).toBeUndefined();
  });
});

describe("configuration", () => {
  const leaf = root.issue(orders);

  it.each([
    ["nothing trusted (FM19)", {}, "ERR_CONFIG_INVALID trust"],
    ["empty lists", { authorities: [], certificates: [] }, "ERR_CONFIG_INVALID trust"],
    ["authorities without subjects (P8)", { authorities: [root.certificate] }, "ERR_CONFIG_INSECURE trust.subjects"],
    [
      "authorities with no subject",
      { authorities: [root.certificate], subjects: [] },
      "ERR_CONFIG_INSECURE trust.subjects",
    ],
    [
      "a leaf as an authority",
      { authorities: [leaf.certificate], subjects: ["CN=x"] },
      "ERR_CONFIG_INVALID trust.authorities",
    ],
    [
      "a subject that is no name",
      { authorities: [root.certificate], subjects: ["orders"] },
      "ERR_CONFIG_INVALID trust.subjects[0]",
    ],
    [
      "an empty subject",
      { authorities: [root.certificate], subjects: ["CN=a", " "] },
      "ERR_CONFIG_INVALID trust.subjects[1]",
    ],
    [
      "an issuer that is no name",
      { authorities: [root.certificate], subjects: ["CN=a"], issuers: ["x"] },
      "ERR_CONFIG_INVALID trust.issuers[0]",
    ],
    ["a text for a list", { certificates: leaf.certificate }, "ERR_CONFIG_INVALID trust.certificates"],
    ["a broken certificate", { certificates: [leaf.certificate, "x"] }, "ERR_CONFIG_INVALID trust.certificates[1]"],
    ["a path of six", { certificates: [leaf.certificate], maxPathLength: 6 }, "ERR_CONFIG_INVALID trust.maxPathLength"],
    [
      "NaN as skew",
      { certificates: [leaf.certificate], clockSkewSeconds: Number.NaN },
      "ERR_CONFIG_INVALID trust.clockSkewSeconds",
    ],
  ])("rejects %s", (_name, options, code) => {
    expect(codeOf(() => createCertificateTrust(options as CertificateTrustOptions, "trust"))).toBe(code);
  });
});
