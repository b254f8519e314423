import { describe, expect, it } from "vitest";
import { addressingNamespace, parseEnvelope, soap11Namespace } from "../soap/index.js";
import { scan } from "../xml/index.js";
import type { ReplyPart } from "./message-part.js";
import { wsse11Namespace, wsseNamespace, wsuNamespace } from "./names.js";
import { partElements } from "./part-elements.js";
import { findSecurityHeader } from "./security-header.js";

const prefixes = `xmlns:s="${soap11Namespace}" xmlns:w="${wsseNamespace}" xmlns:v="${wsse11Namespace}" xmlns:u="${wsuNamespace}" xmlns:a="${addressingNamespace}" xmlns:x="urn:x"`;

function names(header: string, part: ReplyPart): string {
  const envelope = parseEnvelope(
    scan(Buffer.from(`<s:Envelope ${prefixes}><s:Header>${header}</s:Header><s:Body/></s:Envelope>`)),
  );
  const security = findSecurityHeader(envelope, undefined);
  return partElements(envelope, security, part)
    .map((element) => `${envelope.document.qualifiedName(element)}@${element}`)
    .join();
}

const refusal = (code: string) => expect.objectContaining({ code });
const security = "<w:Security><u:Timestamp/><v:SignatureConfirmation/><v:SignatureConfirmation/></w:Security>";

describe("partElements", () => {
  it("finds parts by their place", () => {
    expect(names(security, "body")).toBe("s:Body@6");
    expect(names(security, "timestamp")).toBe("u:Timestamp@3");
    expect(names(security, "confirmations")).toBe("v:SignatureConfirmation@4,v:SignatureConfirmation@5");
    expect(names("<a:To/><x:w><a:To/></x:w><a:Action/>", "addressing")).toBe("a:To@2,a:Action@5");
    expect(names("<x:a/><x:b/><x:a/>", { namespace: "urn:x", name: "a" })).toBe("x:a@2,x:a@4");
  });

  it("finds nothing where confirmations or addressing headers may be absent", () => {
    expect(names("<w:Security/>", "confirmations")).toBe("");
    expect(names("<w:Security/>", "addressing")).toBe("");
  });

  it("rejects a missing Timestamp with ERR_WSS_INVALID_SECURITY, also where one stands elsewhere", () => {
    expect(() => names("<w:Security/>", "timestamp")).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    expect(() => names("<u:Timestamp/><w:Security/>", "timestamp")).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    expect(() => names("<u:Timestamp/>", "timestamp")).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("rejects a named header that is not there with ERR_POLICY_PART_UNPROTECTED (A24)", () => {
    for (const header of ["", "<x:b/>", '<a xmlns="urn:y"/>', "<x:w><x:a/></x:w>"]) {
      expect(() => names(header, { namespace: "urn:x", name: "a" })).toThrow(refusal("ERR_POLICY_PART_UNPROTECTED"));
    }
  });
});
