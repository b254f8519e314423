import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Certificate, defaultSuite, keyRing, seal } from "../../crypto/index.js";
import { createTestCertificate, testKeyPair } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import {
  createAssertionIssuers,
  issueAssertion,
  parseAssertion,
  validateAssertion,
  verifyAssertion,
} from "../saml/index.js";
import type { TicketAssertionContent } from "./content.js";
import { issueTicketAssertion, type TicketAssertionOptions } from "./issue.js";
import { isTicketAssertion, parseEncodedTicketAssertion, parseTicketAssertion } from "./parse.js";
import { openTicketAssertion, type TicketAssertionRules } from "./validate.js";

const now = Date.UTC(2026, 10, 22, 10);
const agent = createTestCertificate({
  subject: "CN=agent",
  keyType: "rsa",
  notBefore: now - 3_600_000,
  notAfter: now + 86_400_000,
});
const stranger = createTestCertificate({ subject: "CN=stranger" });
const alice = createTestCertificate({ subject: "CN=alice" });
const ring = keyRing([randomBytes(32)]);
const content: TicketAssertionContent = {
  ticket: "a-ticket-of-the-policy-server",
  subject: "alice",
  issuer: "urn:agent",
  audience: ["urn:orders", "urn:stock"],
  lifetime: { created: now, expires: now + 300_000 },
  level: 5,
};
const sign = { key: agent.keyPair.privateKey, certificate: Certificate.parse(agent.der) };
const key = { key: alice.keyPair.publicKey };
const options: TicketAssertionOptions = { ring, tenant: "t", key, sign };
const issuers = createAssertionIssuers([{ name: "urn:agent", certificates: [agent.certificate] }], "issuers");
const rules: TicketAssertionRules = {
  ring,
  tenant: "t",
  audiences: new Set(["urn:orders"]),
  now,
  skew: 60_000,
  issuers,
  suite: defaultSuite,
};
const unsigned: TicketAssertionOptions = { ...options, sign: "unsigned" };
const lax: TicketAssertionRules = { ...rules, signature: "when-present" };

const issue = (more: Partial<TicketAssertionOptions> = {}, change: Partial<TicketAssertionContent> = {}) =>
  issueTicketAssertion({ ...content, ...change }, { ...options, ...more });
const parse = (xml: string) => parseTicketAssertion(scan(Buffer.from(xml)), 0);
const open = (xml: string, more: Partial<TicketAssertionRules> = {}) =>
  openTicketAssertion(parse(xml), { ...rules, ...more });
const coded = (code: string) => expect.objectContaining({ code });

describe("a session ticket assertion", () => {
  it("accepts what the agent made, with the subject's key", () => {
    const issued = issue();
    const opened = open(issued.xml);
    expect(opened).toMatchObject({ ...content, id: issued.id, thumbprint: issued.thumbprint, digest: issued.digest });
    expect(opened.key?.equals(alice.keyPair.publicKey)).toBe(true);
    expect(opened.signedBy?.fingerprint256).toBe(sign.certificate.fingerprint256);
    expect(issued.xml).not.toContain(content.ticket);
    expect(isTicketAssertion(scan(Buffer.from(issued.xml)), 0)).toBe(true);
  });

  it("accepts it from a header or a cookie as from an envelope", () => {
    const { encoded, id } = issue();
    expect(encoded).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(openTicketAssertion(parseEncodedTicketAssertion(encoded), rules)).toMatchObject({
      id,
      ticket: content.ticket,
    });
    for (const other of ["", `${encoded}=`, ` ${encoded}`, "A".repeat(30_000), "A".repeat(20_000)]) {
      expect(() => parseEncodedTicketAssertion(other)).toThrow(coded("ERR_TOKEN_MALFORMED"));
    }
    expect(() => parseEncodedTicketAssertion(encoded.slice(0, -8))).toThrow(coded("ERR_XML_MALFORMED"));
  });

  it("accepts a certificate with the key, and rejects another certificate of the same key with ERR_TOKEN_PROOF", () => {
    const given = { ...key, certificate: Certificate.parse(alice.der) };
    const { xml } = issue({ key: given, sign: "unsigned" });
    expect(open(xml, lax).certificate?.subject).toBe("CN=alice");
    const twin = createTestCertificate({ subject: "CN=root", keyPair: alice.keyPair });
    const swapped = xml.replace(given.certificate.der.toString("base64"), Buffer.from(twin.der).toString("base64"));
    expect(swapped).not.toBe(xml);
    expect(() => open(swapped, lax)).toThrow(coded("ERR_TOKEN_PROOF"));
  });

  it("accepts a hidden key, which nobody else can see", () => {
    const { xml, thumbprint } = issue({ encryptKey: true });
    const opened = open(xml);
    expect(opened.key?.equals(alice.keyPair.publicKey)).toBe(true);
    expect(opened.thumbprint).toBe(thumbprint);
    expect(xml.replace(/<ds:Signature.*<\/ds:Signature>/s, "")).not.toMatch(/KeyInfo|Modulus|holder-of-key/);
  });

  it("accepts an assertion without key, which names none", () => {
    expect(open(issue({ key: undefined }).xml)).toMatchObject({ key: undefined, thumbprint: undefined });
  });

  it.each(["rsa", "ec", "ed25519"] as const)("accepts a key of type %s", (type) => {
    const { publicKey } = testKeyPair(type, "subject");
    expect(open(issue({ key: { key: publicKey } }).xml).key?.equals(publicKey)).toBe(true);
  });
});

