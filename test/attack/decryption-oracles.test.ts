import { constants, publicEncrypt, randomBytes } from "node:crypto";
import { describe, type ExpectStatic } from "vitest";
import { credentials } from "../support/credentials.js";
import { encryptedKey, encryptionUri, type Sealing, sealCbc, sealGcm, sealKey } from "../support/encryption.js";
import type { SoapMessage } from "../support/messages.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import type { Route } from "./support/route.js";
import { sealedFirstScene, sealedRoute, sealedScene, signedFirst } from "./support/sealed.js";
import { sent } from "./support/sealed-parts.js";
import { canBeToldApart, timeLimit } from "./support/timing.js";

/*
 * Whatever is wrong with an encrypted key, with cipher text or with what comes out of it, its sender is told the same, in
 * the same time: an answer that differed could be asked for the plaintext, a question at a time.
 */

const { service, other } = credentials();

/** Sends messages that are wrong in one thing each; all are refused alike, on the wire and in the record. */
async function alike(expect: ExpectStatic, route: Route, messages: Iterable<SoapMessage>): Promise<AttackVerdict> {
  const seen = new Set<string>();
  const verdicts = new Set<AttackVerdict>();
  for (const message of messages) {
    const { decision, record, verdict } = await route.refusal(sent(message));
    if (decision.kind !== "answered") throw new TypeError("admitted");
    const { status, headers, body = [] } = decision.reply;
    const { "x-correlation-id": _, ...fixed } = headers;
    const { code, reason, rule, remedy } = record.error ?? {};
    seen.add(JSON.stringify([status, fixed, Buffer.from(body).toString(), code, reason, rule, remedy]));
    verdicts.add(verdict);
  }
  expect([...seen]).toHaveLength(1);
  const [verdict = "accepted"] = verdicts;
  return verdict;
}

const modulus = 256;

/** Octets of the modulus' length as RSA encrypts them, without any padding of its own. */
const raw = (block: Uint8Array): Buffer =>
  publicEncrypt({ key: service.publicKey, padding: constants.RSA_NO_PADDING }, block);

/** An EncryptedKey whose cipher value is made otherwise. */
const wrapping =
  (made: (key: Buffer) => Uint8Array, method?: string): NonNullable<Sealing["wrapped"]> =>
  (recipient, key, references) =>
    encryptedKey(recipient, made(key), references, method === undefined ? {} : { method });

/** A block of PKCS#1 v1.5 around a key of that length. */
function block15(key: number): Buffer {
  const octets = Buffer.alloc(modulus, 0x5a);
  octets[0] = 0;
  octets[1] = 2;
  octets[modulus - key - 1] = 0;
  return octets;
}

const withFirst = (first: number, octets: Buffer): Buffer => octets.fill(first, 0, 1);

/** Blocks of PKCS#1 v1.5: right but for one thing. */
function* blocks(): Generator<Buffer> {
  for (const length of [8, 16, 24, 32, 40]) yield block15(length);
  const without = block15(32);
  without[modulus - 33] = 0x5a;
  yield without;
  // The octet in front of the key, and in long runs every other one that may be taken for it.
  const everywhere = Array.from({ length: modulus - 11 }, (_, i) => [i + 10, 0] as const);
  for (const [at, octet] of [
    ...(process.env.COUNTERSIGN_LONG ? everywhere : []),
    [0, 1],
    [1, 1],
    [1, 0],
    [2, 0],
    [9, 0],
    [10, 0],
    [modulus - 1, 0],
  ] as const) {
    const wrong = block15(32);
    wrong[at] = octet;
    yield wrong;
  }
}

const rsa15 = `<xenc:EncryptionMethod Algorithm="${encryptionUri.rsa15}"/>`;
const sealedWith = (sealing: Partial<Sealing>) => sealedScene("", sealing).genuine();

