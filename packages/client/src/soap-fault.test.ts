import { parseEnvelope, scan, writeFault } from "@countersign/core/sts";
import { describe, expect, it } from "vitest";
import { parseFault, SoapFaultError } from "./soap-fault.js";

const parse = (xml: string) => parseFault(parseEnvelope(scan(Buffer.from(xml))));
const subcode = { prefix: "wst", namespace: "urn:wst", name: "InvalidScope" };

describe("SOAP faults", () => {
  it("accepts SOAP 1.2 with the innermost subcode", () => {
    const xml = writeFault({ version: "1.2", code: "Sender", subcode, reason: "a < b" });
    expect(parse(xml)).toEqual({
      version: "1.2",
      code: { namespace: "http://www.w3.org/2003/05/soap-envelope", localName: "Sender" },
      subcode: { namespace: "urn:wst", localName: "InvalidScope" },
      reason: "a < b",
    });
    const deeper = xml.replace(
      "</s:Subcode>",
      '<s:Subcode><s:Value xmlns:x="urn:x">x:Deep</s:Value></s:Subcode></s:Subcode>',
    );
    expect(parse(deeper)?.subcode).toEqual({ namespace: "urn:x", localName: "Deep" });
  });

  it("accepts SOAP 1.1 with its one code, also without prefix", () => {
    const xml = writeFault({ version: "1.1", code: "Sender", subcode, reason: "no" });
    expect(parse(xml)).toEqual({
      version: "1.1",
      code: { namespace: "urn:wst", localName: "InvalidScope" },
      reason: "no",
    });
    expect(parse(xml.replace("wst:InvalidScope", "Client"))?.code).toEqual({ namespace: "", localName: "Client" });
  });

  it("accepts a fault that says nothing", () => {
    const envelope = (content: string) =>
      `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${content}</s:Body></s:Envelope>`;
    expect(parse(envelope("<s:Fault/>"))).toMatchObject({ reason: "", code: { namespace: "", localName: "" } });
    expect(parse(envelope("<Fault/>"))).toBeUndefined();
    expect(parse(envelope(""))).toBeUndefined();
  });

  it("takes over no more of a reason than 512 characters", () => {
    const xml = writeFault({ version: "1.2", code: "Receiver", reason: "x".repeat(10_000) });
    expect(parse(xml)?.reason).toHaveLength(512);
  });

  it("tells of the fault in its detail, never in its message", () => {
    const fault = parse(writeFault({ version: "1.2", code: "Sender", subcode, reason: "secret" }));
    if (fault === undefined) throw new TypeError("no fault");
    const error = new SoapFaultError("ERR_SERVICE_FAULT", { fault, httpStatus: 400, verified: false });
    expect(error.message).not.toContain("secret");
    expect(error.detail.reason).toContain("{urn:wst}InvalidScope: secret");
  });
});
