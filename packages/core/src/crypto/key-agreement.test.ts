import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { agreementPublicKey, keyAgreement, keyAgreementFor } from "./key-agreement.js";
import { publicKeyInfo } from "./key-material.js";

const ecdhUri = "http://www.w3.org/2009/xmlenc11#ECDH-ES";
const x25519Uri = "http://www.w3.org/2021/04/xmldsig-more#x25519";
const pair = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });

describe("keyAgreement", () => {
  it.each([
    ["P-256", ecdhUri, 32, () => pair("P-256")],
    ["P-384", ecdhUri, 48, () => pair("P-384")],
    ["P-521", ecdhUri, 66, () => pair("P-521")],
    ["X25519", x25519Uri, 32, () => generateKeyPairSync("x25519")],
  ] as const)(
    "accepts %s: both sides come to the same secret, and to another one with another key",
    (_, uri, octets, make) => {
      const recipient = make();
      const agreement = keyAgreement(uri);
      expect(keyAgreementFor(recipient.publicKey)).toBe(agreement);
      const ours = agreement?.ephemeral(recipient.publicKey);
      if (agreement === undefined || ours === undefined) throw new Error("not known");
      const secret = agreement.agree(ours.privateKey, recipient.publicKey);
      expect(secret).toHaveLength(octets);
      expect(agreement.agree(recipient.privateKey, ours.publicKey)).toEqual(secret);
      expect(agreement.agree(make().privateKey, ours.publicKey)).not.toEqual(secret);
      expect(agreement.ephemeral(recipient.publicKey).publicKey.equals(ours.publicKey)).toBe(false);
    },
  );

  it.each([
    "http://www.w3.org/2001/04/xmlenc#dh",
    "http://www.w3.org/2009/xmlenc11#dh-es",
    "http://www.w3.org/2021/04/xmldsig-more#x448",
    "",
  ])("rejects %j", (uri) => {
    expect(keyAgreement(uri)).toBeUndefined();
  });

  it("rejects keys of different curves, and an X25519 point of small order (D16)", () => {
    expect(keyAgreement(ecdhUri)?.agree(pair("P-256").privateKey, pair("P-384").publicKey)).toBeUndefined();
    const x25519 = generateKeyPairSync("x25519");
    for (const first of [0, 1]) {
      const spki = publicKeyInfo(x25519.publicKey);
      spki.fill(0, spki.length - 32);
      spki[spki.length - 32] = first;
      const zero = createPublicKey({ key: spki, format: "der", type: "spki" });
      expect(keyAgreement(x25519Uri)?.agree(x25519.privateKey, zero)).toBeUndefined();
    }
  });

  it("rejects keys of other kinds", () => {
    for (const { publicKey } of [
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
      generateKeyPairSync("ed25519"),
      pair("secp256k1"),
    ]) {
      expect(keyAgreementFor(publicKey)).toBeUndefined();
      expect(agreementPublicKey(publicKeyInfo(publicKey))).toBeUndefined();
    }
  });
});

describe("agreementPublicKey", () => {
  it("accepts a point on its curve, and rejects one that is not (D16)", () => {
    const { publicKey } = pair("P-256");
    const spki = publicKeyInfo(publicKey);
    expect(agreementPublicKey(spki)?.equals(publicKey)).toBe(true);
    for (const at of [spki.length - 1, spki.length - 40, spki.length - 65]) {
      const changed = Buffer.from(spki);
      changed[at] = (changed[at] as number) ^ 1;
      expect(agreementPublicKey(changed)).toBeUndefined();
    }
    expect(agreementPublicKey(spki.subarray(0, spki.length - 1))).toBeUndefined();
    expect(agreementPublicKey(Buffer.alloc(0))).toBeUndefined();
  });
});
