import { describe, expect, it } from "vitest";
import { testKeyPair } from "../testing/index.js";
import type { OpenedSecurity } from "../wss/index.js";
import type { MessageProtection } from "./accept.js";
import { compileProtection, requireTransport, signatureReplays } from "./protection.js";

const compile = (given: MessageProtection) => compileProtection(given, "accept[2]", { decrypts: false });
const insecure = expect.objectContaining({ code: "ERR_CONFIG_INSECURE", option: "accept[2].signed" });

describe("compileProtection", () => {
  it("wants Body and Timestamp signed where nothing is said, and nothing over the transport", () => {
    expect(compile({})).toMatchObject({ signed: ["body", "timestamp"], overTransport: false });
    expect(compile({ over: "transport" })).toMatchObject({ signed: [], overTransport: true });
  });

  it("accepts what covers the Body and the Timestamp, and rejects what leaves one out with ERR_CONFIG_INSECURE", () => {
    const header = { namespace: "urn:a", name: "b" };
    const signed = ["timestamp", header, "body", "addressing"] as const;
    expect(compile({ signed }).signed).toEqual(signed);
    expect(compile({ signed: ["timestamp"], over: "transport" }).signed).toEqual(["timestamp"]);
    expect(compile({ signed: [], over: "transport" }).signed).toEqual([]);
    for (const wrong of [
      { signed: [] },
      { signed: ["timestamp"] },
      { signed: ["timestamp", "addressing", header] },
      { signed: ["body"] },
      { signed: ["body", "addressing"] },
      { signed: ["body"], over: "transport" },
      { signed: [header], over: "transport" },
    ] satisfies MessageProtection[]) {
      expect(() => compile(wrong)).toThrow(insecure);
    }
  });
});

describe("requireTransport", () => {
  it("accepts TLS, and rejects an open connection with ERR_WSS_INVALID_SECURITY where the alternative rests on it", () => {
    const verdict = (overTransport: boolean, encrypted: boolean) => () =>
      requireTransport({ overTransport }, { encrypted });
    expect(verdict(true, true)).not.toThrow();
    expect(verdict(false, false)).not.toThrow();
    expect(verdict(true, false)).toThrow(expect.objectContaining({ code: "ERR_WSS_INVALID_SECURITY" }));
  });
});

describe("signatureReplays", () => {
  const { publicKey } = testKeyPair("ec", "signer");
  const signature = (digest: string, ...elements: number[]) => ({
    signer: { key: publicKey },
    signedInfoDigest: Buffer.from(digest),
    targets: elements.map((element) => ({ element })),
  });
  const opened = (...signatures: ReturnType<typeof signature>[]) =>
    ({ timestamp: { element: 7, created: 500, acceptableUntil: 1_000 }, signatures }) as unknown as OpenedSecurity;

  it("reserves every signature that covers the Timestamp, by key and SignedInfo, while the Timestamp lives", () => {
    const entries = signatureReplays(opened(signature("a", 5, 7), signature("b", 5), signature("c", 7)));
    expect(entries.map(({ kind, parts, until, since }) => [kind, String(parts[1]), until, since])).toEqual([
      ["message-signature", "a", 1_000, 500],
      ["message-signature", "c", 1_000, 500],
    ]);
    expect(entries[0]?.parts[0]).toEqual(entries[1]?.parts[0]);
  });

  it("reserves nothing of a message without signatures", () => {
    expect(signatureReplays(opened())).toEqual([]);
  });
});
