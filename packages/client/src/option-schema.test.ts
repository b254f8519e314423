import { allowInsecureTransport } from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { createClient } from "./index.js";
import type { ClientOptions } from "./options.js";

const own = createTestCertificate({ subject: "CN=alice", keyType: "rsa" });
const other = createTestCertificate({ subject: "CN=other", keyType: "rsa" });
const credentials = () => ({ name: "alice", password: "wonderland" });
const broker = { url: "https://sts.example/sts" };
const key = { privateKey: own.privateKey, certificate: own.certificate };

describe("client options", () => {
  it.each<[string, ClientOptions]>([
    ["a broker with credentials", { broker, credentials }],
    ["several brokers", { broker: [broker, { url: "https://sts-2.example/sts" }], credentials }],
    ["a broker and an own key", { broker, credentials, keyType: "public-key", key }],
    ["a broker and a bare key", { broker, credentials, keyType: "public-key", key: { privateKey: own.privateKey } }],
    ["a broker and another kind of token", { broker, credentials, tokenType: "saml11" }],
    ["credentials alone", { credentials, password: "digest" }],
    ["a key with certificate", { key }],
    ["a JWT", { bearer: () => "a.b.c" }],
    ["a conversation", { credentials, conversation: { version: "2005/02", derivedKeys: false } }],
    [
      "a conversation with replies signed under it",
      { credentials, conversation: {}, reply: { signed: true, confirmed: true } },
    ],
    [
      "a conversation with messages and replies encrypted under it",
      { credentials, conversation: {}, encrypt: { for: "context" }, reply: { encrypted: true } },
    ],
    [
      "http with the switch",
      { broker: { url: "http://sts.example/sts" }, credentials, [allowInsecureTransport]: true },
    ],
  ])("accepts %s", async (_, options) => {
    await createClient(options).close();
  });

  it.each<[string, string, unknown]>([
    ["nothing", "options", {}],
    ["an unknown option", "brokers", { credentials, brokers: [] }],
    ["an unknown option of the broker", "broker.address", { broker: { ...broker, address: "x" }, credentials }],
    ["a broker without credentials", "credentials", { broker }],
    ["a password instead of a callback", "credentials", { broker, credentials: { name: "a", password: "b" } }],
    ["a JWT beside credentials", "bearer", { credentials, bearer: () => "a.b.c" }],
    ["credentials beside a key", "key", { credentials, key }],
    ["a key without certificate, alone", "options", { key: { privateKey: own.privateKey } }],
    ["a certificate of another key", "key.certificate", { key: { ...key, certificate: other.certificate } }],
    ["a broken key", "key.privateKey", { key: { ...key, privateKey: "-----BEGIN PRIVATE KEY-----" } }],
    ["a key type without broker", "keyType", { credentials, keyType: "bearer" }],
    ["a token type without broker", "tokenType", { credentials, tokenType: "saml11" }],
    ["an unknown kind of token", "tokenType", { broker, credentials, tokenType: "jwt" }],
    ["a key for bearer tokens", "key", { broker, credentials, key }],
    ["encryption under no conversation", "encrypt.for", { credentials, encrypt: { for: "context" } }],
    [
      "a reference to a context",
      "encrypt.reference",
      { credentials, conversation: {}, encrypt: { for: "context", reference: "thumbprint" } },
    ],
    ["encryption for nobody", "encrypt.for", { credentials, encrypt: { for: "nobody" as "context" } }],
    ["a conversation by JWT", "conversation", { bearer: () => "a.b.c", conversation: {} }],
    ["a conversation in unknown words", "conversation.version", { credentials, conversation: { version: "1.5" } }],
    ["a life without end", "conversation.lifetimeSeconds", { credentials, conversation: { lifetimeSeconds: 1e9 } }],
    ["a broker that is no URL", "broker.url", { broker: { url: "sts" }, credentials }],
    ["no broker in a list", "broker", { broker: [], credentials }],
    ["a broker over ftp", "broker.url", { broker: { url: "ftp://sts.example" }, credentials }],
    ["signed replies of nobody", "reply.certificates", { credentials, reply: { signed: true } }],
    [
      "signed replies of nobody at a second broker",
      "broker[1].certificates",
      { broker: [broker, { ...broker, signedReplies: true }], credentials },
    ],
    [
      "signed broker replies of nobody",
      "broker.certificates",
      { broker: { ...broker, signedReplies: true }, credentials },
    ],
    ["unsigned confirmations", "reply.confirmed", { credentials, reply: { confirmed: true } }],
    [
      "a broken certificate",
      "reply.certificates[0]",
      { credentials, reply: { certificates: ["-----BEGIN CERTIFICATE-----"] } },
    ],
    ["a TLS certificate without key", "tls", { credentials, tls: { certificate: own.certificate } }],
    ["a margin of half a second", "marginSeconds", { broker, credentials, marginSeconds: 0.5 }],
  ])("rejects %s with ERR_CONFIG_INVALID", (_, option, options) => {
    expect(() => createClient(options as ClientOptions)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option }),
    );
  });

  it("rejects replies of a conversation that confirm nothing with ERR_CONFIG_INSECURE", () => {
    const options = { credentials, conversation: {}, reply: { signed: true } };
    expect(() => createClient(options)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INSECURE", option: "reply.confirmed" }),
    );
  });

  it("rejects a broker over http with ERR_CONFIG_INSECURE", () => {
    const plain = { url: "http://sts.example/sts" };
    for (const [given, option] of [
      [plain, "broker.url"],
      [[broker, plain], "broker[1].url"],
    ] as const) {
      expect(() => createClient({ broker: given, credentials })).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG_INSECURE", option }),
      );
    }
  });
});
