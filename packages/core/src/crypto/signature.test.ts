import {
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  type RSAPSSKeyPairKeyObjectOptions,
  sign,
} from "node:crypto";
import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { digestUri, type SignatureAlgorithm, signatureAlgorithm, signatureUri } from "./algorithms.js";
import { signOctets, verifySignatureValue } from "./signature.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
const p521 = generateKeyPairSync("ec", { namedCurve: "P-521" });
const ed25519 = generateKeyPairSync("ed25519");
const secret = createSecretKey(Buffer.alloc(32, 7));
const secretPair = { publicKey: secret, privateKey: secret };
const octets = Buffer.from("<ds:SignedInfo>octets</ds:SignedInfo>");

function algorithm(uri: string): SignatureAlgorithm {
  const found = signatureAlgorithm(uri);
  if (!found) throw new TypeError(uri);
  return found;
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
  return "none";
}

const genericPss = signatureAlgorithm(signatureUri.rsaPss, {
  digest: digestUri.sha512,
  maskDigest: digestUri.sha512,
  saltLength: 64,
});

const cases: [string, SignatureAlgorithm, { publicKey: KeyObject; privateKey: KeyObject }, number][] = [
  ["rsa-sha1", algorithm(signatureUri.rsaSha1), rsa, 256],
  ["rsa-sha256", algorithm(signatureUri.rsaSha256), rsa, 256],
  ["rsa-sha384", algorithm(signatureUri.rsaSha384), rsa, 256],
  ["rsa-sha512", algorithm(signatureUri.rsaSha512), rsa, 256],
  ["sha256-rsa-MGF1", algorithm(signatureUri.rsaPssSha256), rsa, 256],
  ["sha384-rsa-MGF1", algorithm(signatureUri.rsaPssSha384), rsa, 256],
  ["sha512-rsa-MGF1", algorithm(signatureUri.rsaPssSha512), rsa, 256],
  ["rsa-pss with SHA-512 parameters", genericPss ?? algorithm(""), rsa, 256],
  ["ecdsa-sha1 with P-256", algorithm(signatureUri.ecdsaSha1), p256, 64],
  ["ecdsa-sha256 with P-256", algorithm(signatureUri.ecdsaSha256), p256, 64],
  ["ecdsa-sha384 with P-384", algorithm(signatureUri.ecdsaSha384), p384, 96],
  ["ecdsa-sha512 with P-521", algorithm(signatureUri.ecdsaSha512), p521, 132],
  ["ecdsa-sha512 with P-256", algorithm(signatureUri.ecdsaSha512), p256, 64],
  ["eddsa-ed25519", algorithm(signatureUri.ed25519), ed25519, 64],
  ["hmac-sha1", algorithm(signatureUri.hmacSha1), secretPair, 20],
  ["hmac-sha256", algorithm(signatureUri.hmacSha256), secretPair, 32],
  ["hmac-sha384", algorithm(signatureUri.hmacSha384), secretPair, 48],
  ["hmac-sha512", algorithm(signatureUri.hmacSha512), secretPair, 64],
];

describe.each(cases)("%s", (_name, method, keys, length) => {
  const value = signOctets(method, keys.privateKey, octets);

  it("accepts its own value, of the fixed length", () => {
    expect(value).toHaveLength(length);
    expect(verifySignatureValue(method, keys.publicKey, octets, value)).toBe(true);
  });

  it("rejects the value with one bit changed, at either end", () => {
    for (const at of [0, length - 1]) {
      const changed = Buffer.from(value);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(verifySignatureValue(method, keys.publicKey, octets, changed)).toBe(false);
    }
  });

  it("rejects other octets", () => {
    expect(verifySignatureValue(method, keys.publicKey, Buffer.from("other"), value)).toBe(false);
  });

  it.each([0, 1, length - 1, length + 1, 1024])(
    "rejects a value of %i octets without an exception (C4, C8)",
    (size) => {
      expect(verifySignatureValue(method, keys.publicKey, octets, Buffer.alloc(size, 1))).toBe(false);
    },
  );
});

describe("ECDSA values", () => {
  const method = algorithm(signatureUri.ecdsaSha256);
  const value = signOctets(method, p256.privateKey, octets);

  it("rejects r = 0 and s = 0 (C8)", () => {
    const zero = Buffer.alloc(32);
    expect(verifySignatureValue(method, p256.publicKey, octets, Buffer.concat([zero, zero]))).toBe(false);
    expect(verifySignatureValue(method, p256.publicKey, octets, Buffer.concat([zero, value.subarray(32)]))).toBe(false);
    expect(verifySignatureValue(method, p256.publicKey, octets, Buffer.concat([value.subarray(0, 32), zero]))).toBe(
      false,
    );
  });

  it("rejects the DER form (C8)", () => {
    expect(verifySignatureValue(method, p256.publicKey, octets, sign("sha256", octets, p256.privateKey))).toBe(false);
  });

  it("rejects r above the order of the curve", () => {
    const large = Buffer.concat([Buffer.alloc(32, 0xff), value.subarray(32)]);
    expect(verifySignatureValue(method, p256.publicKey, octets, large)).toBe(false);
  });
});

