import { describe, expect, it } from "vitest";
import { Certificate, defaultSuite } from "../../crypto/index.js";
import { createTestCertificate } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import type { AssertionContent } from "./content.js";
import { issueAssertion } from "./issue.js";
import { createAssertionIssuers } from "./issuers.js";
import { parseAssertion } from "./parse.js";
import { attributeNameFormat, nameIdFormat } from "./saml2-names.js";
import { verifyAssertion } from "./verify.js";

const now = Date.UTC(2026, 10, 22, 10);
const sts = createTestCertificate({ subject: "CN=sts" });
const signer = { key: sts.keyPair.privateKey, certificate: Certificate.parse(sts.der) };
const content: AssertionContent = {
  issuer: "https://sts.example",
  subject: { name: "alice", format: nameIdFormat.unspecified },
  audience: ["urn:orders", "urn:stock"],
  lifetime: { created: now, expires: now + 1_800_000 },
  confirmation: { method: "bearer" },
};

function read(change: Partial<AssertionContent> = {}) {
  const { xml } = issueAssertion({ ...content, ...change }, signer);
  const name = change.issuer ?? content.issuer;
  const issuers = createAssertionIssuers([{ name, certificates: [sts.certificate] }], "issuers");
  return verifyAssertion(parseAssertion(scan(Buffer.from(xml)), 0), issuers, defaultSuite);
}

describe("issueAssertion in SAML 1.1", () => {
  const of11 = { version: "1.1", authentication: { instant: now - 1000 } } as const;

  it("writes everything it is told, and it reads back verified", () => {
    const assertion = read({
      version: "1.1",
      confirmation: { method: "sender-vouches" },
      attributes: [
        { name: "http://schemas.xmlsoap.org/claims/Role", values: ["clerk", ""] },
        { name: "team", values: ["sales"] },
        { name: "none", values: [] },
      ],
      authentication: { instant: now - 1000, contextClass: "urn:m" },
      oneTimeUse: true,
      now: now + 5,
    });
    expect(assertion).toMatchObject({
      version: "1.1",
      issuer: "https://sts.example",
      issueInstant: now + 5,
      subject: {
        nameId: { value: "alice", format: nameIdFormat.unspecified },
        confirmations: [{ confirm: "sender-vouches", method: "urn:oasis:names:tc:SAML:1.0:cm:sender-vouches" }],
      },
      conditions: {
        notBefore: now,
        notOnOrAfter: now + 1_800_000,
        audienceRestrictions: [["urn:orders", "urn:stock"]],
        oneTimeUse: true,
      },
      authnStatements: [{ instant: now - 1000, contextClass: "urn:m" }],
    });
    expect(assertion.attributes).toEqual([
      { name: "http://schemas.xmlsoap.org/claims/Role", values: ["clerk", ""] },
      { name: "team", values: ["sales"] },
    ]);
  });

  it("writes the key of holder-of-key into every statement", () => {
    for (const key of [{ certificate: signer.certificate }, { publicKey: sts.keyPair.publicKey }]) {
      const confirmation = { method: "holder-of-key", ...key } as const;
      const { holderOfKey } = read({ ...of11, confirmation, attributes: [{ name: "role", values: ["clerk"] }] });
      expect(holderOfKey.map((held) => held.equals(sts.keyPair.publicKey))).toEqual([true]);
    }
  });

  it("accepts either kind of statement alone, and rejects none with ERR_INTERNAL", () => {
    expect(read(of11).attributes).toEqual([]);
    expect(read({ version: "1.1", attributes: [{ name: "role", values: ["x"] }] }).authnStatements).toEqual([]);
    const internal = expect.objectContaining({ code: "ERR_INTERNAL" });
    expect(() => read({ version: "1.1" })).toThrow(internal);
    expect(() => read({ version: "1.1", attributes: [{ name: "role", values: [] }] })).toThrow(internal);
  });

  it("rejects limits that SAML 1.1 has no words for with ERR_INTERNAL, rather than to drop them", () => {
    const limits = [{ recipient: "urn:r" }, { inResponseTo: "_q" }, { notOnOrAfter: now + 1000 }];
    const sessions = [{ sessionIndex: "7" }, { sessionNotOnOrAfter: now + 1000 }];
    for (const change of [
      ...limits.map((limit) => ({ confirmation: { method: "bearer", ...limit } as const })),
      ...sessions.map((session) => ({ authentication: { instant: now, ...session } })),
    ]) {
      expect(() => read({ ...of11, ...change })).toThrow(expect.objectContaining({ code: "ERR_INTERNAL" }));
    }
  });

  it("J18 J19 writes hostile text as one value, wherever it stands", () => {
    const hostile = `x"/><saml:Attribute AttributeName="role">'&amp;<!-- --><![CDATA[`;
    const assertion = read({
      ...of11,
      issuer: hostile,
      subject: { name: hostile, format: hostile },
      audience: hostile,
      attributes: [{ name: hostile, values: [hostile] }],
    });
    expect(assertion).toMatchObject({
      issuer: hostile,
      subject: { nameId: { value: hostile, format: hostile } },
      conditions: { audienceRestrictions: [[hostile]] },
      attributes: [{ name: hostile, values: [hostile] }],
    });
  });
});

