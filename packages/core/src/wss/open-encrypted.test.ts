import { describe, expect, it } from "vitest";
import { Certificate, createCertificateTrust, defaultSuite, suites } from "../crypto/index.js";
import { parseEnvelope, soap11Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { createAssertionIssuers, issueAssertion } from "../tokens/saml/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { scan } from "../xml/index.js";
import { defaultCanonicalForms } from "../xmlsec/index.js";
import { loadDecryptionKeys } from "./decryption-keys.js";
import type { OutboundEncryption } from "./encrypt-message.js";
import { encryptedNames, requireEncrypted } from "./encrypted-parts.js";
import type { EncryptedPart } from "./message-part.js";
import { openSecurity, type SecurityRules } from "./open.js";
import { coverageOf } from "./parts.js";
import { type SecureMessageOptions, secureMessage } from "./secure-message.js";
import { findSecurityHeader } from "./security-header.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const alice = createTestCertificate({ subject: "CN=alice", ...validity });
const service = createTestCertificate({ subject: "CN=service", ...validity });
const older = createTestCertificate({ subject: "CN=older service", ...validity });
const sts = createTestCertificate({ subject: "CN=sts", ...validity });
const certificate = Certificate.load(alice.certificate, "certificate");
const token = issueBinarySecurityToken([certificate]);
const decryptionKey = (made: typeof service) => ({ key: made.keyPair.privateKey, certificate: made.certificate });
const forService = Certificate.load(service.certificate, "certificate");

const rules: SecurityRules = {
  suite: defaultSuite,
  canonicalForms: defaultCanonicalForms,
  timestamp: { maxAge: 300_000, future: 60_000, skew: 0, requireExpires: false },
  assertions: {
    issuers: createAssertionIssuers([{ name: "urn:sts", certificates: [sts.certificate] }], "issuers"),
    versions: new Set(["2.0"]),
  },
  trusts: [createCertificateTrust({ certificates: [certificate] })],
  possession: false,
  decryption: { keys: loadDecryptionKeys([decryptionKey(older), decryptionKey(service)], "decryption") },
};

const assertion = issueAssertion(
  {
    issuer: "urn:sts",
    subject: { name: "alice" },
    audience: "urn:orders",
    lifetime: { created: now, expires: now + 60_000 },
    confirmation: { method: "bearer" },
  },
  { key: sts.keyPair.privateKey },
);

const stock = { namespace: "urn:stock", name: "Stock" };
const plain =
  `<s:Envelope xmlns:s="${soap11Namespace}" xmlns:o="urn:orders"><s:Header><k:Stock xmlns:k="urn:stock">7</k:Stock>` +
  `</s:Header><s:Body><o:order><o:item>4711</o:item></o:order></s:Body></s:Envelope>`;

function message(encrypt: Partial<OutboundEncryption>, options: SecureMessageOptions = {}): string {
  const secured = secureMessage(plain, {
    clock,
    tokens: [token.xml, assertion.xml],
    signatures: [
      {
        key: alice.keyPair.privateKey,
        reference: { by: "token", id: token.id },
        parts: ["body", "timestamp", stock],
      },
    ],
    encrypt: { for: forService, ...encrypt },
    ...options,
  });
  return Buffer.from(secured.envelope).toString();
}

function open(text: string, more: Partial<SecurityRules> = {}) {
  const envelope = parseEnvelope(scan(Buffer.from(text)));
  return openSecurity(envelope, findSecurityHeader(envelope, undefined), { ...rules, ...more }, now);
}

const refusal = (code: string) => expect.objectContaining({ code });
const everything: readonly EncryptedPart[] = ["body", "signature", "token", stock];

describe("openSecurity() of encrypted messages", () => {
  it.each<[string, Partial<OutboundEncryption>, readonly string[]]>([
    ["the Body, signed first", {}, ["body"]],
    ["the Body, encrypted first", { order: "encrypt-then-sign" }, ["body"]],
    ["all parts, signed first", { parts: everything }, ["body", "signature", "token", "{urn:stock}Stock"]],
    [
      "all parts, encrypted first",
      { parts: everything, order: "encrypt-then-sign" },
      ["body", "signature", "token", "{urn:stock}Stock"],
    ],
    ["a signature alone", { parts: ["signature"] }, ["signature"]],
    ["a header block alone, encrypted first", { parts: [stock], order: "encrypt-then-sign" }, ["{urn:stock}Stock"]],
  ])("accepts %s: everything reads the plaintext, and all of it is covered", async (_, encrypt, names) => {
    const text = message(encrypt);
    if (names.includes("body")) expect(text).not.toContain("4711");
    if (names.includes("token")) expect(text).not.toContain("urn:sts");
    if (names.includes("{urn:stock}Stock")) expect(text).not.toContain("urn:stock");
    const opened = await open(text);
    const { document, body } = opened.envelope;
    expect(document.bytes.toString()).toContain("<o:item>4711</o:item>");
    expect(document.bytes.toString()).not.toContain("EncryptedData ");
    expect([...encryptedNames(opened)].sort()).toEqual([...names].sort());
    expect(opened.assertions.map(({ id }) => id)).toEqual([assertion.id]);
    const [signature, second] = opened.signatures;
    expect(second).toBeUndefined();
    const coverage = coverageOf(opened, ["body", "timestamp", stock], signature, false);
    expect(coverage.body.element).toBe(body);
    expect(coverage.headers.map(({ element }) => document.localName(element))).toEqual(["Stock"]);
    expect(() =>
      requireEncrypted(opened, { encrypted: encrypt.parts ?? ["body"], order: encrypt.order }, signature),
    ).not.toThrow();
  });

  it.each<[string, string]>([
    ["sign-then-encrypt", "encrypt-then-sign"],
    ["encrypt-then-sign", "sign-then-encrypt"],
  ] as const)("rejects %s where %s is demanded with ERR_WSS_INVALID_SECURITY", async (order, wanted) => {
    const opened = await open(message({ order: order as "sign-then-encrypt" }));
    expect(() =>
      requireEncrypted(opened, { encrypted: ["body"], order: wanted as "sign-then-encrypt" }, opened.signatures[0]),
    ).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it("rejects a part in clear that has to be encrypted with ERR_POLICY_PART_UNPROTECTED", async () => {
    const opened = await open(message({ parts: [stock] }));
    for (const part of ["body", "signature", "token"] as const) {
      expect(() => requireEncrypted(opened, { encrypted: [part] }, opened.signatures[0])).toThrow(
        refusal("ERR_POLICY_PART_UNPROTECTED"),
      );
    }
  });

  it.each(["issuer-serial", "subject-key-identifier", "thumbprint", "certificate"] as const)(
    "accepts a key encrypted for a certificate named by %s, and rejects one for another certificate",
    async (reference) => {
      await expect(open(message({ reference }))).resolves.toMatchObject({ decrypted: [{ type: "content" }] });
      await expect(open(message({ reference, for: certificate }))).rejects.toThrow(
        refusal("ERR_WSS_TOKEN_UNAVAILABLE"),
      );
    },
  );

  it("accepts a message for the key that a newer one follows", async () => {
    const text = message({ for: Certificate.load(older.certificate, "certificate") });
    await expect(open(text)).resolves.toMatchObject({ decrypted: [{ type: "content" }] });
    await expect(
      open(text, { decryption: { keys: loadDecryptionKeys([decryptionKey(service)], "decryption") } }),
    ).rejects.toThrow(refusal("ERR_WSS_TOKEN_UNAVAILABLE"));
  });

  it.each<[string, Partial<OutboundEncryption>, (text: string) => string, string]>([
    ["changed cipher text", {}, flipped(/(<s:Body.*<xenc:CipherValue>.{40})(.)/s), "ERR_WSS_DECRYPTION_FAILED"],
    ["a changed key", {}, flipped(/(<xenc:EncryptedKey.*?<xenc:CipherValue>.{40})(.)/s), "ERR_WSS_DECRYPTION_FAILED"],
    [
      "changed signed cipher text",
      { order: "encrypt-then-sign" },
      flipped(/(<s:Body.*<xenc:CipherValue>.{40})(.)/s),
      "ERR_WSS_FAILED_CHECK",
    ],
    [
      "a changed key of signed cipher text",
      { order: "encrypt-then-sign" },
      flipped(/(<xenc:EncryptedKey.*?<xenc:CipherValue>.{40})(.)/s),
      "ERR_WSS_DECRYPTION_FAILED",
    ],
    ["something beside the cipher text", {}, replaced(/<\/s:Body>/, "<evil/></s:Body>"), "ERR_WSS_INVALID_SECURITY"],
    ["a namespace changed around signed plaintext", {}, replaced("urn:orders", "urn:evil"), "ERR_WSS_FAILED_CHECK"],
    [
      "a namespace changed around signed cipher text",
      { order: "encrypt-then-sign" },
      replaced("urn:orders", "urn:evil"),
      "ERR_WSS_FAILED_CHECK",
    ],
    ["an Id that two EncryptedData have", {}, twice, "ERR_WSS_INVALID_SECURITY"],
    ["cipher text in the header that nothing names", { parts: ["signature"] }, unnamed, "ERR_WSS_INVALID_SECURITY"],
  ])("rejects %s", async (_, encrypt, change, code) => {
    const text = message(encrypt);
    await expect(open(text)).resolves.toBeDefined();
    const changed = change(text);
    expect(changed).not.toBe(text);
    await expect(open(changed)).rejects.toThrow(refusal(code));
  });

  it("rejects an encrypted message where no key is configured with ERR_WSS_TOKEN_UNAVAILABLE", async () => {
    await expect(open(message({}), { decryption: undefined })).rejects.toThrow(refusal("ERR_WSS_TOKEN_UNAVAILABLE"));
  });

  it("rejects a message whose ReferenceList was taken out with ERR_WSS_INVALID_SECURITY, in both orders", async () => {
    for (const order of ["sign-then-encrypt", "encrypt-then-sign"] as const) {
      await expect(open(message({ order }))).resolves.toMatchObject({ decrypted: [{ type: "content" }] });
      const stripped = message({ order }).replace(/<xenc:ReferenceList.*?<\/xenc:ReferenceList>/, "");
      await expect(open(stripped)).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    }
  });

  it("rejects CBC with ERR_WSS_UNSUPPORTED_ALGORITHM, in a legacy suite and under a verified signature too", async () => {
    const algorithm = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
    const suite = suites.legacyCbc;
    for (const sent of [message({ algorithm, order: "encrypt-then-sign" }), message({ algorithm })]) {
      await expect(open(sent)).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_ALGORITHM"));
      await expect(open(sent, { suite })).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_ALGORITHM"));
    }
  });
});

function flipped(at: RegExp): (text: string) => string {
  return (text) => text.replace(at, (_, before: string, octet: string) => before + (octet === "A" ? "B" : "A"));
}

function replaced(from: string | RegExp, to: string): (text: string) => string {
  return (text) => text.replace(from, to);
}

function twice(text: string): string {
  const [, id] = /<xenc:EncryptedData[^>]* Id="([^"]+)"/.exec(text) ?? [];
  const other = `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="${id}"/>`;
  return text.replace("</s:Header>", `<x:wrap xmlns:x="urn:x">${other}</x:wrap></s:Header>`);
}

function unnamed(text: string): string {
  return text.replace(/<xenc:ReferenceList>.*?<\/xenc:ReferenceList>/, "");
}
