import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contentCipher } from "./content-cipher.js";

// A second list, written from the standard, so that a slip in the first shows.
const gcm: readonly (readonly [uri: string, octets: number])[] = [
  ["http://www.w3.org/2009/xmlenc11#aes128-gcm", 16],
  ["http://www.w3.org/2009/xmlenc11#aes192-gcm", 24],
  ["http://www.w3.org/2009/xmlenc11#aes256-gcm", 32],
];
const cbc: readonly (readonly [uri: string, octets: number, block: number])[] = [
  ["http://www.w3.org/2001/04/xmlenc#aes128-cbc", 16, 16],
  ["http://www.w3.org/2001/04/xmlenc#aes192-cbc", 24, 16],
  ["http://www.w3.org/2001/04/xmlenc#aes256-cbc", 32, 16],
  ["http://www.w3.org/2001/04/xmlenc#tripledes-cbc", 24, 8],
];

function known(uri: string) {
  const cipher = contentCipher(uri);
  if (cipher === undefined) throw new Error(`${uri} is not known`);
  return cipher;
}

const all: readonly (readonly [uri: string, octets: number])[] = [
  ...gcm,
  ...cbc.map(([uri, octets]) => [uri, octets] as const),
];

const changed = (octets: Buffer, at: number, by = 1) => {
  const copy = Buffer.from(octets);
  copy[at] = (copy[at] as number) ^ by;
  return copy;
};

describe("contentCipher", () => {
  it.each(all)("accepts %s with a key of %i octets", (uri, keyOctets) => {
    const authenticated = uri.endsWith("gcm");
    expect(known(uri)).toMatchObject({ uri, keyOctets, authenticated, legacy: !authenticated });
  });

  it.each([
    "http://www.w3.org/2001/04/xmlenc#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#AES128-GCM",
    "",
    "__proto__",
  ])("rejects %j", (uri) => {
    expect(contentCipher(uri)).toBeUndefined();
  });

  it.each(all)("accepts with %s what it encrypted, of any length, each time under another IV", (uri, size) => {
    const cipher = known(uri);
    const key = randomBytes(size);
    for (let length = 0; length < 35; length++) {
      const plaintext = randomBytes(length);
      const octets = cipher.encrypt(key, plaintext);
      expect(cipher.decrypt(key, octets)?.equals(plaintext)).toBe(true);
      expect(cipher.encrypt(key, plaintext).equals(octets)).toBe(false);
    }
  });

  it.each(all)("rejects with %s a key of another length", (uri, size) => {
    const cipher = known(uri);
    const octets = cipher.encrypt(randomBytes(size), randomBytes(20));
    for (const length of [0, 8, 16, 24, 32, 40].filter((other) => other !== size)) {
      expect(cipher.decrypt(randomBytes(length), octets)).toBeUndefined();
      expect(() => cipher.encrypt(randomBytes(length), octets)).toThrow(
        expect.objectContaining({ code: "ERR_INTERNAL" }),
      );
    }
  });
});

describe("AES-GCM (XML Encryption 1.1 section 5.2.4)", () => {
  it("accepts test case 3 of the GCM specification", () => {
    const key = Buffer.from("feffe9928665731c6d6a8f9467308308", "hex");
    const plaintext =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
    const octets =
      "cafebabefacedbaddecaf888" +
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e" +
      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985" +
      "4d5c2af327cd64a62cf35abd2ba6fab4";
    expect(
      known(gcm[0]?.[0] ?? "")
        .decrypt(key, Buffer.from(octets, "hex"))
        ?.toString("hex"),
    ).toBe(plaintext);
  });

  it.each(gcm)("rejects with %s a change of any octet of IV, ciphertext or tag", (uri, size) => {
    const cipher = known(uri);
    const key = randomBytes(size);
    const octets = cipher.encrypt(key, randomBytes(21));
    expect(octets).toHaveLength(12 + 21 + 16);
    for (let at = 0; at < octets.length; at++) {
      for (const by of [1, 0x20, 0x80, 0xff]) expect(cipher.decrypt(key, changed(octets, at, by))).toBeUndefined();
    }
  });

  it.each(gcm)("rejects with %s every shorter tag, a missing IV and nothing at all (D5, D6)", (uri, size) => {
    const cipher = known(uri);
    const key = randomBytes(size);
    const octets = cipher.encrypt(key, randomBytes(21));
    for (let length = 0; length < octets.length; length++) {
      expect(cipher.decrypt(key, octets.subarray(0, length))).toBeUndefined();
      expect(cipher.decrypt(key, octets.subarray(length + 1))).toBeUndefined();
    }
    expect(cipher.decrypt(key, Buffer.concat([octets, Buffer.alloc(1)]))).toBeUndefined();
  });
});

describe("CBC (XML Encryption 1.1 section 5.2.2)", () => {
  it.each(cbc)("rejects with %s octets of no whole block, and a lone IV", (uri, size, block) => {
    const cipher = known(uri);
    const key = randomBytes(size);
    const octets = cipher.encrypt(key, randomBytes(20));
    for (let length = 0; length < 2 * block; length++) {
      expect(cipher.decrypt(key, octets.subarray(0, length))).toBeUndefined();
    }
    expect(cipher.decrypt(key, octets.subarray(0, octets.length - 1))).toBeUndefined();
    expect(cipher.decrypt(key, Buffer.concat([octets, Buffer.alloc(1)]))).toBeUndefined();
  });

  it.each(cbc)("accepts with %s padding of 1 to a block of any octets, and rejects 0 and more", (uri, size, block) => {
    const cipher = known(uri);
    const key = randomBytes(size);
    // A plaintext of one octet less than a block is padded by one: 1. Its octet is changed through the IV.
    const octets = cipher.encrypt(key, Buffer.alloc(block - 1, 7));
    for (let padding = 0; padding < 256; padding++) {
      const plaintext = cipher.decrypt(key, changed(octets, block - 1, padding ^ 1));
      if (padding >= 1 && padding <= block) expect(plaintext).toEqual(Buffer.alloc(block - padding, 7));
      else expect(plaintext).toBeUndefined();
    }
  });
});