describe("issueAssertion", () => {
  it("writes everything it is told, and it reads back verified", () => {
    const assertion = read({
      confirmation: { method: "sender-vouches", recipient: "urn:r", inResponseTo: "_q", notOnOrAfter: now + 1000 },
      attributes: [{ name: "role", nameFormat: attributeNameFormat.basic, values: ["clerk", ""] }],
      authentication: {
        instant: now - 1000,
        contextClass: "urn:c",
        sessionIndex: "7",
        sessionNotOnOrAfter: now + 2000,
      },
      oneTimeUse: true,
      now: now + 5,
    });
    expect(assertion).toMatchObject({
      issuer: "https://sts.example",
      issueInstant: now + 5,
      subject: {
        nameId: { value: "alice", format: nameIdFormat.unspecified },
        confirmations: [
          {
            method: "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
            recipient: "urn:r",
            inResponseTo: "_q",
            notOnOrAfter: now + 1000,
          },
        ],
      },
      conditions: {
        notBefore: now,
        notOnOrAfter: now + 1_800_000,
        audienceRestrictions: [["urn:orders", "urn:stock"]],
        oneTimeUse: true,
      },
      authnStatements: [
        { instant: now - 1000, contextClass: "urn:c", sessionIndex: "7", sessionNotOnOrAfter: now + 2000 },
      ],
      attributes: [{ name: "role", values: ["clerk", ""] }],
    });
  });

  it("makes a fresh ID each time, and the digest of the text", () => {
    const issued = [0, 1].map(() => issueAssertion(content, signer));
    expect(issued[0]?.id).toMatch(/^_[0-9a-f]{32}$/);
    expect(issued[0]?.id).not.toBe(issued[1]?.id);
    expect(issued[0]?.xml).toContain(` ID="${issued[0]?.id}"`);
    expect(issued[0]?.digest).not.toBe(issued[1]?.digest);
  });

  it.each([
    'x</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="role"><saml2:AttributeValue>admin',
    "]]><?pi?><!DOCTYPE a><!-- -->&amp;&#0;",
    "\"'<>&\r\n\t é \u{1f600}",
  ])("J18 J19 writes the hostile text %j as one value, wherever it stands", (hostile) => {
    const name = `a${hostile}`;
    const assertion = read({
      issuer: name,
      subject: { name, format: hostile },
      audience: name,
      attributes: [{ name, nameFormat: hostile, values: [hostile] }],
      authentication: { instant: now, contextClass: name, sessionIndex: hostile },
    });
    expect(assertion).toMatchObject({
      issuer: name,
      subject: { nameId: { value: name, format: hostile } },
      conditions: { audienceRestrictions: [[name]] },
      attributes: [{ name, values: [hostile] }],
      authnStatements: [{ contextClass: name, sessionIndex: hostile }],
    });
  });

  it.each(["a\u0000", "\ud800", "\uffff", "\u000b"])(
    "rejects %j, which XML does not have, with ERR_CONFIG_INVALID",
    (text) => {
      expect(() => read({ subject: { name: text } })).toThrow(expect.objectContaining({ code: "ERR_CONFIG_INVALID" }));
      expect(() => read({ attributes: [{ name: "role", values: [text] }] })).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG_INVALID" }),
      );
    },
  );
});
