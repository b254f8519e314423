import { describe, expect, it } from "vitest";
import { digestUri, signatureUri } from "./algorithms.js";
import { type KeyDerivationParameters, keyDerivation } from "./key-derivation.js";

const concatUri = "http://www.w3.org/2009/xmlenc11#ConcatKDF";
const hkdfUri = "http://www.w3.org/2021/04/xmldsig-more#hkdf";
const hex = (text: string) => Buffer.from(text, "hex");

describe("ConcatKDF (XML Encryption 1.1 section 5.4.1)", () => {
  // RFC 7518 appendix C derives by the same function, with lengths before each part.
  const secret = hex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
  const parameters: KeyDerivationParameters & { kind: "concat" } = {
    kind: "concat",
    digest: digestUri.sha256,
    algorithmId: "00000000074131323847434d",
    partyUInfo: "0000000005416c696365",
    partyVInfo: "0000000003426f62",
    suppPubInfo: "0000000080",
  };
  const derive = (changes: Partial<typeof parameters> = {}, octets = 16) =>
    keyDerivation(concatUri, { ...parameters, ...changes })
      ?.derive(secret, octets)
      .toString("hex");

  it("accepts the vector of RFC 7518 appendix C", () => {
    expect(derive()).toBe("56aa8deaf8236d205c2228cd71a7101a");
  });

  it("accepts absent and empty parts as nothing, and longer keys", () => {
    const nothing = { suppPrivInfo: "", suppPubInfo: undefined, partyVInfo: "00" };
    expect(derive(nothing)).toBe(derive({ partyVInfo: undefined, suppPubInfo: "" }));
    expect(derive({}, 100)).toMatch(/^56aa8deaf8236d205c2228cd71a7101a[0-9a-f]{168}$/);
    expect(derive({ digest: digestUri.sha512 })).not.toBe(derive());
  });

  it.each(["algorithmId", "partyUInfo", "partyVInfo", "suppPubInfo", "suppPrivInfo"] as const)(
    "accepts another %s as another key",
    (part) => {
      expect(derive({ [part]: "00ff" })).toMatch(/^[0-9a-f]{32}$/);
      expect(derive({ [part]: "00ff" })).not.toBe(derive());
    },
  );

  it.each([
    ["padding bits", { partyUInfo: "0380" }],
    ["half an octet", { partyUInfo: "001" }],
    ["no hexadecimal text", { partyUInfo: "00xy" }],
    ["SHA-1", { digest: digestUri.sha1 }],
    ["an unknown digest", { digest: "urn:x" }],
    ["more than 4,096 octets", { partyUInfo: `00${"ab".repeat(4097)}` }],
  ])("rejects %s (D16)", (_, changes) => {
    expect(keyDerivation(concatUri, { ...parameters, ...changes })).toBeUndefined();
  });
});

describe("HKDF (RFC 5869)", () => {
  const parameters = {
    kind: "hkdf",
    prf: signatureUri.hmacSha256,
    salt: hex("000102030405060708090a0b0c"),
    info: hex("f0f1f2f3f4f5f6f7f8f9"),
    keyLength: 42,
  } as const;
  const secret = Buffer.alloc(22, 0x0b);

  it("accepts test case 1, and by default HMAC-SHA256", () => {
    const expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    const derivation = keyDerivation(hkdfUri, parameters);
    expect(derivation).toMatchObject({ uri: hkdfUri, digest: digestUri.sha256, keyLength: 42 });
    expect(derivation?.derive(secret, 42).toString("hex")).toBe(expected);
    expect(
      keyDerivation(hkdfUri, { ...parameters, prf: undefined })
        ?.derive(secret, 42)
        .toString("hex"),
    ).toBe(expected);
  });

  it("accepts test case 3: no salt and no info", () => {
    const okm = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    expect(keyDerivation(hkdfUri, { kind: "hkdf" })?.derive(secret, 42).toString("hex")).toBe(okm);
  });

  it("accepts SHA-384 and SHA-512, other keys each", () => {
    const keys = [signatureUri.hmacSha256, signatureUri.hmacSha384, signatureUri.hmacSha512].map((prf) =>
      keyDerivation(hkdfUri, { ...parameters, prf })
        ?.derive(secret, 16)
        .toString("hex"),
    );
    expect(new Set(keys).size).toBe(3);
  });

  it.each<[string, KeyDerivationParameters]>([
    ["HMAC-SHA1", { ...parameters, prf: signatureUri.hmacSha1 }],
    ["a signature method", { ...parameters, prf: signatureUri.rsaSha256 }],
    ["a name of Object.prototype", { ...parameters, prf: "constructor" }],
    ["too long a salt", { ...parameters, salt: Buffer.alloc(4097) }],
    ["too long an info", { ...parameters, info: Buffer.alloc(1025) }],
    ["parameters of the other kind", { kind: "concat", digest: digestUri.sha256 }],
  ])("rejects %s (D16)", (_, changed) => {
    expect(keyDerivation(hkdfUri, changed)).toBeUndefined();
  });

  it("rejects other URIs, PBKDF2 among them", () => {
    expect(keyDerivation("http://www.w3.org/2009/xmlenc11#pbkdf2", parameters)).toBeUndefined();
    expect(keyDerivation(concatUri, parameters)).toBeUndefined();
  });
});
