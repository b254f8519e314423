import { describe, expect, it } from "vitest";
import { createTestCertificate } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import type { AssertionSyntax } from "./assertion.js";
import { parseAssertion } from "./parse.js";

const instant = "2026-11-22T10:00:00Z";
const time = Date.UTC(2026, 10, 22, 10);
const cm = "urn:oasis:names:tc:SAML:1.0:cm";
const name = "<s:NameIdentifier>alice</s:NameIdentifier>";
const method = (...names: string[]) =>
  names.map((one) => `<s:ConfirmationMethod>${cm}:${one}</s:ConfirmationMethod>`).join("");
const bearer = `<s:SubjectConfirmation>${method("bearer")}</s:SubjectConfirmation>`;
const subject = `<s:Subject>${name}${bearer}</s:Subject>`;
const audience = "<s:AudienceRestrictionCondition><s:Audience>urn:orders</s:Audience></s:AudienceRestrictionCondition>";
const conditions = `<s:Conditions NotBefore="${instant}" NotOnOrAfter="2026-11-22T10:30:00Z">${audience}</s:Conditions>`;
const authentication = (content = subject) =>
  `<s:AuthenticationStatement AuthenticationMethod="urn:m" AuthenticationInstant="${instant}">${content}</s:AuthenticationStatement>`;
const claims = "http://schemas.xmlsoap.org/claims";
const role = `<s:Attribute AttributeName="Role" AttributeNamespace="${claims}"><s:AttributeValue>clerk</s:AttributeValue></s:Attribute>`;
const attributes = (content = subject + role) => `<s:AttributeStatement>${content}</s:AttributeStatement>`;
const head = `MajorVersion="1" MinorVersion="1" AssertionID="_a" Issuer="https://sts.example" IssueInstant="${instant}"`;

const namespaces =
  'xmlns:s="urn:oasis:names:tc:SAML:1.0:assertion" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:x="urn:x" ' +
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema"';

const wrap = (content: string, own = head) => `<s:Assertion ${namespaces} ${own}>${content}</s:Assertion>`;
const withSubject = (content: string) => wrap(authentication(`<s:Subject>${content}</s:Subject>`));
const confirmedBy = (content: string) =>
  withSubject(`${name}<s:SubjectConfirmation>${content}</s:SubjectConfirmation>`);
const withConditions = (content: string, own = "") =>
  wrap(`<s:Conditions ${own}>${content}</s:Conditions>${attributes()}`);
const withAttribute = (content: string, own = `AttributeName="Role" AttributeNamespace="${claims}"`) =>
  wrap(attributes(`${subject}<s:Attribute ${own}>${content}</s:Attribute>`));

function parse(xml: string): AssertionSyntax {
  return parseAssertion(scan(Buffer.from(xml)), 0);
}

