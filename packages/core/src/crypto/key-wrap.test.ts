import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyWrap } from "./key-wrap.js";

const hex = (text: string) => Buffer.from(text, "hex");
const kek = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
const data = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
const failing = (code: string) => expect.objectContaining({ code });

function known(uri: string) {
  const wrap = keyWrap(uri);
  if (wrap === undefined) throw new Error(`${uri} is not known`);
  return wrap;
}

describe("AES key wrap (RFC 3394 section 4)", () => {
  it.each([
    ["4.1", "http://www.w3.org/2001/04/xmlenc#kw-aes128", 16, 16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"],
    ["4.3", "http://www.w3.org/2001/04/xmlenc#kw-aes256", 32, 16, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"],
    [
      "4.4",
      "http://www.w3.org/2001/04/xmlenc#kw-aes192",
      24,
      24,
      "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
    ],
    [
      "4.6",
      "http://www.w3.org/2001/04/xmlenc#kw-aes256",
      32,
      32,
      "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
    ],
  ])("accepts vector %s, and rejects a change of any octet by a random key", (_, uri, keyOctets, length, wrapped) => {
    const wrap = known(uri);
    const key = data.subarray(0, length);
    const octets = hex(wrapped);
    expect(wrap).toMatchObject({ uri, keyOctets });
    expect(wrap.wrap(kek.subarray(0, keyOctets), key).equals(octets)).toBe(true);
    const unwrap = (given: Buffer) => wrap.unwrap(kek.subarray(0, keyOctets), given, [length, 48]);
    expect(unwrap(octets).equals(key)).toBe(true);
    for (let at = 0; at < octets.length; at++) {
      const changed = Buffer.from(octets);
      changed[at] = (changed[at] as number) ^ 0x10;
      const random = unwrap(changed);
      expect(random).toHaveLength(length);
      expect(random.equals(key) || random.equals(unwrap(changed))).toBe(false);
    }
  });

  it("rejects another key, other lengths and very long octets by a random key (D15)", () => {
    const wrap = known("http://www.w3.org/2001/04/xmlenc#kw-aes256");
    const key = randomBytes(32);
    const octets = wrap.wrap(kek, key);
    const refused = [
      wrap.unwrap(randomBytes(32), octets, [32]),
      wrap.unwrap(kek.subarray(0, 16), octets, [32]),
      wrap.unwrap(kek, octets.subarray(8), [32]),
      wrap.unwrap(kek, Buffer.alloc(0), [32]),
      wrap.unwrap(kek, Buffer.alloc(10_000_000), [32]),
      wrap.unwrap(kek, wrap.wrap(kek, randomBytes(16)), [32]),
    ];
    for (const random of refused) {
      expect(random).toHaveLength(32);
      expect(random.equals(key)).toBe(false);
    }
    expect(wrap.unwrap(kek, octets, [32]).equals(key)).toBe(true);
  });

  it("rejects what cannot be wrapped with ERR_INTERNAL", () => {
    const wrap = known("http://www.w3.org/2001/04/xmlenc#kw-aes256");
    for (const length of [0, 8, 17, 20])
      expect(() => wrap.wrap(kek, Buffer.alloc(length))).toThrow(failing("ERR_INTERNAL"));
    expect(() => wrap.wrap(kek.subarray(0, 16), data)).toThrow(failing("ERR_INTERNAL"));
    expect(() => wrap.unwrap(kek, data, [])).toThrow(failing("ERR_INTERNAL"));
  });

  it.each(["http://www.w3.org/2001/04/xmlenc#kw-tripledes", "http://www.w3.org/2009/xmlenc11#kw-aes-128-pad", ""])(
    "rejects %j",
    (uri) => {
      expect(keyWrap(uri)).toBeUndefined();
    },
  );
});
