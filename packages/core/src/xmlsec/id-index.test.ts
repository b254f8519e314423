import { describe, expect, it } from "vitest";
import { scan, type XmlDocument } from "../xml/index.js";
import { IdIndex } from "./id-index.js";
import { saml20Namespace, wsseNamespace, wsuNamespace } from "./token-names.js";

const ds = "http://www.w3.org/2000/09/xmldsig#";
const security = 2;

function message({ header = "", body = "", before = "" }): XmlDocument {
  return scan(
    Buffer.from(
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="${wsuNamespace}" xmlns:foo="urn:foo">` +
        `<s:Header><w:Security xmlns:w="${wsseNamespace}" xmlns:ds="${ds}" xmlns:saml="${saml20Namespace}">${header}</w:Security>${before}</s:Header>` +
        `<s:Body u:Id="body">${body}</s:Body></s:Envelope>`,
    ),
  );
}

function rejects(code: string, act: () => unknown): void {
  expect(act).toThrow(expect.objectContaining({ code }));
}

const INVALID = "ERR_WSS_INVALID_SECURITY";

describe("IdIndex", () => {
  it("accepts wsu:Id anywhere, ds:Id and SAML ID in the header", () => {
    const doc = message({
      header: '<ds:Signature Id="sig"/><saml:Assertion ID="a"/>',
      before: '<foo:H u:Id="h"/>',
      body: '<foo:x u:Id="x"/>',
    });
    const index = IdIndex.of(doc, security);
    expect(doc.localName(index.find("body"))).toBe("Body");
    expect(doc.localName(index.find("sig"))).toBe("Signature");
    expect(doc.localName(index.find("a"))).toBe("Assertion");
    expect(doc.localName(index.find("h"))).toBe("H");
    expect(doc.localName(index.find("x"))).toBe("x");
  });

  it("rejects an unknown id by answering -1, __proto__ included", () => {
    const index = IdIndex.of(message({}), security);
    expect(index.find("nobody")).toBe(-1);
    expect(index.find("__proto__")).toBe(-1);
  });

  it("accepts look-alikes in a payload as data: an unrelated ID, a copied assertion, a foreign signature (B18)", () => {
    const doc = message({
      header: '<saml:Assertion ID="a"/><ds:Signature Id="sig"/>',
      body: `<foo:x ID="body" Id="sig" id="a"/><saml:Assertion xmlns:saml="${saml20Namespace}" ID="a"/><ds:Signature xmlns:ds="${ds}" Id="sig"/>`,
    });
    const index = IdIndex.of(doc, security);
    expect(index.find("a")).toBe(security + 1);
    expect(index.find("sig")).toBe(security + 2);
  });

  it("rejects two elements with one wsu:Id with ERR_WSS_INVALID_SECURITY (A2)", () => {
    rejects(INVALID, () => IdIndex.of(message({ before: '<foo:Wrap><s:Body u:Id="body"/></foo:Wrap>' }), security));
  });

  it("rejects one value as wsu:Id and as SAML ID or ds:Id in the header with ERR_WSS_INVALID_SECURITY", () => {
    rejects(INVALID, () => IdIndex.of(message({ header: '<saml:Assertion ID="body"/>' }), security));
    rejects(INVALID, () => IdIndex.of(message({ header: '<ds:Signature Id="body"/>' }), security));
  });

  it("rejects a look-alike in the header that repeats an identifier with ERR_WSS_INVALID_SECURITY (B18)", () => {
    expect(IdIndex.of(message({ header: '<foo:x ID="other"/>' }), security).find("other")).toBe(-1);
    for (const attribute of ["ID", "Id", "id", "foo:Id", "xml:id", "AssertionID"]) {
      rejects(INVALID, () => IdIndex.of(message({ header: `<foo:x ${attribute}="body"/>` }), security));
    }
  });

  it("rejects two identifiers on an element of the header with ERR_WSS_INVALID_SECURITY (B18)", () => {
    rejects(INVALID, () => IdIndex.of(message({ header: '<saml:Assertion ID="a" u:Id="b"/>' }), security));
  });

  it("rejects a referenced element with several identifying attributes with ERR_WSS_INVALID_SECURITY (B18)", () => {
    for (const attribute of ["ID", "Id", "id", "foo:Id", "xml:id"]) {
      for (const value of ["h", "other"]) {
        const index = IdIndex.of(message({ before: `<foo:H u:Id="h" ${attribute}="${value}"/>` }), security);
        expect(index.find("body")).toBeGreaterThan(0);
        rejects(INVALID, () => index.find("h"));
      }
    }
  });

  it("reads only wsu:Id where no header is given", () => {
    const doc = message({ header: '<saml:Assertion ID="a"/>' });
    const index = IdIndex.of(doc, -1);
    expect(index.find("a")).toBe(-1);
    expect(index.find("body")).toBeGreaterThan(0);
  });

  it("stays linear in the number of identifiers (K2)", () => {
    const body = Array.from({ length: 20_000 }, (_, i) => `<e u:Id="e${i}"/>`).join("");
    const doc = message({ body });
    const started = performance.now();
    expect(IdIndex.of(doc, security).find("e19999")).toBe(doc.elementCount - 1);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("IdIndex.fragment", () => {
  const doc = message({});

  it("accepts a same-document reference by a plain name", () => {
    expect(IdIndex.fragment(doc, 0, "#body")).toBe("body");
    expect(IdIndex.fragment(doc, 0, "#_é-1.x")).toBe("_é-1.x");
  });

  it("rejects every other reference by answering undefined: nothing is fetched (C11)", () => {
    for (const uri of [
      undefined,
      "",
      "http://example.org/x",
      "file:///etc/passwd",
      "?q",
      "body",
      "#xpointer(/)",
      "#xpointer(id('body'))",
      "cid:1",
    ]) {
      expect(IdIndex.fragment(doc, 0, uri)).toBeUndefined();
    }
  });

  it("rejects a fragment that is no NCName with ERR_WSS_INVALID_SECURITY (C16)", () => {
    for (const uri of ["#", "#a' or '1'='1", "#1a", "#a b", "#a:b", "# body", "#body ", '#"', "#a/b"]) {
      rejects(INVALID, () => IdIndex.fragment(doc, 0, uri));
    }
  });
});
