import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type AlgorithmSuite,
  contentCipher,
  contentCipherUri,
  defaultSuite,
  type KeyObject,
  keyWrapUri,
  secretKey,
  signatureUri,
  suites,
} from "../crypto/index.js";
import { scan } from "../xml/index.js";
import { decryptData, decryptKey } from "./decrypt.js";
import { DecryptionBudget } from "./decryption-budget.js";
import { writeEncryptedData } from "./encrypt-data.js";
import { type KeyRecipient, writeEncryptedKey } from "./encrypt-key.js";
import { parseEncryptedData } from "./encrypted-data.js";
import { parseEncryptedKey } from "./encrypted-key.js";
import { defaultEncryptionLimits } from "./encryption-limits.js";

const FAILED = "ERR_WSS_DECRYPTION_FAILED";
const ALGORITHM = "ERR_WSS_UNSUPPORTED_ALGORITHM";
const SHAPE = "ERR_WSS_INVALID_SECURITY";
const failing = (code: string) => expect.objectContaining({ code });

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const p256 = curve("P-256");
const p521 = curve("P-521");
const x25519 = generateKeyPairSync("x25519");
const shared = randomBytes(32);

const plaintext = Buffer.from("<o:Order xmlns:o='urn:orders'>1</o:Order>");
const contentKey = randomBytes(32);

interface Options {
  readonly suite?: AlgorithmSuite;
  readonly budget?: DecryptionBudget;
  readonly lengths?: readonly number[];
}

function open(
  xml: string,
  key: KeyObject,
  { suite = defaultSuite, budget = new DecryptionBudget(), lengths = [32] }: Options = {},
) {
  const doc = scan(Buffer.from(xml));
  return decryptKey(doc, parseEncryptedKey(doc, 0), { suite, key, lengths, budget });
}

function decrypt(
  xml: string,
  key: Uint8Array,
  { suite = defaultSuite, budget = new DecryptionBudget() }: Options = {},
) {
  const doc = scan(Buffer.from(xml));
  return decryptData(doc, parseEncryptedData(doc, 0), { suite, key, budget });
}

/** The element with one octet of its (last) CipherValue changed. */
function changed(xml: string, at: number): string {
  const [, before = "", value = "", after = ""] = /^(.*<xenc:CipherValue>)([^<]*)(<.*)$/.exec(xml) ?? [];
  const octets = Buffer.from(value, "base64");
  octets[at] = (octets[at] as number) ^ 0x20;
  return before + octets.toString("base64") + after;
}

describe("decryptKey", () => {
  const recipients: readonly (readonly [string, KeyRecipient, KeyObject, KeyObject])[] = [
    [
      "an RSA key",
      { publicKey: rsa.publicKey },
      rsa.privateKey,
      generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    ],
    ["a P-256 key", { agreementKey: p256.publicKey }, p256.privateKey, curve("P-256").privateKey],
    ["a P-384 key", ...pairOf("P-384")],
    [
      "a P-521 key",
      { agreementKey: p521.publicKey, wrap: keyWrapUri.aes128 },
      p521.privateKey,
      curve("P-521").privateKey,
    ],
    ["an X25519 key", { agreementKey: x25519.publicKey }, x25519.privateKey, generateKeyPairSync("x25519").privateKey],
    ["a shared key", { sharedKey: shared }, secretKey(shared), secretKey(randomBytes(32))],
  ];

  function pairOf(name: string): [KeyRecipient, KeyObject, KeyObject] {
    const { publicKey, privateKey } = curve(name);
    const derivation = {
      kind: "hkdf",
      prf: signatureUri.hmacSha384,
      salt: randomBytes(8),
      info: randomBytes(8),
    } as const;
    return [{ agreementKey: publicKey, derivation, wrap: keyWrapUri.aes192 }, privateKey, curve(name).privateKey];
  }

  it.each(recipients)(
    "accepts what was encrypted for %s, and rejects a change of any octet, or another key, by a random key",
    (_, recipient, right, wrong) => {
      const { xml, cipherValue } = writeEncryptedKey({ key: contentKey, recipient });
      expect(open(xml, right).equals(contentKey)).toBe(true);
      const data = writeEncryptedData({ plaintext, key: contentKey });
      const expectRandom = (act: () => Buffer) => {
        const random = act();
        expect(random).toHaveLength(32);
        expect(random.equals(contentKey)).toBe(false);
        expect(random.equals(act())).toBe(false);
        // The one place where it shows.
        expect(() => decrypt(data, random)).toThrow(failing(FAILED));
      };
      expectRandom(() => open(xml, wrong));
      for (let at = 0; at < cipherValue.length; at++) expectRandom(() => open(changed(xml, at), right));
      expectRandom(() => open(xml.replace(/<xenc:CipherValue>[^<]*/, "<xenc:CipherValue>"), right));
      expect(decrypt(data, open(xml, right)).equals(plaintext)).toBe(true);
    },
  );

  it("accepts one of several lengths, and rejects others by a random key of the first", () => {
    const { xml } = writeEncryptedKey({ key: contentKey, recipient: { publicKey: rsa.publicKey } });
    expect(open(xml, rsa.privateKey, { lengths: [16, 32] }).equals(contentKey)).toBe(true);
    expect(open(xml, rsa.privateKey, { lengths: [16, 24] })).toHaveLength(16);
  });

  it("rejects a key of ours of another kind with ERR_WSS_UNSUPPORTED_ALGORITHM", () => {
    const transported = writeEncryptedKey({ key: contentKey, recipient: { publicKey: rsa.publicKey } }).xml;
    const agreed = writeEncryptedKey({ key: contentKey, recipient: { agreementKey: p256.publicKey } }).xml;
    const wrapped = writeEncryptedKey({ key: contentKey, recipient: { sharedKey: shared } }).xml;
    for (const [xml, key] of [
      [transported, p256.privateKey],
      [transported, secretKey(shared)],
      [transported, rsa.publicKey],
      [agreed, rsa.privateKey],
      [agreed, x25519.privateKey],
      [agreed, p256.publicKey],
      [agreed, secretKey(shared)],
      [wrapped, rsa.privateKey],
    ] as const) {
      expect(() => open(xml, key)).toThrow(failing(ALGORITHM));
    }
  });

  it("rejects an originator's key on another curve than ours by a random key", () => {
    const { xml } = writeEncryptedKey({ key: contentKey, recipient: { agreementKey: p256.publicKey } });
    expect(open(xml, p521.privateKey).equals(contentKey)).toBe(false);
  });

  it("accepts a private key's public half as recipient", () => {
    const { xml } = writeEncryptedKey({ key: contentKey, recipient: { publicKey: createPublicKey(rsa.privateKey) } });
    expect(open(xml, rsa.privateKey).equals(contentKey)).toBe(true);
    expect(open(changed(xml, 7), rsa.privateKey).equals(contentKey)).toBe(false);
  });

  it("accepts eight keys in one message, and rejects the ninth with ERR_WSS_INVALID_SECURITY", () => {
    const { xml } = writeEncryptedKey({ key: contentKey, recipient: { sharedKey: shared } });
    const budget = new DecryptionBudget();
    for (let i = 0; i < 8; i++) expect(open(xml, secretKey(shared), { budget }).equals(contentKey)).toBe(true);
    expect(() => open(xml, secretKey(shared), { budget })).toThrow(failing(SHAPE));
  });
});

