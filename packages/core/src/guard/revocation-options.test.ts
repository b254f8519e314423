import { describe, expect, it, vi } from "vitest";
import { x509 } from "../policy/index.js";
import type { RevocationOptions } from "../revocation/index.js";
import { createTestAuthority, createTestRevocationList } from "../testing/index.js";
import { createGuard } from "./create-guard.js";
import type { GuardOptions } from "./options.js";

const root = createTestAuthority({ subject: "CN=Root,O=Example" });
const crls = [createTestRevocationList({ issuer: root })];
const allow = ["http://crl.example"];

const guardWith = (revocation: unknown, more: Partial<GuardOptions> = {}) =>
  createGuard({
    origin: "https://orders.example",
    trust: { authorities: [root.der], revocation: revocation as RevocationOptions },
    accept: [x509({ subjects: ["CN=alice,O=Example"] })],
    audit: () => undefined,
    ...more,
  });

describe("trust.revocation", () => {
  it.each<readonly [string, unknown]>([
    ["lists", { mode: "crl", crls }],
    [
      "PEM text and signers",
      {
        mode: "crl",
        crls: [`-----BEGIN X509 CRL-----\n${crls[0]?.toString("base64")}\n-----END X509 CRL-----`],
        signers: [root.certificate],
      },
    ],
    ["addresses of lists", { mode: "crl", fetch: { allow, timeoutMilliseconds: 100, maxAgeSeconds: 60 } }],
    ["responders", { mode: "ocsp", fetch: { allow: ["https://ocsp.example:8443"], nonce: true } }],
    ["either", { mode: "either", crls, fetch: { allow } }],
  ])("accepts %s", (_, revocation) => {
    expect(() => guardWith(revocation)).not.toThrow();
  });

  it.each<readonly [string, string, unknown]>([
    ["another mode", ".mode", { mode: "both", crls }],
    ["no mode", ".mode", { crls }],
    ["nobody to ask", "", { mode: "crl" }],
    ["no responder to ask", "", { mode: "ocsp" }],
    ["either without responders", "", { mode: "either", crls }],
    ["lists that are not read", ".crls", { mode: "ocsp", crls, fetch: { allow } }],
    ["signers that are not used", ".signers", { mode: "ocsp", signers: [root.der], fetch: { allow } }],
    ["a nonce that is not sent", ".fetch.nonce", { mode: "crl", fetch: { allow, nonce: true } }],
    ["an empty list of lists", ".crls", { mode: "crl", crls: [] }],
    ["a certificate for a list", ".crls[0]", { mode: "crl", crls: [root.der] }],
    ["text for a list", ".crls[1]", { mode: "crl", crls: [...crls, "crl.pem"] }],
    ["a list for a signer", ".signers[0]", { mode: "crl", crls, signers: crls }],
    ["no origin", ".fetch.allow", { mode: "crl", fetch: { allow: [] } }],
    ["an origin with a path", ".fetch.allow[0]", { mode: "crl", fetch: { allow: ["http://crl.example/"] } }],
    ["an origin of another kind", ".fetch.allow[0]", { mode: "crl", fetch: { allow: ["ldap://crl.example"] } }],
    ["a host without scheme", ".fetch.allow[0]", { mode: "crl", fetch: { allow: ["crl.example"] } }],
    ["no time", ".fetch.timeoutMilliseconds", { mode: "crl", fetch: { allow, timeoutMilliseconds: 0 } }],
    ["an age that is no number", ".fetch.maxAgeSeconds", { mode: "crl", fetch: { allow, maxAgeSeconds: "1h" } }],
    ["an unknown option", ".soft", { mode: "crl", crls, soft: true }],
  ])("rejects %s with ERR_CONFIG_INVALID", (_, path, revocation) => {
    expect(() => guardWith(revocation)).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG_INVALID",
        option: `trust.revocation${path}`,
        remedy: expect.any(String),
      }),
    );
  });

  it("rejects it where nobody would be asked for with ERR_CONFIG_INVALID", () => {
    const listed = {
      certificates: [root.issue({ subject: "CN=alice,O=Example" }).der],
      revocation: { mode: "crl", crls },
    } as const;
    const invalid = expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "trust.revocation" });
    expect(() => guardWith(undefined, { trust: listed })).toThrow(invalid);
    expect(() => guardWith(undefined, { trust: { ...listed, authorities: [root.der] } })).not.toThrow();
  });

  it("accepts softFail with a warning, and rejects it without audit with ERR_CONFIG_INSECURE", () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    try {
      guardWith({ mode: "crl", crls });
      expect(warned).not.toHaveBeenCalled();
      guardWith({ mode: "crl", crls, softFail: true });
      expect(warned).toHaveBeenCalledWith(
        expect.stringContaining("https://orders.example accepts certificates"),
        "CountersignWarning",
      );
      expect(() => guardWith({ mode: "crl", crls, softFail: true }, { audit: undefined })).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG_INSECURE", option: "trust.revocation.softFail" }),
      );
    } finally {
      warned.mockRestore();
    }
  });
});
