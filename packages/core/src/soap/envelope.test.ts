import { describe, expect, it } from "vitest";
import { scan } from "../xml/index.js";
import { parseEnvelope } from "./envelope.js";
import { soap11Namespace, soap12Namespace } from "./names.js";

const parse = (text: string) => parseEnvelope(scan(Buffer.from(text)));
const envelope = (content: string, namespace = soap11Namespace) =>
  `<s:Envelope xmlns:s="${namespace}" xmlns:x="urn:x">${content}</s:Envelope>`;
const refusal = (code: string) => expect.objectContaining({ code });

describe("parseEnvelope", () => {
  it.each([
    ["1.1", soap11Namespace],
    ["1.2", soap12Namespace],
  ])("accepts SOAP %s", (version, namespace) => {
    const parsed = parse(envelope("<s:Header><x:a/></s:Header><s:Body><x:b/></s:Body>", namespace));
    expect(parsed.version).toBe(version);
    expect(parsed.document.localName(parsed.header)).toBe("Header");
    expect(parsed.document.localName(parsed.body)).toBe("Body");
  });

  it("accepts a missing or empty Header, one behind the Body, the default namespace, comments and white space", () => {
    expect(parse(envelope("<s:Body/>")).header).toBe(-1);
    expect(parse(envelope("<s:Header/><s:Body/>")).header).toBe(1);
    const behind = parse(envelope("<!-- a -->\n<s:Body><x:b/></s:Body> <s:Header><x:a/></s:Header>"));
    expect([behind.body, behind.header]).toEqual([1, 3]);
    expect(parse(`<Envelope xmlns="${soap12Namespace}"><Body/></Envelope>`).version).toBe("1.2");
  });

  it.each([
    ["an Envelope of another namespace", envelope("<s:Body/>", "urn:other"), "ERR_SOAP_VERSION"],
    ["an Envelope without namespace", "<Envelope><Body/></Envelope>", "ERR_SOAP_VERSION"],
    ["another document element", `<s:Body xmlns:s="${soap11Namespace}"/>`, "ERR_SOAP_INVALID"],
    ["no Body", envelope("<s:Header/>"), "ERR_SOAP_INVALID"],
    ["no content", envelope(""), "ERR_SOAP_INVALID"],
    ["a stranger beside the Body", envelope("<s:Body/><x:a/>"), "ERR_SOAP_INVALID"],
    ["a Body without namespace", envelope("<Body/>"), "ERR_SOAP_INVALID"],
    ["a Body of the other version", envelope(`<b:Body xmlns:b="${soap12Namespace}"/>`), "ERR_SOAP_INVALID"],
    ["A4 a second Body", envelope("<s:Body/><s:Body/>"), "ERR_WSS_INVALID_SECURITY"],
    ["a second Header", envelope("<s:Header/><s:Body/><s:Header/>"), "ERR_WSS_INVALID_SECURITY"],
  ])("rejects %s with its code", (_, text, code) => {
    expect(() => parse(text)).toThrow(refusal(code));
  });
});
