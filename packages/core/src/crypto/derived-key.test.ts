import { describe, expect, it } from "vitest";
import { computedKey, derivedKeyLimits, deriveKey, pSha1 } from "./derived-key.js";

/*
 * The expected octets are those of another implementation, OpenSSL's TLS1-PRF with SHA-1 alone, which is P_SHA-1:
 * openssl kdf -keylen 96 -kdfopt digest:SHA1 -kdfopt hexsecret:... -kdfopt hexseed:... TLS1-PRF
 */
const label = "WS-SecureConversationWS-SecureConversation";
const vectors = [
  {
    secret: Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"),
    seed: Buffer.concat([Buffer.from(label), Buffer.from("0011223344556677", "hex")]),
    stream:
      "dd7d7d8bb08e393dd3c7dbe66385f71513e8ce3009e6b003d1f6fcd0ae05c68c9c741a25586a92c43860c7f9faaf8638" +
      "f102d5e5e553d4e9092e03ef5e9ee1b4954714213140f42f342d1fac0259d0d0c5e6a86bc699d4aaaaa4609b1d49e2f6",
  },
  {
    // Longer than a block of SHA-1, so that HMAC hashes it first.
    secret: Buffer.from("a".repeat(80)),
    seed: Buffer.from("seed"),
    stream:
      "1f396c02b3407b2a932b0afdb5b381b8432a67a09ac43c4e0071b9928a8355b478279f3cdc73d373f8909e96a8d4c9f9" +
      "0e60ef7ae13f1156a29a9ed245240d50",
  },
] as const;

describe("pSha1", () => {
  it.each(vectors)("accepts every piece of a published stream", ({ secret, seed, stream }) => {
    const octets = Buffer.from(stream, "hex");
    for (const [offset, length] of [
      [0, 16],
      [0, 32],
      [0, 64],
      [7, 20],
      [19, 2],
      [20, 20],
      [32, 32],
    ] as const) {
      expect(pSha1(secret, seed, length, offset)).toEqual(octets.subarray(offset, offset + length));
    }
  });

  it.each(vectors)("rejects to make the same of another secret or seed", ({ secret, seed, stream }) => {
    const octets = Buffer.from(stream, "hex").subarray(0, 32);
    const flipped = Buffer.from(secret);
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    expect(pSha1(flipped, seed, 32)).not.toEqual(octets);
    expect(pSha1(secret, Buffer.concat([seed, Buffer.of(0)]), 32)).not.toEqual(octets);
    expect(pSha1(secret, seed, 32, 1)).not.toEqual(octets);
  });

  it.each([
    [0, 0],
    [-1, 0],
    [derivedKeyLimits.maxLength + 1, 0],
    [2 ** 31, 0],
    [32, -1],
    [32, derivedKeyLimits.maxOffset + 1],
    [32, 2 ** 53],
    [Number.NaN, 0],
    [32, Number.NaN],
    [16.5, 0],
  ])("rejects %d octets at %d with ERR_WSS_INVALID_SECURITY", (length, offset) => {
    expect(() => pSha1(Buffer.alloc(32), Buffer.alloc(8), length, offset)).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_SECURITY" }),
    );
  });

  it("accepts exactly the limits", () => {
    const { maxLength, maxOffset } = derivedKeyLimits;
    expect(pSha1(Buffer.alloc(32), Buffer.alloc(8), maxLength, maxOffset)).toHaveLength(maxLength);
  });
});

describe("deriveKey", () => {
  it("accepts a seed, offset and length: the key is that piece of the stream", () => {
    const [{ secret, seed, stream }] = vectors;
    const key = deriveKey(secret, { seed, offset: 32, length: 32 });
    expect(key.type).toBe("secret");
    expect(key.export().toString("hex")).toBe(stream.slice(64, 128));
  });
});

describe("computedKey", () => {
  it("accepts both entropies: the requestor's is the secret, the issuer's the seed", () => {
    const [, { secret, seed, stream }] = vectors;
    expect(computedKey(secret, seed, 32).toString("hex")).toBe(stream.slice(0, 64));
    expect(computedKey(seed, secret, 32).toString("hex")).not.toBe(stream.slice(0, 64));
  });
});
