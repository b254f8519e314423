import { describe, expect, it } from "vitest";
import { Certificate, contentCipherUri, createCertificateTrust, defaultSuite } from "../crypto/index.js";
import { parseEnvelope, soap11Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import {
  type ContextSource,
  conversation13,
  conversation2005,
  type EstablishedContext,
  InvalidContextError,
  issueDerivedKey,
  writeContextReference,
} from "../tokens/context/index.js";
import { scan } from "../xml/index.js";
import {
  defaultCanonicalForms,
  writeDirectReference,
  writeEncryptedData,
  writeEncryptedDataReferences,
  writeKeyInfo,
} from "../xmlsec/index.js";
import { loadDecryptionKeys } from "./decryption-keys.js";
import type { OutboundEncryption } from "./encrypt-message.js";
import { encryptedNames, requireOwnCipherText } from "./encrypted-parts.js";
import { openSecurity, type SecurityRules } from "./open.js";
import { secureMessage } from "./secure-message.js";
import { findSecurityHeader } from "./security-header.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const service = createTestCertificate({ subject: "CN=service", notBefore: now - 1_000, notAfter: now + 86_400_000 });

const established = (identifier: string, secret: Buffer): EstablishedContext => ({
  identifier,
  instance: "",
  secret,
  expires: 1e15,
  owner: identifier,
  subject: { principal: { name: identifier, kind: "username" }, claims: [], issuer: "urn:o", created: 0, until: 1e15 },
});
const alices = established("urn:uuid:alice", Buffer.alloc(32, 1));
const bobs = established("urn:uuid:bob", Buffer.alloc(32, 2));
let questions = 0;
const contexts: ContextSource = {
  async find({ identifier, words }) {
    questions++;
    const found = [alices, bobs].find((one) => one.identifier === identifier);
    if (found !== undefined) return found;
    throw new InvalidContextError(words, "unknown");
  },
};

const rules: SecurityRules = {
  suite: defaultSuite,
  canonicalForms: defaultCanonicalForms,
  timestamp: { maxAge: 300_000, future: 60_000, skew: 0, requireExpires: false },
  assertions: undefined,
  trusts: [createCertificateTrust({ certificates: [Certificate.load(service.certificate, "certificate")] })],
  contexts,
  possession: false,
  decryption: { keys: [] },
};

const plain = `<s:Envelope xmlns:s="${soap11Namespace}"><s:Body><o:order xmlns:o="urn:orders">4711</o:order></s:Body></s:Envelope>`;

const nameOf = ({ identifier, instance }: EstablishedContext, words = conversation13) => ({
  words,
  identifier,
  instance,
});

/** A message that one context signs, and one encrypts. */
function message({
  signer = alices,
  owner = alices,
  words = conversation13,
  body = plain,
  tokens = [] as readonly string[],
  ...encrypt
}: Partial<OutboundEncryption> & {
  signer?: EstablishedContext;
  owner?: EstablishedContext;
  words?: typeof conversation13;
  body?: string;
  tokens?: readonly string[];
} = {}): string {
  const derived = issueDerivedKey(words, {
    secret: signer.secret,
    reference: writeContextReference(nameOf(signer, words)),
  });
  const { envelope } = secureMessage(body, {
    clock,
    tokens: [...tokens, derived.xml],
    signatures: [
      {
        key: derived.key,
        reference: { by: "token", id: derived.id, valueType: derived.valueType },
        parts: ["body", "timestamp"],
      },
    ],
    encrypt: encrypt.for === undefined && body !== plain ? undefined : { for: under(owner, words), ...encrypt },
  });
  return Buffer.from(envelope).toString();
}

const under = (owner: EstablishedContext, words = conversation13) => ({
  name: nameOf(owner, words),
  secret: owner.secret,
});

function open(text: string, more: Partial<SecurityRules> = {}) {
  const envelope = parseEnvelope(scan(Buffer.from(text)));
  return openSecurity(envelope, findSecurityHeader(envelope, undefined), { ...rules, ...more }, now);
}

const refusal = (code: string) => expect.objectContaining({ code });
const orders = ["sign-then-encrypt", "encrypt-then-sign"] as const;

/** A Body encrypted with a key of alice's context that a KeyInfo of our own names. */
function sealedBy(keyInfo: string, key: Uint8Array, algorithm: string = contentCipherUri.aes256Gcm): string {
  const data = writeEncryptedData({
    plaintext: Buffer.from('<o:order xmlns:o="urn:orders">4711</o:order>'),
    key,
    algorithm,
    type: "content",
    id: "ed-1",
    keyInfo,
  });
  const body = plain.replace(/(?<=<s:Body>).*(?=<\/s:Body>)/, () => data);
  // Signed as cipher text: the list stands behind the signature.
  return message({ body }).replace("</wsse:Security>", `${writeEncryptedDataReferences(["ed-1"])}</wsse:Security>`);
}

describe("openSecurity() of messages encrypted under a context", () => {
  it.each(orders)("accepts %s in both versions with every cipher, and rejects a changed octet", async (order) => {
    for (const words of [conversation13, conversation2005]) {
      for (const algorithm of [contentCipherUri.aes128Gcm, contentCipherUri.aes192Gcm, contentCipherUri.aes256Gcm]) {
        const text = message({ order, words, algorithm });
        expect(text).not.toMatch(/>4711<|EncryptedKey/);
        questions = 0;
        const opened = await open(text);
        expect(questions).toBe(1);
        expect(opened.envelope.document.bytes.toString()).toContain(">4711<");
        expect([...encryptedNames(opened)]).toEqual(["body"]);
        const changed = text.replace(/(<s:Body.*<xenc:CipherValue>.{20})(.)/s, (_, before, octet) =>
          octet === "A" ? `${before}B` : `${before}A`,
        );
        expect(changed).not.toBe(text);
        const code = order === "sign-then-encrypt" ? "ERR_WSS_DECRYPTION_FAILED" : "ERR_WSS_FAILED_CHECK";
        await expect(open(changed)).rejects.toThrow(refusal(code));
      }
    }
  });

  it("accepts the context's own key and an implied one, and rejects those of other lengths", async () => {
    const reference = writeContextReference(nameOf(alices));
    await expect(open(sealedBy(writeKeyInfo(reference), alices.secret))).resolves.toMatchObject({
      decrypted: [{ type: "content", context: { derivation: undefined } }],
    });
    const short = sealedBy(writeKeyInfo(reference), alices.secret.subarray(0, 16), contentCipherUri.aes128Gcm);
    await expect(open(short)).rejects.toThrow(refusal("ERR_WSS_DECRYPTION_FAILED"));
    const nonce = Buffer.alloc(16, 7).toString("base64");
    const implied = (length: number) =>
      reference.replace(
        "<wsse:SecurityTokenReference ",
        `<wsse:SecurityTokenReference xmlns:wsc="${conversation13.namespace}" wsc:Length="${length}" wsc:Nonce="${nonce}" `,
      );
    const { key, xml } = issueDerivedKey(conversation13, { secret: alices.secret, reference });
    const explicit = /<wsc:Nonce>(.*)<\/wsc:Nonce>/.exec(xml)?.[1] ?? "";
    const same = implied(32).replace(nonce, explicit);
    await expect(open(sealedBy(writeKeyInfo(same), key.export()))).resolves.toMatchObject({
      decrypted: [{ context: { derivation: { length: 32 } } }],
    });
    for (const other of [implied(32), implied(16), implied(64)]) {
      await expect(open(sealedBy(writeKeyInfo(other), key.export()))).rejects.toThrow(
        refusal("ERR_WSS_DECRYPTION_FAILED"),
      );
    }
  });

  it("rejects a context that is not known, keys of two contexts, and a key that is not in the message", async () => {
    const stranger = { ...bobs, identifier: "urn:uuid:carol" };
    await expect(open(message({ owner: stranger }))).rejects.toThrow(refusal("ERR_CONTEXT_INVALID"));
    const text = message();
    const [token = ""] = /<wsc:DerivedKeyToken.*?<\/wsc:DerivedKeyToken>/.exec(text) ?? [];
    await expect(open(text.replace(token, ""))).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    const two = message({ parts: ["body", "signature"] });
    await expect(open(two)).resolves.toMatchObject({ decrypted: [{}, {}] });
    const reference = writeKeyInfo(writeContextReference(nameOf(bobs)));
    const mixed = two.replace(
      /(<xenc:EncryptedData (?:(?!<ds:KeyInfo).)*)<ds:KeyInfo.*?<\/ds:KeyInfo>/s,
      `$1${reference}`,
    );
    expect(mixed).not.toBe(two);
    await expect(open(mixed)).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("rejects what is encrypted under a context where the route takes none", async () => {
    const none = { contexts: undefined };
    await expect(open(message(), { ...none, decryption: undefined })).rejects.toThrow(
      refusal("ERR_WSS_TOKEN_UNAVAILABLE"),
    );
    const keys = loadDecryptionKeys([{ key: service.keyPair.privateKey, certificate: service.certificate }], "keys");
    await expect(open(message(), { ...none, decryption: { keys } })).rejects.toThrow(
      refusal("ERR_WSS_UNSUPPORTED_TOKEN"),
    );
  });

  it("rejects a list of an EncryptedKey that names cipher text under a context", async () => {
    const keys = loadDecryptionKeys([{ key: service.keyPair.privateKey, certificate: service.certificate }], "keys");
    const decryption = { keys };
    const forService = Certificate.load(service.certificate, "certificate");
    const transported = message({ for: forService });
    await expect(open(transported, { decryption })).resolves.toBeDefined();
    const reference = writeKeyInfo(writeContextReference(nameOf(alices)));
    const other = transported.replace(/(<s:Body.*)<ds:KeyInfo.*?<\/ds:KeyInfo>/s, `$1${reference}`);
    expect(other).not.toBe(transported);
    await expect(open(other, { decryption })).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });
});

describe("requireOwnCipherText", () => {
  it.each(orders)(
    "accepts %s under the signer's context, and rejects another's with ERR_WSS_FAILED_CHECK",
    async (order) => {
      const own = await open(message({ order }));
      const signer = own.signatures[0]?.signer;
      if (signer?.kind !== "context") throw new TypeError("the signature is not under a context");
      expect(() => requireOwnCipherText(own, signer)).not.toThrow();
      expect(() => requireOwnCipherText(own, undefined)).toThrow(refusal("ERR_WSS_FAILED_CHECK"));
      const passedOn = await open(message({ order, owner: bobs }));
      expect(() => requireOwnCipherText(passedOn, signer)).toThrow(refusal("ERR_WSS_FAILED_CHECK"));
    },
  );

  it("accepts cipher text for the service's certificate, whoever signed", async () => {
    const keys = loadDecryptionKeys([{ key: service.keyPair.privateKey, certificate: service.certificate }], "keys");
    const opened = await open(message({ for: Certificate.load(service.certificate, "certificate") }), {
      decryption: { keys },
    });
    expect(() => requireOwnCipherText(opened, undefined)).not.toThrow();
  });
});

describe("writeDirectReference() to a DerivedKeyToken", () => {
  it("accepts cipher text that names its token by id, and rejects an id that stands for nothing", async () => {
    const { key, xml, id, valueType } = issueDerivedKey(conversation13, {
      secret: alices.secret,
      reference: writeContextReference(nameOf(alices)),
    });
    const text = sealedBy(writeKeyInfo(writeDirectReference(id, valueType)), key.export());
    await expect(open(text.replace("<wsu:Timestamp ", `${xml}<wsu:Timestamp `))).resolves.toBeDefined();
    await expect(open(text)).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });
});
