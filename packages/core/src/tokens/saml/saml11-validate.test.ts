import { describe, expect, it } from "vitest";
import { defaultSuite } from "../../crypto/index.js";
import { isCountersignError } from "../../errors/index.js";
import { createTestCertificate, testKeyPair } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import { signEnveloped } from "../../xmlsec/index.js";
import type { AssertionContent } from "./content.js";
import { issueAssertion } from "./issue.js";
import { createAssertionIssuers } from "./issuers.js";
import { parseAssertion } from "./parse.js";
import { names11 } from "./saml11-names.js";
import { type AssertionRules, validateAssertion } from "./validate.js";
import { verifyAssertion } from "./verify.js";

const now = Math.floor(Date.now() / 1000) * 1000;
const sts = createTestCertificate({ subject: "CN=sts", notBefore: now - 86_400_000, notAfter: now + 86_400_000 });
const issuers = createAssertionIssuers([{ name: "https://sts.example", certificates: [sts.certificate] }], "issuers");
const signer = { key: sts.keyPair.privateKey };
const role = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
const content: AssertionContent = {
  version: "1.1",
  issuer: "https://sts.example",
  subject: { name: "alice", format: "urn:f" },
  audience: "urn:orders",
  lifetime: { created: now, expires: now + 1_800_000 },
  confirmation: { method: "bearer" },
  authentication: { instant: now },
  attributes: [{ name: role, values: ["clerk"] }],
};
const rules: AssertionRules = { audiences: new Set(["urn:orders"]), confirm: "bearer", skew: 60_000, now };

type Change = Partial<AssertionContent> & { readonly edit?: (xml: string) => string };

/** Issues an assertion, changes its text, and signs the result as the issuer would. */
function validate({ edit = (xml) => xml, ...change }: Change = {}, more: Partial<AssertionRules> = {}) {
  const { xml, id } = issueAssertion({ ...content, ...change }, signer);
  const signed = signEnveloped(edit(xml.replace(/<ds:Signature .*<\/ds:Signature>/, "")), {
    ...signer,
    elementId: id,
    behind: names11.attributeStatement,
    algorithm: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
  });
  const verified = verifyAssertion(parseAssertion(scan(Buffer.from(signed)), 0), issuers, defaultSuite);
  return validateAssertion(verified, { ...rules, ...more });
}

function refusal(change: Change = {}, more: Partial<AssertionRules> = {}): string {
  try {
    validate(change, more);
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
  return "accepted";
}

describe("validateAssertion of SAML 1.1", () => {
  it("accepts a fresh assertion for this service and gives its subject, claims and end", () => {
    const token = validate({ id: "_a" });
    expect(token).toMatchObject({
      kind: "saml11",
      proof: "bearer",
      principal: { name: "alice", kind: "saml11", format: "urn:f" },
      issuer: "https://sts.example",
      id: "_a",
      expires: now + 1_800_000,
      replay: [],
    });
    expect([...token.claims]).toEqual([{ type: role, values: ["clerk"], issuer: "https://sts.example" }]);
  });

  it.each<[string, Change, string]>([
    ["an end that passed", { lifetime: { created: now - 120_000, expires: now - 60_000 } }, "ERR_TOKEN_EXPIRED"],
    ["a start to come", { lifetime: { created: now + 61_000, expires: now + 99_000 }, now }, "ERR_TOKEN_NOT_YET_VALID"],
    ["an IssueInstant to come", { now: now + 61_000 }, "ERR_TOKEN_NOT_YET_VALID"],
    ["an authentication to come", { authentication: { instant: now + 61_000 } }, "ERR_TOKEN_NOT_YET_VALID"],
    ["another audience", { audience: "urn:stock" }, "ERR_TOKEN_AUDIENCE"],
    ["another confirmation", { confirmation: { method: "sender-vouches" } }, "ERR_WSS_INVALID_TOKEN"],
    ["no end", { edit: (xml) => xml.replace(/ NotOnOrAfter="[^"]*"/, "") }, "ERR_TOKEN_EXPIRED"],
    [
      "no Conditions",
      { edit: (xml) => xml.replace(/<saml:Conditions .*<\/saml:Conditions>/, "") },
      "ERR_TOKEN_AUDIENCE",
    ],
    [
      "no audience",
      { edit: (xml) => xml.replace(/<saml:AudienceRestr.*<\/saml:AudienceRestrictionCondition>/, "") },
      "ERR_TOKEN_AUDIENCE",
    ],
    [
      "no name",
      { edit: (xml) => xml.replaceAll(/<saml:NameIdentifier.*?<\/saml:NameIdentifier>/g, "") },
      "ERR_TOKEN_MALFORMED",
    ],
  ])("accepts the good one, and rejects %s with its code", (_, change, code) => {
    expect(refusal()).toBe("accepted");
    expect(refusal(change)).toBe(code);
  });

  it("accepts audiences of one condition as alternatives, and rejects where one of two conditions is not met", () => {
    expect(refusal({ audience: ["urn:stock", "urn:orders"] })).toBe("accepted");
    const second =
      "<saml:AudienceRestrictionCondition><saml:Audience>urn:stock</saml:Audience></saml:AudienceRestrictionCondition>";
    const edit = (xml: string) => xml.replace("</saml:Conditions>", `${second}</saml:Conditions>`);
    expect(refusal({ edit })).toBe("ERR_TOKEN_AUDIENCE");
  });

  it("reserves an assertion that says DoNotCacheCondition, until it can no longer be accepted", () => {
    const { replay } = validate({ id: "_once", oneTimeUse: true });
    const until = now + 1_800_000 + 60_000;
    expect(replay).toEqual([{ kind: "saml-one-time", parts: ["https://sts.example", "_once"], until, since: now }]);
    expect(validate({}, { oneTime: true }).replay).toHaveLength(1);
  });

  it("accepts a holder's own key, and rejects another with ERR_TOKEN_PROOF", () => {
    const { publicKey } = testKeyPair("ec", "holder");
    const confirmation = { method: "holder-of-key", publicKey } as const;
    const held = { confirm: "holder-of-key", key: publicKey } as const;
    expect(refusal({ confirmation }, held)).toBe("accepted");
    expect(refusal({ confirmation }, { ...held, key: testKeyPair("ec", "thief").publicKey })).toBe("ERR_TOKEN_PROOF");
  });

  it("rejects one without AuthenticationStatement with ERR_TOKEN_MALFORMED where the route demands one", () => {
    expect(refusal({ authentication: undefined })).toBe("accepted");
    expect(refusal({ authentication: undefined }, { requireAuthnStatement: true })).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal({}, { requireAuthnStatement: true })).toBe("accepted");
  });

  it("rejects an old one with ERR_TOKEN_EXPIRED, and names the section of its own standard", () => {
    try {
      validate({ now: now - 61_001 }, { maxAge: 1 });
    } catch (error) {
      expect(error).toMatchObject({ code: "ERR_TOKEN_EXPIRED", detail: { rule: "SAML 1.1 core section 2.3.2" } });
    }
    expect.assertions(1);
  });
});
