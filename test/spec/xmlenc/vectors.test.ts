import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crypto, xml, xmlsec } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { requireSharedData } from "../../require/external.js";
import { decryptFirst, type Keys } from "./decrypt.js";

const w3c = requireSharedData("vectors/xmlenc/xmlenc-core-11");
const merlin = requireSharedData("vectors/xmlenc/merlin-xmlenc-five");

const privateKey = (folder: string, name: string) =>
  createPrivateKey({ key: readFileSync(join(folder, name)), format: "der", type: "pkcs8" });
const failing = (code: string) => expect.objectContaining({ code });
const inclusive = { method: "inclusive", comments: false } as const;

/** One base64 character of the last CipherValue changed: one octet of the content, or of its tag. */
const spoilt = (text: string) =>
  text.replace(
    /([A-Za-z0-9+/])([A-Za-z0-9+/]{4,}={0,2}\s*<\/(?:\w+:)?CipherValue>(?![\s\S]*CipherValue>))/,
    (_, one, rest) => (one === "A" ? "B" : "A") + rest,
  );

w3c.describe("XML Encryption 1.1 interoperability vectors", () => {
  const read = (name: string) => readFileSync(join(w3c.path, name));
  const plaintext = Buffer.from(xml.canonicalize(xml.scan(read("plaintext.xml")), 0, inclusive));
  const octets = Buffer.from(read("binary-data.hex").toString("latin1").replace(/\s/g, ""), "hex");

  const files: readonly (readonly [file: string, key: string, expected: Buffer])[] = [
    ["RSA-2048__aes128-gcm__rsa-oaep-mgf1p", "RSA-2048_SHA256WithRSA", plaintext],
    ["RSA-3072__aes192-gcm__rsa-oaep-mgf1p__Sha256", "RSA-3072_SHA256WithRSA", plaintext],
    ["RSA-3072__aes256-gcm__rsa-oaep__Sha384-MGF_Sha1", "RSA-3072_SHA256WithRSA", plaintext],
    ["RSA-4096__aes256-gcm__rsa-oaep__Sha512-MGF_Sha1_PSource", "RSA-4096_SHA256WithRSA", plaintext],
    ["EC-P256__aes128-gcm__kw-aes128__ECDH-ES__ConcatKDF-1", "EC-P256_SHA256WithECDSA", plaintext],
    ["EC-P384__aes192-gcm__kw-aes192__ECDH-ES__ConcatKDF-2", "EC-P384_SHA256WithECDSA", plaintext],
    ["EC-P521__aes256-gcm__kw-aes256__ECDH-ES__ConcatKDF-3", "EC-P521_SHA256WithECDSA", plaintext],
    ["EC-P256__aes128-gcm__kw-aes128__ECDH-ES__ConcatKDF-4", "EC-P256", octets],
    ["EC-P384__aes192-gcm__kw-aes192__ECDH-ES__ConcatKDF-5", "EC-P384", octets],
    ["EC-P521__aes256-gcm__kw-aes256__ECDH-ES__ConcatKDF-6", "EC-P521", octets],
  ];

  it("are all in the list", () => {
    const found = readdirSync(w3c.path).filter((name) => name.startsWith("cipherText__"));
    expect(found.sort()).toEqual(files.map(([file]) => `cipherText__${file}.xml`).sort());
  });

  it.each(files)(
    "accepts %s, and rejects it changed or for another key with ERR_WSS_DECRYPTION_FAILED",
    (file, key, expected) => {
      const text = read(`cipherText__${file}.xml`).toString();
      const keys = { privateKey: privateKey(w3c.path, `keys-pkcs8/${key}.p8`) };
      expect(decryptFirst(text, keys).plaintext.equals(expected)).toBe(true);
      expect(spoilt(text)).not.toBe(text);
      expect(() => decryptFirst(spoilt(text), keys)).toThrow(failing("ERR_WSS_DECRYPTION_FAILED"));
      const family = key.startsWith("RSA")
        ? "RSA-2048_SHA256WithRSA"
        : key.replace(/(_.*)?$/, (m) => (m ? "" : "_SHA256WithECDSA"));
      if (family !== key) {
        const other = { privateKey: privateKey(w3c.path, `keys-pkcs8/${family}.p8`) };
        expect(() => decryptFirst(text, other)).toThrow(failing("ERR_WSS_DECRYPTION_FAILED"));
      }
    },
  );

  it("rejects them with ERR_WSS_UNSUPPORTED_ALGORITHM where the suite does not hold their algorithms", () => {
    const keys = { privateKey: privateKey(w3c.path, "keys-pkcs8/RSA-3072_SHA256WithRSA.p8") };
    const text = read("cipherText__RSA-3072__aes256-gcm__rsa-oaep__Sha384-MGF_Sha1.xml").toString();
    expect(decryptFirst(text, keys, crypto.suites.basic256Sha256).plaintext.equals(plaintext)).toBe(true);
    for (const encryption of [
      { content: [crypto.contentCipherUri.aes128Gcm] },
      { keyTransport: [crypto.keyTransportUri.rsaOaepMgf1p] },
      { digests: [crypto.digestUri.sha256] },
      { masks: [crypto.maskUri.mgf1Sha384] },
    ]) {
      const suite = crypto.resolveSuite({ name: "narrow", encryption }, "suite");
      expect(() => decryptFirst(text, keys, suite)).toThrow(failing("ERR_WSS_UNSUPPORTED_ALGORITHM"));
    }
  });
});

