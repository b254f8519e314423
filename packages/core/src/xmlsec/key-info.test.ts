import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { scan } from "../xml/index.js";
import { type KeyInfoSyntax, parseKeyInfo } from "./key-info.js";
import * as write from "./key-info-writer.js";
import { dsig11Namespace, dsNamespace } from "./names.js";
import { base64Binary, valueTypes, wsse11Namespace, wsseNamespace, wsuNamespace } from "./token-names.js";

const INVALID = "ERR_WSS_INVALID_SECURITY";
const UNSUPPORTED = "ERR_WSS_UNSUPPORTED_TOKEN";

function parse(content: string): KeyInfoSyntax {
  const text =
    `<ds:KeyInfo xmlns:ds="${dsNamespace}" xmlns:d11="${dsig11Namespace}" xmlns:w="${wsseNamespace}" ` +
    `xmlns:w11="${wsse11Namespace}" xmlns:u="${wsuNamespace}">${content}</ds:KeyInfo>`;
  return parseKeyInfo(scan(Buffer.from(text)), 0);
}

function rejects(code: string, content: string): void {
  expect(() => parse(content)).toThrow(expect.objectContaining({ code }));
}

const str = (content: string, attributes = "") =>
  `<w:SecurityTokenReference${attributes}>${content}</w:SecurityTokenReference>`;
const keyIdentifier = (valueType: string, value: string, attributes = ` EncodingType="${base64Binary}"`) =>
  `<w:KeyIdentifier ValueType="${valueType}"${attributes}>${value}</w:KeyIdentifier>`;
