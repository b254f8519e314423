import { describe, expect, it } from "vitest";
import { parseEnvelope, soap11Namespace, soap12Namespace } from "../soap/index.js";
import { soap12UltimateReceiver } from "../soap/names.js";
import { wsc2005Namespace, wscNamespace } from "../tokens/context/index.js";
import { scan } from "../xml/index.js";
import { wsse11Namespace, wsseNamespace, wsuNamespace } from "./names.js";
import { findSecurityHeader, headerCaps, parseSecurityHeader } from "./security-header.js";

const prefixes =
  `xmlns:w="${wsseNamespace}" xmlns:v="${wsse11Namespace}" xmlns:u="${wsuNamespace}" xmlns:x="urn:x" ` +
  'xmlns:d="http://www.w3.org/2000/09/xmldsig#" xmlns:p="urn:oasis:names:tc:SAML:2.0:assertion" ' +
  'xmlns:q="urn:oasis:names:tc:SAML:1.0:assertion" xmlns:e="http://www.w3.org/2001/04/xmlenc#"';

const withHeader = (blocks: string, namespace = soap11Namespace) =>
  parseEnvelope(
    scan(
      Buffer.from(
        `<s:Envelope xmlns:s="${namespace}" ${prefixes}><s:Header>${blocks}</s:Header><s:Body/></s:Envelope>`,
      ),
    ),
  );
const refusal = (code: string) => expect.objectContaining({ code });

describe("findSecurityHeader", () => {
  const find = (blocks: string, actor?: string, namespace?: string) =>
    findSecurityHeader(withHeader(blocks, namespace), actor);

  it("accepts the header without actor, or for the ultimate receiver, and no other", () => {
    expect(find("<x:a/><w:Security/>")).toBe(3);
    expect(find('<w:Security s:actor="urn:g"/><w:Security/>')).toBe(3);
    expect(find(`<w:Security s:role="${soap12UltimateReceiver}"/>`, undefined, soap12Namespace)).toBe(2);
    expect(find('<w:Security s:actor="urn:g"/>')).toBe(-1);
    expect(find("<x:Security/><Security/><x:w><w:Security/></x:w>")).toBe(-1);
    expect(find("")).toBe(-1);
  });

  it("accepts the header of the route's actor, and no other", () => {
    expect(find('<w:Security/><w:Security s:actor="urn:g"/>', "urn:g")).toBe(3);
    expect(find("<w:Security/>", "urn:g")).toBe(-1);
    expect(find('<w:Security s:actor="urn:G"/>', "urn:g")).toBe(-1);
  });

  it.each([
    ["two without actor", "<w:Security/><w:Security/>"],
    ["two for one actor, not ours", '<w:Security/><w:Security s:actor="urn:g"/><w:Security s:actor="urn:g"/>'],
    ["an empty actor beside none", '<w:Security/><w:Security s:actor=""/>'],
    ["five in all", Array.from("abcde", (name) => `<w:Security s:actor="urn:${name}"/>`).join("")],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, blocks) => {
    expect(() => find(blocks)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("rejects none beside the ultimate receiver, which are one actor, with ERR_WSS_INVALID_SECURITY", () => {
    const both = `<w:Security/><w:Security s:role="${soap12UltimateReceiver}"/>`;
    expect(() => find(both, undefined, soap12Namespace)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("accepts four for different actors", () => {
    const four = Array.from("abc", (name) => `<w:Security s:actor="urn:${name}"/>`).join("");
    expect(find(`${four}<w:Security/>`)).toBe(5);
  });
});

describe("parseSecurityHeader", () => {
  const parse = (content: string) => {
    const envelope = withHeader(`<w:Security>${content}</w:Security>`);
    return parseSecurityHeader(envelope, 2);
  };

  it("accepts each kind of child, in any order", () => {
    const header = parse(
      "<d:Signature/><u:Timestamp/><w:BinarySecurityToken/><p:Assertion/><w:UsernameToken/>" +
        "<v:SignatureConfirmation/><w:SecurityTokenReference/><d:Signature/>" +
        `<c:SecurityContextToken xmlns:c="${wscNamespace}"/><c:DerivedKeyToken xmlns:c="${wsc2005Namespace}"/>` +
        "<e:EncryptedKey/><e:EncryptedData/><e:ReferenceList/><p:EncryptedAssertion/>",
    );
    expect(header).toEqual({
      element: 2,
      timestamp: 4,
      usernameTokens: [7],
      binaryTokens: [5],
      contextTokens: [11, 12],
      assertions: [6],
      signatures: [3, 10],
      confirmations: [8],
      encryptions: [13, 14, 15, 16],
    });
    expect(parse("").timestamp).toBe(-1);
  });

  it("accepts assertions of both versions as one kind, and as many together as of one", () => {
    expect(parse("<p:Assertion/><q:Assertion/>").assertions).toEqual([3, 4]);
    const both = "<p:Assertion/><q:Assertion/>".repeat(headerCaps.assertions / 2);
    expect(() => parse(both)).not.toThrow();
    expect(() => parse(`${both}<q:Assertion/>`)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it.each([
    ["I1 a second Timestamp", "<u:Timestamp/><u:Timestamp/>", "ERR_WSS_INVALID_SECURITY"],
    ["a stranger", "<x:a/>", "ERR_WSS_INVALID_SECURITY"],
    ["a Timestamp of another namespace", "<w:Timestamp/>", "ERR_WSS_INVALID_SECURITY"],
    ["an EncryptedHeader", "<v:EncryptedHeader/>", "ERR_WSS_INVALID_SECURITY"],
    ["nine EncryptedKeys", "<e:EncryptedKey/>".repeat(9), "ERR_WSS_INVALID_SECURITY"],
    ["a Body", "<s:Body/>", "ERR_WSS_INVALID_SECURITY"],
    ["G22 another message of SAML", "<q:Request/>", "ERR_WSS_INVALID_TOKEN"],
    ["A13 a Response", '<r:Response xmlns:r="urn:oasis:names:tc:SAML:2.0:protocol"/>', "ERR_WSS_INVALID_TOKEN"],
    ["G22 metadata", '<m:Entity xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata"/>', "ERR_WSS_INVALID_TOKEN"],
  ])("rejects %s with its code", (_, content, code) => {
    expect(() => parse(content)).toThrow(refusal(code));
  });

  it.each([
    ["UsernameTokens", "<w:UsernameToken/>", headerCaps.usernameTokens],
    ["assertions", "<p:Assertion/>", headerCaps.assertions],
    ["assertions of SAML 1.1", "<q:Assertion/>", headerCaps.assertions],
    ["signatures", "<d:Signature/>", headerCaps.signatures],
    ["confirmations", "<v:SignatureConfirmation/>", headerCaps.confirmations],
    ["tokens", "<w:BinarySecurityToken/>", headerCaps.tokens],
  ])(
    "accepts as many %s as may stand there, and rejects one more with ERR_WSS_INVALID_SECURITY (K19)",
    (_, one, cap) => {
      expect(() => parse(one.repeat(cap))).not.toThrow();
      expect(() => parse(one.repeat(cap + 1))).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    },
  );
});
