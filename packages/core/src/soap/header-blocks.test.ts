import { describe, expect, it } from "vitest";
import { scan } from "../xml/index.js";
import { parseEnvelope, type SoapVersion } from "./envelope.js";
import { actorOf, addressingBlocks, checkMustUnderstand, forEachBlock, isForUs } from "./header-blocks.js";
import {
  addressing2004Namespace,
  addressingNamespace,
  soap11Namespace,
  soap11Next,
  soap12Namespace,
  soap12Next,
  soap12UltimateReceiver,
} from "./names.js";

function withHeader(blocks: string, version: SoapVersion = "1.1") {
  const namespace = version === "1.1" ? soap11Namespace : soap12Namespace;
  const prefixes = `xmlns:s="${namespace}" xmlns:x="urn:x" xmlns:a="${addressingNamespace}" xmlns:b="${addressing2004Namespace}"`;
  return parseEnvelope(
    scan(Buffer.from(`<s:Envelope ${prefixes}><s:Header>${blocks}</s:Header><s:Body/></s:Envelope>`)),
  );
}

const refusal = expect.objectContaining({ code: "ERR_SOAP_MUST_UNDERSTAND" });

describe("checkMustUnderstand", () => {
  const check = (blocks: string, version: SoapVersion = "1.1", ours?: string, understands: readonly string[] = []) =>
    checkMustUnderstand(withHeader(blocks, version), ours, -1, new Set(understands));

  it("accepts what is not mandatory, understood or for another node", () => {
    check('<x:a/><x:a s:mustUnderstand="0"/><x:a mustUnderstand="1"/><a:To s:mustUnderstand="1">urn:o</a:To>');
    check('<x:a s:mustUnderstand="1" s:actor="urn:other"/>');
    check('<x:a s:mustUnderstand="true" s:role="http://www.w3.org/2003/05/soap-envelope/role/none"/>', "1.2");
    check('<x:a s:mustUnderstand="1"/>', "1.1", "urn:gateway");
    check('<x:a s:mustUnderstand="1"/>', "1.1", undefined, ["{urn:x}a"]);
  });

  it.each<[string, string, SoapVersion, string | undefined]>([
    ["a mandatory block", '<x:a s:mustUnderstand="1"/>', "1.1", undefined],
    ["one among others", '<a:To>urn:o</a:To><x:a s:mustUnderstand="1"/>', "1.1", undefined],
    ["one by the word", '<x:a s:mustUnderstand="true"/>', "1.2", undefined],
    ["one with white space around the word", '<x:a s:mustUnderstand=" 1 "/>', "1.1", undefined],
    ["one for our actor", '<x:a s:mustUnderstand="1" s:actor="urn:gateway"/>', "1.1", "urn:gateway"],
    ["one for the next node", `<x:a s:mustUnderstand="1" s:actor="${soap11Next}"/>`, "1.1", undefined],
    ["one for the next node of SOAP 1.2", `<x:a s:mustUnderstand="1" s:role="${soap12Next}"/>`, "1.2", "urn:gateway"],
    [
      "one for the ultimate receiver",
      `<x:a s:mustUnderstand="1" s:role="${soap12UltimateReceiver}"/>`,
      "1.2",
      undefined,
    ],
  ])("rejects %s with ERR_SOAP_MUST_UNDERSTAND", (_, blocks, version, ours) => {
    expect(() => check(blocks, version, ours)).toThrow(refusal);
  });

  it("rejects what only looks understood with ERR_SOAP_MUST_UNDERSTAND", () => {
    for (const name of ["a", "{urn:y}a", "{urn:x}A"]) {
      expect(() => check('<x:a s:mustUnderstand="1"/>', "1.1", undefined, [name])).toThrow(refusal);
    }
  });

  it("passes over the Security header that is named to it, and over no other", () => {
    const envelope = withHeader('<x:a s:mustUnderstand="1"/>');
    const security = envelope.document.firstChild(envelope.header);
    checkMustUnderstand(envelope, undefined, security, new Set());
    expect(() => checkMustUnderstand(envelope, undefined, -1, new Set())).toThrow(refusal);
  });
});

describe("isForUs", () => {
  it.each<[string | undefined, string | undefined, boolean]>([
    [undefined, undefined, true],
    [soap12UltimateReceiver, undefined, true],
    [soap11Next, undefined, false],
    ["urn:gateway", undefined, false],
    ["urn:gateway", "urn:gateway", true],
    ["urn:Gateway", "urn:gateway", false],
    [undefined, "urn:gateway", false],
    [soap11Next, "urn:gateway", true],
    [soap12Next, "urn:gateway", true],
    [soap12UltimateReceiver, "urn:gateway", false],
  ])("tells of actor %s to a node that is %s: %s", (actor, ours, expected) => {
    expect(isForUs(actor, ours)).toBe(expected);
  });
});

describe("header blocks", () => {
  it("have the actor or role of their version; an empty one is none", () => {
    const roles = (blocks: string, version: SoapVersion) => {
      const envelope = withHeader(blocks, version);
      const found: (string | undefined)[] = [];
      forEachBlock(envelope, (block) => found.push(actorOf(envelope, block)));
      return found;
    };
    const blocks = '<x:a s:actor="urn:a"/><x:a s:role="urn:r"/><x:a s:actor="" s:role=""/><x:a actor="urn:x"/>';
    expect(roles(blocks, "1.1")).toEqual(["urn:a", undefined, undefined, undefined]);
    expect(roles(blocks, "1.2")).toEqual([undefined, "urn:r", undefined, undefined]);
  });

  it("are found by kind in both versions of WS-Addressing, as children of the Header only", () => {
    const envelope = withHeader("<a:Action>urn:1</a:Action><x:w><a:Action/></x:w><b:Action/><a:MessageID/>");
    expect(addressingBlocks(envelope, "Action")).toHaveLength(2);
    expect(addressingBlocks(envelope, "MessageID")).toHaveLength(1);
    const none = parseEnvelope(scan(Buffer.from(`<s:Envelope xmlns:s="${soap11Namespace}"><s:Body/></s:Envelope>`)));
    expect(addressingBlocks(none, "Action")).toEqual([]);
  });
});
