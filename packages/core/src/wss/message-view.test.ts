import { describe, expect, expectTypeOf, it } from "vitest";
import { parseEnvelope, soap11Namespace, soap12Namespace } from "../soap/index.js";
import { exclusive, scan } from "../xml/index.js";
import { createVerifiedMessage, type ProtectedPart, transportPart } from "./message-view.js";
import type { MessageContent, VerifiedMessage } from "./verified-message.js";

const read = (text: string) => parseEnvelope(scan(Buffer.from(text)));
const envelope = read(
  `<s:Envelope xmlns:s="${soap11Namespace}" xmlns:x="urn:x"><s:Header><x:a k="1"/><x:b/></s:Header>` +
    '<s:Body a="2" x:a="3"><x:c>te<!-- no -->xt</x:c><d/><x:c/></s:Body></s:Envelope>',
);
const signed = (element: number): ProtectedPart => ({
  element,
  protection: { by: "signature", signer: "CN=alice", algorithm: "urn:a" },
  form: exclusive,
});
const text = (octets: Uint8Array) => Buffer.from(octets).toString();

describe("createVerifiedMessage", () => {
  const message = createVerifiedMessage(envelope, signed(envelope.body), [signed(2)]);

  it("hands out the protected parts, and nothing else", () => {
    expect(message.soapVersion).toBe("1.1");
    expect(message.headers.map(({ localName }) => localName)).toEqual(["a"]);
    expect(text(message.envelope)).toBe(
      `<soap:Envelope xmlns:soap="${soap11Namespace}"><soap:Header>` +
        '<x:a xmlns:x="urn:x" k="1"></x:a></soap:Header>' +
        `<s:Body xmlns:s="${soap11Namespace}" xmlns:x="urn:x" a="2" x:a="3"><x:c>text</x:c><d></d><x:c></x:c></s:Body>` +
        "</soap:Envelope>",
    );
  });

  it("reads elements by name and namespace", () => {
    const { body } = message;
    expect(body).toMatchObject({ localName: "Body", namespace: soap11Namespace, text: undefined });
    expect([body.attribute("a"), body.attribute("a", "urn:x"), body.attribute("b")]).toEqual(["2", "3", undefined]);
    expect(body.children().map((child) => child.localName)).toEqual(["c", "d", "c"]);
    expect(body.children("c")).toHaveLength(2);
    expect(body.children("c", "")).toHaveLength(0);
    expect(body.child("c", "urn:x")?.text).toBe("text");
    expect(body.child("e")).toBeUndefined();
    expect(text(body.child("d")?.bytes ?? Buffer.alloc(0))).toBe("<d></d>");
    expect(body.child("c")?.protection).toEqual({ by: "signature", signer: "CN=alice", algorithm: "urn:a" });
  });

  it("computes octets once", () => {
    expect(message.envelope).toBe(message.envelope);
    expect(message.body.bytes).toBe(message.body.bytes);
    expect(message.headers).toBe(message.headers);
  });

  it("keeps every namespace in scope where the transport protects the whole", () => {
    const { body } = read(
      `<s:Envelope xmlns:s="${soap12Namespace}" xmlns:t="urn:t"><s:Body>t:Name</s:Body></s:Envelope>`,
    );
    const document = read(
      `<s:Envelope xmlns:s="${soap12Namespace}" xmlns:t="urn:t"><s:Body>t:Name</s:Body></s:Envelope>`,
    );
    const whole = createVerifiedMessage(document, transportPart(body), []);
    expect(text(whole.body.bytes)).toContain('xmlns:t="urn:t"');
    expect(text(whole.envelope)).not.toContain("Header");
  });

  it("rejects a Body that is not the Body of the Envelope with ERR_INTERNAL", () => {
    expect(() => createVerifiedMessage(envelope, signed(2), [])).toThrow(
      expect.objectContaining({ code: "ERR_INTERNAL" }),
    );
  });

  it("is the only way to a VerifiedMessage: what has the same members is none", () => {
    expectTypeOf<VerifiedMessage>().toExtend<MessageContent>();
    expectTypeOf<MessageContent>().not.toExtend<VerifiedMessage>();
  });
});
