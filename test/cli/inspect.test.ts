import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { createTestAuthority } from "@countersign/core/testing";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { credentials } from "../support/credentials.js";
import { holderOfKeyMessage, usernameMessage, x509Message } from "../support/messages.js";
import { call, lastLine, pem } from "./invocation.js";

interface Found {
  readonly kind: string;
  readonly summary: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly parts?: readonly Found[];
  readonly problem?: { readonly code: string };
}

const inspect = async (input: string | Uint8Array) => {
  const outcome = await call(["inspect", "-", "--json"], input);
  expect(outcome.stderr).toBe("");
  expect(outcome.stdout).toContain("nothing here was verified");
  const { verified, found } = lastLine<{ verified: unknown; found: readonly Found[] }>(outcome);
  expect(verified).toBe(false);
  return { ...outcome, found };
};

const { signer, issuer, elliptic } = credentials();

describe("countersign inspect", () => {
  it("accepts a certificate in PEM and in DER, with all that it says", async () => {
    const { der, certificate } = createTestAuthority({ subject: "CN=CA" }).issue({
      subject: "CN=orders,O=Example",
      alternativeNames: [{ dns: "orders.example" }, { uri: "urn:orders" }],
      extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
      serialNumber: 258n,
      notBefore: Date.UTC(2026, 0, 1),
      notAfter: Date.UTC(2027, 0, 1),
    });
    for (const input of [certificate, der]) {
      const { code, found } = await inspect(input);
      expect(code).toBe(0);
      expect(found).toMatchObject([
        {
          kind: "certificate",
          fields: {
            subject: "CN=orders,O=Example",
            issuer: "CN=CA",
            serialNumber: "01:02",
            serialNumberDecimal: "258",
            notBefore: "2026-01-01T00:00:00Z",
            notAfter: "2027-01-01T00:00:00Z",
            key: "ECDSA P-256",
            authority: false,
            keyUsage: ["digitalSignature"],
            extendedKeyUsage: ["serverAuth"],
            subjectAltNames: ["DNS:orders.example", "URI:urn:orders"],
            sha256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
          },
        },
      ]);
    }
  });

  it("accepts several blocks of PEM, and shows nothing of a private key", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const open = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
    const { found, stdout } = await inspect(`${pem(signer.certificate)}${secret}${open}`);
    expect(found.map(({ kind, fields }) => [kind, fields.key])).toEqual([
      ["certificate", "RSA 2048"],
      ["private-key", "RSA 2048"],
      ["public-key", "RSA 2048"],
    ]);
    for (const line of secret.split("\n").filter((one) => one.length > 20 && !one.startsWith("-"))) {
      expect(stdout).not.toContain(line);
    }
    const { d } = privateKey.export({ format: "jwk" });
    expect(stdout).not.toContain(d);
  });

  it("accepts an encrypted private key without asking for its passphrase", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const text = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString();
    expect((await inspect(text)).found).toMatchObject([{ kind: "private-key", fields: { encrypted: true } }]);
  });

  it("accepts a JWT, and shows neither it nor its signature", async () => {
    const token = await new SignJWT({ role: ["clerk"], nested: { a: 1 } })
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .setIssuer("urn:idp")
      .setSubject("carol")
      .setIssuedAt(0)
      .sign(elliptic.privateKey);
    for (const input of [token, `Bearer ${token}\n`]) {
      const { found, stdout } = await inspect(input);
      expect(found).toMatchObject([
        {
          kind: "jwt",
          fields: { algorithm: "ES256", keyId: "k1" },
          parts: [
            {
              fields: { iss: "urn:idp", sub: "carol", role: ["clerk"], nested: '{"a":1}', iat: "1970-01-01T00:00:00Z" },
            },
          ],
        },
      ]);
      expect(stdout).not.toContain(token.split(".")[2]);
    }
  });

  it("accepts a message with its tokens, and shows no password", async () => {
    const { found, stdout } = await inspect(usernameMessage({ username: "alice", password: "hunter2" }).text);
    expect(found).toMatchObject([
      {
        kind: "soap-message",
        parts: [{ kind: "username-token", fields: { name: "alice", password: "in clear text (not shown)" } }],
      },
    ]);
    expect(stdout).not.toContain("hunter2");
  });

  it("accepts an assertion, alone and in a message, with whom it is about, for whom and how it is confirmed", async () => {
    const { text, parts } = holderOfKeyMessage({
      signer,
      assertion: { issuedBy: issuer, subject: "alice", audience: "urn:orders", attributes: { role: ["clerk"] } },
    });
    const said = {
      kind: "saml-assertion",
      fields: { version: "2.0", subject: "alice", audience: ["urn:orders"], confirmation: ["holder-of-key"] },
      parts: [{ kind: "attributes", fields: { role: ["clerk"] } }],
    };
    expect((await inspect(text)).found).toMatchObject([{ kind: "soap-message", parts: [said, { kind: "signature" }] }]);
    expect((await inspect(parts.assertion ?? "")).found).toMatchObject([said]);
  });

  it("accepts a binary token, alone and in a request", async () => {
    const { text } = x509Message({ signer });
    const token = /<wsse:BinarySecurityToken.*<\/wsse:BinarySecurityToken>/.exec(text)?.[0] ?? "";
    const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    const alone = token.replace("<wsse:BinarySecurityToken", `$& xmlns:wsse="${wsse}" xmlns:wsu="${wsu}"`);
    const said = { kind: "binary-security-token", parts: [{ fields: { subject: "CN=alice,O=Example" } }] };
    expect((await inspect(alone)).found).toMatchObject([said]);
    const request = `POST /orders HTTP/1.1\nContent-Type: text/xml\n\n${text}`;
    expect((await inspect(request)).found).toMatchObject([
      { kind: "http-request", parts: [{ kind: "soap-message", parts: [said, { kind: "signature" }] }] },
    ]);
  });

  it.each([
    ["malformed XML", "<a>", "ERR_XML_MALFORMED"],
    ["a DTD", "<!DOCTYPE a><a/>", "ERR_XML_FORBIDDEN"],
    ["a broken JWT", "aaaaaaaaaa.bbbbbbbbbb.cc", "ERR_TOKEN_MALFORMED"],
    ["a broken certificate", pem(Buffer.from("hello")), "ERR_WSS_INVALID_TOKEN"],
    ["DER that is none", Buffer.from("30820001", "hex"), "ERR_WSS_INVALID_TOKEN"],
  ])("rejects %s with its code and exit code 1", async (_, input, code) => {
    const outcome = await inspect(input);
    expect(outcome.code).toBe(1);
    expect(outcome.found).toMatchObject([{ problem: { code } }]);
  });

  it.each([
    ["text", "hello"],
    ["octets", Buffer.from("000102fffe", "hex")],
    ["an open PEM block", "-----BEGIN CERTIFICATE-----\nabc"],
    ["nothing", ""],
  ])("rejects %s with exit code 2", async (_, input) => {
    expect(await call(["inspect", "-"], input)).toMatchObject({ code: 2, stdout: "" });
  });
});