describe("padding of keys", () => {
  for (const [title, method] of [
    ["RSA 1.5", rsa15],
    ["blocks of RSA 1.5 as RSA-OAEP", undefined],
  ] as const) {
    attack("D2", title, async (expect) => {
      await sealedRoute.admits(signedFirst.genuine());
      const messages = [...blocks()].map((block) => sealedWith({ wrapped: wrapping(() => raw(block), method) }));
      return alike(expect, sealedRoute, messages);
    });
  }

  attack("D4", "mask, digest, label, length, another recipient's, changed, no cipher text at all", async (expect) => {
    await sealedRoute.admits(signedFirst.genuine());
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const { publicKey } = service;
    const made: readonly ((key: Buffer) => Uint8Array)[] = [
      (key) => publicEncrypt({ key: publicKey, padding, oaepHash: "sha1" }, key),
      (key) => publicEncrypt({ key: publicKey, padding, oaepHash: "sha512" }, key),
      (key) => publicEncrypt({ key: publicKey, padding, oaepHash: "sha256", oaepLabel: Buffer.from("label") }, key),
      () => sealKey(service, randomBytes(32)),
      ...[8, 16, 24, 33, 64].map((length) => () => sealKey(service, randomBytes(length))),
      (key) => sealKey(other, key),
      (key) => changedOctet(sealKey(service, key), 100),
      () => Buffer.alloc(modulus, 0xff),
      () => Buffer.alloc(modulus - 1, 1),
      () => Buffer.alloc(1),
    ];
    return alike(
      expect,
      sealedRoute,
      made.map((one) => sealedWith({ wrapped: wrapping(one) })),
    );
  });
});

const algorithm = encryptionUri.aes256Cbc;
const legacy = { algorithms: { suite: "legacyCbc" } } as const;
type CbcSeal = (key: Buffer, plaintext: string) => Uint8Array;
const cbcSigned = (seal: CbcSeal, uri: string = algorithm) => sealedFirstScene("", { algorithm: uri, seal }, legacy);

/** CBC cipher texts that are wrong in one thing each. */
const wrongCbc: readonly ((key: Buffer, plaintext: string) => Buffer)[] = [
  (key, plaintext) => sealCbc(key, aligned(plaintext), Buffer.alloc(16, 0)),
  (key, plaintext) => sealCbc(key, aligned(plaintext), Buffer.alloc(16, 17)),
  (key, plaintext) => sealCbc(key, aligned(plaintext), Buffer.alloc(16, 0xff)),
  (key, plaintext) => changedOctet(sealCbc(key, plaintext), 0),
  (key, plaintext) => changedOctet(sealCbc(key, plaintext), 40),
  (key, plaintext) => sealCbc(key, plaintext).subarray(0, -16),
  (key, plaintext) => sealCbc(key, plaintext).subarray(0, -5),
  (key, plaintext) => sealCbc(changedOctet(Buffer.from(key), 3), plaintext),
  (key) => sealCbc(key, "<a>"),
  (key) => sealCbc(key, Buffer.from([0xff, 0xfe, 0xfd])),
  () => randomBytes(16),
  () => Buffer.alloc(0),
];

describe("padding of content", () => {
  for (const [who, sent] of [
    ["whoever may sign", (seal: CbcSeal) => cbcSigned(seal).genuine()],
    ["strangers", (seal: CbcSeal) => sealedWith({ algorithm, seal })],
  ] as const) {
    attack("D3", `by ${who}, in a legacy suite: nothing is decrypted`, async (expect) => {
      const { route, genuine } = cbcSigned(sealGcm, encryptionUri.aes256Gcm);
      await route.admits(genuine());
      return alike(expect, route, [sealCbc, ...wrongCbc].map(sent));
    });
  }
  attack("D3", "in a suite that does not say legacy", async (expect) => {
    await sealedRoute.admits(signedFirst.genuine());
    return alike(
      expect,
      sealedRoute,
      [sealCbc, ...wrongCbc].map((seal) => sealedWith({ algorithm, seal })),
    );
  });
  attack("D19", "not UTF-8, not well-formed, a wrong tag, a wrong key: one fault", async (expect) => {
    await sealedRoute.admits(signedFirst.genuine());
    const made: readonly Partial<Sealing>[] = [
      { seal: (key) => sealGcm(key, Buffer.from([0x3c, 0x61, 0xff, 0x3e])) },
      { seal: (key) => sealGcm(key, "<a>") },
      { seal: (key) => sealGcm(key, "</soap:Body>") },
      { seal: (key) => sealGcm(key, "\u0001") },
      { seal: (key, plaintext) => changedOctet(sealGcm(key, plaintext), 20) },
      { seal: (_, plaintext) => sealGcm(randomBytes(32), plaintext) },
      { wrapped: wrapping(() => raw(Buffer.alloc(modulus, 1))) },
    ];
    return alike(expect, sealedRoute, made.map(sealedWith));
  });
});

