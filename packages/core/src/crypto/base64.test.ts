import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.js";

const maxOctets = 1024;

describe("decodeBase64", () => {
  it("accepts values of every length and gives them back", () => {
    for (let length = 0; length < 130; length++) {
      const octets = Buffer.from(Array.from({ length }, (_, index) => (index * 37 + length) & 0xff));
      expect(decodeBase64(encodeBase64(octets), { maxOctets })).toEqual(octets);
    }
  });

  it("accepts XML white space, and rejects it where the option forbids it", () => {
    expect(decodeBase64(" QUJD\r\n\tRA== ", { maxOctets })?.toString()).toBe("ABCD");
    expect(decodeBase64("QUJDRA==", { maxOctets, whitespace: false })?.toString()).toBe("ABCD");
    expect(decodeBase64("QUJD RA==", { maxOctets, whitespace: false })).toBeUndefined();
  });

  it.each([
    ["missing padding", "QUJDRA"],
    ["half the padding", "QUJDRA="],
    ["padding inside", "QUJDRA==QUJD"],
    ["too much padding", "QUJD===="],
    ["padding alone", "===="],
    ["the URL alphabet", "_-_-"],
    ["trailing junk", "QUJDRA==!"],
    ["junk inside", "QU!!JD=="],
    ["unused bits that are set, one pad", "QUJDRUV="],
    ["unused bits that are set, two pads", "QUJDRB=="],
    ["a no-break space", "QUJD\u00a0RA=="],
    ["a vertical tab", "QUJD\u000bRA=="],
    ["a letter outside ASCII", "QUJ\u0141"],
    ["a NUL", "QUJD\u0000AAA"],
  ])("rejects %s (C24)", (_name, text) => {
    expect(decodeBase64(text, { maxOctets })).toBeUndefined();
  });

  it("accepts exactly the limit and rejects one octet more", () => {
    for (const limit of [30, 31, 32]) {
      expect(decodeBase64(encodeBase64(Buffer.alloc(limit)), { maxOctets: limit })).toHaveLength(limit);
      expect(decodeBase64(encodeBase64(Buffer.alloc(limit + 1)), { maxOctets: limit })).toBeUndefined();
    }
  });

  it("rejects long text in linear time", () => {
    const text = `${"A".repeat(1_000_000)}!`;
    const before = performance.now();
    expect(decodeBase64(text, { maxOctets: 2_000_000 })).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(200);
  });
});
