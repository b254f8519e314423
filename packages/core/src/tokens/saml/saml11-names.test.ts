import { describe, expect, it } from "vitest";
import { authenticationMethod, confirmationUri11 } from "./saml11-names.js";

// Typed from the standards a second time: a slip in one list does not repeat itself in the other.
describe("identifiers of SAML 1.1", () => {
  it("are those of saml-bindings-1.1 section 5", () => {
    expect(Object.entries(confirmationUri11)).toEqual(
      ["bearer", "holder-of-key", "sender-vouches"].map((name) => [name, `urn:oasis:names:tc:SAML:1.0:cm:${name}`]),
    );
  });

  it("are those of saml-core-1.1 section 7.1", () => {
    const names = ["unspecified", "password", "X509-PKI"];
    expect(Object.values(authenticationMethod)).toEqual([
      ...names.map((name) => `urn:oasis:names:tc:SAML:1.0:am:${name}`),
      "urn:ietf:rfc:2246",
    ]);
  });
});
