import { describe, expect, expectTypeOf, it } from "vitest";
import { Certificate, defaultSuite, signatureUri, suites } from "../../crypto/index.js";
import { isCountersignError } from "../../errors/index.js";
import { createTestCertificate, testKeyPair } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import { signEnveloped } from "../../xmlsec/index.js";
import type { AssertionSyntax } from "./assertion.js";
import type { AssertionContent } from "./content.js";
import { issueAssertion } from "./issue.js";
import { type AssertionIssuers, createAssertionIssuers } from "./issuers.js";
import { parseAssertion } from "./parse.js";
import { names } from "./saml2-names.js";
import { type VerifiedAssertion, verifyAssertion } from "./verify.js";

const now = Date.now();
const sts = createTestCertificate({ subject: "CN=sts" });
const otherSts = createTestCertificate({ subject: "CN=other sts" });
const attacker = createTestCertificate({ subject: "CN=sts" });
const trust = (...certificates: string[]): AssertionIssuers =>
  createAssertionIssuers([{ name: "https://sts.example", certificates }], "trust.issuers");
const issuers = createAssertionIssuers(
  [
    { name: "https://sts.example", certificates: [sts.certificate] },
    { name: "https://other.example", certificates: [otherSts.certificate] },
  ],
  "trust.issuers",
);
const content: AssertionContent = {
  issuer: "https://sts.example",
  subject: { name: "alice" },
  audience: "urn:orders",
  lifetime: { created: now, expires: now + 1_800_000 },
  confirmation: { method: "bearer" },
  attributes: [{ name: "role", values: ["clerk"] }],
  id: "_a",
};

const issue = (change: Partial<AssertionContent> = {}, signer = sts) =>
  issueAssertion(
    { ...content, ...change },
    { key: signer.keyPair.privateKey, certificate: Certificate.parse(signer.der) },
  ).xml;

/** Parses the first assertion in `xml`, as the one direct child of a header would be. */
function parse(xml: string, element = 0): AssertionSyntax {
  return parseAssertion(scan(Buffer.from(xml)), element);
}

