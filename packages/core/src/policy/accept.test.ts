import { describe, expect, expectTypeOf, it } from "vitest";
import type { ReplyPart } from "../wss/index.js";
import { jwt, type MessageProtection, saml2, saml11, usernameToken, x509 } from "./accept.js";

describe("the ways in", () => {
  it("each say their kind, and keep their options as given", () => {
    const over = "transport";
    const password = { verify: () => true, over } as const;
    const assertion = { audience: "urn:a", confirm: "bearer", over } as const;
    const token = { issuer: "https://sts.example", audience: "urn:a", keys: "-----BEGIN", over } as const;
    const certificate = { subjects: ["CN=a"] };
    expect(usernameToken(password)).toEqual({ kind: "username", options: password });
    expect(x509(certificate)).toEqual({ kind: "x509", options: certificate });
    expect(x509()).toEqual({ kind: "x509", options: {} });
    expect(saml2(assertion)).toEqual({ kind: "saml2", options: assertion });
    expect(saml11(assertion)).toEqual({ kind: "saml11", options: assertion });
    expect(jwt(token)).toEqual({ kind: "jwt", options: token });
    expect(usernameToken(password).options).toBe(password);
  });

  it("rejects confirmations among the signed parts of a request by their type: only replies have them", () => {
    type Part = NonNullable<MessageProtection["signed"]>[number];
    expectTypeOf<"body">().toExtend<Part>();
    expectTypeOf<"confirmations">().not.toExtend<Part>();
    expectTypeOf<"confirmations">().toExtend<ReplyPart>();
  });
});
