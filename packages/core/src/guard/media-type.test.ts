import { describe, expect, it } from "vitest";
import { declaresSoap, type SoapMediaType, soapMediaType } from "./media-type.js";
import type { RequestHeaders } from "./seam.js";

const typed = (type: string, ...more: [string, string][]): RequestHeaders => [["content-type", type], ...more];
const refusal = (code: string) => expect.objectContaining({ code });

describe("soapMediaType", () => {
  it.each<[string, Partial<SoapMediaType>]>([
    ["text/xml", { version: "1.1", charset: "utf-8", action: undefined }],
    ["text/xml;charset=UTF-8", { version: "1.1", charset: "utf-8" }],
    ['text/xml; charset="utf-8"', { version: "1.1", charset: "utf-8" }],
    ["text/xml; charset=utf-16", { version: "1.1", charset: "utf-16" }],
    ["application/soap+xml", { version: "1.2", charset: "utf-8" }],
    ['application/soap+xml; charset=utf-8; action="urn:a"', { version: "1.2", action: "urn:a" }],
    ['application/soap+xml;action="urn:\\"a\\""', { version: "1.2", action: 'urn:"a"' }],
    ['application/soap+xml; action=""', { version: "1.2", action: undefined }],
  ])("accepts %s", (type, expected) => {
    expect(soapMediaType(typed(type))).toMatchObject(expected);
  });

  it.each([
    "",
    "text/xml ",
    " text/xml",
    "Text/xml",
    "text/XML",
    "text/xml\t",
    "text/xml,application/soap+xml",
    "text/xml charset=utf-8",
    "text/xml;",
    "text/xml; charset",
    "text/xml; charset=",
    "text/xml; charset=utf-8;",
    "text/xml; charset=utf-8 x",
    "text/xml; charset=utf-8; charset=utf-8",
    "text/xml; charset=utf-8; CHARSET=utf-8",
    'text/xml; charset="utf-8',
    "text/xml; charset=utf-7",
    "text/xml; charset=utf-32",
    "text/xml; charset=latin1",
    "application/xml",
    "application/json",
    "multipart/related; type=text/xml",
    "__proto__",
    "constructor",
  ])("rejects %j with ERR_HTTP_MEDIA_TYPE (L10, L11)", (type) => {
    expect(() => soapMediaType(typed(type))).toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
  });

  it("rejects no Content-Type at all with ERR_HTTP_MEDIA_TYPE, and tells at most 128 characters of a long one", () => {
    expect(() => soapMediaType([])).toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
    try {
      soapMediaType(typed(`text/${"x".repeat(10_000)}`));
      expect.unreachable();
    } catch (error) {
      expect((error as { detail: { reason: string } }).detail.reason.length).toBeLessThan(200);
    }
  });

  it("accepts SOAPAction with quotation marks or without, and rejects two different actions with ERR_HTTP_HEADERS", () => {
    for (const action of ['"urn:a"', "urn:a"]) {
      expect(soapMediaType(typed("text/xml", ["soapaction", action])).action).toBe("urn:a");
      expect(soapMediaType(typed("application/soap+xml; action=urn", ["soapaction", '"urn"'])).action).toBe("urn");
    }
    for (const action of ['""', ""]) {
      expect(soapMediaType(typed("text/xml", ["soapaction", action])).action).toBeUndefined();
      expect(soapMediaType(typed("application/soap+xml; action=urn", ["soapaction", action])).action).toBe("urn");
    }
    for (const type of ["application/soap+xml; action=b", "text/xml; action=b"]) {
      expect(() => soapMediaType(typed(type, ["soapaction", '"a"']))).toThrow(refusal("ERR_HTTP_HEADERS"));
    }
  });

  it("rejects two Content-Type or two SOAPAction lines with ERR_HTTP_HEADERS, the same twice included (L9)", () => {
    for (const [name, value] of [
      ["content-type", "text/xml"],
      ["soapaction", '"a"'],
    ] as const) {
      const headers = typed("text/xml", ["soapaction", '"a"'], [name, value]);
      expect(() => soapMediaType(headers)).toThrow(refusal("ERR_HTTP_HEADERS"));
    }
  });

  it("takes linear time for a parameter that never ends (K26)", () => {
    const started = performance.now();
    for (const tail of [
      '"',
      `"${"\\".repeat(50_000)}`,
      `"${"a".repeat(50_000)}`,
      ";".repeat(50_000),
      " ".repeat(50_000),
    ]) {
      expect(() => soapMediaType(typed(`text/xml; a=${tail}`))).toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("declaresSoap", () => {
  it("accepts what begins like a SOAP type, whatever its parameters, and nothing else", () => {
    for (const type of ["text/xml", "text/xml; charset=bogus", "application/soap+xml;"]) {
      expect(declaresSoap(typed(type))).toBe(true);
    }
    for (const type of ["text/html", "TEXT/XML", "toString", ""]) expect(declaresSoap(typed(type))).toBe(false);
    expect(declaresSoap([])).toBe(false);
  });
});