merlin.describe("Merlin's XML Encryption vectors", () => {
  const read = (name: string) => readFileSync(join(merlin.path, name)).toString();
  const named = {
    bob: Buffer.from("abcdefghijklmnopqrstuvwx"),
    jeb: Buffer.from("abcdefghijklmnopqrstuvwx"),
    job: Buffer.from("abcdefghijklmnop"),
    jed: Buffer.from("abcdefghijklmnopqrstuvwxyz012345"),
  };
  const keys: Keys = { named, privateKey: privateKey(merlin.path, "rsa.p8") };
  const { legacyCbc } = crypto.suites;

  const decrypted = [
    "encrypt-data-aes128-cbc",
    "encrypt-data-aes192-cbc-kw-aes256",
    "encrypt-content-tripledes-cbc",
    "encrypt-content-aes128-cbc-kw-aes192",
    "encrypt-content-aes256-cbc-prop",
    "encrypt-element-tripledes-cbc-kw-aes128",
    "encrypt-element-aes256-cbc-carried-kw-aes256",
  ];

  it.each(decrypted)(
    "accepts %s in a legacy suite, and rejects it elsewhere with ERR_WSS_UNSUPPORTED_ALGORITHM",
    (name) => {
      const text = read(`${name}.xml`);
      const { document, data, plaintext } = decryptFirst(text, keys, legacyCbc);
      if (data.type === undefined) {
        expect(plaintext.toString()).toBe(read("plaintext.txt"));
      } else {
        xmlsec.requireDecryptedXml(document, data, plaintext);
        const { bytes } = document;
        const before = bytes.subarray(0, document.start(data.element));
        const replaced = xml.scan(Buffer.concat([before, plaintext, bytes.subarray(document.end(data.element))]));
        const canonical = (of: xml.XmlDocument, without: readonly number[]) =>
          Buffer.from(xml.canonicalize(of, 0, inclusive, { without })).toString();
        const stays = name.includes("carried") ? [replaced.child(0, xmlsec.dsNames.keyInfo)] : [];
        const expected = canonical(xml.scan(Buffer.from(read("plaintext.xml"))), []);
        // The element that carried the key leaves the white space around it.
        expect(canonical(replaced, stays).replace(/\s+(<\/\w+>)$/, "\n$1")).toBe(
          expected.replace(/\s+(<\/\w+>)$/, "\n$1"),
        );
      }
      expect(() => decryptFirst(text, keys)).toThrow(failing("ERR_WSS_UNSUPPORTED_ALGORITHM"));
    },
  );

  it("rejects bad-encrypt-content-aes128-cbc-kw-aes192 with ERR_WSS_DECRYPTION_FAILED", () => {
    // A random key in place of the damaged one leaves padding that is possible once in sixteen times, and then no XML.
    for (let i = 0; i < 20; i++) {
      expect(() => {
        const { document, data, plaintext } = decryptFirst(
          read("bad-encrypt-content-aes128-cbc-kw-aes192.xml"),
          keys,
          legacyCbc,
        );
        xmlsec.requireDecryptedXml(document, data, plaintext);
      }).toThrow(failing("ERR_WSS_DECRYPTION_FAILED"));
    }
  });

  const macs: readonly (readonly [file: string, octets: number])[] = [
    ["encsig-sha256-hmac-sha256-kw-aes128", 32],
    ["encsig-sha384-hmac-sha384-kw-aes192", 32],
    ["encsig-sha512-hmac-sha512-kw-aes256", 32],
  ];

  it.each(macs)("accepts the wrapped key of %s", (name, octets) => {
    const document = xml.scan(Buffer.from(read(`${name}.xml`)));
    const syntax = xmlsec.parseEncryptedKey(document, find(document, xmlsec.xencNames.encryptedKey));
    const key = crypto.secretKey(named[syntax.keyInfo?.keyNames[0] as keyof typeof named]);
    const open = (lengths: readonly number[]) =>
      xmlsec.decryptKey(document, syntax, {
        suite: crypto.defaultSuite,
        key,
        lengths,
        budget: new xmlsec.DecryptionBudget(),
      });
    expect(open([octets]).toString()).toBe("abcdefghijklmnopqrstuvwxyz012345");
    // A key of another length than the one expected is no key: a random one comes in its place.
    expect(open([16])).toHaveLength(16);
    expect(open([16]).equals(open([16]))).toBe(false);
  });

  const refused: readonly (readonly [file: string, code: string, reason: string])[] = [
    ["encrypt-data-tripledes-cbc-rsa-oaep-mgf1p", "ERR_WSS_INVALID_TOKEN", "RSA with 1024 bits"],
    ["encrypt-data-tripledes-cbc-rsa-oaep-mgf1p-sha256", "ERR_WSS_INVALID_TOKEN", "RSA with 1024 bits"],
    ["encrypt-element-aes128-cbc-rsa-1_5", "ERR_WSS_UNSUPPORTED_ALGORITHM", "RSA 1.5"],
    ["encrypt-data-aes256-cbc-kw-tripledes", "ERR_WSS_UNSUPPORTED_ALGORITHM", "key wrap by 3DES"],
    ["encrypt-element-aes192-cbc-ref", "ERR_WSS_UNSUPPORTED_ALGORITHM", "CipherReference with XPath"],
    ["encrypt-element-aes256-cbc-retrieved-kw-aes256", "ERR_WSS_INVALID_SECURITY", "RetrievalMethod"],
    ["encrypt-content-aes192-cbc-dh-sha512", "ERR_WSS_UNSUPPORTED_ALGORITHM", "finite-field Diffie-Hellman"],
    ["encrypt-element-aes256-cbc-kw-aes256-dh-ripemd160", "ERR_WSS_UNSUPPORTED_ALGORITHM", "RIPEMD-160"],
  ];

  it.each(refused)("rejects %s with %s: %s", (name, code) => {
    expect(() => decryptFirst(read(`${name}.xml`), keys, legacyCbc)).toThrow(failing(code));
  });

  /** Signatures whose encrypted key cannot be opened here, and documents for the decryption transform. */
  const others: readonly (readonly [file: string, reason: string])[] = [
    ["encsig-hmac-sha256-rsa-1_5", "RSA 1.5"],
    ["encsig-hmac-sha256-rsa-oaep-mgf1p", "RSA with 1024 bits"],
    ["encsig-hmac-sha256-dh", "finite-field Diffie-Hellman"],
    ["encsig-hmac-sha256-kw-tripledes-dh", "finite-field Diffie-Hellman"],
    ["encsig-ripemd160-hmac-ripemd160-kw-tripledes", "key wrap by 3DES"],
  ];

  it.each(others)("rejects the key of %s: %s", (name) => {
    const document = xml.scan(Buffer.from(read(`${name}.xml`)));
    const element = find(document, xmlsec.xencNames.encryptedKey);
    expect(() => {
      // Where the key is only agreed upon there is no EncryptedKey at all.
      if (element < 0) return xmlsec.parseKeyInfo(document, find(document, xmlsec.dsNames.keyInfo));
      return xmlsec.decryptKey(document, xmlsec.parseEncryptedKey(document, element), {
        suite: legacyCbc,
        key: keys.privateKey as crypto.KeyObject,
        lengths: [32],
        budget: new xmlsec.DecryptionBudget(),
      });
    }).toThrow(expect.objectContaining({ code: expect.stringMatching(/UNSUPPORTED|ERR_WSS_INVALID_TOKEN/) }));
  });

  it.each(["decryption-transform", "decryption-transform-except"])("rejects the transform of %s", (name) => {
    const document = xml.scan(Buffer.from(read(`${name}.xml`)));
    expect(() => xmlsec.parseSignature(document, find(document, xmlsec.dsNames.signature))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_WSS_UNSUPPORTED_(TOKEN|ALGORITHM)$/) }),
    );
  });

  it("are all in a list", () => {
    const listed = [...decrypted, ...macs, ...refused, ...others].map((entry) =>
      typeof entry === "string" ? entry : entry[0],
    );
    const all = [
      ...listed,
      "bad-encrypt-content-aes128-cbc-kw-aes192",
      "decryption-transform",
      "decryption-transform-except",
      "base64",
      "plaintext",
      "plaintext-base64",
    ].map((name) => `${name}.xml`);
    expect(
      readdirSync(merlin.path)
        .filter((name) => name.endsWith(".xml"))
        .sort(),
    ).toEqual(all.sort());
  });

  function find(document: xml.XmlDocument, name: number): number {
    for (let element = 0; element < document.elementCount; element++)
      if (document.name(element) === name) return element;
    return -1;
  }
});

describe("XML Encryption", () => {
  it("knows no RSA 1.5, in no suite", () => {
    expect(crypto.keyTransport(crypto.keyTransportUri.rsa15)).toBeUndefined();
    for (const { encryption } of Object.values(crypto.suites)) {
      expect(encryption.keyTransport.has(crypto.keyTransportUri.rsa15)).toBe(false);
    }
  });
});
