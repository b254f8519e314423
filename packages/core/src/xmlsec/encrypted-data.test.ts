import { describe, expect, it } from "vitest";
import { scan } from "../xml/index.js";
import { parseEncryptedData } from "./encrypted-data.js";
import { parseEncryptedKey } from "./encrypted-key.js";
import { defaultEncryptionLimits, type EncryptionLimits } from "./encryption-limits.js";
import { parseReferenceList } from "./reference-list.js";

const xenc = "http://www.w3.org/2001/04/xmlenc#";
const declarations =
  `xmlns="${xenc}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" ` +
  'xmlns:dsig11="http://www.w3.org/2009/xmldsig11#" xmlns:m="http://www.w3.org/2021/04/xmldsig-more#"';
const SHAPE = "ERR_WSS_INVALID_SECURITY";
const ALGORITHM = "ERR_WSS_UNSUPPORTED_ALGORITHM";
const failing = (code: string) => expect.objectContaining({ code });

const method = '<EncryptionMethod Algorithm="urn:cipher"/>';
const cipherData = "<CipherData><CipherValue>AAEC\n Aw==</CipherValue></CipherData>";
const keyName = "<ds:KeyInfo><ds:KeyName>name</ds:KeyName></ds:KeyInfo>";
const originator =
  '<OriginatorKeyInfo><ds:KeyValue><dsig11:ECKeyValue><dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/>' +
  "<dsig11:PublicKey>BAEC</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue></OriginatorKeyInfo>";
const concat =
  '<xenc11:ConcatKDFParams PartyUInfo="00ab"><ds:DigestMethod Algorithm="urn:hash"/></xenc11:ConcatKDFParams>';
const hkdf =
  '<m:HKDFParams><m:PRF Algorithm="urn:hmac"/><m:Salt>AAEC</m:Salt><m:Info>0a0B</m:Info><m:KeyLength>32</m:KeyLength></m:HKDFParams>';
const agreementOf = (derivation: string, more = originator) =>
  `<AgreementMethod Algorithm="urn:agreement"><xenc11:KeyDerivationMethod Algorithm="urn:kdf">${derivation}` +
  `</xenc11:KeyDerivationMethod>${more}</AgreementMethod>`;
const encryptedKey = (content: string, attributes = "") => `<EncryptedKey ${attributes}>${content}</EncryptedKey>`;

function data(content: string, attributes = "", limits?: Partial<EncryptionLimits>) {
  const text = `<EncryptedData ${declarations} ${attributes}>${content}</EncryptedData>`;
  return parseEncryptedData(scan(Buffer.from(text)), 0, { ...defaultEncryptionLimits, ...limits });
}

function key(content: string, attributes = "", limits?: Partial<EncryptionLimits>) {
  const text = `<EncryptedKey ${declarations} ${attributes}>${content}</EncryptedKey>`;
  return parseEncryptedKey(scan(Buffer.from(text)), 0, { ...defaultEncryptionLimits, ...limits });
}

