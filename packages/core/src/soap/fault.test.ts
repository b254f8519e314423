import { describe, expect, it } from "vitest";
import { scan } from "../xml/index.js";
import { parseEnvelope } from "./envelope.js";
import { contentTypeOf, writeFault } from "./fault.js";
import { addressingNamespace } from "./names.js";

const subcode = { prefix: "wsse", namespace: "urn:wsse", name: "InvalidSecurity" };

describe("writeFault", () => {
  it("writes SOAP 1.1 with Client, Server or a qualified code, and faultstring", () => {
    const fault = (code: "Sender" | "Receiver") => writeFault({ version: "1.1", code, reason: "No." });
    expect(fault("Sender")).toContain("<faultcode>s:Client</faultcode><faultstring>No.</faultstring>");
    expect(fault("Receiver")).toContain("<faultcode>s:Server</faultcode>");
    expect(writeFault({ version: "1.1", code: "Sender", subcode, reason: "No." })).toContain(
      '<faultcode xmlns:wsse="urn:wsse">wsse:InvalidSecurity</faultcode>',
    );
  });

  it("writes SOAP 1.2 with Code, Subcode and Reason", () => {
    expect(writeFault({ version: "1.2", code: "Sender", subcode, reason: "No." })).toContain(
      "<s:Code><s:Value>s:Sender</s:Value><s:Subcode>" +
        '<s:Value xmlns:wsse="urn:wsse">wsse:InvalidSecurity</s:Value></s:Subcode></s:Code>' +
        '<s:Reason><s:Text xml:lang="en">No.</s:Text></s:Reason>',
    );
    expect(writeFault({ version: "1.2", code: "MustUnderstand", reason: "No." })).toContain(
      "<s:Code><s:Value>s:MustUnderstand</s:Value></s:Code>",
    );
  });

  it.each(["1.1", "1.2"] as const)("writes an envelope that its own version reads, in SOAP %s", (version) => {
    const text = writeFault({ version, code: "VersionMismatch", reason: "<&]]>\r", relatesTo: "urn:uuid:1" });
    const { document, header, body } = parseEnvelope(scan(Buffer.from(text)));
    expect(document.localName(document.firstChild(body))).toBe("Fault");
    const action = document.firstChild(header);
    expect(document.text(action)).toBe(`${addressingNamespace}/soap/fault`);
    expect(document.text(document.nextSibling(action))).toBe("urn:uuid:1");
  });

  it("has no Header where nothing is related", () => {
    expect(writeFault({ version: "1.1", code: "Sender", reason: "No." })).not.toContain("Header");
  });
});

it("names the media type of each version", () => {
  expect(contentTypeOf("1.1")).toBe("text/xml; charset=utf-8");
  expect(contentTypeOf("1.2")).toBe("application/soap+xml; charset=utf-8");
});
