import { describe, expect, it } from "vitest";
import { createTestCertificate } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import type { AssertionSyntax } from "./assertion.js";
import { parseAssertion } from "./parse.js";

const instant = "2026-11-22T10:00:00Z";
const time = Date.UTC(2026, 10, 22, 10);
const cm = "urn:oasis:names:tc:SAML:2.0:cm";
const issuer = "<s:Issuer>https://sts.example</s:Issuer>";
const nameId = "<s:NameID>alice</s:NameID>";
const bearer = `<s:SubjectConfirmation Method="${cm}:bearer"/>`;
const subject = `<s:Subject>${nameId}${bearer}</s:Subject>`;
const audience = "<s:AudienceRestriction><s:Audience>urn:orders</s:Audience></s:AudienceRestriction>";
const conditions = `<s:Conditions NotBefore="${instant}" NotOnOrAfter="2026-11-22T10:30:00Z">${audience}</s:Conditions>`;
const context = "<s:AuthnContext><s:AuthnContextClassRef>urn:x</s:AuthnContextClassRef></s:AuthnContext>";
const authn = `<s:AuthnStatement AuthnInstant="${instant}">${context}</s:AuthnStatement>`;
const role = '<s:Attribute Name="role"><s:AttributeValue>clerk</s:AttributeValue></s:Attribute>';
const attributes = `<s:AttributeStatement>${role}</s:AttributeStatement>`;
const head = `ID="_a" IssueInstant="${instant}" Version="2.0"`;

const namespaces =
  'xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:x="urn:x" ' +
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema"';

const wrap = (content: string, own = head) => `<s:Assertion ${namespaces} ${own}>${content}</s:Assertion>`;
const withSubject = (content: string) => wrap(`${issuer}<s:Subject>${content}</s:Subject>`);
const withConditions = (content: string, own = "") =>
  wrap(`${issuer}${subject}<s:Conditions ${own}>${content}</s:Conditions>`);
const withAttribute = (content: string) =>
  wrap(
    `${issuer}${subject}<s:AttributeStatement><s:Attribute Name="role">${content}</s:Attribute></s:AttributeStatement>`,
  );

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

const certificate = createTestCertificate({ subject: "CN=alice" });
const keyInfo = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate.der.toString("base64")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
const holder = (data: string) =>
  `${nameId}<s:SubjectConfirmation Method="${cm}:holder-of-key">${data}</s:SubjectConfirmation>`;

