import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestAlgorithm, digestUri } from "./algorithms.js";
import { createDigest, digest, equalOctets, equalSecrets, sha1, sha256, sha256Hex } from "./digest.js";

const octets = Buffer.from("abc");

describe("digest", () => {
  it.each(Object.entries(digestUri))("computes %s in one piece and in many", (name, uri) => {
    const algorithm = digestAlgorithm(uri);
    if (!algorithm) throw new TypeError(uri);
    const expected = createHash(name).update(octets).digest();
    const pieces = createDigest(algorithm);
    for (const octet of octets) pieces.update(Buffer.of(octet));
    expect(digest(algorithm, octets)).toEqual(expected);
    expect(pieces.digest()).toEqual(expected);
    expect(expected).toHaveLength(algorithm.length);
  });

  it("knows the vectors of FIPS 180-4", () => {
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256(octets).toString("hex")).toBe(sha256Hex("abc"));
    expect(sha1("abc").toString("hex")).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  });
});

describe("equalOctets and equalSecrets (C23)", () => {
  it("accept equal values", () => {
    expect(equalOctets(octets, Buffer.from("abc"))).toBe(true);
    expect(equalOctets(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
    expect(equalSecrets("abc", octets)).toBe(true);
  });

  it.each(["abd", "ab", "abcd", ""])("reject %j without an exception", (other) => {
    expect(equalOctets(octets, Buffer.from(other))).toBe(false);
    expect(equalSecrets("abc", other)).toBe(false);
  });
});