describe("parseEncryptedData (XML Encryption 1.1 section 3.4)", () => {
  it("accepts the whole of it", () => {
    const attributes = `Id="d" Type="${xenc}Element" MimeType="text/xml" Encoding="urn:e"`;
    const syntax = data(`${method}${keyName}${cipherData}<EncryptionProperties/>`, attributes);
    expect(syntax).toMatchObject({
      kind: "data",
      element: 0,
      id: "d",
      type: `${xenc}Element`,
      mimeType: "text/xml",
      encoding: "urn:e",
      method: { uri: "urn:cipher", keySize: undefined, oaep: undefined },
      cipherValue: Buffer.from([0, 1, 2, 3]),
      keyInfo: { keyNames: ["name"], encryptedKeys: [], agreement: undefined },
    });
  });

  it("accepts the least, and an empty CipherValue, which no decryption survives", () => {
    expect(data(method + cipherData)).toMatchObject({ keyInfo: undefined, type: undefined, id: undefined });
    const empty = "<CipherData><CipherValue/></CipherData>";
    expect(data(method + empty).cipherValue).toHaveLength(0);
  });

  it.each<[string, string, string]>([
    ["no EncryptionMethod (BSP R5601)", cipherData, SHAPE],
    ["no CipherData", method, SHAPE],
    ["two CipherData", method + cipherData + cipherData, SHAPE],
    ["an empty CipherData", `${method}<CipherData/>`, SHAPE],
    ["two CipherValues", `${method}<CipherData><CipherValue/><CipherValue/></CipherData>`, SHAPE],
    ["another order", method + cipherData + keyName, SHAPE],
    ["two KeyInfos", method + keyName + keyName + cipherData, SHAPE],
    ["a stranger behind", `${method}${cipherData}<ds:Object/>`, SHAPE],
    [
      "a ReferenceList, which is for keys",
      `${method}${cipherData}<ReferenceList><DataReference URI="#a"/></ReferenceList>`,
      SHAPE,
    ],
    ["a comment in CipherValue", `${method}<CipherData><CipherValue>AA<!---->EC</CipherValue></CipherData>`, SHAPE],
    ["base64 of the URL alphabet", `${method}<CipherData><CipherValue>-_-_</CipherValue></CipherData>`, SHAPE],
    ["base64 without padding", `${method}<CipherData><CipherValue>AA</CipherValue></CipherData>`, SHAPE],
    [
      "CipherReference (D11)",
      `${method}<CipherData><CipherReference URI="http://evil.example/"/></CipherData>`,
      ALGORITHM,
    ],
    ["a method without Algorithm", `<EncryptionMethod/>${cipherData}`, SHAPE],
    ["an unknown parameter", `<EncryptionMethod Algorithm="a"><ds:Object/></EncryptionMethod>${cipherData}`, ALGORITHM],
    [
      "KeySize twice",
      `<EncryptionMethod Algorithm="a"><KeySize>1</KeySize><KeySize>1</KeySize></EncryptionMethod>${cipherData}`,
      SHAPE,
    ],
    [
      "a KeySize of 10^9",
      `<EncryptionMethod Algorithm="a"><KeySize>1000000000</KeySize></EncryptionMethod>${cipherData}`,
      SHAPE,
    ],
    [
      "a negative KeySize",
      `<EncryptionMethod Algorithm="a"><KeySize>-1</KeySize></EncryptionMethod>${cipherData}`,
      SHAPE,
    ],
    ["an empty KeyInfo", `${method}<ds:KeyInfo/>${cipherData}`, SHAPE],
    ["a RetrievalMethod", `${method}<ds:KeyInfo><ds:RetrievalMethod URI="#k"/></ds:KeyInfo>${cipherData}`, SHAPE],
    [
      "two agreements",
      `${method}<ds:KeyInfo>${agreementOf(concat)}${agreementOf(concat)}</ds:KeyInfo>${cipherData}`,
      SHAPE,
    ],
  ])("rejects %s", (_, content, code) => {
    expect(() => data(content)).toThrow(failing(code));
  });

  it("rejects long attributes, other elements and too many octets", () => {
    expect(() => data(method + cipherData, `MimeType="${"x".repeat(1025)}"`)).toThrow(failing(SHAPE));
    expect(() => data(method + cipherData, "", { maxCipherOctets: 3 })).toThrow(failing(SHAPE));
    expect(data(method + cipherData, "", { maxCipherOctets: 4 }).cipherValue).toHaveLength(4);
    expect(() => parseEncryptedData(scan(Buffer.from(`<EncryptedKey xmlns="${xenc}"/>`)), 0)).toThrow(failing(SHAPE));
  });

  it("accepts eight EncryptedKeys in KeyInfo, and rejects nine (limit of section 3)", () => {
    const keys = (count: number) =>
      `${method}<ds:KeyInfo>${encryptedKey(method + cipherData).repeat(count)}</ds:KeyInfo>${cipherData}`;
    expect(data(keys(8)).keyInfo?.encryptedKeys).toHaveLength(8);
    expect(() => data(keys(9))).toThrow(failing(SHAPE));
  });
});

