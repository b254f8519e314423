import { describe, expect, it } from "vitest";
import { Certificate } from "../crypto/index.js";
import { createTestCertificate } from "../testing/index.js";
import { createAssertionIssuers } from "../tokens/saml/index.js";
import { jwt, saml2, saml11, usernameToken, x509 } from "./accept.js";
import { compileAlternatives } from "./alternatives.js";

const { certificate, der } = createTestCertificate({ subject: "CN=sts" });
const trust = {
  issuers: createAssertionIssuers([{ name: "https://sts.example", certificates: [certificate] }], "trust.issuers"),
  authorities: [],
  certificates: [Certificate.parse(der)],
  decrypts: false,
  skew: 0,
  origin: "https://o.example",
};
const over = "transport";
const bearer = jwt({ issuer: "https://sts.example", audience: "urn:a", keys: certificate, over });

describe("compileAlternatives", () => {
  it("keeps each alternative's place in the list, leaves out bearer tokens, and collects who may sign", () => {
    const { alternatives, trusts } = compileAlternatives(
      [
        bearer,
        usernameToken({ verify: () => true, over }),
        saml2({ audience: "urn:a", confirm: "bearer", over }),
        x509(),
        saml11({ audience: "urn:a", confirm: "sender-vouches", attesters: [certificate] }),
        saml2({ audience: "urn:a", confirm: "holder-of-key" }),
      ],
      trust,
    );
    expect(alternatives.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
    // Those of x509, and the attesters: an assertion's own key needs no trust besides.
    expect(trusts).toHaveLength(2);
    expect(compileAlternatives([bearer], trust)).toEqual({ alternatives: [], trusts: [] });
  });

  it("rejects a wrong alternative with ERR_CONFIG_INVALID, by its place in the list", () => {
    expect(() => compileAlternatives([bearer, usernameToken({ over })], trust)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "accept[1].verify" }),
    );
  });
});