function refusal(xml: string, trusted: AssertionIssuers = issuers, element = 0): string {
  try {
    verifyAssertion(parse(xml, element), trusted, defaultSuite);
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
  return "accepted";
}

describe("verifyAssertion", () => {
  it("accepts an assertion that its issuer signed, and tells by which certificate", () => {
    const verified = verifyAssertion(parse(issue()), issuers, defaultSuite);
    expect(verified).toMatchObject({
      id: "_a",
      issuer: "https://sts.example",
      holderOfKey: [],
      holderOfKeyCertificates: [],
    });
    expect(verified.signedBy.der).toEqual(sts.der);
    expect(verified.attributes).toEqual([{ name: "role", values: ["clerk"] }]);
  });

  it.each([
    ["another subject", (xml: string) => xml.replace(">alice<", ">admin<")],
    [
      "B1 a comment in it is no change, another letter is",
      (xml: string) => xml.replace(">alice<", "><!-- c -->alicf<"),
    ],
    ["another attribute value", (xml: string) => xml.replace("clerk", "boss!")],
    ["another audience", (xml: string) => xml.replace("urn:orders", "urn:orderz")],
    ["a later end", (xml: string) => xml.replace(/NotOnOrAfter="20/, 'NotOnOrAfter="21')],
    ["another confirmation method", (xml: string) => xml.replace(":bearer", ":sender-vouches")],
    ["another ID", (xml: string) => xml.replace('ID="_a"', 'ID="_b"')],
    [
      "a second attribute",
      (xml: string) => xml.replace("</saml2:Attribute>", '</saml2:Attribute><saml2:Attribute Name="x"/>'),
    ],
    ["white space between elements", (xml: string) => xml.replace("<saml2:Subject>", " <saml2:Subject>")],
    [
      "a changed SignatureValue",
      (xml: string) => xml.replace(/(<ds:SignatureValue>)(.)/, (_all, tag, first) => tag + (first === "A" ? "B" : "A")),
    ],
    [
      "a changed DigestValue",
      (xml: string) => xml.replace(/(<ds:DigestValue>)(.)/, (_all, tag, first) => tag + (first === "A" ? "B" : "A")),
    ],
    ["G1 the Signature removed", (xml: string) => xml.replace(/<ds:Signature.*<\/ds:Signature>/, "")],
  ])("rejects %s with ERR_TOKEN_SIGNATURE", (_name, change) => {
    const xml = issue();
    expect(change(xml)).not.toBe(xml);
    expect(refusal(xml)).toBe("accepted");
    expect(refusal(change(xml))).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("rejects C1 C2 an attacker's certificate of the same name in KeyInfo with ERR_TOKEN_SIGNATURE", () => {
    expect(refusal(issue({}, attacker))).toBe("ERR_TOKEN_SIGNATURE");
    expect(refusal(issue({}, attacker), trust(attacker.certificate))).toBe("accepted");
  });

  it("rejects G14 an issuer that is not configured, however it is spelt, with ERR_TOKEN_ISSUER", () => {
    for (const issuer of [
      "https://evil.example",
      "https://sts.example/",
      "HTTPS://sts.example",
      " https://sts.example",
      "__proto__",
    ]) {
      expect(refusal(issue({ issuer }))).toBe("ERR_TOKEN_ISSUER");
    }
  });

  it("rejects G14 the name of one issuer under the key of another with ERR_TOKEN_SIGNATURE", () => {
    expect(refusal(issue({ issuer: "https://other.example" }, otherSts))).toBe("accepted");
    expect(refusal(issue({ issuer: "https://other.example" }, sts))).toBe("ERR_TOKEN_SIGNATURE");
    expect(refusal(issue({}, otherSts))).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("accepts J24 both certificates of an issuer while one replaces the other, of whatever type", () => {
    const rsa = createTestCertificate({ subject: "CN=sts rsa", keyType: "rsa" });
    const both = trust(sts.certificate, rsa.certificate);
    expect(refusal(issue({}, sts), both)).toBe("accepted");
    expect(refusal(issue({}, rsa), both)).toBe("accepted");
    expect(refusal(issue({}, rsa), trust(sts.certificate))).toBe("ERR_TOKEN_SIGNATURE");
    expect(refusal(issue({}, attacker), both)).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("rejects C5 SHA-1, and what the route's suite does not hold, with ERR_WSS_UNSUPPORTED_ALGORITHM", () => {
    const rsa = createTestCertificate({ subject: "CN=sts rsa", keyType: "rsa" });
    const trusted = trust(rsa.certificate);
    const { xml } = issueAssertion(content, { key: rsa.keyPair.privateKey, algorithm: signatureUri.rsaSha1 });
    expect(refusal(xml, trusted)).toBe("ERR_WSS_UNSUPPORTED_ALGORITHM");
    expect(verifyAssertion(parse(xml), trusted, suites.legacySha1).signedBy.der).toEqual(rsa.der);
    const stronger = issueAssertion(content, { key: rsa.keyPair.privateKey, algorithm: signatureUri.rsaSha512 }).xml;
    expect(refusal(stronger, trusted)).toBe("accepted");
    expect(() => verifyAssertion(parse(stronger), trusted, suites.basic256Sha256)).toThrow(
      expect.objectContaining({ code: "ERR_WSS_UNSUPPORTED_ALGORITHM" }),
    );
  });

  it("rejects C3 an HMAC made with the public key's octets with ERR_TOKEN_SIGNATURE", () => {
    const xml = issue().replace(/(<ds:SignatureMethod Algorithm=")[^"]*/, `$1${signatureUri.hmacSha256}`);
    expect(refusal(xml)).toBe("ERR_TOKEN_SIGNATURE");
  });

  it.each([
    ["to nothing", 'URI=""'],
    ["to another ID", 'URI="#_b"'],
    ["to a file", 'URI="file:///etc/passwd"'],
    ["by XPointer", "URI=\"#xpointer(id('_a'))\""],
  ])("rejects G20 C11 a Reference %s with ERR_TOKEN_SIGNATURE", (_name, uri) => {
    expect(refusal(issue().replace('URI="#_a"', uri))).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("rejects G20 other transforms", () => {
    const c14n = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>';
    const enveloped = '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>';
    const under = (transforms: string) => refusal(issue().replace(enveloped + c14n, transforms));
    expect(under(enveloped + c14n)).toBe("accepted");
    expect(under(c14n)).toBe("ERR_TOKEN_SIGNATURE");
    expect(under(enveloped + c14n + c14n)).toBe("ERR_TOKEN_SIGNATURE");
    for (const transforms of [enveloped, c14n + enveloped]) {
      expect(under(transforms)).toBe("ERR_WSS_UNSUPPORTED_ALGORITHM");
    }
  });

  it("rejects A13 A14 an evil assertion beside, around or instead of the signed one", () => {
    const good = issue();
    const signature = /<ds:Signature.*<\/ds:Signature>/.exec(good)?.[0] ?? "";
    const evil = good.replace(signature, "").replace(">alice<", ">admin<");
    const evilSigned = evil.replace("</saml2:Issuer>", `</saml2:Issuer>${signature}`);
    expect(refusal(evilSigned)).toBe("ERR_TOKEN_SIGNATURE");
    expect(refusal(evilSigned.replace('ID="_a"', 'ID="_b"'))).toBe("ERR_TOKEN_SIGNATURE");
    // The signed one inside the evil one: as a child, in its Advice, and in the Object of its Signature.
    const around = (inner: string) =>
      evil.replace('ID="_a"', 'ID="_b"').replace("</saml2:Conditions>", `</saml2:Conditions>${inner}`);
    expect(refusal(around(good))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(around(`<saml2:Advice>${good}</saml2:Advice>`))).toBe("ERR_TOKEN_SIGNATURE");
    const withObject = signature.replace("</ds:Signature>", `<ds:Object>${good}</ds:Object></ds:Signature>`);
    expect(refusal(evil.replace('ID="_a"', 'ID="_b"').replace("</saml2:Issuer>", `</saml2:Issuer>${withObject}`))).toBe(
      "ERR_TOKEN_SIGNATURE",
    );
    // Beside it: each is judged by itself.
    const pair = `<w>${evil}${good}</w>`;
    const second = scan(Buffer.from(pair)).nextSibling(1);
    expect(refusal(pair, issuers, 1)).toBe("ERR_TOKEN_SIGNATURE");
    expect(refusal(pair, issuers, second)).toBe("accepted");
  });

  it("accepts A15 a foreign assertion in a signed Advice, and reads nothing of it", () => {
    const inner = issue({ id: "_inner", issuer: "https://evil.example", subject: { name: "admin" } }, attacker);
    const bare = issue().replace(/<ds:Signature.*<\/ds:Signature>/, "");
    const xml = signEnveloped(
      bare.replace("</saml2:Conditions>", `</saml2:Conditions><saml2:Advice>${inner}</saml2:Advice>`),
      {
        elementId: "_a",
        behind: names.issuer,
        key: sts.keyPair.privateKey,
        algorithm: signatureUri.ecdsaSha256,
      },
    );
    expect(verifyAssertion(parse(xml), issuers, defaultSuite)).toMatchObject({
      subject: { nameId: { value: "alice" } },
    });
    expect(refusal(xml.replace(">admin<", ">nimda<"))).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("accepts a KeyInfo that leads nowhere, since it chooses nothing", () => {
    const xml = issue().replace(/<ds:KeyInfo.*<\/ds:KeyInfo>/, "<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>");
    expect(refusal(xml)).toBe("accepted");
    expect(refusal(xml, trust(attacker.certificate))).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("accepts the keys that holder-of-key confirmations name, and rejects one put in by somebody else", () => {
    const alice = createTestCertificate({ subject: "CN=alice" });
    const byCertificate = issue({
      confirmation: { method: "holder-of-key", certificate: Certificate.parse(alice.der) },
    });
    const verified = verifyAssertion(parse(byCertificate), issuers, defaultSuite);
    expect(verified.holderOfKey.map((key) => key.equals(alice.keyPair.publicKey))).toEqual([true]);
    expect(verified.holderOfKeyCertificates.map(({ der }) => der)).toEqual([alice.der]);
    const stolen = byCertificate.replaceAll(alice.der.toString("base64"), attacker.der.toString("base64"));
    expect(refusal(stolen)).toBe("ERR_TOKEN_SIGNATURE");
    for (const type of ["rsa", "ec", "ed25519"] as const) {
      const { publicKey } = testKeyPair(type, "holder");
      const byKey = issue({ confirmation: { method: "holder-of-key", publicKey } });
      const { holderOfKey, holderOfKeyCertificates } = verifyAssertion(parse(byKey), issuers, defaultSuite);
      expect(holderOfKey.map((key) => key.equals(publicKey))).toEqual([true]);
      expect(holderOfKeyCertificates).toEqual([]);
    }
  });

  it("is the only way to a VerifiedAssertion", () => {
    expectTypeOf<AssertionSyntax>().not.toExtend<VerifiedAssertion>();
    expectTypeOf<VerifiedAssertion>().toExtend<AssertionSyntax>();
  });
});

describe("createAssertionIssuers", () => {
  it("accepts issuers by name", () => {
    expect([...issuers.keys()]).toEqual(["https://sts.example", "https://other.example"]);
  });

  it.each([
    ["no issuer", [], "trust.issuers"],
    ["an empty name", [{ name: " ", certificates: [sts.certificate] }], "trust.issuers[0].name"],
    [
      "a name twice",
      [
        { name: "a", certificates: [sts.certificate] },
        { name: "a", certificates: [sts.certificate] },
      ],
      "trust.issuers[1].name",
    ],
    ["no certificate", [{ name: "a", certificates: [] }], "trust.issuers[0].certificates"],
    [
      "nine certificates",
      [{ name: "a", certificates: Array<string>(9).fill(sts.certificate) }],
      "trust.issuers[0].certificates",
    ],
    ["something else than a certificate", [{ name: "a", certificates: ["PEM"] }], "trust.issuers[0].certificates[0]"],
  ])("rejects %s with ERR_CONFIG_INVALID", (_name, given, option) => {
    expect(() => createAssertionIssuers(given, "trust.issuers")).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option }),
    );
  });
});