describe("parseEncryptedKey (XML Encryption 1.1 section 3.5.1)", () => {
  const parameters =
    '<KeySize>256</KeySize><OAEPparams>AAEC</OAEPparams><ds:DigestMethod Algorithm="urn:d"/><xenc11:MGF Algorithm="urn:m"/>';

  it("accepts the whole of it", () => {
    const content =
      `<EncryptionMethod Algorithm="urn:oaep">${parameters}</EncryptionMethod>${keyName}${cipherData}<EncryptionProperties/>` +
      '<ReferenceList><DataReference URI="#a"/><KeyReference URI="#b"/><DataReference URI="#c"/></ReferenceList>' +
      "<CarriedKeyName> session </CarriedKeyName>";
    expect(key(content, 'Id="k" Recipient="you" Type="urn:t" MimeType="m" Encoding="e"')).toMatchObject({
      kind: "key",
      id: "k",
      recipient: "you",
      type: "urn:t",
      mimeType: "m",
      encoding: "e",
      method: { keySize: 256, oaep: { label: Buffer.from([0, 1, 2]), digest: "urn:d", mask: "urn:m" } },
      keyInfo: { keyNames: ["name"], agreement: undefined },
      references: { data: ["a", "c"], keys: ["b"] },
      carriedKeyName: "session",
    });
  });

  it("accepts the parameters in any order", () => {
    const reversed = (parameters.match(/<(\S+)[^>]*(?:\/>|>[^<]*<\/\1>)/g) ?? []).reverse().join("");
    const { oaep } = key(`<EncryptionMethod Algorithm="urn:oaep">${reversed}</EncryptionMethod>${cipherData}`).method;
    expect(oaep).toEqual({ label: Buffer.from([0, 1, 2]), digest: "urn:d", mask: "urn:m" });
  });

  it.each<[string, string, string]>([
    ["no EncryptionMethod (BSP R5603)", cipherData, SHAPE],
    ["a stranger behind", `${method}${cipherData}<ds:Object/>`, SHAPE],
    [
      "CarriedKeyName before ReferenceList",
      `${method}${cipherData}<CarriedKeyName>n</CarriedKeyName><ReferenceList><DataReference URI="#a"/></ReferenceList>`,
      SHAPE,
    ],
    ["a long CarriedKeyName", `${method}${cipherData}<CarriedKeyName>${"n".repeat(1025)}</CarriedKeyName>`, SHAPE],
    ["an empty ReferenceList", `${method}${cipherData}<ReferenceList/>`, SHAPE],
    ["a reference without URI", `${method}${cipherData}<ReferenceList><DataReference/></ReferenceList>`, SHAPE],
    [
      "a reference elsewhere",
      `${method}${cipherData}<ReferenceList><DataReference URI="http://evil.example/#a"/></ReferenceList>`,
      SHAPE,
    ],
    ["an XPointer", `${method}${cipherData}<ReferenceList><DataReference URI="#xpointer(/)"/></ReferenceList>`, SHAPE],
    [
      "a quote in a reference (C16)",
      `${method}${cipherData}<ReferenceList><DataReference URI="#a' or '1"/></ReferenceList>`,
      SHAPE,
    ],
    [
      "a reference with transforms",
      `${method}${cipherData}<ReferenceList><DataReference URI="#a"><ds:Transforms/></DataReference></ReferenceList>`,
      SHAPE,
    ],
    [
      "the same reference twice (D9)",
      `${method}${cipherData}<ReferenceList><DataReference URI="#a"/><DataReference URI="#a"/></ReferenceList>`,
      SHAPE,
    ],
    [
      "a stranger among references",
      `${method}${cipherData}<ReferenceList><ds:Reference URI="#a"/></ReferenceList>`,
      SHAPE,
    ],
    [
      "a key inside its KeyInfo (C13)",
      `${method}<ds:KeyInfo>${encryptedKey(method + cipherData)}</ds:KeyInfo>${cipherData}`,
      "ERR_WSS_UNSUPPORTED_TOKEN",
    ],
    [
      "a DigestMethod with content",
      `<EncryptionMethod Algorithm="a"><ds:DigestMethod Algorithm="d"><ds:Object/></ds:DigestMethod></EncryptionMethod>${cipherData}`,
      ALGORITHM,
    ],
    [
      "a long label",
      `<EncryptionMethod Algorithm="a"><OAEPparams>${"AAAA".repeat(342)}</OAEPparams></EncryptionMethod>${cipherData}`,
      SHAPE,
    ],
    [
      "a CipherValue of more than 1,024 octets",
      `${method}<CipherData><CipherValue>${"AAAA".repeat(342)}</CipherValue></CipherData>`,
      SHAPE,
    ],
  ])("rejects %s", (_, content, code) => {
    expect(() => key(content)).toThrow(failing(code));
  });

  it("accepts as many references as the limit says, and rejects one more", () => {
    const list = (count: number) =>
      `${method}${cipherData}<ReferenceList>${Array.from({ length: count }, (_, n) => `<DataReference URI="#r${n}"/>`).join("")}</ReferenceList>`;
    expect(key(list(50)).references?.data).toHaveLength(50);
    expect(() => key(list(51))).toThrow(failing(SHAPE));
    expect(() => key(list(3), "", { maxReferences: 2 })).toThrow(failing(SHAPE));
  });
});

