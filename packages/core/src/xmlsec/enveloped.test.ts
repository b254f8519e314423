import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { defaultSuite, signatureUri } from "../crypto/index.js";
import { registerName, scan } from "../xml/index.js";
import { checkAlgorithms } from "./algorithms.js";
import { attributeNames, c14n10, dsNames, exclusiveC14n } from "./names.js";
import { signEnveloped } from "./sign.js";
import { parseSignature } from "./signature-syntax.js";
import { saml20Namespace, samlNames } from "./token-names.js";
import { verifyEnveloped } from "./verify.js";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const issuer = registerName(saml20Namespace, "Issuer");
const FAILED = "ERR_WSS_FAILED_CHECK";
const INVALID = "ERR_WSS_INVALID_SECURITY";
const UNSUPPORTED = "ERR_WSS_UNSUPPORTED_ALGORITHM";

const assertion = (content = "alice", id = "_a") =>
  `<saml:Assertion xmlns:saml="${saml20Namespace}" ID="${id}" Version="2.0"><saml:Issuer>sts</saml:Issuer>` +
  `<saml:Subject><saml:NameID>${content}</saml:NameID></saml:Subject></saml:Assertion>`;

const sign = (xml: string, elementId = "_a") =>
  signEnveloped(xml, { elementId, behind: issuer, algorithm: signatureUri.rsaSha256, key: privateKey });

/** Verifies the first assertion in document order, by its own child Signature. */
function verify(text: string, key = publicKey) {
  const doc = scan(Buffer.from(text));
  let parent = 0;
  while (doc.name(parent) !== samlNames.assertion20) parent++;
  const syntax = parseSignature(doc, doc.child(parent, dsNames.signature));
  checkAlgorithms(doc, syntax, defaultSuite);
  return {
    doc,
    parent,
    ...verifyEnveloped(doc, syntax, key, parent, doc.attribute(parent, attributeNames.samlId) ?? ""),
  };
}

function rejects(code: string, text: string): void {
  expect(() => verify(text)).toThrow(expect.objectContaining({ code }));
}

describe("signEnveloped and verifyEnveloped", () => {
  const signed = sign(assertion());

  it("accepts an assertion behind whose Issuer the signature stands", () => {
    const { references, parent, doc } = verify(signed);
    expect(references[0]?.element).toBe(parent);
    expect(doc.nextSibling(doc.child(0, issuer))).toBe(doc.child(0, dsNames.signature));
  });

  it("accepts it inside a message with other namespaces around it", () => {
    expect(verify(`<e xmlns="urn:x" xmlns:saml="urn:other"><f>${signed}</f></e>`).references).toHaveLength(1);
  });

  it("accepts an ID that a payload repeats: the Reference means its parent", () => {
    expect(verify(`<e>${signed}<copy>${signed}</copy></e>`).references).toHaveLength(1);
  });

  it("rejects a change, another key, and a changed ID with ERR_WSS_FAILED_CHECK", () => {
    rejects(FAILED, signed.replace("alice", "admin"));
    rejects(FAILED, signed.replace("alice", "al<!-- -->ice").replace("alice", "x").replace("sts", "other"));
    rejects(FAILED, signed.replace('ID="_a"', 'ID="_b"'));
    expect(() => verify(signed, other.publicKey)).toThrow(expect.objectContaining({ code: FAILED }));
  });

  it("rejects a Signature copied from another assertion with ERR_WSS_FAILED_CHECK (XSW, A13)", () => {
    const signature = signed.slice(
      signed.indexOf("<ds:Signature"),
      signed.indexOf("</ds:Signature>") + "</ds:Signature>".length,
    );
    const evil = assertion("admin", "_evil").replace("<saml:Subject>", `${signature}<saml:Subject>`);
    rejects(FAILED, evil);
    rejects(FAILED, evil.replace("</saml:Assertion>", `${signed}</saml:Assertion>`));
    const sameId = assertion("admin").replace("<saml:Subject>", `${signature}<saml:Subject>`);
    rejects(FAILED, sameId);
  });

  it("rejects a second Signature in the assertion with ERR_WSS_FAILED_CHECK: only this one is left out (A27)", () => {
    const signature = signed.slice(
      signed.indexOf("<ds:Signature"),
      signed.indexOf("</ds:Signature>") + "</ds:Signature>".length,
    );
    rejects(FAILED, signed.replace("</saml:Subject>", `${signature}</saml:Subject>`));
    rejects(FAILED, signed.replace("</saml:Assertion>", `${signature}</saml:Assertion>`));
  });

  it("rejects other URIs with ERR_WSS_FAILED_CHECK (G20)", () => {
    for (const uri of ["", "#_b", "http://example.org/", "#xpointer(/)"])
      rejects(FAILED, signed.replace('URI="#_a"', `URI="${uri}"`));
    rejects(FAILED, signed.replace(' URI="#_a"', ""));
  });

  it("rejects other transforms with ERR_WSS_UNSUPPORTED_ALGORITHM (G20)", () => {
    const enveloped = /<ds:Transform Algorithm="[^"]*enveloped-signature"><\/ds:Transform>/.exec(signed)?.[0] ?? "";
    const canonical = `<ds:Transform Algorithm="${exclusiveC14n}"></ds:Transform>`;
    expect(signed).toContain(enveloped + canonical);
    rejects(UNSUPPORTED, signed.replace(enveloped, ""));
    rejects(UNSUPPORTED, signed.replace(canonical, canonical + canonical));
    rejects(UNSUPPORTED, signed.replace(canonical, canonical.replace(exclusiveC14n, c14n10)));
    rejects(UNSUPPORTED, signed.replace(canonical, ""));
  });

  it("rejects two References with ERR_WSS_INVALID_SECURITY", () => {
    const reference = signed.slice(
      signed.indexOf("<ds:Reference"),
      signed.indexOf("</ds:Reference>") + "</ds:Reference>".length,
    );
    rejects(INVALID, signed.replace(reference, reference + reference));
  });

  it("rejects a Signature that is no child of the assertion with ERR_WSS_INVALID_SECURITY", () => {
    const doc = scan(Buffer.from(`<e ID="_a">${signed}</e>`));
    const syntax = parseSignature(doc, doc.child(1, dsNames.signature));
    expect(() => verifyEnveloped(doc, syntax, publicKey, 0, "_a")).toThrow(expect.objectContaining({ code: INVALID }));
  });

  it("accepts a signature as first child, and refuses impossible places with ERR_INTERNAL", () => {
    const build = { elementId: "a", algorithm: signatureUri.rsaSha256, key: privateKey };
    const xml = signEnveloped('<r ID="a"><x/></r>', build);
    const doc = scan(Buffer.from(xml));
    expect(doc.name(doc.firstChild(0))).toBe(dsNames.signature);
    expect(() => signEnveloped('<r ID="a"/>', build)).toThrow(expect.objectContaining({ code: "ERR_INTERNAL" }));
    expect(() => signEnveloped('<r ID="a"><x/></r>', { ...build, behind: issuer })).toThrow(
      expect.objectContaining({ code: "ERR_INTERNAL" }),
    );
    expect(() => signEnveloped('<r ID="a"><x/></r>', { ...build, elementId: 'a"/><x y="' })).toThrow(
      expect.objectContaining({ code: "ERR_INTERNAL" }),
    );
  });
});
