import { describe, expect, it } from "vitest";
import { attributeNameOf, claimTypeOf } from "./saml11-attribute-name.js";

const identity = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const whole = "urn:mace:shibboleth:1.0:attributeNamespace:uri";

describe("names of SAML 1.1 attributes", () => {
  it("accepts namespace and name as WS-Federation joins them", () => {
    expect(claimTypeOf({ namespace: identity, name: "emailaddress" })).toBe(`${identity}/emailaddress`);
    expect(claimTypeOf({ namespace: "", name: "role" })).toBe("role");
    expect(claimTypeOf({ namespace: whole, name: "urn:mace:dir:attribute-def:mail" })).toBe(
      "urn:mace:dir:attribute-def:mail",
    );
  });

  it("writes a claim type so that the same one is read", () => {
    expect(attributeNameOf(`${identity}/emailaddress`)).toEqual({ namespace: identity, name: "emailaddress" });
    expect(attributeNameOf("role")).toEqual({ namespace: whole, name: "role" });
    const types = ["role", "urn:a:b", "/x", "x/", "/", "a//b", `${identity}/role`, `${whole}/role`, "http://a/b#c/d"];
    for (const type of types) expect(claimTypeOf(attributeNameOf(type))).toBe(type);
  });
});
