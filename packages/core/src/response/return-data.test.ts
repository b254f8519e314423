import { describe, expect, it } from "vitest";
import { soap11Namespace, soap12Namespace } from "../soap/index.js";
import { wsseNamespace } from "../wss/index.js";
import { returnAuthenticationData } from "./return-data.js";

const security = `<w:Security xmlns:w="${wsseNamespace}"><w:BinarySecurityToken>token</w:BinarySecurityToken></w:Security>`;
const message = (header: string, namespace = soap11Namespace) =>
  Buffer.from(`<s:Envelope xmlns:s="${namespace}">${header}<s:Body><secret/></s:Body></s:Envelope>`);
const text = (octets: Uint8Array) => Buffer.from(octets).toString();

describe("returnAuthenticationData()", () => {
  it.each([
    [soap11Namespace, "text/xml; charset=utf-8"],
    [soap12Namespace, "application/soap+xml; charset=utf-8"],
  ])("R0.8 returns the Security header of a request in %s, and nothing else of it", (namespace, type) => {
    const body = message(`<s:Header>${security}<other xmlns="urn:o"/></s:Header>`, namespace);
    const reply = returnAuthenticationData({ body, headers: { cookie: "a=b" } }, '<ok xmlns="urn:ok"/>');
    const returned = text(reply.body);
    expect(returned).toContain("<w:BinarySecurityToken>token</w:BinarySecurityToken>");
    expect(returned).toContain('<soap:Body><ok xmlns="urn:ok"/></soap:Body>');
    for (const left of ['urn:o"', "secret"]) expect(returned).not.toContain(left);
    expect(reply.headers).toEqual({ "content-type": type, "cache-control": "no-store" });
  });

  it("returns the assertion of the HTTP header", () => {
    const reply = returnAuthenticationData({ body: message(""), headers: { tmsamlsessionticket: "abc" } });
    expect(reply.headers.tmsamlsessionticket).toBe("abc");
    expect(text(reply.body)).not.toContain("Security");
  });

  it("rejects a payload that would end the Body, and a request that is no envelope", () => {
    const request = { body: message(`<s:Header>${security}</s:Header>`), headers: {} };
    const refusal = (code: RegExp) => expect.objectContaining({ code: expect.stringMatching(code) });
    expect(() => returnAuthenticationData(request, "</soap:Body><soap:Body>")).toThrow(refusal(/^ERR_WSS_INVALID/));
    expect(() => returnAuthenticationData(request, "<open>")).toThrow(refusal(/^ERR_XML_/));
    expect(() => returnAuthenticationData({ body: { parsed: true }, headers: {} })).toThrow(refusal(/^ERR_XML_/));
    expect(() => returnAuthenticationData({ body: "<a/>", headers: {} })).toThrow(refusal(/^ERR_SOAP_/));
  });
});