describe("parseReferenceList", () => {
  it("accepts one that stands alone, and rejects it with another child", () => {
    const text = `<ReferenceList xmlns="${xenc}"><DataReference URI="#a"/></ReferenceList>`;
    expect(parseReferenceList(scan(Buffer.from(text)), 0)).toMatchObject({ data: ["a"], keys: [] });
    const other = text.replace("</Ref", "<CipherData/></Ref");
    expect(() => parseReferenceList(scan(Buffer.from(other)), 0)).toThrow(failing(SHAPE));
  });
});

describe("AgreementMethod (XML Encryption 1.1 section 5.6.1)", () => {
  const agreed = (content: string) =>
    key(`${method}<ds:KeyInfo>${content}</ds:KeyInfo>${cipherData}`).keyInfo?.agreement;
  const recipient = "<RecipientKeyInfo><ds:KeyName>us</ds:KeyName></RecipientKeyInfo>";

  it("accepts ConcatKDF and HKDF with all their parameters", () => {
    expect(agreed(agreementOf(concat, originator + recipient))).toMatchObject({
      uri: "urn:agreement",
      derivation: { uri: "urn:kdf", parameters: { kind: "concat", digest: "urn:hash", partyUInfo: "00ab" } },
      recipient: { keyNames: ["us"] },
    });
    const parameters = {
      kind: "hkdf",
      prf: "urn:hmac",
      salt: Buffer.from([0, 1, 2]),
      info: Buffer.from([10, 11]),
      keyLength: 32,
    };
    expect(agreed(agreementOf(hkdf))).toMatchObject({ derivation: { parameters }, recipient: undefined });
    expect(agreed(agreementOf(hkdf.replace("m:PRF", "xenc11:PRF")))).toMatchObject({ derivation: { parameters } });
    expect(agreed(agreementOf("<m:HKDFParams/>"))).toMatchObject({ derivation: { parameters: { kind: "hkdf" } } });
  });

  it.each<[string, string, string]>([
    [
      "KA-Nonce of XML Encryption 1.0",
      `<AgreementMethod Algorithm="a"><KA-Nonce>AAEC</KA-Nonce>${originator}</AgreementMethod>`,
      ALGORITHM,
    ],
    ["no derivation", `<AgreementMethod Algorithm="a">${originator}</AgreementMethod>`, ALGORITHM],
    ["no parameters", agreementOf(""), ALGORITHM],
    ["two kinds of parameters", agreementOf(concat + hkdf), ALGORITHM],
    ["unknown parameters", agreementOf("<xenc11:PBKDF2-params/>"), ALGORITHM],
    ["no originator", agreementOf(concat, ""), SHAPE],
    [
      "an originator by name",
      agreementOf(concat, "<OriginatorKeyInfo><ds:KeyName>n</ds:KeyName></OriginatorKeyInfo>"),
      SHAPE,
    ],
    ["two originators", agreementOf(concat, originator + originator), SHAPE],
    ["a stranger behind", agreementOf(concat, `${originator}${recipient}<ds:Object/>`), SHAPE],
    ["no digest", agreementOf("<xenc11:ConcatKDFParams/>"), SHAPE],
    ["PRF twice", agreementOf(hkdf.replace("<m:Salt>", '<m:PRF Algorithm="p"/><m:Salt>')), SHAPE],
    ["an unknown parameter of HKDF", agreementOf(hkdf.replace("<m:Salt>", "<m:Pepper/><m:Salt>")), ALGORITHM],
    ["an Info that is not hexadecimal", agreementOf(hkdf.replace("0a0B", "0a0")), SHAPE],
    ["a KeyLength that is no number", agreementOf(hkdf.replace(">32<", ">0x20<")), SHAPE],
  ])("rejects %s", (_, content, code) => {
    expect(() => agreed(content)).toThrow(failing(code));
  });
});
