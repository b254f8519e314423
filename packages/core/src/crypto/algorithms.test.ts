import { describe, expect, it } from "vitest";
import { digestAlgorithm, digestUri, mgf1Uri, signatureAlgorithm, signatureUri } from "./algorithms.js";

describe("signatureAlgorithm", () => {
  // A second list, written from the standards, so that a slip in the first shows.
  it.each([
    ["http://www.w3.org/2000/09/xmldsig#rsa-sha1", "rsa", "sha1"],
    ["http://www.w3.org/2000/09/xmldsig#hmac-sha1", "hmac", "sha1"],
    ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "rsa", "sha256"],
    ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "rsa", "sha384"],
    ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "rsa", "sha512"],
    ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "ecdsa", "sha1"],
    ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "ecdsa", "sha256"],
    ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "ecdsa", "sha384"],
    ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "ecdsa", "sha512"],
    ["http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "hmac", "sha256"],
    ["http://www.w3.org/2001/04/xmldsig-more#hmac-sha384", "hmac", "sha384"],
    ["http://www.w3.org/2001/04/xmldsig-more#hmac-sha512", "hmac", "sha512"],
    ["http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "rsa-pss", "sha256"],
    ["http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", "rsa-pss", "sha384"],
    ["http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", "rsa-pss", "sha512"],
    ["http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", "eddsa", undefined],
  ])("accepts %s", (uri, family, hash) => {
    expect(signatureAlgorithm(uri)).toEqual({ uri, family, hash, legacy: hash === "sha1" });
  });

  it.each([
    "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
    "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
    "",
    "__proto__",
  ])("rejects %j (C5)", (uri) => {
    expect(signatureAlgorithm(uri)).toBeUndefined();
  });
});

describe("the generic rsa-pss (RFC 9231 section 2.3.9)", () => {
  const { sha1, sha256, sha512 } = digestUri;
  const parameters = { digest: sha512, maskFunction: mgf1Uri, maskDigest: sha512, saltLength: 64, trailerField: 1 };

  it("accepts one digest throughout with a salt of its length", () => {
    expect(signatureAlgorithm(signatureUri.rsaPss, parameters)).toMatchObject({ family: "rsa-pss", hash: "sha512" });
  });

  it("accepts the defaults", () => {
    expect(signatureAlgorithm(signatureUri.rsaPss)).toMatchObject({ uri: signatureUri.rsaPss, hash: "sha256" });
    expect(signatureAlgorithm(signatureUri.rsaPss, { digest: sha256 })).toMatchObject({ hash: "sha256" });
  });

  it.each([
    ["another digest in MGF1", { ...parameters, maskDigest: sha256 }],
    ["MGF1's default beside SHA-512", { ...parameters, maskDigest: undefined }],
    ["another mask function", { ...parameters, maskFunction: "urn:mgf2" }],
    ["a shorter salt", { ...parameters, saltLength: 20 }],
    ["no salt", { ...parameters, saltLength: 0 }],
    ["NaN as the salt's length", { ...parameters, saltLength: Number.NaN }],
    ["another trailer", { ...parameters, trailerField: 2 }],
    ["SHA-1", { ...parameters, digest: sha1, maskDigest: sha1, saltLength: 20 }],
    ["an unknown digest", { ...parameters, digest: "urn:x" }],
  ])("rejects %s", (_name, changed) => {
    expect(signatureAlgorithm(signatureUri.rsaPss, changed)).toBeUndefined();
  });

  it("rejects parameters on another method", () => {
    expect(signatureAlgorithm(signatureUri.rsaPssSha512, parameters)).toBeUndefined();
  });
});

describe("digestAlgorithm", () => {
  it.each([
    ["http://www.w3.org/2000/09/xmldsig#sha1", "sha1", 20],
    ["http://www.w3.org/2001/04/xmlenc#sha256", "sha256", 32],
    ["http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384", 48],
    ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512", 64],
  ])("accepts %s", (uri, hash, length) => {
    expect(digestAlgorithm(uri)).toEqual({ uri, hash, length, legacy: hash === "sha1" });
  });

  it.each(["http://www.w3.org/2001/04/xmldsig-more#md5", "http://www.w3.org/2001/04/xmlenc#sha384", "sha256"])(
    "rejects %s",
    (uri) => {
      expect(digestAlgorithm(uri)).toBeUndefined();
    },
  );
});
