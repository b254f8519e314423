import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crypto, xml, xmlsec } from "@countersign/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { requireProgram } from "../../require/external.js";
import { decryptFirst, type Keys } from "./decrypt.js";

const xmlsec1 = requireProgram("xmlsec1");
const folder = mkdtempSync(join(tmpdir(), "xmlsec1-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, content);
  return path;
}

const message =
  '<e:Envelope xmlns:e="urn:e"><e:Body><o:Order xmlns:o="urn:o" a="1">é &amp; text</o:Order></e:Body></e:Envelope>';
const order = '<o:Order xmlns:o="urn:o" a="1">é &amp; text</o:Order>';
const legacy: crypto.AlgorithmSuite = crypto.suites.legacyCbc;

interface Way {
  readonly title: string;
  /** The key that xmlsec1 is called with to encrypt, and to decrypt. */
  readonly encrypting: readonly string[];
  readonly decrypting: readonly string[];
  /** xmlsec1's template of the key's encryption. */
  readonly method: string;
  readonly recipient: xmlsec.KeyRecipient;
  readonly keys: Keys;
}

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { rsaOaepMgf1p } = crypto.keyTransportUri;

function transported(title: string, label?: Uint8Array): Way {
  const parameters =
    label === undefined ? "" : `<xenc:OAEPparams>${Buffer.from(label).toString("base64")}</xenc:OAEPparams>`;
  return {
    title,
    encrypting: ["--pubkey-pem", file(publicKey.export({ type: "spki", format: "pem" }))],
    decrypting: ["--privkey-pem", file(privateKey.export({ type: "pkcs8", format: "pem" }))],
    method: `<xenc:EncryptionMethod Algorithm="${rsaOaepMgf1p}">${parameters}</xenc:EncryptionMethod>`,
    recipient: { publicKey, transport: { uri: rsaOaepMgf1p, label } },
    keys: { privateKey },
  };
}

function wrapped(uri: string, octets: number): Way {
  const sharedKey = randomBytes(octets);
  const key = ["--aeskey:shared", file(sharedKey)];
  return {
    title: uri,
    encrypting: key,
    decrypting: key,
    method: `<xenc:EncryptionMethod Algorithm="${uri}"/><ds:KeyInfo><ds:KeyName>shared</ds:KeyName></ds:KeyInfo>`,
    recipient: { sharedKey },
    keys: { named: { shared: sharedKey } },
  };
}

const ways: readonly Way[] = [
  transported("rsa-oaep-mgf1p"),
  transported("rsa-oaep-mgf1p with a label", Buffer.from("label")),
  wrapped(crypto.keyWrapUri.aes128, 16),
  wrapped(crypto.keyWrapUri.aes192, 24),
  wrapped(crypto.keyWrapUri.aes256, 32),
];

const ciphers: readonly (readonly [uri: string, sessionKey: string])[] = [
  [crypto.contentCipherUri.aes128Gcm, "aes-128"],
  [crypto.contentCipherUri.aes192Gcm, "aes-192"],
  [crypto.contentCipherUri.aes256Gcm, "aes-256"],
  [crypto.contentCipherUri.aes128Cbc, "aes-128"],
  [crypto.contentCipherUri.aes192Cbc, "aes-192"],
  [crypto.contentCipherUri.aes256Cbc, "aes-256"],
  [crypto.contentCipherUri.tripleDesCbc, "des-192"],
];

const template = (algorithm: string, keyInfo: string, type: string) =>
  `<xenc:EncryptedData xmlns:xenc="${xmlsec.xencNamespace}" xmlns:ds="${xmlsec.dsNamespace}" Type="${type}">` +
  `<xenc:EncryptionMethod Algorithm="${algorithm}"/><ds:KeyInfo>${keyInfo}</ds:KeyInfo>` +
  "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>";

/** The message with its order, or the content of its body, encrypted by xmlsec1. */
function encryptedByXmlsec1(text: string, more: readonly string[]): string {
  const output = join(folder, `${files++}`);
  const run = spawnSync(
    "xmlsec1",
    ["--encrypt", ...more, "--xml-data", file(message), "--node-name", "urn:o:Order", "--output", output, file(text)],
    { encoding: "utf8" },
  );
  expect(run.status, run.stderr).toBe(0);
  return readFileSync(output, "utf8");
}

/** What xmlsec1 decrypts, in canonical form; undefined where it refuses, or gives what is no XML any more. */
function decryptedByXmlsec1(text: string, more: readonly string[]): string | undefined {
  const run = spawnSync("xmlsec1", ["--decrypt", ...more, file(text)]);
  if (run.status !== 0) return undefined;
  try {
    return Buffer.from(xml.canonicalize(xml.scan(run.stdout), 0, xml.exclusive)).toString();
  } catch {
    return undefined;
  }
}

/** The message with its order encrypted by us, in the place where it stood. */
function encryptedByUs(algorithm: string, key: Uint8Array, keyInfo: string): string {
  const plaintext = Buffer.from(order);
  return message.replace(order, xmlsec.writeEncryptedData({ plaintext, key, algorithm, type: "element", keyInfo }));
}

/** The first octet of the content's CipherValue, which is the last one, changed: of the IV. */
function spoilt(text: string): string {
  const tag = "<xenc:CipherValue>";
  const at = text.lastIndexOf(tag) + tag.length;
  return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
}

xmlsec1.describe("xmlsec1", () => {
  const known = xmlsec1.present ? spawnSync("xmlsec1", ["--list-transforms"], { encoding: "utf8" }).stdout : "";

  it("knows the algorithms that are compared here, and no other one that we know", () => {
    const fragments = [
      ...Object.values(crypto.contentCipherUri),
      ...Object.values(crypto.keyTransportUri),
      ...Object.values(crypto.keyWrapUri),
      ...Object.values(crypto.keyAgreementUri),
    ].map((uri) => uri.slice(uri.indexOf("#") + 1));
    const shared = fragments.filter((name) => known.includes(`"${name}"`) && name !== "rsa-1_5");
    const compared = [...ciphers.map(([uri]) => uri), rsaOaepMgf1p, ...Object.values(crypto.keyWrapUri)];
    expect(shared.sort()).toEqual(compared.map((uri) => uri.slice(uri.indexOf("#") + 1)).sort());
  });

  describe.each(ways.map((way) => [way.title, way] as const))("%s", (_, way) => {
    const encryptedKey = `<xenc:EncryptedKey>${way.method}<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey>`;

    it.each(ciphers)(
      "accepts %s of xmlsec1, and is accepted by it; changed, neither gives it back",
      (algorithm, session) => {
        const theirs = encryptedByXmlsec1(template(algorithm, encryptedKey, xmlsec.encryptedElementType), [
          ...way.encrypting,
          "--session-key",
          session,
        ]);
        expect(theirs).not.toContain("Order");
        const { document, data, plaintext } = decryptFirst(theirs, way.keys, legacy);
        xmlsec.requireDecryptedXml(document, data, plaintext);
        expect(plaintext.toString()).toBe(order);
        expect(outcome(() => decryptFirst(spoilt(theirs), way.keys, legacy).plaintext.toString())).not.toBe(order);

        const key = randomBytes(crypto.contentCipher(algorithm)?.keyOctets ?? 0);
        const named = "sharedKey" in way.recipient ? xmlsec.writeKeyInfo(xmlsec.writeKeyName("shared")) : undefined;
        const { xml: ourKey } = xmlsec.writeEncryptedKey({ key, recipient: way.recipient, keyInfo: named });
        const ours = encryptedByUs(algorithm, key, xmlsec.writeKeyInfo(ourKey));
        expect(decryptedByXmlsec1(ours, way.decrypting)).toBe(message);
        expect(decryptedByXmlsec1(spoilt(ours), way.decrypting)).not.toBe(message);
      },
    );
  });

  describe("a shared content key", () => {
    it.each(ciphers)(
      "accepts %s of xmlsec1, and is accepted by it; changed, neither gives it back",
      (algorithm, session) => {
        const key = randomBytes(crypto.contentCipher(algorithm)?.keyOctets ?? 0);
        const option = [session.startsWith("des") ? "--deskey:content" : "--aeskey:content", file(key)];
        const name = "<ds:KeyName>content</ds:KeyName>";
        const theirs = encryptedByXmlsec1(template(algorithm, name, xmlsec.encryptedElementType), option);
        const keys = { named: { content: key } };
        expect(decryptFirst(theirs, keys, legacy).plaintext.toString()).toBe(order);
        expect(outcome(() => decryptFirst(spoilt(theirs), keys, legacy).plaintext.toString())).not.toBe(order);
        const ours = encryptedByUs(algorithm, key, xmlsec.writeKeyInfo(xmlsec.writeKeyName("content")));
        expect(decryptedByXmlsec1(ours, option)).toBe(message);
        expect(decryptedByXmlsec1(spoilt(ours), option)).not.toBe(message);
      },
    );
  });

  it("accepts Type Content both ways", () => {
    const way = ways[0] as Way;
    const encryptedKey = `<xenc:EncryptedKey>${way.method}<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey>`;
    const algorithm = crypto.contentCipherUri.aes256Gcm;
    const theirs = encryptedByXmlsec1(template(algorithm, encryptedKey, xmlsec.encryptedContentType), [
      ...way.encrypting,
      "--session-key",
      "aes-256",
    ]);
    const { document, data, plaintext } = decryptFirst(theirs, way.keys);
    xmlsec.requireDecryptedXml(document, data, plaintext);
    expect(xml.scan(Buffer.from(`<a>${plaintext}</a>`)).text(0)).toBe("é & text");

    const key = randomBytes(32);
    const { xml: ourKey } = xmlsec.writeEncryptedKey({ key, recipient: way.recipient });
    const ours = message.replace(
      "é &amp; text",
      xmlsec.writeEncryptedData({
        plaintext: Buffer.from("é &amp; text"),
        key,
        algorithm,
        type: "content",
        keyInfo: xmlsec.writeKeyInfo(ourKey),
      }),
    );
    expect(decryptedByXmlsec1(ours, way.decrypting)).toBe(message);
    expect(decryptedByXmlsec1(spoilt(ours), way.decrypting)).toBeUndefined();
  });

  it("rejects RSA 1.5 of xmlsec1 with ERR_WSS_UNSUPPORTED_ALGORITHM (D1)", () => {
    const way = ways[0] as Way;
    const encryptedKey =
      `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${crypto.keyTransportUri.rsa15}"/>` +
      "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey>";
    const theirs = encryptedByXmlsec1(
      template(crypto.contentCipherUri.aes256Gcm, encryptedKey, xmlsec.encryptedElementType),
      [...way.encrypting, "--session-key", "aes-256"],
    );
    expect(() => decryptFirst(theirs, way.keys, legacy)).toThrow(
      expect.objectContaining({ code: "ERR_WSS_UNSUPPORTED_ALGORITHM" }),
    );
  });
});

/** What it gives, or the code with which it refuses: CBC may give something else where GCM refuses. */
function outcome(act: () => string): string {
  try {
    return act();
  } catch (error) {
    const { code } = error as { code: string };
    expect(code).toBe("ERR_WSS_DECRYPTION_FAILED");
    return code;
  }
}