describe("what the sealed part protects without a signature", () => {
  const { xml } = issue(unsigned);

  it("accepts the unsigned assertion where no signature is demanded", () => {
    expect(open(xml, lax)).toMatchObject({ ...content, signedBy: undefined });
  });

  it.each([
    ["the subject", ">alice<", ">admin<", "ERR_TOKEN_MALFORMED"],
    ["the issuer", ">urn:agent<", ">urn:other<", "ERR_TOKEN_MALFORMED"],
    ["an audience", ">urn:stock<", ">urn:pay<", "ERR_TOKEN_MALFORMED"],
    [
      "the order of audiences",
      /(<saml2:Audience>.*?<\/saml2:Audience>)(<.*?<\/saml2:Audience>)/,
      "$2$1",
      "ERR_TOKEN_MALFORMED",
    ],
    ["the end", 'NotOnOrAfter="2026', 'NotOnOrAfter="2027', "ERR_TOKEN_MALFORMED"],
    ["the start", 'NotBefore="2026-11-22T10', 'NotBefore="2026-11-22T09', "ERR_TOKEN_MALFORMED"],
    ["the time of issue", 'IssueInstant="2026-11-22T10', 'IssueInstant="2026-11-22T09', "ERR_TOKEN_MALFORMED"],
    ["the ID", 'ID="_', 'ID="_0', "ERR_TOKEN_MALFORMED"],
    ["a format of the name", "<saml2:NameID>", '<saml2:NameID Format="urn:x">', "ERR_TOKEN_MALFORMED"],
    [
      "OneTimeUse",
      "</saml2:Conditions>",
      "<saml2:OneTimeUse></saml2:OneTimeUse></saml2:Conditions>",
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "a recipient",
      "<saml2:SubjectConfirmationData>",
      '<saml2:SubjectConfirmationData Recipient="x">',
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "an Advice",
      "<saml2:AttributeStatement>",
      "<saml2:Advice></saml2:Advice><saml2:AttributeStatement>",
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "a second attribute",
      "</saml2:AttributeStatement>",
      '<saml2:Attribute Name="role"></saml2:Attribute></saml2:AttributeStatement>',
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "a second value",
      "</saml2:Attribute>",
      "<saml2:AttributeValue>AAAA</saml2:AttributeValue></saml2:Attribute>",
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "a second confirmation",
      "</saml2:Subject>",
      '<saml2:SubjectConfirmation Method="urn:x"></saml2:SubjectConfirmation></saml2:Subject>',
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "the confirmation, to bearer",
      /Method="[^"]*"><saml2:SubjectConfirmationData>.*<\/saml2:SubjectConfirmationData>/,
      'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">',
      "ERR_TOKEN_MALFORMED",
    ],
    [
      "the confirmation, to a sealed key",
      /Method="[^"]*"><saml2:SubjectConfirmationData>.*<\/saml2:SubjectConfirmationData>/,
      'Method="urn:countersign:session-ticket:1:sealed">',
      "ERR_TOKEN_PROOF",
    ],
    ["the version of the format", "session-ticket:1", "session-ticket:2", "ERR_WSS_UNSUPPORTED_TOKEN"],
    ["the name of the attribute", "urn:countersign:session-ticket:1", "role", "ERR_WSS_UNSUPPORTED_TOKEN"],
  ])("rejects a change of %s", (_, from, to, code) => {
    const changed = xml.replace(from, to);
    expect(changed).not.toBe(xml);
    expect(() => open(changed, lax)).toThrow(coded(code));
  });

  it("rejects another key in clear with ERR_TOKEN_PROOF", () => {
    const other = issue({ ...unsigned, key: { key: stranger.keyPair.publicKey } }).xml;
    const [, keyInfo = ""] = /(<ds:KeyInfo.*<\/ds:KeyInfo>)/.exec(other) ?? [];
    const swapped = xml.replace(/<ds:KeyInfo.*<\/ds:KeyInfo>/, keyInfo);
    expect(swapped).not.toBe(xml);
    expect(() => open(swapped, lax)).toThrow(coded("ERR_TOKEN_PROOF"));
  });

  it("rejects the sealed part of another assertion with ERR_TOKEN_MALFORMED", () => {
    const value = /<saml2:AttributeValue>(.*?)<\/saml2:AttributeValue>/;
    const other = issue(unsigned, { subject: "alice" }).xml;
    const swapped = xml.replace(value, value.exec(other)?.[0] ?? "");
    expect(() => open(swapped, lax)).toThrow(coded("ERR_TOKEN_MALFORMED"));
  });

  it("rejects every flipped octet of the sealed part with ERR_SESSION_INVALID", () => {
    const { assertion, sealed } = parse(xml);
    for (let at = 0; at < sealed.length; at++) {
      const flipped = Buffer.from(sealed);
      flipped[at] = (flipped[at] as number) ^ 1;
      expect(() => openTicketAssertion({ assertion, sealed: flipped }, lax)).toThrow(coded("ERR_SESSION_INVALID"));
    }
  });

  it("rejects a sealed session ticket in its place with ERR_SESSION_INVALID", () => {
    const sealed = seal(ring, Buffer.from("{}"), { purpose: "session-ticket", tenant: "t" });
    const { assertion } = parse(xml);
    expect(() => openTicketAssertion({ assertion, sealed }, lax)).toThrow(coded("ERR_SESSION_INVALID"));
  });
});

