import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestUri } from "./algorithms.js";
import { keyTransportUri, maskUri } from "./encryption-uris.js";
import { keyTransport, type OaepParameters } from "./key-transport.js";
import { encodeOaep, type OaepHash } from "./oaep.js";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { rsaOaep, rsaOaepMgf1p } = keyTransportUri;

function known(uri: string, parameters?: OaepParameters) {
  const transport = keyTransport(uri, parameters);
  if (transport === undefined) throw new Error(`${uri} is not known`);
  return transport;
}

const failing = (code: string) => expect.objectContaining({ code });

describe("keyTransport", () => {
  it.each<[string, string, OaepParameters | undefined]>([
    ["rsa-oaep-mgf1p by its defaults", rsaOaepMgf1p, undefined],
    ["rsa-oaep-mgf1p with SHA-512", rsaOaepMgf1p, { digest: digestUri.sha512 }],
    ["rsa-oaep-mgf1p that names its own mask", rsaOaepMgf1p, { mask: maskUri.mgf1Sha1 }],
    ["rsa-oaep by its defaults", rsaOaep, undefined],
    ["rsa-oaep with SHA-384 and MGF1 with SHA-224", rsaOaep, { digest: digestUri.sha384, mask: maskUri.mgf1Sha224 }],
  ])("accepts %s", (_, uri, parameters) => {
    expect(known(uri, parameters)).toMatchObject({
      uri,
      digest: parameters?.digest ?? digestUri.sha1,
      mask: parameters?.mask ?? maskUri.mgf1Sha1,
    });
  });

  it.each<[string, string, OaepParameters | undefined]>([
    ["RSA 1.5 (D1)", "http://www.w3.org/2001/04/xmlenc#rsa-1_5", undefined],
    ["rsa-oaep-mgf1p with another mask", rsaOaepMgf1p, { mask: maskUri.mgf1Sha256 }],
    ["an unknown digest", rsaOaep, { digest: "http://www.w3.org/2001/04/xmldsig-more#md5" }],
    ["an unknown mask", rsaOaep, { mask: "http://www.w3.org/2009/xmlenc11#mgf1md5" }],
    ["a mask of Object.prototype", rsaOaep, { mask: "constructor" }],
    ["an unknown URI", "urn:x", undefined],
  ])("rejects %s", (_, uri, parameters) => {
    expect(keyTransport(uri, parameters)).toBeUndefined();
  });
});

