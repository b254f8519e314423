import { describe, expect, it } from "vitest";
import { Certificate, createCertificateTrust } from "../../crypto/index.js";
import { isCountersignError, refuse } from "../../errors/index.js";
import { createTestAuthority, createTestCertificate } from "../../testing/index.js";
import { validateX509, type X509Rules } from "./validate.js";

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2027, 0, 1);
const now = Date.UTC(2026, 6, 1);
const validity = { notBefore, notAfter };
const root = createTestAuthority({ subject: "CN=Root,O=Example", ...validity });
const leaf = root.issue({ subject: "CN=orders,O=Example", ...validity });
const listed = createTestCertificate({ subject: "CN=listed", ...validity });
const trust = createCertificateTrust({ authorities: [root.certificate], certificates: [listed.certificate] });
const rules: X509Rules = { trust, subjects: ["CN=orders,O=Example"] };

const path = (...issued: { der: Buffer }[]) => issued.map(({ der }) => Certificate.parse(der));

async function codeOf(
  certificates: readonly Certificate[],
  changed: Partial<X509Rules> = {},
  at = now,
): Promise<string> {
  try {
    return (await validateX509(certificates, { ...rules, ...changed }, at)).principal.name;
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    throw error;
  }
}

describe("validateX509", () => {
  it("accepts an allowed subject and says who it is", async () => {
    const certificate = Certificate.parse(leaf.der);
    expect(await validateX509(path(leaf, root), rules, now)).toEqual({
      kind: "x509",
      principal: { name: "CN=orders,O=Example", kind: "x509" },
      claims: expect.anything(),
      issuer: "CN=Root,O=Example",
      expires: notAfter + 999,
      digest: certificate.fingerprint256,
      replay: [],
      certificate,
    });
  });

  it("accepts a listed certificate, and rejects a clone of it (C2)", async () => {
    expect(await codeOf(path(listed))).toBe("CN=listed");
    expect(await codeOf(path(createTestCertificate({ subject: "CN=listed", ...validity })))).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
  });

  it("rejects another subject of the same authority with ERR_WSS_FAILED_AUTHENTICATION (C17)", async () => {
    const other = root.issue({ subject: "CN=admin,O=Example", ...validity });
    expect(await codeOf(path(other))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(await codeOf(path(leaf), { subjects: undefined })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects an issuer that is not listed with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    expect(await codeOf(path(leaf), { issuers: ["CN=Root,O=Example"] })).toBe("CN=orders,O=Example");
    expect(await codeOf(path(leaf), { issuers: ["CN=Root,O=Other"] })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects an expired certificate with ERR_WSS_INVALID_TOKEN (C19)", async () => {
    expect(await codeOf(path(leaf), {}, notAfter + 1000)).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects a subject without a name with ERR_WSS_INVALID_TOKEN", async () => {
    const nameless = root.issue({ subject: "", alternativeNames: [{ dns: "a.example" }], ...validity });
    expect(await codeOf(path(nameless), { subjects: [() => true] })).toBe("ERR_WSS_INVALID_TOKEN");
  });
});

describe("the account callback (F5)", () => {
  it("accepts where it says true, and is told who and which certificate", async () => {
    const seen: unknown[] = [];
    const account: X509Rules["account"] = (principal, certificate) =>
      seen.push(principal.name, certificate.fingerprint256) > 0;
    expect(await codeOf(path(leaf), { account })).toBe("CN=orders,O=Example");
    expect(seen).toEqual(["CN=orders,O=Example", Certificate.parse(leaf.der).fingerprint256]);
    expect(await codeOf(path(leaf), { account: async () => true })).toBe("CN=orders,O=Example");
  });

  it.each([false, undefined, "yes", 1])(
    "rejects where it says %j with ERR_WSS_FAILED_AUTHENTICATION",
    async (answer) => {
      expect(await codeOf(path(leaf), { account: () => answer as boolean })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    },
  );

  it("rejects where it fails with ERR_UNAVAILABLE", async () => {
    const failing = () => Promise.reject(new TypeError("no directory"));
    expect(await codeOf(path(leaf), { account: failing })).toBe("ERR_UNAVAILABLE");
  });

  it("is not asked about a certificate that is not valid", async () => {
    let asked = 0;
    const account = () => ++asked > 0;
    expect(await codeOf(path(root.issue({ subject: "CN=admin", ...validity })), { account })).toBe(
      "ERR_WSS_FAILED_AUTHENTICATION",
    );
    expect(asked).toBe(0);
  });
});

describe("revocation", () => {
  it("accepts by what it finds, asked for every message although the path is kept, and rejects when it says otherwise", async () => {
    const asked: string[] = [];
    let revoked = false;
    const revocation: X509Rules["revocation"] = ({ certificate, path: validated }) => {
      asked.push(`${certificate.subject} of ${validated.length}`);
      return revoked ? refuse("ERR_TOKEN_REVOKED", "it was revoked") : { status: "good" };
    };
    expect((await validateX509(path(leaf, root), { ...rules, revocation }, now)).revocation).toEqual({
      status: "good",
    });
    expect(await codeOf(path(leaf, root), { revocation })).toBe("CN=orders,O=Example");
    revoked = true;
    expect(await codeOf(path(leaf, root), { revocation })).toBe("ERR_TOKEN_REVOKED");
    expect(asked).toEqual(Array.from({ length: 3 }, () => "CN=orders,O=Example of 2"));
  });

  it("is not asked about a certificate that may not speak here, and the account not about one that was revoked", async () => {
    let asked = 0;
    const revocation = () => {
      asked++;
      return refuse("ERR_TOKEN_REVOKED", "it was revoked");
    };
    const other = root.issue({ subject: "CN=admin,O=Example", ...validity });
    expect(await codeOf(path(other), { revocation })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(asked).toBe(0);
    const account = () => ++asked > 100;
    expect(await codeOf(path(leaf), { revocation, account })).toBe("ERR_TOKEN_REVOKED");
    expect(asked).toBe(1);
  });
});
