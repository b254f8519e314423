import { describe, expect, it } from "vitest";
import { attributeNameFormat, authnContextClass, confirmationUri20, nameIdFormat } from "./saml2-names.js";

// Typed from the standards a second time: a slip in one list does not repeat itself in the other.
describe("identifiers of SAML 2.0", () => {
  it("are those of saml-profiles-2.0-os section 3", () => {
    expect(Object.values(confirmationUri20).sort()).toEqual([
      "urn:oasis:names:tc:SAML:2.0:cm:bearer",
      "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
      "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
    ]);
  });

  it("are those of saml-core-2.0-os sections 8.2 and 8.3", () => {
    expect(Object.values(attributeNameFormat).map((uri) => uri.split(":attrname-format:"))).toEqual([
      ["urn:oasis:names:tc:SAML:2.0", "unspecified"],
      ["urn:oasis:names:tc:SAML:2.0", "uri"],
      ["urn:oasis:names:tc:SAML:2.0", "basic"],
    ]);
    expect(Object.values(nameIdFormat).map((uri) => uri.split(":nameid-format:"))).toEqual([
      ["urn:oasis:names:tc:SAML:1.1", "unspecified"],
      ["urn:oasis:names:tc:SAML:1.1", "emailAddress"],
      ["urn:oasis:names:tc:SAML:1.1", "X509SubjectName"],
      ["urn:oasis:names:tc:SAML:2.0", "persistent"],
      ["urn:oasis:names:tc:SAML:2.0", "transient"],
      ["urn:oasis:names:tc:SAML:2.0", "entity"],
    ]);
  });

  it("are those of saml-authn-context-2.0-os section 3.4", () => {
    const classes = ["unspecified", "Password", "PasswordProtectedTransport", "X509", "TLSClient"];
    expect(Object.values(authnContextClass)).toEqual(
      classes.map((name) => `urn:oasis:names:tc:SAML:2.0:ac:classes:${name}`),
    );
  });
});