describe("RSASSA-PSS salt", () => {
  it("rejects a salt of another length than the digest", () => {
    const method = algorithm(signatureUri.rsaPssSha256);
    const value = sign("sha256", octets, { key: rsa.privateKey, padding: 6, saltLength: 20 });
    expect(verifySignatureValue(method, rsa.publicKey, octets, value)).toBe(false);
  });

  it("rejects a PKCS#1 v1.5 value under a PSS method, and the reverse", () => {
    const pss = algorithm(signatureUri.rsaPssSha256);
    const pkcs1 = algorithm(signatureUri.rsaSha256);
    expect(verifySignatureValue(pss, rsa.publicKey, octets, signOctets(pkcs1, rsa.privateKey, octets))).toBe(false);
    expect(verifySignatureValue(pkcs1, rsa.publicKey, octets, signOctets(pss, rsa.privateKey, octets))).toBe(false);
  });
});

describe("keys bound to RSASSA-PSS", () => {
  // The type declarations want a text for saltLength, Node a number.
  const options = { modulusLength: 2048, hashAlgorithm: "sha384", mgf1HashAlgorithm: "sha384", saltLength: 48 };
  const bound = generateKeyPairSync("rsa-pss", options as unknown as RSAPSSKeyPairKeyObjectOptions);
  const method = algorithm(signatureUri.rsaPssSha384);

  it("accepts the digest that the key names", () => {
    expect(verifySignatureValue(method, bound.publicKey, octets, signOctets(method, bound.privateKey, octets))).toBe(
      true,
    );
  });

  it.each([signatureUri.rsaPssSha256, signatureUri.rsaSha384])(
    "rejects %s with ERR_WSS_UNSUPPORTED_ALGORITHM",
    (uri) => {
      expect(codeOf(() => verifySignatureValue(algorithm(uri), bound.publicKey, octets, Buffer.alloc(256)))).toBe(
        "ERR_WSS_UNSUPPORTED_ALGORITHM",
      );
    },
  );
});

describe("keys that do not fit (C3, C6)", () => {
  it.each([
    ["an EC key under an RSA method", signatureUri.rsaSha256, p256.publicKey],
    ["an RSA key under an ECDSA method", signatureUri.ecdsaSha256, rsa.publicKey],
    ["an RSA key under Ed25519", signatureUri.ed25519, rsa.publicKey],
    ["an Ed25519 key under ECDSA", signatureUri.ecdsaSha256, ed25519.publicKey],
    ["a public key as an HMAC secret", signatureUri.hmacSha256, rsa.publicKey],
    ["a public key as an HMAC-SHA1 secret", signatureUri.hmacSha1, rsa.publicKey],
    ["a secret under an RSA method", signatureUri.rsaSha256, secret],
    ["a private key for verification", signatureUri.rsaSha256, rsa.privateKey],
    ["the curve secp256k1", signatureUri.ecdsaSha256, generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey],
    ["an Ed448 key", signatureUri.ed25519, generateKeyPairSync("ed448").publicKey],
  ])("rejects %s with ERR_WSS_UNSUPPORTED_ALGORITHM", (_name, uri, key) => {
    expect(codeOf(() => verifySignatureValue(algorithm(uri), key, octets, Buffer.alloc(64)))).toBe(
      "ERR_WSS_UNSUPPORTED_ALGORITHM",
    );
  });

  it("rejects signing with a public key with ERR_WSS_UNSUPPORTED_ALGORITHM", () => {
    expect(codeOf(() => signOctets(algorithm(signatureUri.rsaSha256), rsa.publicKey, octets))).toBe(
      "ERR_WSS_UNSUPPORTED_ALGORITHM",
    );
  });
});

describe("weak keys (C7)", () => {
  it.each([
    ["a 1024 bit modulus", generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey, signatureUri.rsaSha256],
    [
      "the exponent 3",
      generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).publicKey,
      signatureUri.rsaSha256,
    ],
    ["a secret of 15 octets", createSecretKey(Buffer.alloc(15)), signatureUri.hmacSha256],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_name, key, uri) => {
    expect(codeOf(() => verifySignatureValue(algorithm(uri), key, octets, Buffer.alloc(256)))).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
  });

  it("accepts 2048 bits, and rejects them with ERR_WSS_INVALID_TOKEN where the suite asks for more", () => {
    const method = algorithm(signatureUri.rsaSha256);
    const value = signOctets(method, rsa.privateKey, octets);
    expect(verifySignatureValue(method, rsa.publicKey, octets, value, 2048)).toBe(true);
    expect(codeOf(() => verifySignatureValue(method, rsa.publicKey, octets, value, 3072))).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
  });
});
