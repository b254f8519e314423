import { describe, expect, it } from "vitest";
import { Certificate } from "../crypto/index.js";
import { soap11Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import type { ReplyPart } from "./message-part.js";
import { type OutboundSignature, type SecureMessageOptions, secureMessage } from "./secure-message.js";
import { type VerifyReplyOptions, verifyReply } from "./verify-reply.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const party = (subject: string) => {
  const { certificate, keyPair } = createTestCertificate({ subject, ...validity });
  const loaded = Certificate.load(certificate, "certificate");
  return { certificate: loaded, key: keyPair.privateKey, token: issueBinarySecurityToken([loaded]) };
};
const [service, other, stranger] = [party("CN=service"), party("CN=other"), party("CN=stranger")];
const plain = `<s:Envelope xmlns:s="${soap11Namespace}"><s:Header><x:h xmlns:x="urn:x">1</x:h></s:Header><s:Body><ok/></s:Body></s:Envelope>`;
const sent = [Buffer.alloc(64, 7)];

const by = ({ key, token }: typeof service, parts: readonly ReplyPart[]): OutboundSignature => ({
  key,
  reference: { by: "token", id: token.id },
  parts,
});
const reply = (options: SecureMessageOptions) => secureMessage(plain, { clock, ...options }).envelope;
const signed = (parts: readonly ReplyPart[] = ["body", "timestamp"], more: SecureMessageOptions = {}, who = service) =>
  reply({ tokens: [who.token.xml], signatures: [by(who, parts)], ...more });
const certificates = [service.certificate, other.certificate];
const verify = (octets: Uint8Array, options: Partial<VerifyReplyOptions> = {}) =>
  verifyReply(octets, { certificates, required: ["body", "timestamp"], clock, ...options });
const refusal = (code: string) => expect.objectContaining({ code });

describe("verifyReply", () => {
  it("accepts a reply that a pinned certificate signed, and hands out what was signed", async () => {
    const message = await verify(signed());
    expect(message.body.protection).toMatchObject({ by: "signature", signer: "CN=service" });
    expect(message.headers).toEqual([]);
  });

  it("rejects one that a stranger signed, or nobody, with its code", async () => {
    await expect(verify(signed(undefined, {}, stranger))).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
    await expect(verify(reply({}))).rejects.toThrow(refusal("ERR_POLICY_TOKEN_REQUIRED"));
    await expect(verify(Buffer.from(plain))).rejects.toThrow(refusal("ERR_POLICY_TOKEN_REQUIRED"));
    await expect(verify(signed(), { certificates: [] })).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
  });

  it("rejects a Body or a Timestamp that is not covered with ERR_POLICY_PART_UNPROTECTED", async () => {
    for (const part of ["body", "timestamp"] as const) {
      await expect(verify(signed([part]))).rejects.toThrow(refusal("ERR_POLICY_PART_UNPROTECTED"));
    }
  });

  it("rejects one that expired with ERR_WSS_MESSAGE_EXPIRED", async () => {
    const late = { now: () => now + 361_000 };
    await expect(verify(signed(), { clock: late })).rejects.toThrow(refusal("ERR_WSS_MESSAGE_EXPIRED"));
  });

  it("accepts the one of several signatures that covers all, and rejects parts that only several cover together", async () => {
    const two = (first: readonly ReplyPart[], second: readonly ReplyPart[]) =>
      reply({
        tokens: [service.token.xml, other.token.xml],
        signatures: [by(service, first), by(other, second)],
      });
    const message = await verify(two(["timestamp"], ["body", "timestamp"]));
    expect(message.body.protection).toMatchObject({ signer: "CN=other" });
    await expect(verify(two(["timestamp"], ["body"]))).rejects.toThrow(refusal("ERR_POLICY_PART_UNPROTECTED"));
  });

  it("accepts one whose signed confirmation is of our request, and rejects others", async () => {
    const parts = ["body", "timestamp", "confirmations"] as const;
    await verify(signed(parts, { confirm: sent }), { confirm: sent });
    await expect(verify(signed(parts, { confirm: [Buffer.alloc(64, 8)] }), { confirm: sent })).rejects.toThrow(
      refusal("ERR_WSS_FAILED_CHECK"),
    );
    await expect(verify(signed(), { confirm: sent })).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
    await expect(verify(signed(undefined, { confirm: sent }), { confirm: sent })).rejects.toThrow(
      refusal("ERR_POLICY_PART_UNPROTECTED"),
    );
  });

  describe("over the transport", () => {
    const over = { required: "transport" } as const;

    it("accepts a reply without header or signature, and hands out all of it", async () => {
      for (const octets of [Buffer.from(plain), reply({})]) {
        const message = await verify(octets, over);
        expect(message.body.protection).toEqual({ by: "transport" });
        expect(message.headers.map(({ localName }) => localName)).toEqual(["h"]);
      }
    });

    it("accepts what is signed too, and rejects a signature that does not verify with ERR_WSS_FAILED_CHECK", async () => {
      expect((await verify(signed(), over)).body.protection).toMatchObject({ by: "signature" });
      const broken = Buffer.from(Buffer.from(signed()).toString().replace("<ok/>", "<no/>"));
      await expect(verify(broken, over)).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
    });

    it("rejects an unsigned confirmation with ERR_POLICY_TOKEN_REQUIRED", async () => {
      for (const octets of [Buffer.from(plain), reply({ confirm: sent })]) {
        await expect(verify(octets, { ...over, confirm: sent })).rejects.toThrow(refusal("ERR_POLICY_TOKEN_REQUIRED"));
      }
    });
  });

  it("reads the header of its actor only", async () => {
    const octets = signed(undefined, { actor: "urn:us" });
    await verify(octets, { actor: "urn:us" });
    await expect(verify(octets)).rejects.toThrow(refusal("ERR_POLICY_TOKEN_REQUIRED"));
  });

  it("rejects a defect at once, whatever another signature says", async () => {
    const failing = {
      now: () => {
        throw new RangeError("clock");
      },
    };
    await expect(verify(signed(), { clock: failing })).rejects.toThrow(RangeError);
  });
});