describe("RSAES-OAEP (XML Encryption 1.1 section 5.5.2)", () => {
  const hashes: readonly (readonly [OaepHash, string, string])[] = [
    ["sha1", digestUri.sha1, maskUri.mgf1Sha1],
    ["sha256", digestUri.sha256, maskUri.mgf1Sha256],
    ["sha384", digestUri.sha384, maskUri.mgf1Sha384],
    ["sha512", digestUri.sha512, maskUri.mgf1Sha512],
  ];

  it.each(hashes)(
    "accepts what OpenSSL encrypted with %s throughout, and is accepted by it",
    (oaepHash, digest, mask) => {
      for (const label of [Buffer.alloc(0), Buffer.from("label")]) {
        const transport = known(rsaOaep, { digest, mask, label });
        const openssl = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash, oaepLabel: label };
        for (const length of [16, 24, 32, 64]) {
          const key = randomBytes(length);
          const theirs = publicEncrypt({ key: publicKey, ...openssl }, key);
          expect(transport.decrypt(privateKey, theirs, [length]).equals(key)).toBe(true);
          const ours = transport.encrypt(publicKey, key);
          expect(privateDecrypt({ key: privateKey, ...openssl }, ours).equals(key)).toBe(true);
        }
      }
    },
  );

  const parameters: OaepParameters = { digest: digestUri.sha512, mask: maskUri.mgf1Sha224, label: Buffer.from("x") };
  const transport = known(rsaOaep, parameters);
  const key = randomBytes(32);
  const octets = transport.encrypt(privateKey, key);

  it("accepts any of the expected lengths, and the key of a pair for its public half", () => {
    expect(transport.decrypt(privateKey, octets, [16, 24, 32]).equals(key)).toBe(true);
    expect(transport.decrypt(privateKey, octets, [32, 16]).equals(key)).toBe(true);
    expect(transport.decrypt(privateKey, transport.encrypt(publicKey, key), [32]).equals(key)).toBe(true);
  });

  /** What every failure looks like: a random key of the first length, another one each time. */
  function expectRandom(decrypt: () => Buffer, length = 32) {
    const one = decrypt();
    const two = decrypt();
    expect(one).toHaveLength(length);
    expect(two).toHaveLength(length);
    expect(one.equals(two) || one.equals(key.subarray(0, length))).toBe(false);
  }

  it("rejects a change of any octet by a random key", () => {
    for (let at = 0; at < octets.length; at++) {
      const changed = Buffer.from(octets);
      changed[at] = (changed[at] as number) ^ (1 + (at % 255));
      expectRandom(() => transport.decrypt(privateKey, changed, [32]));
    }
  });

  it.each<[string, OaepParameters]>([
    ["another digest", { ...parameters, digest: digestUri.sha384 }],
    ["another mask", { ...parameters, mask: maskUri.mgf1Sha512 }],
    ["another label", { ...parameters, label: Buffer.from("y") }],
    ["no label", { ...parameters, label: undefined }],
  ])("rejects %s by a random key (D4)", (_, changed) => {
    expectRandom(() => known(rsaOaep, changed).decrypt(privateKey, octets, [32]));
  });

  it.each([8, 15, 16, 17, 24, 31, 33, 40, 62])(
    "rejects a key of %i octets where others are expected by a random one (D2)",
    (length) => {
      const short = transport.encrypt(publicKey, randomBytes(length));
      expectRandom(() => transport.decrypt(privateKey, short, [32]));
      expectRandom(() => transport.decrypt(privateKey, short, [20, 32, 48]), 20);
    },
  );

  it("rejects another recipient's key, octets of another length and numbers beyond the modulus by a random key", () => {
    expectRandom(() => transport.decrypt(other.privateKey, octets, [32]));
    for (const wrong of [
      Buffer.alloc(0),
      octets.subarray(1),
      Buffer.concat([octets, octets]),
      Buffer.alloc(256, 0xff),
    ]) {
      expectRandom(() => transport.decrypt(privateKey, wrong, [32]));
    }
  });

  describe("encoded by hand", () => {
    const scheme = { hash: "sha256", maskHash: "sha256", label: Buffer.alloc(0) } as const;
    const plain = known(rsaOaep, { digest: digestUri.sha256, mask: maskUri.mgf1Sha256 });
    const encrypt = (encoded: Buffer) => publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, encoded);
    const decrypt = (encoded: Buffer) => plain.decrypt(privateKey, encrypt(encoded), [32]);

    it("accepts the encoding of the standard", () => {
      expect(decrypt(encodeOaep(key, 256, scheme)).equals(key)).toBe(true);
    });

    it("rejects a first octet that is not zero by a random key (Manger's attack)", () => {
      // Below the modulus, whose first octet is 0x80 at least: larger numbers cannot be encrypted at all.
      for (const first of [1, 2, 0x20, 0x7f]) {
        const encoded = encodeOaep(key, 256, scheme);
        encoded[0] = first;
        expectRandom(() => decrypt(encoded));
      }
    });

    it("rejects no separator, one that is not 1, and padding that is not zero by a random key", () => {
      // The message stands at the end of the block: a longer one carries what stands before the key.
      const before = (...octets: number[]) => encodeOaep(Buffer.concat([Buffer.from(octets), key]), 256, scheme);
      expect(decrypt(encodeOaep(key, 256, scheme)).equals(key)).toBe(true);
      for (const octets of [[0], [1], [2], [0, 1], [1, 1], [0, 0, 1], [0xff, 1]])
        expectRandom(() => decrypt(before(...octets)));
    });
  });

  it("rejects keys that are not for it: EC with ERR_WSS_UNSUPPORTED_ALGORITHM, RSA of 1024 bits with ERR_WSS_INVALID_TOKEN", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    for (const [pair, code] of [
      [ec, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
      [pss, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
      [weak, "ERR_WSS_INVALID_TOKEN"],
    ] as const) {
      expect(() => transport.decrypt(pair.privateKey, octets, [32])).toThrow(failing(code));
      expect(() => transport.encrypt(pair.publicKey, key)).toThrow(failing(code));
    }
  });

  it("rejects lengths that cannot be with ERR_INTERNAL", () => {
    expect(() => transport.encrypt(publicKey, randomBytes(127))).toThrow(failing("ERR_INTERNAL"));
    expect(transport.encrypt(publicKey, randomBytes(126))).toHaveLength(256);
    for (const lengths of [[], [0], [32, 127]]) {
      expect(() => transport.decrypt(privateKey, octets, lengths)).toThrow(failing("ERR_INTERNAL"));
    }
  });
});
