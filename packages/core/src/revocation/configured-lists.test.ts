import { describe, expect, it } from "vitest";
import {
  Certificate,
  type CertificateRequest,
  createCertificateTrust,
  type IssuedCertificate,
} from "../crypto/index.js";
import { isCountersignError } from "../errors/index.js";
import {
  createTestAuthority,
  createTestRevocationList,
  type TestRevocationList,
  testKeyPair,
} from "../testing/index.js";
import { createRevocationCheck, type RevocationCheck } from "./revocation-check.js";

const hour = 3_600_000;
const skew = 60_000;
const now = Date.now();
const root = createTestAuthority({ subject: "CN=Root,O=Example" });
const middle = root.subordinate({ subject: "CN=Middle,O=Example" });
const stranger = createTestAuthority({ subject: "CN=Stranger,O=Elsewhere" });
const trust = createCertificateTrust({ authorities: [root.der], known: [middle.der] });

const issued = (more: Partial<CertificateRequest> = {}, issuer = root) =>
  issuer.issue({ subject: "CN=alice,O=Example", ...more });
const listWith = (more: Partial<TestRevocationList> = {}) => createTestRevocationList({ issuer: root, ...more });
const revoking = (...of: { der: Buffer }[]) => ({
  revoked: of.map(({ der }) => ({ serialNumber: Certificate.parse(der).serialNumber, reason: 1 })),
});
const check = (options: Parameters<typeof createRevocationCheck>[0]) =>
  createRevocationCheck(options, skew, "trust.revocation");

/** What the check says of a certificate: its status, or the code of the refusal. */
async function ask(revocation: RevocationCheck, ...path: { der: Buffer }[]): Promise<string> {
  const validated = await trust.validate(
    path.map(({ der }) => Certificate.parse(der)),
    now,
  );
  try {
    return (await revocation.require(validated, now, performance.now() + 5_000)).status;
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
}

describe("configured lists", () => {
  it("accepts who is not on them, and rejects who is with ERR_TOKEN_REVOKED, without any request", async () => {
    const [alice, bob] = [issued(), issued({ subject: "CN=bob,O=Example" })];
    const revocation = check({ mode: "crl", crls: [listWith(revoking(bob))] });
    expect(await ask(revocation, alice)).toBe("good");
    expect(await ask(revocation, bob)).toBe("ERR_TOKEN_REVOKED");
  });

  it("accepts PEM text with several lists, and goes by the newest that is current", async () => {
    const alice = issued();
    const pem = (der: Buffer) => `-----BEGIN X509 CRL-----\n${der.toString("base64")}\n-----END X509 CRL-----\n`;
    const old = listWith({ thisUpdate: now - 2 * hour });
    const newer = listWith({ thisUpdate: now - hour, ...revoking(alice) });
    const future = listWith({ thisUpdate: now + hour });
    expect(await ask(check({ mode: "crl", crls: [pem(old) + pem(future)] }), alice)).toBe("good");
    expect(await ask(check({ mode: "crl", crls: [pem(newer) + pem(old) + pem(future)] }), alice)).toBe(
      "ERR_TOKEN_REVOKED",
    );
  });

  it("rejects with ERR_WSS_INVALID_TOKEN where there is none of the issuer, and a forged one is none", async () => {
    const alice = issued();
    const forged = listWith({ signedWith: stranger.keyPair });
    for (const crls of [[createTestRevocationList({ issuer: stranger })], [forged], [listWith({ hash: "sha1" })]]) {
      expect(await ask(check({ mode: "crl", crls }), alice)).toBe("ERR_WSS_INVALID_TOKEN");
    }
    expect(await ask(check({ mode: "crl", crls: [listWith()] }), alice)).toBe("good");
  });

  it("accepts at both ends of a list's time, skew allowed, and rejects beyond with ERR_UNAVAILABLE", async () => {
    const alice = issued();
    const second = Math.floor(now / 1000) * 1000;
    const revocation = check({
      mode: "crl",
      crls: [listWith({ thisUpdate: second - hour, nextUpdate: second + hour })],
    });
    for (const [at, status] of [
      [second - hour - skew, "good"],
      [second - hour - skew - 1, "ERR_UNAVAILABLE"],
      [second + hour + skew, "good"],
      [second + hour + skew + 1, "ERR_UNAVAILABLE"],
    ] as const) {
      const validated = await trust.validate([Certificate.parse(alice.der)], now);
      const outcome = revocation.require(validated, at, performance.now() + 1_000).then(
        (found) => found.status,
        (error) => error.code,
      );
      expect(await outcome).toBe(status);
    }
  });

  it("rejects a certificate under a revoked authority with ERR_TOKEN_REVOKED: all below the trusted one are asked for", async () => {
    const leaf = issued({}, middle);
    const below = createTestRevocationList({ issuer: middle });
    expect(await ask(check({ mode: "crl", crls: [listWith(), below] }), leaf, middle)).toBe("good");
    expect(await ask(check({ mode: "crl", crls: [listWith(revoking(middle)), below] }), leaf, middle)).toBe(
      "ERR_TOKEN_REVOKED",
    );
    expect(await ask(check({ mode: "crl", crls: [below] }), leaf, middle)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await ask(check({ mode: "crl", crls: [listWith()] }), leaf, middle)).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("accepts a list by a signer in the authority's name that it vouches for, and rejects other signers", async () => {
    const alice = issued();
    const signerOf = (more: Partial<CertificateRequest> = {}, by = root) =>
      by.issue({
        subject: "CN=Root,O=Example",
        keyPair: testKeyPair("ec", "list signer"),
        keyUsage: ["cRLSign"],
        ...more,
      });
    const signer = signerOf();
    const crls = [listWith({ signedWith: signer.keyPair })];
    const withSigner = (one: IssuedCertificate) => ask(check({ mode: "crl", crls, signers: [one.der] }), alice);
    expect(await withSigner(signer)).toBe("good");
    expect(await withSigner(signerOf({ keyUsage: ["digitalSignature"] }))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await withSigner(signerOf({ subject: "CN=Other,O=Example" }))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await withSigner(signerOf({ notBefore: now - 10 * hour, notAfter: now - hour }))).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
    expect(await withSigner(signerOf({}, stranger))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await ask(check({ mode: "crl", crls }), alice)).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("rejects the list of an authority that may not sign lists with ERR_WSS_INVALID_TOKEN", async () => {
    const bare = root.subordinate({ subject: "CN=No lists,O=Example", keyUsage: ["keyCertSign"] });
    const leaf = issued({}, bare);
    const crls = [listWith(), createTestRevocationList({ issuer: bare })];
    expect(await ask(check({ mode: "crl", crls }), leaf, bare)).toBe("ERR_WSS_INVALID_TOKEN");
  });
});