function refusal(xml: string): string {
  try {
    parse(xml);
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return "accepted";
}

const [alice, bob] = ["CN=alice", "CN=bob"].map((one) => createTestCertificate({ subject: one }));
const keyInfo = (certificate = alice) =>
  `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate?.der.toString("base64")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
const holder = (certificate = alice) =>
  `<s:Subject>${name}<s:SubjectConfirmation>${method("holder-of-key")}${keyInfo(certificate)}</s:SubjectConfirmation></s:Subject>`;

describe("parseAssertion of SAML 1.1", () => {
  it("accepts an assertion with all its parts", () => {
    const locality = '<s:SubjectLocality IPAddress="192.0.2.1" DNSAddress="a.example"/>';
    const binding = '<s:AuthorityBinding AuthorityKind="s:X" Location="urn:l" Binding="urn:b"/>';
    const full = authentication(subject + locality + binding);
    expect(parse(wrap(conditions + full + attributes()))).toMatchObject({
      version: "1.1",
      id: "_a",
      issueInstant: time,
      issuer: "https://sts.example",
      signature: undefined,
      subject: {
        nameId: { value: "alice", format: undefined },
        confirmations: [{ method: `${cm}:bearer`, confirm: "bearer", keys: [] }],
      },
      conditions: {
        notBefore: time,
        notOnOrAfter: time + 1_800_000,
        audienceRestrictions: [["urn:orders"]],
        oneTimeUse: false,
      },
      authnStatements: [{ instant: time, contextClass: "urn:m", sessionNotOnOrAfter: undefined }],
      attributes: [{ name: `${claims}/Role`, values: ["clerk"] }],
    });
  });

  it("accepts what the schema leaves out, and statements in any order", () => {
    expect(parse(wrap(authentication()))).toMatchObject({ conditions: undefined, attributes: [] });
    const many = parse(wrap(attributes() + authentication() + attributes()));
    expect([many.authnStatements.length, many.attributes.length]).toEqual([1, 2]);
    expect(parse(withSubject(bearer)).subject?.nameId).toBeUndefined();
    expect(parse(withSubject(name)).subject?.confirmations).toEqual([]);
  });

  it("accepts attributes as ADFS and WCF write them", () => {
    const origin = 'xmlns:a="http://schemas.xmlsoap.org/ws/2009/09/identity/claims" a:OriginalIssuer="urn:other"';
    const mail = `AttributeName="emailaddress" AttributeNamespace="${claims}" ${origin}`;
    const value = '<s:AttributeValue xsi:type="xs:string">a@x</s:AttributeValue><s:AttributeValue/>';
    expect(parse(withAttribute(value, mail)).attributes).toEqual([
      { name: `${claims}/emailaddress`, values: ["a@x", ""] },
    ]);
  });

  it("accepts A15 an Advice and reads nothing in it", () => {
    const evil = wrap(attributes().replaceAll("alice", "admin"), head.replace("_a", "_b"));
    expect(parse(wrap(`<s:Advice>${evil}</s:Advice>${attributes()}`)).subject?.nameId?.value).toBe("alice");
  });

  it("accepts DoNotCacheCondition as one use", () => {
    const once = "<s:DoNotCacheCondition/>";
    expect(parse(withConditions(audience + once)).conditions?.oneTimeUse).toBe(true);
    expect(parse(withConditions(once + audience + once)).conditions?.oneTimeUse).toBe(true);
    expect(parse(withConditions(audience)).conditions?.oneTimeUse).toBe(false);
  });

  it("accepts several methods of one confirmation, each with the key only where it is holder-of-key", () => {
    const both = parse(confirmedBy(method("bearer", "holder-of-key", "other") + keyInfo()));
    expect(both.subject?.confirmations.map(({ confirm, keys }) => [confirm, keys.length])).toEqual([
      ["bearer", 0],
      ["holder-of-key", 1],
      [undefined, 0],
    ]);
    for (const one of ["bearer", "sender-vouches", "artifact"]) {
      expect(parse(confirmedBy(method(one) + keyInfo())).subject?.confirmations[0]?.keys).toEqual([]);
    }
    // The methods of SAML 2.0 mean nothing here (G6).
    const of20 = confirmedBy(method("bearer").replace(":1.0:", ":2.0:"));
    expect(parse(of20).subject?.confirmations[0]?.confirm).toBeUndefined();
  });

  it("accepts the same Subject in every statement, and rejects any difference with ERR_TOKEN_MALFORMED", () => {
    expect(refusal(wrap(authentication(holder()) + attributes(holder() + role)))).toBe("accepted");
    const second = (other: string) => refusal(wrap(authentication(holder()) + attributes(other + role)));
    for (const other of [
      holder().replace("alice", "admin"),
      holder().replace("<s:NameIdentifier", '<s:NameIdentifier Format="urn:f"'),
      holder().replace("<s:NameIdentifier", '<s:NameIdentifier NameQualifier="q"'),
      holder().replace(name, ""),
      holder(bob),
      holder().replace(keyInfo(), "").replace("holder-of-key", "bearer"),
      holder().replace("holder-of-key", "bearer"),
      holder().replace(method("holder-of-key"), method("holder-of-key", "bearer")),
      `<s:Subject>${name}</s:Subject>`,
      subject,
    ]) {
      expect(second(other)).toBe("ERR_TOKEN_MALFORMED");
    }
  });

  it.each([
    ["no AssertionID", wrap(attributes(), head.replace('AssertionID="_a" ', ""))],
    ["an AssertionID that is no name", wrap(attributes(), head.replace("_a", "1 2"))],
    ["the ID of SAML 2.0", wrap(attributes(), head.replace("AssertionID", "ID"))],
    ["no IssueInstant", wrap(attributes(), head.replace(/ IssueInstant=.*/, ""))],
    ["no Issuer", wrap(attributes(), head.replace('Issuer="https://sts.example" ', ""))],
    ["an empty Issuer", wrap(attributes(), head.replace("https://sts.example", " "))],
    ["an unknown attribute", wrap(attributes(), `${head} Consent="x"`)],
    ["an attribute of another namespace", wrap(attributes(), `${head} x:AssertionID="_a"`)],
    ["no statement", wrap(conditions)],
    ["G18 the Issuer of SAML 2.0", wrap(`<s:Issuer>https://sts.example</s:Issuer>${attributes()}`)],
    ["two Conditions", wrap(conditions + conditions + attributes())],
    ["Conditions behind a statement", wrap(attributes() + conditions)],
    ["two Advices", wrap(`<s:Advice/><s:Advice/>${attributes()}`)],
    ["A13 an assertion in the assertion", wrap(attributes() + wrap(attributes()))],
    ["a decision", wrap(`${attributes()}<s:AuthorizationDecisionStatement/>`)],
    ["an abstract statement", wrap(`${attributes()}<s:Statement xsi:type="x:y"/>`)],
    ["a Signature before the statements", wrap(`<ds:Signature/>${attributes()}`)],
    ["a statement without Subject", wrap(attributes(role))],
    ["a Subject behind the attributes", wrap(attributes(role + subject))],
    ["two Subjects in one statement", wrap(attributes(subject + subject + role))],
    ["an empty Subject", withSubject("")],
    ["G17 an empty NameIdentifier", withSubject(`<s:NameIdentifier> </s:NameIdentifier>${bearer}`)],
    ["G17 a NameIdentifier with elements in it", withSubject(`<s:NameIdentifier>a<x:y/>b</s:NameIdentifier>${bearer}`)],
    ["two NameIdentifiers", withSubject(name + name + bearer)],
    ["a NameIdentifier with an SPNameQualifier", withSubject(name.replace(">a", ' SPNameQualifier="q">a') + bearer)],
    ["two SubjectConfirmations", withSubject(name + bearer + bearer)],
    ["a SubjectConfirmation without method", confirmedBy("")],
    ["an empty ConfirmationMethod", confirmedBy("<s:ConfirmationMethod/>")],
    ["nine methods", confirmedBy(method(..."abcdefghi"))],
    [
      "a Method attribute",
      confirmedBy(method("bearer")).replace("<s:SubjectConfirmation", '<s:SubjectConfirmation Method="x"'),
    ],
    ["data whose demands are not known", confirmedBy(`${method("bearer")}<s:SubjectConfirmationData/>`)],
    ["G3 holder-of-key without KeyInfo", confirmedBy(method("holder-of-key"))],
    ["a KeyInfo before the method", confirmedBy(keyInfo() + method("holder-of-key"))],
    ["two KeyInfos", confirmedBy(method("holder-of-key") + keyInfo() + keyInfo())],
    ["no AuthenticationMethod", wrap(authentication().replace('AuthenticationMethod="urn:m"', ""))],
    ["no AuthenticationInstant", wrap(authentication().replace(/ AuthenticationInstant="[^"]*"/, ""))],
    ["a SubjectLocality with content", wrap(authentication(`${subject}<s:SubjectLocality><x:y/></s:SubjectLocality>`))],
    ["a session of SAML 2.0", wrap(authentication().replace(" Auth", ` SessionNotOnOrAfter="${instant}" Auth`))],
    ["an empty AttributeStatement", wrap(attributes(subject))],
    ["an attribute without name", withAttribute("<s:AttributeValue/>", 'AttributeNamespace="urn:n"')],
    ["an attribute without namespace", withAttribute("<s:AttributeValue/>", 'AttributeName="n"')],
    ["the attribute name of SAML 2.0", withAttribute("<s:AttributeValue/>", 'Name="n"')],
    ["an attribute without values", withAttribute("")],
    ["G16 a value with elements in it", withAttribute("<s:AttributeValue>a<x:y/></s:AttributeValue>")],
    ["G16 a nil value", withAttribute('<s:AttributeValue xsi:nil="true"/>')],
    ["an unknown condition", withConditions("<s:Condition/>")],
    ["G21 a condition of another type", withConditions('<s:Condition xsi:type="x:y"/>')],
    ["OneTimeUse, of SAML 2.0", withConditions("<s:OneTimeUse/>")],
    ["AudienceRestriction, of SAML 2.0", withConditions(audience.replaceAll("Condition>", ">"))],
    ["an empty AudienceRestrictionCondition", withConditions("<s:AudienceRestrictionCondition/>")],
    ["an empty Audience", withConditions(audience.replace("urn:orders", ""))],
    ["a DoNotCacheCondition with content", withConditions("<s:DoNotCacheCondition><x:y/></s:DoNotCacheCondition>")],
    ["an end before the start", withConditions("", `NotBefore="${instant}" NotOnOrAfter="${instant}"`)],
  ])("rejects %s with ERR_TOKEN_MALFORMED", (_, xml) => {
    expect(refusal(xml)).toBe("ERR_TOKEN_MALFORMED");
  });

  it.each(["2026-02-30T10:00:00Z", "2026-11-22T10:00:00", "2026-11-22T10:00:00+01:00", "never", ""])(
    "rejects G8 G9 the time %j wherever one may stand with ERR_TOKEN_MALFORMED",
    (text) => {
      expect(refusal(wrap(attributes(), head.replace(instant, text)))).toBe("ERR_TOKEN_MALFORMED");
      expect(refusal(withConditions(audience, `NotBefore="${text}"`))).toBe("ERR_TOKEN_MALFORMED");
      expect(refusal(withConditions(audience, `NotOnOrAfter="${text}"`))).toBe("ERR_TOKEN_MALFORMED");
      expect(refusal(wrap(authentication().replace(instant, text)))).toBe("ERR_TOKEN_MALFORMED");
    },
  );

  it.each([
    ["G18 SAML 1.0", wrap(attributes(), head.replace('MinorVersion="1"', 'MinorVersion="0"'))],
    ["G18 another MajorVersion", wrap(attributes(), head.replace('MajorVersion="1"', 'MajorVersion="2"'))],
    ["G18 no version", wrap(attributes(), head.replace(/MajorVersion="1" MinorVersion="1"/, ""))],
    ["G18 the version of SAML 2.0 too", wrap(attributes(), `${head} Version="2.0"`)],
    [
      "G22 a Request",
      wrap(attributes()).replaceAll("s:Assertion ", "s:Request ").replace("/s:Assertion", "/s:Request"),
    ],
    [
      "a key by name only",
      confirmedBy(`${method("holder-of-key")}<ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo>`),
    ],
  ])("rejects %s with ERR_WSS_UNSUPPORTED_TOKEN", (_, xml) => {
    expect(refusal(xml)).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });

  it("accepts sixteen statements and rejects more with ERR_TOKEN_MALFORMED", () => {
    expect(refusal(wrap(attributes().repeat(16)))).toBe("accepted");
    expect(refusal(wrap(attributes().repeat(17)))).toBe("ERR_TOKEN_MALFORMED");
  });

  it("accepts 256 KiB and rejects more with ERR_WSS_INVALID_SECURITY", () => {
    const value = (text: string) => withAttribute(`<s:AttributeValue>${text}</s:AttributeValue>`);
    const filled = (octets: number) => value("a".repeat(octets - Buffer.byteLength(value(""))));
    expect(refusal(filled(262_144))).toBe("accepted");
    expect(refusal(filled(262_145))).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it("accepts B2 B3 the whole text of names and values, comments and CDATA joined", () => {
    const xml = wrap(attributes()).replace("alice", "admin@x<!---->.evil").replace("clerk", "cl<![CDATA[er]]>k");
    expect(parse(xml)).toMatchObject({
      subject: { nameId: { value: "admin@x.evil" } },
      attributes: [{ values: ["clerk"] }],
    });
  });

  it("rejects a malformed Signature with ERR_TOKEN_SIGNATURE, and two with ERR_TOKEN_MALFORMED", () => {
    expect(refusal(wrap(`${attributes()}<ds:Signature/>`))).toBe("ERR_TOKEN_SIGNATURE");
    expect(refusal(wrap(`${attributes()}<ds:Signature/><ds:Signature/>`))).toBe("ERR_TOKEN_MALFORMED");
  });
});