describe("parseAssertion of SAML 2.0", () => {
  it("accepts an assertion with all its parts", () => {
    const syntax = parse(wrap(issuer + subject + conditions + authn + attributes));
    expect(syntax).toMatchObject({ id: "_a", issueInstant: time, issuer: "https://sts.example", signature: undefined });
    expect(syntax.subject).toMatchObject({
      nameId: { value: "alice", format: undefined },
      confirmations: [{ method: `${cm}:bearer`, keys: [] }],
    });
    expect(syntax.conditions).toMatchObject({
      notBefore: time,
      notOnOrAfter: time + 1_800_000,
      audienceRestrictions: [["urn:orders"]],
      oneTimeUse: false,
    });
    expect(syntax.authnStatements).toMatchObject([
      { instant: time, contextClass: "urn:x", sessionNotOnOrAfter: undefined },
    ]);
    expect(syntax.attributes).toEqual([{ name: "role", values: ["clerk"] }]);
  });

  it("accepts what the schema leaves out", () => {
    expect(parse(wrap(issuer))).toMatchObject({
      subject: undefined,
      conditions: undefined,
      authnStatements: [],
      attributes: [],
    });
  });

  it("accepts statements in any order, and several of a kind", () => {
    const syntax = parse(wrap(issuer + subject + attributes + authn + attributes + authn));
    expect(syntax.authnStatements).toHaveLength(2);
    expect(syntax.attributes).toHaveLength(2);
  });

  it("accepts A15 an Advice and reads nothing in it", () => {
    const evil = wrap(issuer + subject.replace("alice", "admin") + attributes.replace("clerk", "admin")).replace(
      '"_a"',
      '"_b"',
    );
    const syntax = parse(wrap(`${issuer}${subject}<s:Advice>${evil}</s:Advice>${attributes}`));
    expect(syntax).toMatchObject({
      subject: { nameId: { value: "alice" } },
      attributes: [{ name: "role", values: ["clerk"] }],
    });
  });

  it.each([
    ["no ID", wrap(issuer, `IssueInstant="${instant}" Version="2.0"`)],
    ["an ID that is no name", wrap(issuer, head.replace("_a", "1 2"))],
    ["no IssueInstant", wrap(issuer, 'ID="_a" Version="2.0"')],
    ["an unknown attribute", wrap(issuer, `${head} Consent="x"`)],
    ["an attribute of another namespace", wrap(issuer, `${head} x:ID="_a"`)],
    ["no Issuer", wrap(subject)],
    ["two Issuers", wrap(issuer + issuer)],
    ["an Issuer behind the Subject", wrap(subject + issuer)],
    ["an empty Issuer", wrap("<s:Issuer> </s:Issuer>")],
    ["an Issuer with elements in it", wrap("<s:Issuer>https://<x:y/>sts.example</s:Issuer>")],
    [
      "an Issuer of another Format",
      wrap(issuer.replace("<s:Issuer", `<s:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"`)),
    ],
    ["an Issuer with a NameQualifier", wrap(issuer.replace("<s:Issuer", `<s:Issuer NameQualifier="other"`))],
    ["two Subjects", wrap(issuer + subject + subject)],
    ["two Conditions", wrap(issuer + subject + conditions + conditions)],
    ["Conditions before the Subject", wrap(issuer + conditions + subject)],
    ["two Advices", wrap(`${issuer}${subject}<s:Advice/><s:Advice/>`)],
    ["an Advice behind a statement", wrap(`${issuer}${subject}${attributes}<s:Advice/>`)],
    ["A13 an assertion in the assertion", wrap(issuer + subject + wrap(issuer + subject))],
    ["an unknown statement", wrap(`${issuer}${subject}<s:Statement xsi:type="x:Y"/>`)],
    [
      "an AuthzDecisionStatement",
      wrap(`${issuer}${subject}<s:AuthzDecisionStatement Resource="x" Decision="Permit"/>`),
    ],
    ["an empty Subject", withSubject("")],
    ["two NameIDs", withSubject(nameId + nameId + bearer)],
    ["a NameID behind the confirmation", withSubject(bearer + nameId)],
    ["G17 an empty NameID", withSubject(`<s:NameID/>${bearer}`)],
    ["G17 a NameID of white space", withSubject(`<s:NameID>\n </s:NameID>${bearer}`)],
    ["G17 a NameID with elements in it", withSubject(`<s:NameID>ali<x:y/>ce</s:NameID>${bearer}`)],
    ["a NameID with an unknown attribute", withSubject(`<s:NameID Admin="yes">alice</s:NameID>${bearer}`)],
    ["a confirmation without Method", withSubject(`${nameId}<s:SubjectConfirmation/>`)],
    [
      "two SubjectConfirmationData",
      withSubject(
        bearer.replace("/>", "><s:SubjectConfirmationData/><s:SubjectConfirmationData/></s:SubjectConfirmation>"),
      ),
    ],
    [
      "an element in SubjectConfirmationData",
      withSubject(
        bearer.replace("/>", "><s:SubjectConfirmationData><x:y/></s:SubjectConfirmationData></s:SubjectConfirmation>"),
      ),
    ],
    ["nine confirmations", withSubject(nameId + bearer.repeat(9))],
    ["G3 holder-of-key without data", withSubject(holder(""))],
    ["G3 holder-of-key without KeyInfo", withSubject(holder("<s:SubjectConfirmationData/>"))],
    ["G21 an unknown condition", withConditions(`${audience}<x:Condition/>`)],
    [
      "G21 a delegation restriction",
      withConditions(`${audience}<s:Condition xsi:type="x:DelegationRestrictionType"/>`),
    ],
    ["an empty AudienceRestriction", withConditions("<s:AudienceRestriction/>")],
    [
      "an Audience with elements in it",
      withConditions("<s:AudienceRestriction><s:Audience>urn:<x:y/>orders</s:Audience></s:AudienceRestriction>"),
    ],
    ["two OneTimeUse", withConditions(`${audience}<s:OneTimeUse/><s:OneTimeUse/>`)],
    ["two ProxyRestrictions", withConditions(`${audience}<s:ProxyRestriction/><s:ProxyRestriction/>`)],
    ["a Count that is no number", withConditions(`${audience}<s:ProxyRestriction Count="-1"/>`)],
    ["NotOnOrAfter at NotBefore", withConditions(audience, `NotBefore="${instant}" NotOnOrAfter="${instant}"`)],
    [
      "an AuthnStatement without AuthnInstant",
      wrap(`${issuer}${subject}<s:AuthnStatement>${context}</s:AuthnStatement>`),
    ],
    [
      "an AuthnStatement without AuthnContext",
      wrap(`${issuer}${subject}<s:AuthnStatement AuthnInstant="${instant}"/>`),
    ],
    ["an empty AuthnContext", wrap(issuer + subject + authn.replace(context, "<s:AuthnContext/>"))],
    ["an empty AttributeStatement", wrap(`${issuer}${subject}<s:AttributeStatement/>`)],
    [
      "an Attribute without Name",
      wrap(`${issuer}${subject}<s:AttributeStatement><s:Attribute/></s:AttributeStatement>`),
    ],
    ["G16 a value with elements in it", withAttribute("<s:AttributeValue>cl<x:y/>erk</s:AttributeValue>")],
    ["G16 an assertion as value", withAttribute(`<s:AttributeValue>${wrap(issuer)}</s:AttributeValue>`)],
    ["G16 xsi:nil", withAttribute('<s:AttributeValue xsi:nil="true"/>')],
    [
      "xsi:nil on a SubjectConfirmationData",
      withSubject(
        nameId + bearer.replace("/>", '><s:SubjectConfirmationData xsi:nil="true"/></s:SubjectConfirmation>'),
      ),
    ],
    ["a value of another namespace", withAttribute("<x:AttributeValue>clerk</x:AttributeValue>")],
  ])("rejects %s with ERR_TOKEN_MALFORMED", (_name, xml) => {
    expect(refusal(xml)).toBe("ERR_TOKEN_MALFORMED");
  });

  it.each([
    "2026-02-30T10:00:00Z",
    "2026-11-22T24:00:01Z",
    "2026-11-22T10:00:00",
    "1 Jan 2026",
    "2026-11-22T10:00:00+01:00",
    "never",
    "",
  ])("rejects G8 G9 the time %j wherever one may stand with ERR_TOKEN_MALFORMED", (text) => {
    const data = (name: string) =>
      withSubject(
        nameId + bearer.replace("/>", `><s:SubjectConfirmationData ${name}="${text}"/></s:SubjectConfirmation>`),
      );
    expect(refusal(wrap(issuer, head.replace(instant, text)))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(withConditions(audience, `NotBefore="${text}"`))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(withConditions(audience, `NotOnOrAfter="${text}"`))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(data("NotBefore"))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(data("NotOnOrAfter"))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(wrap(issuer + subject + authn.replace(instant, text)))).toBe("ERR_TOKEN_MALFORMED");
    expect(
      refusal(wrap(issuer + subject + authn.replace(" AuthnInstant", ` SessionNotOnOrAfter="${text}" AuthnInstant`))),
    ).toBe("ERR_TOKEN_MALFORMED");
  });

  it.each([
    ["G18 version 2.1", wrap(issuer, head.replace("2.0", "2.1"))],
    ["G18 no version", wrap(issuer, head.replace('Version="2.0"', ""))],
    ["G18 attributes of SAML 1.1", wrap(issuer, `${head} MajorVersion="1" MinorVersion="1"`)],
    [
      "a SAML 1.1 assertion",
      wrap(issuer).replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:1.0:assertion"),
    ],
    ["G22 a LogoutRequest", wrap(issuer).replaceAll("s:Assertion", "s:LogoutRequest")],
    ["an EncryptedID", withSubject(`<s:EncryptedID/>${bearer}`)],
    ["a BaseID", withSubject(`<s:BaseID/>${bearer}`)],
    [
      "an EncryptedAttribute",
      wrap(`${issuer}${subject}<s:AttributeStatement>${role}<s:EncryptedAttribute/></s:AttributeStatement>`),
    ],
    [
      "a key by name only",
      withSubject(
        holder(
          "<s:SubjectConfirmationData><ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo></s:SubjectConfirmationData>",
        ),
      ),
    ],
    [
      "two certificates in one KeyInfo",
      withSubject(
        holder(
          `<s:SubjectConfirmationData>${keyInfo.replace(/(<ds:X509Certificate>.*<\/ds:X509Certificate>)/, "$1$1")}</s:SubjectConfirmationData>`,
        ),
      ),
    ],
  ])("rejects %s with ERR_WSS_UNSUPPORTED_TOKEN", (_name, xml) => {
    expect(refusal(xml)).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });

  it.each([
    ["two SignedInfo (B6)", "<ds:Signature><ds:SignedInfo/><ds:SignedInfo/></ds:Signature>"],
    ["an empty Signature", "<ds:Signature/>"],
  ])("rejects %s with ERR_TOKEN_SIGNATURE", (_name, signature) => {
    expect(refusal(wrap(issuer + signature + subject))).toBe("ERR_TOKEN_SIGNATURE");
  });

  it("rejects a second Signature, or one out of place, with ERR_TOKEN_MALFORMED", () => {
    expect(refusal(wrap(`${issuer}${subject}<ds:Signature/>`))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(wrap(`<ds:Signature/>${issuer}${subject}`))).toBe("ERR_TOKEN_MALFORMED");
  });

  it("accepts 256 KiB and rejects more with ERR_WSS_INVALID_SECURITY", () => {
    const filled = (octets: number) => {
      const empty = withAttribute("<s:AttributeValue></s:AttributeValue>");
      return withAttribute(`<s:AttributeValue>${"a".repeat(octets - Buffer.byteLength(empty))}</s:AttributeValue>`);
    };
    expect(refusal(filled(262_144))).toBe("accepted");
    expect(refusal(filled(262_145))).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it("accepts B2 B3 the whole text of names and values, comments and CDATA joined", () => {
    const xml = wrap(
      issuer + subject.replace("alice", "admin@x<!---->.evil") + attributes.replace("clerk", "cl<![CDATA[er]]>k"),
    );
    expect(parse(xml)).toMatchObject({
      subject: { nameId: { value: "admin@x.evil" } },
      attributes: [{ name: "role", values: ["clerk"] }],
    });
  });

  it("accepts NameID qualifiers and keeps them apart from the name", () => {
    const xml = withSubject(
      `<s:NameID Format="urn:f" NameQualifier="q" SPNameQualifier="sp" SPProvidedID="i">alice</s:NameID>${bearer}`,
    );
    expect(parse(xml).subject?.nameId).toEqual({
      value: "alice",
      format: "urn:f",
      nameQualifier: "q",
      spNameQualifier: "sp",
    });
  });

  it("accepts attributes of any xsi:type, without values, with empty ones, and of one name twice, in order", () => {
    const xml = wrap(
      `${issuer}${subject}<s:AttributeStatement>${role}<s:Attribute Name="none"/>` +
        '<s:Attribute Name="role" NameFormat="urn:f" FriendlyName="Role" x:more="1"><s:AttributeValue xsi:type="xs:string">boss</s:AttributeValue><s:AttributeValue/></s:Attribute>' +
        "</s:AttributeStatement>",
    );
    expect(parse(xml).attributes).toEqual([
      { name: "role", values: ["clerk"] },
      { name: "none", values: [] },
      { name: "role", values: ["boss", ""] },
    ]);
  });

  it("accepts an xsi:type that names the element's own type, as OpenSAML writes it", () => {
    const own = wrap(issuer + subject, `${head} xsi:type="s:AssertionType"`);
    expect(parse(own)).toMatchObject({ id: "_a", subject: { nameId: { value: "alice" } } });
    const unprefixed = own.replace("xsi:type", 'xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xsi:type');
    expect(refusal(unprefixed.replace("s:AssertionType", "AssertionType"))).toBe("accepted");
    expect(refusal(withSubject(nameId.replace(">", ' xsi:type="s:NameIDType">') + bearer))).toBe("accepted");
  });

  it.each(["s:SubjectType", "s:StatementAbstractType", "x:AssertionType", "AssertionType", "y:AssertionType", ""])(
    'rejects an Assertion of xsi:type "%s" with ERR_TOKEN_MALFORMED',
    (type) => {
      expect(refusal(wrap(issuer + subject, `${head} xsi:type="${type}"`))).toBe("ERR_TOKEN_MALFORMED");
    },
  );

  it("accepts holder-of-key by a certificate, and reads the keys of no other method", () => {
    const data = `<s:SubjectConfirmationData xsi:type="s:KeyInfoConfirmationDataType">${keyInfo}</s:SubjectConfirmationData>`;
    const [confirmation] = parse(withSubject(holder(data))).subject?.confirmations ?? [];
    expect(confirmation?.keys[0]?.certificate?.der).toEqual(certificate.der);
    expect(confirmation?.keys[0]?.key.equals(certificate.keyPair.publicKey)).toBe(true);
    for (const method of ["bearer", "sender-vouches", "other"]) {
      expect(parse(withSubject(holder(data).replace("holder-of-key", method))).subject?.confirmations[0]?.keys).toEqual(
        [],
      );
    }
  });

  it("rejects a KeyInfo whose key is not its certificate's with ERR_TOKEN_MALFORMED", () => {
    const spki = (key: typeof certificate.keyPair.publicKey) =>
      key.export({ type: "spki", format: "der" }).toString("base64");
    const both = (value: string) =>
      withSubject(
        holder(
          `<s:SubjectConfirmationData>${keyInfo.replace(
            "</ds:KeyInfo>",
            `<d:DEREncodedKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#">${value}</d:DEREncodedKeyValue></ds:KeyInfo>`,
          )}</s:SubjectConfirmationData>`,
        ),
      );
    expect(refusal(both(spki(certificate.keyPair.publicKey)))).toBe("accepted");
    expect(refusal(both(spki(createTestCertificate({ subject: "CN=other" }).keyPair.publicKey)))).toBe(
      "ERR_TOKEN_MALFORMED",
    );
  });

  it("names the place of what it refuses", () => {
    try {
      parse(withAttribute("\n<s:AttributeValue><x:y/></s:AttributeValue>"));
    } catch (error) {
      const { detail } = error as { detail: { place: () => { line: number; path: string } } };
      expect(detail.place()).toMatchObject({
        line: 2,
        path: "/s:Assertion/s:AttributeStatement/s:Attribute/s:AttributeValue",
      });
    }
    expect.assertions(1);
  });
});
