import { describe, expect, it } from "vitest";
import { testKeyPair } from "../testing/index.js";
import type { VerifiedAssertion } from "../tokens/saml/index.js";
import { scan } from "../xml/index.js";
import type { KeyInfoSyntax } from "../xmlsec/index.js";
import { findSigner, type SignerSources } from "./signer.js";

const { publicKey } = testKeyPair("rsa", "holder");
const document = scan(Buffer.from("<a><b/></a>"));
const assertion = (holderOfKey: VerifiedAssertion["holderOfKey"]) =>
  ({ id: "_1", element: 1, holderOfKey }) as unknown as VerifiedAssertion;

/** Sources in which there is nothing but an assertion. */
const sources = (...assertions: VerifiedAssertion[]): SignerSources => ({
  document,
  header: 0,
  elementById: () => -1,
  assertions,
  trusts: [],
  possession: false,
  now: 0,
});

const keyInfo = (id: string) =>
  ({
    tokenReference: { target: { kind: "samlAssertionId", id } },
    x509Data: [],
    keyNames: [],
  }) as unknown as KeyInfoSyntax;

describe("findSigner", () => {
  it("accepts the key that an assertion confirms, and rejects with ERR_WSS_INVALID_TOKEN one that confirms none", () => {
    expect(findSigner(keyInfo("_1"), 0, sources(assertion([publicKey])))).toMatchObject({ kind: "assertion" });
    expect(() => findSigner(keyInfo("_1"), 0, sources(assertion([])))).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_TOKEN" }),
    );
  });

  it("rejects a reference to an assertion that is not there, and a signature without KeyInfo, with ERR_WSS_TOKEN_UNAVAILABLE", () => {
    const unavailable = expect.objectContaining({ code: "ERR_WSS_TOKEN_UNAVAILABLE" });
    expect(() => findSigner(keyInfo("_2"), 0, sources(assertion([publicKey])))).toThrow(unavailable);
    expect(() => findSigner(undefined, 0, sources(assertion([publicKey])))).toThrow(unavailable);
  });
});
