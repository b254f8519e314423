import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { x509 } from "@countersign/core";
import { type CertificateRequest, createTestAuthority, derValue, testKeyPair } from "@countersign/core/testing";
import { describe } from "vitest";
import { credentials, type Signer } from "../support/credentials.js";
import { x509Message } from "../support/messages.js";
import { profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import { replaced } from "./support/edit.js";
import { Route } from "./support/route.js";
import { against, direct } from "./support/scenes.js";
import { withKeyInfo, withPath, withToken } from "./support/tokens.js";

/*
 * Certificates with a perfect signature by their own keys, and something wrong with the certificate itself.
 */

const { signer } = credentials();
const root = createTestAuthority({ subject: "CN=Root,O=Example" });
const alice = "CN=alice,O=Example";
const route = new Route({ trust: { authorities: [root.der] }, accept: [x509({ subjects: [alice] })] });
const day = 86_400_000;
const keyPair = testKeyPair("rsa", alice);

/** Certificates of `subject` by the trusted root, for the key that signs the messages here. */
function issued(request: Partial<CertificateRequest> = {}): Signer {
  const pair = request.keyPair ?? keyPair;
  return { ...pair, certificate: root.issue({ subject: alice, ...request, keyPair: pair }).der };
}

/** Sends a genuine message, which is admitted, and one by a signer that is not what it should be. */
function by(make: () => Signer, change: (text: string) => string = (text) => text): () => Promise<AttackVerdict> {
  return async () => {
    await route.admits(x509Message({ signer: issued() }));
    return route.refuses({ soap: "1.1", body: change(x509Message({ signer: make() }).text) });
  };
}

describe("keys", () => {
  const weak = (modulusLength: number, publicExponent = 65_537) => {
    const pair = generateKeyPairSync("rsa", { modulusLength, publicExponent });
    return () => issued({ keyPair: pair });
  };
  attack("C7", "RSA of 1,024 bits", by(weak(1024)));
  attack("C7", "RSA of 2,040 bits", by(weak(2040)));
  attack("C7", "RSA with the exponent 3", by(weak(2048, 3)));
  attack("C7", "RSA with the exponent 257", by(weak(2048, 257)));
  // Its private key would take minutes to make: the signature is another's, and the key is looked at before it.
  attack(
    "C7",
    "RSA of 16,384 bits",
    by(() => ({ ...issued({ keyPair: { ...keyPair, publicKey: enormous() } }), ...keyPair })),
  );
  const curve = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  attack(
    "C7",
    "a curve that is not on the list",
    by(() => ({ ...keyPair, certificate: issued({ keyPair: curve }).certificate })),
  );
});

/** A public key whose modulus is an odd number of 16,384 bits. */
function enormous(): KeyObject {
  const n = Buffer.alloc(2048, 0xa5).toString("base64url");
  return createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" });
}

describe("use", () => {
  const now = Date.now();
  attack(
    "C19",
    "expired",
    by(() => issued({ notBefore: now - 10 * day, notAfter: now - day })),
  );
  attack(
    "C19",
    "not valid yet",
    by(() => issued({ notBefore: now + day })),
  );
  attack(
    "C19",
    "for keys alone",
    by(() => issued({ keyUsage: ["keyEncipherment"] })),
  );
  attack(
    "C19",
    "for issuing alone",
    by(() => issued({ keyUsage: ["keyCertSign", "cRLSign"] })),
  );
  attack(
    "C19",
    "with an unknown critical extension",
    by(() => issued({ extensions: [{ id: "1.2.3.4", critical: true, value: Buffer.from([5, 0]) }] })),
  );
  attack(
    "C1",
    "signed with SHA-1, which vouches for nothing",
    by(() => issued({ hash: "sha1" })),
  );
  attack("C19", "listed and expired", async () => {
    const old = issued({ notBefore: now - 10 * day, notAfter: now - day });
    await direct.route.admits(direct.genuine());
    const listed = direct.route.with({ trust: { certificates: [signer.certificate, old.certificate] } });
    return listed.refuses({ soap: "1.1", body: x509Message({ signer: old }).bytes });
  });
  attack(
    "C17",
    "CN=admin of the trusted root",
    by(() => issued({ subject: "CN=admin,O=Example" })),
  );
  for (const subject of [
    "CN=alice\\,O=Example",
    "CN=alice+O=Example",
    "O=Example,CN=alice",
    "CN=alice,O=Example,CN=admin",
    "CN=alice\\00,O=Example",
    "CN=alice\\20,O=Example",
    "CN=alice\\,O\\=Example,O=Example",
    "CN=\\D0\\B0lice,O=Example",
    "OU=alice,O=Example",
    "CN=mallory\\, CN\\=alice,O=Example",
  ]) {
    attack(
      "C18",
      subject,
      by(() => issued({ subject })),
    );
  }
});

describe("paths", () => {
  const intermediate = root.subordinate({ subject: "CN=Intermediate,O=Example" });
  const leaf = intermediate.issue({ subject: alice, keyPair });
  const leafSigner: Signer = { ...keyPair, certificate: leaf.der };
  const genuine = () => withPath(x509Message({ signer: leafSigner }), root.der, intermediate.der, leaf.der);
  const path =
    (...certificates: readonly Uint8Array[]) =>
    async (expect: typeof import("vitest").expect) => {
      expect((await route.send(genuine())).verdict).toBe("accepted");
      return route.refuses(withPath(x509Message({ signer: leafSigner }), ...certificates));
    };
  attack("C21", "reversed", path(leaf.der, intermediate.der, root.der));
  attack("C21", "with a certificate too many behind", path(root.der, intermediate.der, leaf.der, issued().certificate));
  attack("C21", "with one twice", path(root.der, intermediate.der, intermediate.der, leaf.der));
  attack("C21", "of nothing", path());
  attack("C21", "of eleven", path(...Array.from({ length: 10 }, () => root.der), leaf.der));
  attack("C21", "of twelve that sign one another crosswise", path(...crosswise(), leaf.der));
  attack("C21", "with junk behind", path(root.der, intermediate.der, leaf.der, Buffer.from([5])));

  const last = root.subordinate({ subject: "CN=Last,O=Example", pathLength: 0 });
  const beyond = last.subordinate({ subject: "CN=Beyond,O=Example" });
  for (const [title, notAuthority] of [
    ["a leaf", root.subordinate({ subject: "CN=Leaf,O=Example", authority: false, keyUsage: ["digitalSignature"] })],
    ["a leaf that may sign certificates", root.subordinate({ subject: "CN=Leaf 2,O=Example", authority: false })],
    [
      "an authority that may not sign certificates",
      root.subordinate({ subject: "CN=Leaf 3,O=Example", keyUsage: ["cRLSign"] }),
    ],
    ["an authority under one that allows none", beyond],
    ["a certificate of version 1", root.subordinate({ subject: "CN=Old,O=Example", version: 1 })],
  ] as const) {
    attack("C20", `${title} as the issuer`, async (expect) => {
      expect((await route.send(genuine())).verdict).toBe("accepted");
      const { der } = notAuthority.issue({ subject: alice, keyPair });
      const middle = notAuthority === beyond ? [last.der, beyond.der] : [notAuthority.der];
      return route.refuses(withPath(x509Message({ signer: leafSigner }), root.der, ...middle, der));
    });
  }
});

/** Authorities of one name whose certificates each were issued by the next one's key: many paths, none to a trusted root. */
function crosswise(): readonly Uint8Array[] {
  const name = { subject: "CN=Ring,O=Example" };
  const ring = Array.from({ length: 3 }, (_, i) =>
    createTestAuthority({ ...name, keyPair: testKeyPair("ec", `ring ${i}`) }),
  );
  return ring.flatMap((one) => ring.map((next) => one.subordinate({ ...name, keyPair: next.keyPair }).der));
}

describe("encoding", () => {
  const length = (octets: number) => Buffer.from([0x84, ...Buffer.from(octets.toString(16).padStart(8, "0"), "hex")]);
  const { certificate } = signer;
  const identifier = certificate.indexOf(Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x0e]));
  const hostile: Readonly<Record<string, Buffer>> = {
    "nothing that is DER": Buffer.from("not a certificate"),
    "a length of 2 GB": Buffer.concat([Buffer.from([0x30]), length(0x7fffffff), certificate]),
    "a length of 4 GB": Buffer.concat([Buffer.from([0x30]), length(0xffffffff), certificate]),
    "a subject key identifier of 2 GB": Buffer.concat([
      certificate.subarray(0, identifier + 5),
      Buffer.from([0x04]),
      length(0x7fffffff),
      certificate.subarray(identifier + 7),
    ]),
    "an indefinite length": Buffer.concat([Buffer.from([0x30, 0x80]), certificate.subarray(4), Buffer.from([0, 0])]),
    "the end cut off": certificate.subarray(0, -1),
    "one octet behind": Buffer.concat([certificate, Buffer.alloc(1)]),
    "thousands of nested sequences": nested(4000),
    "a sequence of nothing": Buffer.from([0x30, 0]),
    "a certificate in PEM": Buffer.from(
      `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----`,
    ),
  };
  for (const [title, octets] of Object.entries(hostile)) {
    attack(
      "C22",
      title,
      against(direct, (message) => withToken(message, octets)),
    );
  }
  for (const serial of [
    "-1",
    "99999999999999999999999999999999999999999999999999",
    "0x10",
    "1e3",
    `${"9".repeat(4000)}`,
    "",
  ]) {
    attack(
      "F4",
      `serial number ${serial.slice(0, 60)}`,
      against(direct, (message) => {
        const issuerSerial = `<ds:X509IssuerSerial><ds:X509IssuerName>CN=Example CA,O=Example</ds:X509IssuerName><ds:X509SerialNumber>${serial}</ds:X509SerialNumber></ds:X509IssuerSerial>`;
        return withKeyInfo(
          message,
          `<wsse:SecurityTokenReference><ds:X509Data>${issuerSerial}</ds:X509Data></wsse:SecurityTokenReference>`,
        );
      }),
    );
  }
  const token = (change: (tag: string) => string) =>
    against(direct, ({ text, soap }) => ({ soap, body: replaced(text, /<wsse:BinarySecurityToken [^>]*>/, change) }));
  attack(
    "F1",
    "no EncodingType",
    token((tag) => replaced(tag, / EncodingType="[^"]*"/, "")),
  );
  attack(
    "F1",
    "no ValueType",
    token((tag) => replaced(tag, / ValueType="[^"]*"/, "")),
  );
  attack(
    "F1",
    "an empty EncodingType",
    token((tag) => replaced(tag, /EncodingType="[^"]*"/, 'EncodingType=""')),
  );
  attack(
    "F2",
    "HexBinary",
    against(direct, (message) => {
      const { soap, body } = withToken(message, Buffer.alloc(0));
      const hex = replaced(body.toString(), '"X509-1"><', `"X509-1">${signer.certificate.toString("hex")}<`);
      return {
        soap,
        body: replaced(
          hex,
          /EncodingType="[^"]*"/,
          `EncodingType="${profile.base64Binary.replace("Base64Binary", "HexBinary")}"`,
        ),
      };
    }),
  );
  attack(
    "F2",
    "HexBinary in name alone",
    token((tag) => replaced(tag, "#Base64Binary", "#HexBinary")),
  );
});

/** Sequences inside one another, all of them empty but for the next. */
function nested(levels: number): Buffer {
  let value = derValue(0x05);
  for (let i = 0; i < levels; i++) value = derValue(0x30, value);
  return value;
}

describe("bare keys", () => {
  const keyValue = (modulus: Buffer, exponent: Buffer) =>
    `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${modulus.toString("base64")}</ds:Modulus><ds:Exponent>${exponent.toString("base64")}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
  const usual = Buffer.from([1, 0, 1]);
  for (const [title, modulus, exponent] of [
    ["a modulus of 8,200 bits", Buffer.alloc(1025, 0xa5), usual],
    ["a modulus of 16,384 bits", Buffer.alloc(2048, 0xa5), usual],
    ["a modulus of 512 Kbit", Buffer.alloc(65_536, 0xa5), usual],
    ["a modulus of 1,024 bits", Buffer.alloc(128, 0xa5), usual],
    ["the exponent 1", Buffer.alloc(256, 0xa5), Buffer.from([1])],
    ["the exponent 3", Buffer.alloc(256, 0xa5), Buffer.from([3])],
    ["an exponent of 2,048 bits", Buffer.alloc(256, 0xa5), Buffer.alloc(256, 0xff)],
    ["a modulus of zero", Buffer.alloc(256), usual],
  ] as const) {
    attack(
      "K22",
      title,
      against(direct, (message) => withKeyInfo(message, keyValue(modulus, exponent))),
    );
  }
});