const twenty = Buffer.alloc(20, 7);
const issuerSerial = (serial: string) =>
  `<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=a, O=b</ds:X509IssuerName><ds:X509SerialNumber>${serial}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>`;

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsaKeyValue = (key: KeyObject) => {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  const base64 = (text: string) => Buffer.from(text, "base64url").toString("base64");
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${base64(n)}</ds:Modulus><ds:Exponent>${base64(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
};
const ecKeyValue = (oid: string, point: Buffer) =>
  `<ds:KeyValue><d11:ECKeyValue><d11:NamedCurve URI="urn:oid:${oid}"/><d11:PublicKey>${point.toString("base64")}</d11:PublicKey></d11:ECKeyValue></ds:KeyValue>`;

function rejectsKey(content: string): void {
  const { keyValue } = parse(content);
  expect(() => keyValue?.key).toThrow(expect.objectContaining({ code: "ERR_WSS_INVALID_TOKEN" }));
}

describe("parseKeyInfo with a SecurityTokenReference", () => {
  const target = (content: string) => parse(str(content)).tokenReference?.target;

  it("accepts each way of reference", () => {
    expect(target(`<w:Reference URI="#x" ValueType="${valueTypes.x509v3}"/>`)).toEqual({
      kind: "direct",
      uri: "#x",
      valueType: valueTypes.x509v3,
    });
    expect(target('<w:Reference URI="#x"/>')).toEqual({ kind: "direct", uri: "#x", valueType: undefined });
    expect(target("<w:Embedded><x/></w:Embedded>")).toEqual({ kind: "embedded", token: 3, valueType: undefined });
    expect(target(keyIdentifier(valueTypes.x509SubjectKeyIdentifier, "AQID"))).toEqual({
      kind: "subjectKeyIdentifier",
      value: Buffer.from([1, 2, 3]),
    });
    expect(target(keyIdentifier(valueTypes.thumbprintSha1, twenty.toString("base64")))).toEqual({
      kind: "thumbprintSha1",
      value: twenty,
    });
    expect(target(keyIdentifier(valueTypes.thumbprintSha1, twenty.toString("base64"), ""))).toEqual({
      kind: "thumbprintSha1",
      value: twenty,
    });
    expect(target(keyIdentifier(valueTypes.saml11AssertionId, "_a", ""))).toEqual({
      kind: "samlAssertionId",
      version: "1.1",
      id: "_a",
    });
    expect(target(keyIdentifier(valueTypes.saml20AssertionId, " _a\n", ""))).toEqual({
      kind: "samlAssertionId",
      version: "2.0",
      id: "_a",
    });
    expect(target(issuerSerial("12"))).toMatchObject({
      kind: "x509Data",
      x509Data: { issuerSerial: { issuer: "CN=a, O=b", serialNumber: 12n } },
    });
  });

  it("accepts a certificate as KeyIdentifier, and rejects one over 16 KiB with ERR_WSS_INVALID_SECURITY", () => {
    expect(target(keyIdentifier(valueTypes.x509v3, "MAA="))).toMatchObject({
      kind: "x509Data",
      x509Data: { certificates: [Buffer.from("MAA=", "base64")], issuerSerial: undefined },
    });
    rejects(INVALID, str(keyIdentifier(valueTypes.x509v3, Buffer.alloc(16385).toString("base64"))));
  });

  it("reads wsu:Id and wsse11:TokenType", () => {
    const reference = parse(
      str('<w:Reference URI="#x"/>', ` u:Id="s" w11:TokenType="${valueTypes.saml20Token}"`),
    ).tokenReference;
    expect(reference).toMatchObject({ id: "s", tokenType: valueTypes.saml20Token });
    expect(parse(str('<w:Reference URI="#x"/>', ' Id="s" TokenType="y"')).tokenReference).toMatchObject({
      id: undefined,
      tokenType: undefined,
    });
  });

  it.each([
    ["no reference (BSP R3061)", str("")],
    ["two ways of reference (BSP R3061)", str('<w:Reference URI="#x"/><w:Reference URI="#x"/>')],
    ["two references", str('<w:Reference URI="#x"/>').repeat(2)],
    ["an element it does not know (A7)", str('<x Id="body"/>')],
    ["KeyName (BSP R3027)", str("<ds:KeyName>a</ds:KeyName>")],
    ["a reference inside a reference (C13)", str(str('<w:Reference URI="#x"/>'))],
    ["an embedded reference (C13, BSP R3056)", str(`<w:Embedded>${str('<w:Reference URI="#x"/>')}</w:Embedded>`)],
    ["an empty Embedded (BSP R3060)", str("<w:Embedded/>")],
    ["two embedded tokens (BSP R3060)", str("<w:Embedded><a/><b/></w:Embedded>")],
    ["Reference without URI (BSP R3062)", str("<w:Reference/>")],
    ["Reference with an empty URI", str('<w:Reference URI=""/>')],
    ["Reference with content", str('<w:Reference URI="#x"><y/></w:Reference>')],
    ["KeyIdentifier without ValueType (BSP R3054)", str("<w:KeyIdentifier>AQID</w:KeyIdentifier>")],
    [
      "another EncodingType (BSP R3071)",
      str(keyIdentifier(valueTypes.x509SubjectKeyIdentifier, "0102", ' EncodingType="urn:hex"')),
    ],
    ["an EncodingType on a SAML id (BSP R6604)", str(keyIdentifier(valueTypes.saml20AssertionId, "_a"))],
    ["a SAML id that is no NCName (C16)", str(keyIdentifier(valueTypes.saml20AssertionId, "a' or '1'='1", ""))],
    ["a SAML id cut by a comment (B2)", str(keyIdentifier(valueTypes.saml20AssertionId, "_a<!---->b", ""))],
    ["a thumbprint of 19 octets", str(keyIdentifier(valueTypes.thumbprintSha1, Buffer.alloc(19).toString("base64")))],
    ["an empty SKI", str(keyIdentifier(valueTypes.x509SubjectKeyIdentifier, ""))],
    ["a huge SKI (C22)", str(keyIdentifier(valueTypes.x509SubjectKeyIdentifier, Buffer.alloc(65).toString("base64")))],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, content) => rejects(INVALID, content));

  it("rejects a KeyIdentifier of another type with ERR_WSS_UNSUPPORTED_TOKEN", () => {
    rejects(UNSUPPORTED, str(keyIdentifier("urn:x", "AQID")));
  });
});

describe("parseKeyInfo with XML Signature's own hints", () => {
  it("accepts X509Data, KeyName and KeyValue", () => {
    const info = parse(
      `<ds:KeyName> k </ds:KeyName>${issuerSerial("00012345678901234567890")}` +
        "<ds:X509Data><ds:X509SKI>AQID</ds:X509SKI><ds:X509SubjectName>CN=s</ds:X509SubjectName><ds:X509Certificate>MAA=</ds:X509Certificate><ds:X509Certificate>MAA&#13;=</ds:X509Certificate></ds:X509Data>" +
        rsaKeyValue(rsa.publicKey),
    );
    expect(info.keyNames).toEqual(["k"]);
    expect(info.tokenReference).toBeUndefined();
    expect(info.x509Data[0]?.issuerSerial?.serialNumber).toBe(12345678901234567890n);
    expect(info.x509Data[1]).toMatchObject({ subjectKeyIdentifier: Buffer.from([1, 2, 3]), subjectName: "CN=s" });
    expect(info.x509Data[1]?.certificates).toEqual([Buffer.from("MAA=", "base64"), Buffer.from("MAA=", "base64")]);
    expect(info.keyValue?.key.equals(rsa.publicKey)).toBe(true);
  });

  it.each([
    ["P-256", "1.2.840.10045.3.1.7"],
    ["P-384", "1.3.132.0.34"],
    ["P-521", "1.3.132.0.35"],
  ])("accepts a key on %s, and rejects a point off the curve with ERR_WSS_INVALID_TOKEN", (namedCurve, oid) => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    expect(parse(ecKeyValue(oid, point)).keyValue?.key.equals(publicKey)).toBe(true);
    const off = Buffer.from(point);
    off.writeUInt8(off.readUInt8(20) ^ 1, 20);
    rejectsKey(ecKeyValue(oid, off));
    rejectsKey(ecKeyValue("1.2.3", point));
    rejects(INVALID, ecKeyValue("x", point));
    rejects("ERR_WSS_INVALID_TOKEN", ecKeyValue(oid, Buffer.alloc(134, 4)));
  });

  it("accepts DER, and rejects octets that are no key with ERR_WSS_INVALID_TOKEN", () => {
    const der = (octets: Buffer) => `<d11:DEREncodedKeyValue>${octets.toString("base64")}</d11:DEREncodedKeyValue>`;
    const spki = rsa.publicKey.export({ type: "spki", format: "der" });
    expect(parse(der(spki)).keyValue?.key.equals(rsa.publicKey)).toBe(true);
    rejectsKey(der(spki.subarray(1)));
  });

  it("rejects weak RSA keys with ERR_WSS_INVALID_TOKEN (C7, K22)", () => {
    rejectsKey(rsaKeyValue(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey));
    rejectsKey(rsaKeyValue(rsa.publicKey).replace("AQAB", "Aw=="));
    rejectsKey(rsaKeyValue(rsa.publicKey).replace("AQAB", "AQ=="));
  });

  it.each([
    ["an empty KeyInfo", ""],
    ["RetrievalMethod (C12)", '<ds:RetrievalMethod URI="#x"/>'],
    ["KeyInfoReference (C12)", '<d11:KeyInfoReference URI="#x"/>'],
    ["an empty X509Data", "<ds:X509Data/>"],
    ["a stranger in X509Data", "<ds:X509Data><x/></ds:X509Data>"],
    [
      "two issuer serials in one X509Data",
      issuerSerial("1").replace("</ds:X509Data>", issuerSerial("2").slice("<ds:X509Data>".length)),
    ],
    [
      "an incomplete issuer serial",
      "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>a</ds:X509IssuerName></ds:X509IssuerSerial></ds:X509Data>",
    ],
    ["a certificate that is no base64", "<ds:X509Data><ds:X509Certificate>%%</ds:X509Certificate></ds:X509Data>"],
    [
      "a certificate over 16 KiB (K14)",
      `<ds:X509Data><ds:X509Certificate>${Buffer.alloc(16385).toString("base64")}</ds:X509Certificate></ds:X509Data>`,
    ],
    [
      "eleven certificates over two X509Data",
      `<ds:X509Data>${"<ds:X509Certificate>MAA=</ds:X509Certificate>".repeat(6)}</ds:X509Data><ds:X509Data>${"<ds:X509Certificate>MAA=</ds:X509Certificate>".repeat(5)}</ds:X509Data>`,
    ],
    ["eleven X509Data", issuerSerial("1").repeat(11)],
    ["eleven KeyName", "<ds:KeyName>a</ds:KeyName>".repeat(11)],
    ["a long KeyName", `<ds:KeyName>${"a".repeat(4097)}</ds:KeyName>`],
    ["a KeyName cut by a comment", "<ds:KeyName>a<!---->b</ds:KeyName>"],
    [
      "two key values",
      "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQID</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>".repeat(
        2,
      ),
    ],
    ["an empty KeyValue", "<ds:KeyValue/>"],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, content) => rejects(INVALID, content));

  it("accepts numbers of the largest size, and rejects one octet more with ERR_WSS_INVALID_TOKEN (K22)", () => {
    const rsa = (modulus: number, exponent: number) =>
      `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${Buffer.alloc(modulus, 1).toString("base64")}</ds:Modulus><ds:Exponent> ${Buffer.alloc(exponent, 1).toString("base64")}\n</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
    expect(parse(rsa(1025, 8)).keyValue).toBeDefined();
    for (const [modulus, exponent] of [
      [1026, 8],
      [1025, 9],
      [65_536, 8],
    ] as const) {
      rejects("ERR_WSS_INVALID_TOKEN", rsa(modulus, exponent));
    }
    rejects(INVALID, rsa(1025, 0));
    rejects("ERR_WSS_INVALID_TOKEN", `<d11:DEREncodedKeyValue>${"A".repeat(4000)}</d11:DEREncodedKeyValue>`);
    rejects(INVALID, `<d11:DEREncodedKeyValue>${"!".repeat(8)}</d11:DEREncodedKeyValue>`);
  });

  it.each(["-1", "", "1.5", "0x10", "9".repeat(50), "1 2"])(
    "rejects the serial number %j with ERR_WSS_INVALID_TOKEN (F4)",
    (serial) => {
      rejects("ERR_WSS_INVALID_TOKEN", issuerSerial(serial));
      expect(parse(issuerSerial("9".repeat(49))).x509Data).toHaveLength(1);
    },
  );

  it("rejects strangers with ERR_WSS_INVALID_SECURITY (A7)", () => {
    rejects(INVALID, '<s:Body xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" u:Id="body"/>');
    rejects(INVALID, '<wrapper xmlns=""/>');
  });

  it("rejects encrypted keys and DSA keys with ERR_WSS_UNSUPPORTED_TOKEN", () => {
    rejects(UNSUPPORTED, '<x:EncryptedKey xmlns:x="http://www.w3.org/2001/04/xmlenc#"/>');
    rejects(UNSUPPORTED, "<ds:KeyValue><ds:DSAKeyValue/></ds:KeyValue>");
    rejects(UNSUPPORTED, "<ds:PGPData/>");
  });
});

describe("writers", () => {
  const reread = (content: string) => parseKeyInfo(scan(Buffer.from(write.writeKeyInfo(content))), 0);

  it("write what the parser reads back", () => {
    const reference = (content: string) => reread(content).tokenReference;
    expect(reference(write.writeDirectReference("x", valueTypes.x509v3))?.target).toEqual({
      kind: "direct",
      uri: "#x",
      valueType: valueTypes.x509v3,
    });
    expect(
      reference(write.writeDirectReference("x", undefined, { id: "s", tokenType: valueTypes.saml20Token })),
    ).toMatchObject({
      id: "s",
      tokenType: valueTypes.saml20Token,
      target: { kind: "direct", valueType: undefined },
    });
    expect(reference(write.writeEmbeddedToken("<x></x>"))?.target).toMatchObject({ kind: "embedded" });
    expect(reference(write.writeSubjectKeyIdentifier(twenty))?.target).toEqual({
      kind: "subjectKeyIdentifier",
      value: twenty,
    });
    expect(reference(write.writeThumbprint(twenty))?.target).toEqual({ kind: "thumbprintSha1", value: twenty });
    expect(reference(write.writeAssertionReference("2.0", "_a"))).toMatchObject({
      tokenType: valueTypes.saml20Token,
      target: { version: "2.0", id: "_a" },
    });
    expect(reference(write.writeAssertionReference("1.1", "_a"))).toMatchObject({
      tokenType: valueTypes.saml11Token,
      target: { version: "1.1", id: "_a" },
    });
    const serial = { issuer: 'CN="a" & <b>, O=é', serialNumber: 2n ** 150n };
    expect(reference(write.writeIssuerSerialReference(serial))?.target).toMatchObject({
      kind: "x509Data",
      x509Data: { issuerSerial: serial },
    });
    const der = Buffer.from([0x30, 0]);
    expect(
      reread(write.writeX509Data({ issuerSerial: serial, subjectKeyIdentifier: twenty, certificates: [der, der] }))
        .x509Data[0],
    ).toMatchObject({
      issuerSerial: serial,
      subjectKeyIdentifier: twenty,
      certificates: [der, der],
    });
    expect(reread(write.writeKeyName("a<&>b")).keyNames).toEqual(["a<&>b"]);
    const { n = "", e = "" } = rsa.publicKey.export({ format: "jwk" });
    const rsaValue = write.writeRsaKeyValue(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
    expect(reread(rsaValue).keyValue?.key.equals(rsa.publicKey)).toBe(true);
    const spki = rsa.publicKey.export({ type: "spki", format: "der" });
    expect(reread(write.writeDerKeyValue(spki)).keyValue?.key.equals(rsa.publicKey)).toBe(true);
  });

  it("keep hostile values inside their element (J18)", () => {
    const hostile = 'x"/><ds:KeyName>evil</ds:KeyName>';
    expect(reread(write.writeKeyName(hostile)).keyNames).toEqual([hostile]);
    expect(reread(write.writeDirectReference(hostile)).tokenReference?.target).toMatchObject({ uri: `#${hostile}` });
  });
});