attack(
  "D20",
  "a stale Timestamp, an unknown algorithm and a key for somebody else are refused before any key is used",
  async (expect) => {
    await sealedRoute.admits(signedFirst.genuine());
    const stale = sealedScene("").genuine({ now: new Date(Date.now() - 3_600_000) });
    expect((await sealedRoute.refusal(sent(stale))).record.error?.code).toBe("ERR_WSS_MESSAGE_EXPIRED");
    const broken = { wrapped: wrapping(() => Buffer.alloc(modulus, 0xff)) };
    const unsigned = sealedScene("", { ...broken, algorithm: "urn:unknown" }).genuine();
    expect((await sealedRoute.refusal(sent(unsigned))).record.error?.code).toBe("ERR_WSS_UNSUPPORTED_ALGORITHM");
    const signedCipherText = sealedFirstScene("", broken).genuine();
    const { verdict, record } = await sealedRoute.refusal({
      soap: "1.1",
      body: signedCipherText.text.replace(/(?<=<ds:SignatureValue>)./, (first) => (first === "A" ? "B" : "A")),
    });
    // The signature is judged first: what is behind it is not decrypted.
    expect(record.error?.code).toBe("ERR_WSS_FAILED_CHECK");
    expect(verdict).toBe("FC");
    return "holds" as const;
  },
);

describe("times (N4)", () => {
  /*
   * Many different messages of each kind in turn, so that nothing of one message is measured. Every kind is compared with a
   * key that is nobody's.
   */
  const variants = 20;
  /** Refusal times of one kind of message, each time of the next variant. */
  const timesOf = (make: () => SoapMessage) => {
    const messages = Array.from({ length: variants }, make);
    let turn = 0;
    return () => sealedRoute.refusalTime(messages[turn++ % variants] as SoapMessage);
  };
  const nobodysKey = () => sealedWith({ wrapped: wrapping(() => raw(withFirst(0, randomBytes(modulus)))) });
  const kinds: Readonly<Record<string, () => SoapMessage>> = {
    "a block of RSA 1.5 in good order": () => sealedWith({ wrapped: wrapping(() => raw(block15(32))) }),
    "a block whose first octet is not zero": () =>
      sealedWith({ wrapped: wrapping(() => raw(withFirst(1, randomBytes(modulus)))) }),
    "a key of another length": () => sealedWith({ wrapped: wrapping(() => sealKey(service, randomBytes(16))) }),
    "the right key and a wrong tag": () =>
      sealedWith({ seal: (key, plaintext) => changedOctet(sealGcm(key, plaintext), 20) }),
  };
  for (const [title, make] of Object.entries(kinds)) {
    attack(
      "N4",
      title,
      async (expect) => {
        await sealedRoute.admits(signedFirst.genuine());
        await alike(expect, sealedRoute, [nobodysKey(), make()]);
        expect(await canBeToldApart({ one: timesOf(make), other: timesOf(nobodysKey) })).toEqual([]);
        return "holds" as const;
      },
      timeLimit,
    );
  }

  // Its sender sees that it is no cipher text, so that the time it takes tells him nothing: the answer must be the same.
  attack("N4", "a number beyond the modulus", async (expect) => {
    await alike(expect, sealedRoute, [
      nobodysKey(),
      sealedWith({ wrapped: wrapping(() => Buffer.alloc(modulus, 0xff)) }),
    ]);
    return "holds" as const;
  });

  attack("N4", "the measurement tells work apart that is left out", async (expect) => {
    // No key is used at all: what a receiver would gain that refuses early.
    const early = timesOf(() => sealedWith({ algorithm: "urn:unknown" }));
    const found = await canBeToldApart({ one: early, other: timesOf(nobodysKey) }, 200);
    expect(found.map(({ longer }) => longer < 0.2)).toEqual([true, true, true]);
    return "holds" as const;
  });
});

/** Text of whole blocks. */
const aligned = (text: string): Buffer => {
  const octets = Buffer.from(text);
  return Buffer.concat([octets, Buffer.alloc((16 - (octets.length % 16)) % 16, " ")]);
};

function changedOctet(octets: Buffer, at: number): Buffer {
  octets[at] = (octets[at] ?? 0) ^ 1;
  return octets;
}
