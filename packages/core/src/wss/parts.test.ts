import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { addressingNamespace, parseEnvelope, soap11Namespace } from "../soap/index.js";
import { exclusive, scan } from "../xml/index.js";
import type { MessagePart } from "./message-part.js";
import type { VerifiedSignature } from "./message-signature.js";
import { wsseNamespace, wsuNamespace } from "./names.js";
import type { OpenedSecurity } from "./open.js";
import { coverageOf } from "./parts.js";
import { findSecurityHeader, parseSecurityHeader } from "./security-header.js";

const body = '<s:Body u:Id="body"/>';
const timestamp = '<u:Timestamp u:Id="timestamp"/>';
const to = '<a:To u:Id="to"/>';

/** A message whose signature covers the elements with these ids, and a token with the id `token` through STR-Transform. */
function opened(header: string, inBody: string, signed: readonly string[]): [OpenedSecurity, VerifiedSignature] {
  const namespaces = `xmlns:s="${soap11Namespace}" xmlns:w="${wsseNamespace}" xmlns:u="${wsuNamespace}" xmlns:a="${addressingNamespace}"`;
  const envelope = parseEnvelope(
    scan(Buffer.from(`<s:Envelope ${namespaces}><s:Header>${header}</s:Header>${inBody}</s:Envelope>`)),
  );
  const ids = new Map([...envelope.document.ids].map(({ element, value }) => [value, element]));
  const elements = signed.map((id) => ids.get(id) ?? -1);
  const signature = {
    targets: elements.map((element) => ({ element, form: exclusive })),
    tokens: [...ids].filter(([id]) => id === "token").map(([, element]) => element),
    protection: { by: "signature", signer: "CN=alice", algorithm: "urn:algorithm" },
  } satisfies Partial<VerifiedSignature>;
  const security = parseSecurityHeader(envelope, findSecurityHeader(envelope, undefined));
  const nothing = { timestamp: undefined, assertions: [], signatures: [], decrypted: [], attachments: undefined };
  const found = { envelope, header: security, ...nothing };
  return [found, signature as unknown as VerifiedSignature];
}

function partsOf(header: string, inBody: string, signed: readonly string[], required: readonly MessagePart[]): string {
  const [security, signature] = opened(header, inBody, signed);
  try {
    return [...coverageOf(security, required, signature, false).parts.keys()].join();
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
}

describe("coverageOf", () => {
  const security = `<w:Security>${timestamp}</w:Security>`;
  const all = ["body", "timestamp", "to"];

  it("accepts signed parts where they stand, and rejects each unsigned one with ERR_POLICY_PART_UNPROTECTED", () => {
    const required = ["body", "timestamp", "addressing"] as const;
    expect(partsOf(security + to, body, all, required)).toBe(`body,{${addressingNamespace}}To`);
    for (const missing of all) {
      const signed = all.filter((id) => id !== missing);
      expect(partsOf(security + to, body, signed, required)).toBe("ERR_POLICY_PART_UNPROTECTED");
    }
  });

  it.each([
    ["a Body (A1)", `${security}<x:Wrap xmlns:x="urn:x">${body}</x:Wrap>`, "<s:Body/>"],
    ["a Timestamp (A9)", `<w:Security><u:Timestamp/></w:Security><x:Wrap xmlns:x="urn:x">${timestamp}</x:Wrap>`, body],
    ["an addressing header (A12)", `${security}<x:Wrap xmlns:x="urn:x">${to}</x:Wrap>`, body],
  ])("rejects %s that was signed and moved with ERR_POLICY_PART_UNPROTECTED", (_, header, inBody) => {
    expect(partsOf(header, inBody, all, ["addressing"])).toBe("ERR_POLICY_PART_UNPROTECTED");
  });

  it("rejects a Body or Timestamp moved into the Security header of another node with ERR_WSS_INVALID_SECURITY (A5)", () => {
    const other = (content: string) =>
      `<w:Security s:actor="urn:other"><x:Wrap xmlns:x="urn:x">${content}</x:Wrap></w:Security>`;
    expect(partsOf(security + other(""), body, ["body", "timestamp"], ["body"])).toBe("body");
    expect(partsOf(security + other(body), "<s:Body/>", all, [])).toBe("ERR_WSS_INVALID_SECURITY");
    expect(partsOf(`<w:Security/>${other(timestamp)}`, body, ["body", "timestamp"], [])).toBe(
      "ERR_WSS_INVALID_SECURITY",
    );
  });

  it("rejects a Body that is signed as a token only with ERR_POLICY_PART_UNPROTECTED (A25)", () => {
    expect(partsOf(security, '<s:Body u:Id="token"/>', ["timestamp"], ["body"])).toBe("ERR_POLICY_PART_UNPROTECTED");
  });
});
