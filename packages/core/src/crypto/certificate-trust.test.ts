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

function trustOf(options: CertificateTrustOptions = {}) {
  return createCertificateTrust({ authorities: [root.certificate], ...options }, "trust");
}

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
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
  options?: CertificateTrustOptions,
  at = now,
) {
  const leaf = issuer.issue({ ...orders, ...request });
  return codeOf(() => trustOf({ authorities: [root.certificate], ...options }).validate(read(leaf, issuer), at));
}

describe("certificates trusted by being listed", () => {
  const own = createTestCertificate(orders);
  const trust = createCertificateTrust({ certificates: [own.certificate] }, "trust");

  it("accepts the listed certificate, and rejects a clone of it (C2)", async () => {
    expect(trust.validate(read(own), now)).toMatchObject({ pinned: true, notBefore, notAfter: notAfter + 999 });
    const clone = createTestCertificate({ ...orders, serialNumber: Certificate.parse(own.der).serialNumber });
    expect(await codeOf(() => trust.validate(read(clone), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("rejects what a listed certificate has issued, authority or not (C20)", async () => {
    const listed = createTestAuthority({ ...orders, subject: "CN=listed" });
    const pinned = createCertificateTrust({ certificates: [listed.certificate] }, "trust");
    expect(await codeOf(() => pinned.validate(read(listed.issue(orders), listed), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it.each([
    ["before it is valid", notBefore - 1, "ERR_WSS_INVALID_TOKEN"],
    ["at its first moment", notBefore, "accepted"],
    ["in its last second", notAfter + 999, "accepted"],
    ["after it", notAfter + 1000, "ERR_WSS_INVALID_TOKEN"],
  ])("judges its dates: %s (C19)", async (_name, at, code) => {
    expect(await codeOf(() => trust.validate(read(own), at))).toBe(code);
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
  ] as [string, Partial<CertificateRequest>, string][])("judges %s", async (_name, request, code) => {
    const listed = createTestCertificate({ ...orders, ...request });
    const pinned = createCertificateTrust({ certificates: [listed.certificate] }, "trust");
    expect(await codeOf(() => pinned.validate(read(listed), now))).toBe(code);
  });
});

describe("paths to an authority", () => {
  const middle = root.subordinate({ subject: "CN=Middle,O=Example,C=DE", ...validity });
  const leaf = middle.issue(orders);

  it("accepts a path with its intermediate, and rejects it without (C1)", async () => {
    const result = await trustOf().validate(read(leaf, middle), now);
    expect(result.path.map(({ subject }) => subject)).toEqual([
      orders.subject,
      "CN=Middle,O=Example,C=DE",
      "CN=Root,O=Example,C=DE",
    ]);
    expect(result.pinned).toBe(false);
    expect(await codeOf(() => trustOf().validate(read(leaf), now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(await codeOf(() => trustOf({ known: [middle.certificate] }).validate(read(leaf), now))).toBe("accepted");
  });

  it("takes hints in any order, and ignores those that lead nowhere", async () => {
    const stranger = createTestAuthority({ subject: "CN=Stranger", ...validity });
    expect(await codeOf(() => trustOf().validate(read(leaf, stranger, root, middle), now))).toBe("accepted");
  });

  it("rejects a stranger's authority of the same name (C1, C2)", async () => {
    const impostor = createTestAuthority({ subject: "CN=Root,O=Example,C=DE", ...validity });
    expect(await codeOf(() => trustOf().validate(read(impostor.issue(orders), impostor), now))).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
  });

  it("rejects a self-signed certificate, and the authority's own (C1)", async () => {
    expect(await codeOf(() => trustOf().validate(read(createTestCertificate(orders)), now))).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
    expect(await codeOf(() => trustOf().validate(read(root), now))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("rejects a leaf as an issuer, whatever it is told to be (C20)", async () => {
    const asIssuer = async (request: Partial<CertificateRequest>) => {
      const fake = root.subordinate({ ...orders, subject: "CN=not an authority", ...request });
      return codeOf(() => trustOf().validate(read(fake.issue({ ...orders, subject: "CN=admin" }), fake), now));
    };
    expect(await asIssuer({ authority: true, keyUsage: ["keyCertSign"] })).toBe("accepted");
    expect(await asIssuer({ authority: true, keyUsage: [] })).toBe("accepted");
    expect(await asIssuer({ authority: false, keyUsage: ["keyCertSign"] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await asIssuer({ authority: true, keyUsage: ["digitalSignature"] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await asIssuer({ authority: false, keyUsage: ["digitalSignature"] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await asIssuer({ version: 1 })).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects a leaf of version 1", async () => {
    expect(await verdict({ version: 1 })).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("judges the dates of every certificate (C19)", async () => {
    const expired = { notBefore, notAfter: now - 1000 };
    const future = { notBefore: now + 1000, notAfter };
    expect(await verdict({})).toBe("accepted");
    expect(await verdict(expired)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict(future)).toBe("ERR_WSS_INVALID_TOKEN");
    const oldMiddle = root.subordinate({ subject: "CN=Old", ...expired });
    expect(await verdict({}, oldMiddle)).toBe("ERR_WSS_INVALID_TOKEN");
    const oldRoot = createTestAuthority({ subject: "CN=Old Root", ...expired });
    expect(await verdict({}, oldRoot, { authorities: [oldRoot.certificate] })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({}, oldRoot, { authorities: [oldRoot.certificate] }, now - 2000)).toBe("accepted");
  });

  it("allows the configured skew and no more", async () => {
    const expired = { notBefore, notAfter: now - 31_000 };
    expect(await verdict(expired, root, { clockSkewSeconds: 31 })).toBe("accepted");
    expect(await verdict(expired, root, { clockSkewSeconds: 30 })).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("counts intermediates against path length constraints, self-issued ones apart", async () => {
    const limited = createTestAuthority({ subject: "CN=Limited", pathLength: 0, ...validity });
    const trusted = { authorities: [limited.certificate] };
    expect(await verdict({}, limited, trusted)).toBe("accepted");
    const below = limited.subordinate({ subject: "CN=Below", ...validity });
    expect(await verdict({}, below, trusted)).toBe("ERR_WSS_INVALID_TOKEN");
    const renewed = limited.subordinate({ subject: "CN=Limited", pathLength: 0, ...validity });
    expect(await verdict({}, renewed, trusted)).toBe("accepted");
  });

  it("accepts five certificates in a path and rejects six", async () => {
    const chain = [root];
    for (let depth = 1; depth <= 4; depth++) {
      chain.unshift((chain[0] ?? root).subordinate({ subject: `CN=Level ${depth}`, ...validity }));
    }
    const [fourth = root, third = root] = chain;
    expect(await codeOf(() => trustOf().validate(read(third.issue(orders), ...chain.slice(1)), now))).toBe("accepted");
    expect(await codeOf(() => trustOf().validate(read(fourth.issue(orders), ...chain), now))).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
    expect(
      await codeOf(() => trustOf({ maxPathLength: 4 }).validate(read(third.issue(orders), ...chain.slice(1)), now)),
    ).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("accepts ten certificates and rejects eleven, and none (C21)", async () => {
    const hints = Array.from({ length: 10 }, () => root);
    expect(await codeOf(() => trustOf().validate(read(root.issue(orders), ...hints.slice(1)), now))).toBe("accepted");
    expect(await codeOf(() => trustOf().validate(read(root.issue(orders), ...hints), now))).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
    expect(await codeOf(() => trustOf().validate([], now))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects weak keys and weak signatures anywhere in the path (C7)", async () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const small = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 });
    const other = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    expect(await verdict({ keyPair: weak })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({ keyPair: small })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({ keyPair: other })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({ hash: "sha1" })).toBe("ERR_WSS_FAILED_CHECK");
    expect(await verdict({ hash: "sha512" })).toBe("accepted");
    const weakMiddle = root.subordinate({ subject: "CN=Weak", keyPair: weak, ...validity });
    expect(await verdict({}, weakMiddle)).toBe("ERR_WSS_FAILED_CHECK");
    const weakRoot = createTestAuthority({ subject: "CN=Weak Root", keyPair: weak, ...validity });
    expect(await verdict({}, weakRoot, { authorities: [weakRoot.certificate] })).toBe(
      "ERR_CONFIG_INSECURE trust.authorities[0]",
    );
  });

  it("rejects unknown critical extensions anywhere in the path", async () => {
    const extensions = [{ id: "1.2.3.4", critical: true, value: Buffer.from("0500", "hex") }];
    expect(await verdict({ extensions })).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({}, root.subordinate({ subject: "CN=Strict", extensions, ...validity }))).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
    expect(await verdict({ extensions: extensions.map((one) => ({ ...one, critical: false })) })).toBe("accepted");
  });

  it("rejects a path without policy where an authority requires one (RFC 5280 section 4.2.1.11)", async () => {
    const required = { id: "2.5.29.36", critical: true, value: Buffer.from("3003800100", "hex") };
    const policy = { id: "2.5.29.32", value: Buffer.from("300630040602 2a03".replace(" ", ""), "hex") };
    const demanding = root.subordinate({ subject: "CN=Demanding", extensions: [required, policy], ...validity });
    expect(await verdict({ extensions: [policy] }, demanding)).toBe("accepted");
    expect(await verdict({}, demanding)).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("asks for the configured extended key usage (C19)", async () => {
    const clientAuth = "1.3.6.1.5.5.7.3.2";
    const asked = { extendedKeyUsage: [clientAuth, "1.3.6.1.5.5.7.3.36"] };
    expect(await verdict({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.1", clientAuth] }, root, asked)).toBe("accepted");
    expect(await verdict({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] }, root, asked)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({ extendedKeyUsage: ["2.5.29.37.0"] }, root, asked)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({}, root, asked)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await verdict({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] })).toBe("accepted");
  });

  it.each(["rsa", "ec-p384", "ec-p521", "ed25519"] as const)("accepts a path of %s keys", async (keyType) => {
    const anchor = createTestAuthority({ subject: "CN=Anchor", keyType, ...validity });
    expect(await verdict({ keyType }, anchor, { authorities: [anchor.certificate] })).toBe("accepted");
    const impostor = createTestAuthority({ subject: "CN=Anchor", keyType: "ec", ...validity });
    expect(await verdict({ keyType }, impostor, { authorities: [anchor.certificate] })).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("finds the good path among crossed ones", async () => {
    const keyPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const crossed = { subject: "CN=Crossed", keyPair };
    const good = root.subordinate({ ...crossed, ...validity });
    const expired = root.subordinate({ ...crossed, notBefore, notAfter: now - 1000 });
    const stranger = createTestAuthority({ subject: "CN=Stranger", ...validity }).subordinate({
      ...crossed,
      ...validity,
    });
    const issued = good.issue(orders);
    expect(await codeOf(() => trustOf().validate(read(issued, expired, stranger, good), now))).toBe("accepted");
    expect(await codeOf(() => trustOf().validate(read(issued, good, stranger, expired), now))).toBe("accepted");
    expect(await codeOf(() => trustOf().validate(read(issued, expired, stranger), now))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects certificates that sign one another crosswise in bounded time", async () => {
    const subject = "CN=Maze";
    const first = createTestAuthority({ subject, keyType: "ec-p521", ...validity });
    const maze = Array.from({ length: 9 }, () => first.subordinate({ subject, keyPair: first.keyPair, ...validity }));
    const path = read(first.issue(orders), ...maze);
    const before = performance.now();
    expect(await codeOf(() => trustOf().validate(path, now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(performance.now() - before).toBeLessThan(250);
  });
});

describe("the cache of positive results", () => {
  it("gives the same result again, and never beyond the dates", async () => {
    const trust = trustOf();
    const path = read(root.issue(orders));
    const first = await trust.validate(path, now);
    expect(trust.validate(path, now + 1000)).toBe(first);
    expect(await codeOf(() => trust.validate(path, notAfter + 1000))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await codeOf(() => trust.validate(path, notBefore - 1))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await trust.validate(path, now)).toBe(first);
  });

  it("keeps the verdicts of different trusts apart (C25)", async () => {
    const path = read(root.issue(orders));
    const stranger = createTestAuthority({ subject: "CN=Stranger", ...validity });
    expect(await codeOf(() => trustOf().validate(path, now))).toBe("accepted");
    expect(await codeOf(() => trustOf({ authorities: [stranger.certificate] }).validate(path, now))).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
  });

  it("does not take a leaf's good path for another leaf's", async () => {
    const trust = trustOf();
    const middle = root.subordinate({ subject: "CN=Middle", ...validity });
    const good = middle.issue(orders);
    const bad = createTestCertificate(orders);
    expect(await codeOf(() => trust.validate(read(good, middle), now))).toBe("accepted");
    expect(await codeOf(() => trust.validate(read(bad, middle), now))).toBe("ERR_WSS_FAILED_CHECK");
    expect(await codeOf(() => trust.validate(read(good), now))).toBe("ERR_WSS_FAILED_CHECK");
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

  it("accepts each kind of reference, and rejects its mutated twin", async () => {
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

  it("takes the one of several that is valid", async () => {
    expect(trust.find({ subjectKeyIdentifier }, now - 2000)?.isValidAt(now - 2000)).toBe(true);
    expect(trust.find({ subjectKeyIdentifier }, notAfter + 10_000)?.der).toEqual(upcoming.der);
  });

  it("does not find authorities, nor another trust's certificates (C15)", async () => {
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
    ["a leaf as an authority", { authorities: [leaf.certificate] }, "ERR_CONFIG_INVALID trust.authorities"],
    ["a text for a list", { certificates: leaf.certificate }, "ERR_CONFIG_INVALID trust.certificates"],
    ["a broken certificate", { certificates: [leaf.certificate, "x"] }, "ERR_CONFIG_INVALID trust.certificates[1]"],
    ["a path of six", { certificates: [leaf.certificate], maxPathLength: 6 }, "ERR_CONFIG_INVALID trust.maxPathLength"],
    [
      "NaN as skew",
      { certificates: [leaf.certificate], clockSkewSeconds: Number.NaN },
      "ERR_CONFIG_INVALID trust.clockSkewSeconds",
    ],
  ])("rejects %s", async (_name, options, code) => {
    expect(await codeOf(() => createCertificateTrust(options as CertificateTrustOptions, "trust"))).toBe(code);
  });
});
