import { constants, sign } from "node:crypto";
import { Integer } from "asn1js";
import { AlgorithmIdentifier, RSASSAPSSParams } from "pkijs";
import { describe, expect, it } from "vitest";
import { testKeyPair } from "../testing/index.js";
import type { HashName } from "./algorithms.js";
import { structureSigner } from "./certificate-authority.js";
import type { KeyPair, KeyPairType } from "./index.js";
import { isStructureSignedBy } from "./signed-structure.js";

const signed = Buffer.from("what is signed");
const der = (algorithm: AlgorithmIdentifier) => new Uint8Array(algorithm.toSchema().toBER());
const keyOf = (type: KeyPairType) => testKeyPair(type, `structure ${type}`);

function structureBy({ privateKey }: KeyPair, hash?: HashName) {
  const signer = structureSigner(privateKey, hash);
  return { signed, algorithm: der(signer.algorithm), signature: signer.sign(signed) };
}

const digests = {
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
  sha1: "1.3.14.3.2.26",
} as const;

/** RSASSA-PSS as its parameters say; `mask` is the digest of MGF1. */
function pssBy({ privateKey }: KeyPair, hash: HashName, saltLength: number, mask: HashName = hash) {
  const params = new RSASSAPSSParams({
    hashAlgorithm: new AlgorithmIdentifier({ algorithmId: digests[hash] }),
    maskGenAlgorithm: new AlgorithmIdentifier({
      algorithmId: "1.2.840.113549.1.1.8",
      algorithmParams: new AlgorithmIdentifier({ algorithmId: digests[mask] }).toSchema(),
    }),
    saltLength,
  });
  const algorithm = new AlgorithmIdentifier({
    algorithmId: "1.2.840.113549.1.1.10",
    algorithmParams: params.toSchema(),
  });
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return { signed, algorithm: der(algorithm), signature: sign(hash, signed, key) };
}

describe("isStructureSignedBy", () => {
  it.each<readonly [KeyPairType, HashName | undefined]>([
    ["rsa", "sha256"],
    ["rsa", "sha384"],
    ["rsa", "sha512"],
    ["ec", "sha256"],
    ["ec-p384", "sha384"],
    ["ec-p521", "sha512"],
    ["ed25519", undefined],
  ])("accepts %s with %s, and rejects another key, other octets and another signature", (type, hash) => {
    const { publicKey, ...pair } = keyOf(type);
    const structure = structureBy({ publicKey, ...pair }, hash);
    expect(isStructureSignedBy(structure, publicKey)).toBe(true);
    expect(isStructureSignedBy(structure, testKeyPair(type, "another").publicKey)).toBe(false);
    expect(isStructureSignedBy({ ...structure, signed: Buffer.from("something else") }, publicKey)).toBe(false);
    const signature = Buffer.from(structure.signature);
    signature[signature.length - 1] = (signature[signature.length - 1] ?? 0) ^ 1;
    expect(isStructureSignedBy({ ...structure, signature }, publicKey)).toBe(false);
  });

  it("accepts RSASSA-PSS with one digest and a salt of its length, and rejects other parameters", () => {
    const pair = keyOf("rsa");
    const holds = (structure: ReturnType<typeof pssBy>) => isStructureSignedBy(structure, pair.publicKey);
    expect(holds(pssBy(pair, "sha256", 32))).toBe(true);
    expect(holds(pssBy(pair, "sha512", 64))).toBe(true);
    expect(holds(pssBy(pair, "sha256", 20))).toBe(false);
    expect(holds(pssBy(pair, "sha256", 32, "sha1"))).toBe(false);
    expect(holds(pssBy(pair, "sha1", 20))).toBe(false);
    expect(holds({ ...pssBy(pair, "sha256", 32), algorithm: structureBy(pair).algorithm })).toBe(false);
  });

  it("rejects SHA-1, a key of another kind than the algorithm's, and what is no algorithm", () => {
    const [rsa, ec] = [keyOf("rsa"), keyOf("ec")];
    expect(isStructureSignedBy(structureBy(rsa, "sha1"), rsa.publicKey)).toBe(false);
    expect(isStructureSignedBy(structureBy(ec, "sha1"), ec.publicKey)).toBe(false);
    // ECDSA with SHA-256, said to be RSA with SHA-256.
    expect(isStructureSignedBy({ ...structureBy(ec), algorithm: structureBy(rsa).algorithm }, ec.publicKey)).toBe(
      false,
    );
    const algorithm = new Uint8Array(new Integer({ value: 1 }).toBER());
    expect(isStructureSignedBy({ ...structureBy(ec), algorithm }, ec.publicKey)).toBe(false);
    expect(isStructureSignedBy({ ...structureBy(ec), algorithm: new Uint8Array() }, ec.publicKey)).toBe(false);
  });
});