describe("decryptData", () => {
  it.each(Object.entries(contentCipherUri))(
    "accepts %s under the suites that hold it, and rejects it elsewhere",
    (_, algorithm) => {
      const key = randomBytes(contentCipher(algorithm)?.keyOctets ?? 0);
      const xml = writeEncryptedData({ plaintext, key, algorithm });
      for (const suite of Object.values(suites)) {
        if (suite.encryption.content.has(algorithm)) expect(decrypt(xml, key, { suite }).equals(plaintext)).toBe(true);
        else expect(() => decrypt(xml, key, { suite })).toThrow(failing(ALGORITHM));
      }
    },
  );

  it("rejects a change of any octet of IV, ciphertext and tag, and every other length, all in one way", () => {
    const xml = writeEncryptedData({ plaintext, key: contentKey });
    const answers = new Set<string>();
    const refuse = (text: string, key: Uint8Array = contentKey) => {
      try {
        decrypt(text, key);
      } catch (error) {
        const { code, message, detail } = error as { code: string; message: string; detail: { reason: string } };
        answers.add(JSON.stringify([code, message, detail.reason]));
        return;
      }
      expect.fail("it was decrypted");
    };
    for (let at = 0; at < 12 + plaintext.length + 16; at++) refuse(changed(xml, at));
    for (const value of ["", "AAAA", "A".repeat(16), "A".repeat(36)]) {
      refuse(xml.replace(/<xenc:CipherValue>[^<]*/, `<xenc:CipherValue>${value}`));
    }
    refuse(xml, randomBytes(32));
    refuse(xml, randomBytes(16));
    refuse(xml, Buffer.alloc(0));
    refuse(writeEncryptedData({ plaintext, key: randomBytes(32) }));
    expect([...answers]).toEqual([
      JSON.stringify([
        FAILED,
        "The signature or decryption was invalid.",
        "the encrypted data does not decrypt to what it should",
      ]),
    ]);
    expect(decrypt(xml, contentKey).equals(plaintext)).toBe(true);
  });

  it("rejects the same EncryptedData twice, one too many, and too many octets with ERR_WSS_INVALID_SECURITY (D9)", () => {
    const xml = writeEncryptedData({ plaintext, key: contentKey });
    const doc = scan(Buffer.from(xml));
    const budget = new DecryptionBudget();
    const again = () => decryptData(doc, parseEncryptedData(doc, 0), { suite: defaultSuite, key: contentKey, budget });
    expect(again().equals(plaintext)).toBe(true);
    expect(again).toThrow(failing(SHAPE));

    const few = new DecryptionBudget({ ...defaultEncryptionLimits, maxEncryptedData: 2 });
    for (let i = 0; i < 2; i++) decrypt(xml, contentKey, { budget: few });
    expect(() => decrypt(xml, contentKey, { budget: few })).toThrow(failing(SHAPE));

    const octets = 12 + plaintext.length + 16;
    const narrow = new DecryptionBudget({ ...defaultEncryptionLimits, maxDecryptedOctets: 2 * octets });
    for (let i = 0; i < 2; i++) decrypt(xml, contentKey, { budget: narrow });
    expect(() => decrypt(xml, contentKey, { budget: narrow })).toThrow(failing(SHAPE));
  });
});
