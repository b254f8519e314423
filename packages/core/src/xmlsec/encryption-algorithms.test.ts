import { generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type AlgorithmSuite,
  defaultSuite,
  digestUri,
  keyTransportUri,
  keyWrapUri,
  maskUri,
  resolveSuite,
  suites,
} from "../crypto/index.js";
import { scan } from "../xml/index.js";
import { writeEncryptedData } from "./encrypt-data.js";
import { type KeyRecipient, writeEncryptedKey } from "./encrypt-key.js";
import { parseEncryptedData } from "./encrypted-data.js";
import { parseEncryptedKey } from "./encrypted-key.js";
import { checkEncryptionAlgorithms } from "./encryption-algorithms.js";
import { writeKeyInfo } from "./key-info-writer.js";

const ALGORITHM = "ERR_WSS_UNSUPPORTED_ALGORITHM";
const failing = (code: string) => expect.objectContaining({ code });

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const x25519 = generateKeyPairSync("x25519");
const plaintext = Buffer.from("<o:Order xmlns:o='urn:orders'>1</o:Order>");
const contentKey = randomBytes(32);

describe("checkEncryptionAlgorithms", () => {
  const transported = (recipient: KeyRecipient = { publicKey: rsa.publicKey }) =>
    writeEncryptedKey({ key: contentKey, recipient }).xml;
  const check = (xml: string, suite = defaultSuite) => {
    const doc = scan(Buffer.from(xml));
    return xml.startsWith("<xenc:EncryptedKey")
      ? checkEncryptionAlgorithms(doc, parseEncryptedKey(doc, 0), suite)
      : checkEncryptionAlgorithms(doc, parseEncryptedData(doc, 0), suite);
  };
  const { rsaOaep, rsaOaepMgf1p, rsa15 } = keyTransportUri;
  const agreed = writeEncryptedKey({ key: contentKey, recipient: { agreementKey: p256.publicKey } }).xml;
  const hkdfAgreed = writeEncryptedKey({ key: contentKey, recipient: { agreementKey: x25519.publicKey } }).xml;
  const own = (encryption: Parameters<typeof resolveSuite>[0] & object) => resolveSuite(encryption, "suite");

  it("accepts the algorithms of the suite", () => {
    expect(check(transported())).toMatchObject({ kind: "transport", uri: rsaOaep, digest: digestUri.sha256 });
    const mgf1p = transported({ publicKey: rsa.publicKey, transport: { uri: rsaOaepMgf1p } });
    expect(check(mgf1p)).toMatchObject({ digest: digestUri.sha1, mask: maskUri.mgf1Sha1 });
    expect(check(agreed)).toMatchObject({ kind: "wrap", uri: keyWrapUri.aes256 });
    expect(check(hkdfAgreed)).toMatchObject({ agreed: { derivation: { keyLength: 32 } } });
    expect(check(writeEncryptedData({ plaintext, key: contentKey }))).toMatchObject({ keyOctets: 32 });
  });

  it("rejects RSA 1.5 in every suite (D1)", () => {
    const xml = transported().replace(
      /<xenc:EncryptionMethod.*<\/xenc:EncryptionMethod>/,
      `<xenc:EncryptionMethod Algorithm="${rsa15}"/>`,
    );
    for (const suite of Object.values(suites)) {
      expect(() => check(xml, suite)).toThrow(
        expect.objectContaining({
          code: ALGORITHM,
          detail: expect.objectContaining({ reason: expect.stringContaining("RSA 1.5") }),
        }),
      );
    }
  });

  it.each<[string, string, AlgorithmSuite]>([
    ["a key transport", transported(), own({ name: "x", encryption: { keyTransport: [rsaOaepMgf1p] } })],
    ["a digest", transported(), own({ name: "x", encryption: { digests: [digestUri.sha1] } })],
    ["a mask", transported(), own({ name: "x", encryption: { masks: [maskUri.mgf1Sha1] } })],
    ["a key wrap", agreed, suites.basic128Sha256],
    ["a key agreement", agreed, own({ name: "x", encryption: { keyAgreement: [] } })],
    ["a key derivation", agreed, own({ name: "x", encryption: { keyDerivation: [] } })],
    ["a digest of the derivation", agreed, own({ name: "x", encryption: { digests: [digestUri.sha512] } })],
    ["a digest of HKDF", hkdfAgreed, own({ name: "x", encryption: { digests: [digestUri.sha512] } })],
  ])("rejects %s that the suite does not hold", (_, xml, suite) => {
    expect(check(xml)).toBeDefined();
    expect(() => check(xml, suite)).toThrow(failing(ALGORITHM));
  });

  const point = (xml: string) => {
    // One octet of the originator's point, the last of its SubjectPublicKeyInfo, changed.
    const [, before = "", value = "", after = ""] = /^(.*KeyValue[^>]*>)([A-Za-z0-9+/=]{60,})(<.*)$/.exec(xml) ?? [];
    const octets = Buffer.from(value, "base64");
    octets[octets.length - 1] = (octets[octets.length - 1] as number) ^ 1;
    return before + octets.toString("base64") + after;
  };

  it.each<[string, string]>([
    ["an originator's point that is not on its curve (D16)", point(agreed)],
    [
      "an originator's key for another agreement",
      agreed.replace("http://www.w3.org/2009/xmlenc11#ECDH-ES", "http://www.w3.org/2021/04/xmldsig-more#x25519"),
    ],
    ["an unknown agreement", agreed.replace("#ECDH-ES", "#dh-es")],
    ["an unknown derivation", agreed.replace("#ConcatKDF", "#pbkdf2")],
    [
      "parameters of the other derivation",
      agreed.replace("http://www.w3.org/2009/xmlenc11#ConcatKDF", "http://www.w3.org/2021/04/xmldsig-more#hkdf"),
    ],
    ["SHA-1 in the derivation", agreed.replace(digestUri.sha256, digestUri.sha1)],
    ["a derived key of another length", hkdfAgreed.replace(">32<", ">16<")],
    ["another mask for rsa-oaep-mgf1p (D4)", transported().replace(rsaOaep, rsaOaepMgf1p)],
    ["an unknown mask", transported().replace("mgf1sha256", "mgf1md5")],
    ["an unknown digest", transported().replace(digestUri.sha256, "http://www.w3.org/2001/04/xmldsig-more#md5")],
    ["an unknown wrap", agreed.replace("kw-aes256", "kw-tripledes")],
    ["OAEP parameters of a wrap", transported().replace(rsaOaep, keyWrapUri.aes256)],
    [
      "OAEP parameters of a content cipher",
      writeEncryptedData({ plaintext, key: contentKey }).replace(
        "></xenc:EncryptionMethod>",
        "><xenc:OAEPparams>AAEC</xenc:OAEPparams></xenc:EncryptionMethod>",
      ),
    ],
    [
      "a KeySize that is not the cipher's",
      writeEncryptedData({ plaintext, key: contentKey }).replace(
        "></xenc:EncryptionMethod>",
        "><xenc:KeySize>128</xenc:KeySize></xenc:EncryptionMethod>",
      ),
    ],
    [
      "an RSA 1.5 key for another recipient",
      writeEncryptedData({
        plaintext,
        key: contentKey,
        keyInfo: writeKeyInfo(
          transported(),
          transported().replace(
            /<xenc:EncryptionMethod.*<\/xenc:EncryptionMethod>/,
            `<xenc:EncryptionMethod Algorithm="${rsa15}"/>`,
          ),
        ),
      }),
    ],
  ])("rejects %s", (_, xml) => {
    expect(() => check(xml)).toThrow(failing(ALGORITHM));
  });

  it("rejects a transported key with an agreement with ERR_WSS_INVALID_SECURITY", () => {
    const [keyInfo = ""] = /<ds:KeyInfo.*<\/ds:KeyInfo>/.exec(agreed) ?? [];
    expect(() => check(transported().replace("<xenc:CipherData>", `${keyInfo}<xenc:CipherData>`))).toThrow(
      failing("ERR_WSS_INVALID_SECURITY"),
    );
  });
});