describe("the rules of a service", () => {
  it("rejects an unsigned assertion by default with ERR_TOKEN_SIGNATURE", () => {
    expect(() => open(issue(unsigned).xml)).toThrow(coded("ERR_TOKEN_SIGNATURE"));
  });

  it("rejects a wrong signature wherever signatures count, and accepts it where the sealed part decides alone", () => {
    const { xml } = issue({ sign: { key: stranger.keyPair.privateKey } });
    for (const signature of ["required", "when-present"] as const) {
      expect(() => open(xml, { signature })).toThrow(coded("ERR_TOKEN_SIGNATURE"));
      expect(() => open(issue().xml, { signature, issuers: undefined })).toThrow(coded("ERR_TOKEN_ISSUER"));
    }
    expect(open(xml, { signature: "ignored" })).toMatchObject({ subject: "alice", signedBy: undefined });
  });

  it("rejects the agent's signature when its certificate is out of date with ERR_TOKEN_SIGNATURE", () => {
    const late = { created: now + 5e12, expires: now + 5e12 + 300_000 };
    const { xml } = issue({}, { lifetime: late });
    expect(() => open(xml, { now: late.created })).toThrow(coded("ERR_TOKEN_SIGNATURE"));
  });

  it("rejects another tenant, another ring and two rotations with ERR_SESSION_INVALID (M2, M8)", () => {
    const turning = keyRing([randomBytes(32)]);
    const { xml } = issue({ ring: turning });
    expect(() => open(xml, { ring: turning, tenant: "u" })).toThrow(coded("ERR_SESSION_INVALID"));
    expect(() => open(xml)).toThrow(coded("ERR_SESSION_INVALID"));
    turning.rotate(randomBytes(32));
    expect(open(xml, { ring: turning })).toMatchObject({ subject: "alice" });
    turning.rotate(randomBytes(32));
    expect(() => open(xml, { ring: turning })).toThrow(coded("ERR_SESSION_INVALID"));
  });

  it("accepts it in time, with the skew, and rejects it out of time (M4)", () => {
    const { xml } = issue();
    expect(open(xml, { now: now + 359_999 })).toMatchObject({ level: 5 });
    expect(() => open(xml, { now: now + 360_000 })).toThrow(coded("ERR_TOKEN_EXPIRED"));
    expect(() => open(xml, { now: now - 60_001 })).toThrow(coded("ERR_TOKEN_NOT_YET_VALID"));
  });

  it("rejects it for a service that it is not for with ERR_TOKEN_AUDIENCE", () => {
    const { xml } = issue();
    expect(() => open(xml, { audiences: new Set(["urn:pay"]) })).toThrow(coded("ERR_TOKEN_AUDIENCE"));
    expect(() => open(xml, { audiences: new Set() })).toThrow(coded("ERR_TOKEN_AUDIENCE"));
  });

  it("rejects an assertion for nobody as a mistake of the caller", () => {
    expect(() => issue({}, { audience: [] })).toThrow(coded("ERR_INTERNAL"));
  });
});

describe("confusion with assertions of SAML (G22)", () => {
  it("rejects a session ticket assertion as an assertion of SAML with ERR_WSS_UNSUPPORTED_TOKEN", () => {
    const { xml } = issue();
    const verified = verifyAssertion(parseAssertion(scan(Buffer.from(xml)), 0), issuers, defaultSuite);
    const audiences = new Set(["urn:orders"]);
    expect(() => validateAssertion(verified, { confirm: "holder-of-key", audiences, now, skew: 0 })).toThrow(
      coded("ERR_WSS_UNSUPPORTED_TOKEN"),
    );
  });

  it("rejects an assertion of SAML as a session ticket assertion with ERR_WSS_UNSUPPORTED_TOKEN", () => {
    const { lifetime, issuer } = content;
    const { xml } = issueAssertion(
      { issuer, subject: { name: "alice" }, audience: "urn:orders", lifetime, confirmation: { method: "bearer" } },
      sign,
    );
    expect(() => open(xml)).toThrow(coded("ERR_WSS_UNSUPPORTED_TOKEN"));
    expect(isTicketAssertion(scan(Buffer.from(xml)), 0)).toBe(false);
  });
});
