import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { SignedXml } from "xml-crypto";
import { hashOf, type SignatureAlgorithmName, verifyWith } from "./algorithms.js";
import { credentials, type Signer } from "./credentials.js";
import { hostilePayload } from "./hostile.js";
import { libxml2Canonical } from "./libxml2.js";
import type { CanonicalForm } from "./markup.js";
import {
  addressing,
  assemble,
  bearerMessage,
  holderOfKeyMessage,
  type SoapMessage,
  senderVouchesMessage,
  usernameMessage,
  x509Message,
} from "./messages.js";
import { namespaces } from "./namespaces.js";
import { orders } from "./payload.js";
import type { SignatureRecord } from "./signature.js";

const keys = credentials();
const { signer, issuer } = keys;

describe("signed messages", () => {
  const kinds: Readonly<Record<string, SoapMessage>> = {
    "X.509, SOAP 1.1": x509Message({ signer }),
    "X.509, SOAP 1.2, signature first": x509Message({
      soap: "1.2",
      signer,
      securityFirst: true,
      securityOrder: ["signature", "token", "timestamp"],
    }),
    "X.509 over addressing headers": x509Message({
      signer,
      headers: addressing("https://orders.example", "urn:orders:place"),
      signed: ["to", "action", "timestamp", "token", "body"],
    }),
    "X.509 by thumbprint": x509Message({ signer, reference: "thumbprint" }),
    "X.509 in KeyInfo": x509Message({ signer, reference: "embedded-data" }),
    "SAML bearer": bearerMessage({ assertion: { issuedBy: issuer } }),
    "SAML holder-of-key": holderOfKeyMessage({
      signer,
      assertion: { issuedBy: issuer, attributes: { "a<b": ["c&d"] } },
    }),
    "SAML sender-vouches": senderVouchesMessage({ signer, assertion: { issuedBy: issuer } }),
    "SAML 1.1 bearer": bearerMessage({ assertion: { version: "1.1", issuedBy: issuer } }),
    "SAML 1.1 holder-of-key": holderOfKeyMessage({
      soap: "1.2",
      signer,
      assertion: { version: "1.1", issuedBy: issuer },
    }),
    "SAML 1.1 sender-vouches": senderVouchesMessage({ signer, assertion: { version: "1.1", issuedBy: issuer } }),
    "hostile variety": hostile(),
  };

  it.each(Object.entries(kinds))("accepts %s by xml-crypto, whose twins are refused", (_, message) => {
    for (const record of message.signatures) {
      if (!isHostile(message)) expect(xmlCrypto(message.text, record)).toBe(true);
      for (const reference of record.references) {
        expect(
          xmlCrypto(message.text.replace(digest(record, reference.octets), digest(record, Buffer.from("x"))), record),
        ).toBe(false);
      }
    }
  });

  it.each(Object.entries(kinds))("writes %s in the canonical form libxml2 finds", (_, message) => {
    for (const record of message.signatures) expectCanonical(message, record, { method: "exclusive" });
  });

  it.each<CanonicalForm>([{ method: "inclusive" }, { method: "exclusive", inclusivePrefixes: ["soap", "wsu"] }])(
    "writes the canonical form libxml2 finds under $method",
    (form) => {
      const message = x509Message({ signer, form, envelopeDeclares: ["wsu", "xs", "xsi"] });
      for (const record of message.signatures) expectCanonical(message, record, form);
      expect(xmlCrypto(message.text, onlySignature(message))).toBe(true);
    },
  );

  it.each<[SignatureAlgorithmName, Signer]>([
    ["rsa-sha1", signer],
    ["rsa-sha512", signer],
    ["rsa-pss-sha256", signer],
    ["ecdsa-sha256", keys.elliptic],
    ["ed25519", keys.edwards],
  ])("signs with %s, and a changed octet is refused", (algorithm, by) => {
    const { signedInfo, value } = onlySignature(x509Message({ signer: by, algorithm }));
    expect(verifyWith(algorithm, by.publicKey, signedInfo, value)).toBe(true);
    expect(verifyWith(algorithm, by.publicKey, Buffer.concat([signedInfo, Buffer.from(" ")]), value)).toBe(false);
  });

  it("signs the token behind a reference with an empty default namespace", () => {
    const message = holderOfKeyMessage({ signer, signed: ["reference", "body"], assertion: { issuedBy: issuer } });
    const reference = message.signatures[1]?.references[0];
    expect(reference?.octets.toString()).toMatch(/^<saml2:Assertion xmlns="" xmlns:saml2=/);
    expect(message.text).toContain(hashOf("sha256", reference?.octets ?? Buffer.alloc(0)).toString("base64"));
  });
});

describe("assemble", () => {
  it("writes the genuine message again from its parts", () => {
    const message = x509Message({ signer });
    expect(assemble(message)).toBe(message.text);
  });

  it("writes a wrapped Body where the parts say so", () => {
    const message = x509Message({ signer });
    const evil = `<soap:Body xmlns:soap="${namespaces.soap}"><o:Order xmlns:o="${namespaces.o}"/></soap:Body>`;
    const text = assemble({
      ...message,
      parts: { ...message.parts, wrap: `<x:Wrap xmlns:x="urn:x">${message.parts.body}</x:Wrap>`, body: evil },
      header: [...message.header, "wrap"],
    });
    expect(text).toContain(
      `<x:Wrap xmlns:x="urn:x">${message.parts.body}</x:Wrap></soap:Header>${evil}</soap:Envelope>`,
    );
  });
});

describe("usernameMessage", () => {
  it("writes a digest over nonce, creation time and password", () => {
    const { text } = usernameMessage({
      password: "secret",
      passwordType: "digest",
      now: new Date("2026-01-02T03:04:05Z"),
    });
    const expected = hashOf("sha1", Buffer.from("11111111111111112026-01-02T03:04:05.000Zsecret")).toString("base64");
    expect(text).toContain(`PasswordDigest">${expected}</wsse:Password>`);
  });

  it("writes the password where text is asked for", () => {
    expect(usernameMessage({ password: "a&b" }).text).toContain('PasswordText">a&amp;b</wsse:Password>');
  });
});

describe("orders", () => {
  it.each([
    [{ octets: 1_000_000 }, 23_000],
    [{ octets: 10_000_000, octetsPerElement: 70 }, 150_000],
  ])("writes %o with at most %i elements", (shape, most) => {
    const text = orders(shape);
    const elements = text.match(/<o:/g)?.length ?? 0;
    expect(Math.abs(Buffer.byteLength(text) - shape.octets)).toBeLessThan(500);
    expect(elements).toBeLessThanOrEqual(most);
    expect(elements).toBeGreaterThan(most * 0.9);
  });
});

function hostile(): SoapMessage {
  const { asSent, canonical } = hostilePayload(20_000);
  return x509Message({ signer, payload: canonical, payloadAsSent: asSent });
}

/** xml-crypto misreads that message: libxml2 vouches for it alone. */
function isHostile(message: SoapMessage): boolean {
  return message.text.includes("example.com/2026/hostile");
}

function onlySignature(message: SoapMessage): SignatureRecord {
  const [record, ...others] = message.signatures;
  if (record === undefined || others.length > 0) throw new TypeError("the message has another number of signatures");
  return record;
}

function digest(record: SignatureRecord, octets: Uint8Array): string {
  return hashOf(record.digest, octets).toString("base64");
}

function xmlCrypto(xml: string, record: SignatureRecord): boolean {
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const nodes = Array.from(document.getElementsByTagNameNS(namespaces.ds ?? "", "Signature"));
  const node = nodes.find((candidate) => candidate.textContent?.includes(record.value.toString("base64")));
  if (node === undefined) return false;
  const certificate = `-----BEGIN CERTIFICATE-----\n${record.signer.certificate.toString("base64")}\n-----END CERTIFICATE-----`;
  const verifier = new SignedXml({ publicCert: certificate, idAttribute: "AssertionID" });
  verifier.loadSignature(node as unknown as Parameters<SignedXml["loadSignature"]>[0]);
  try {
    return verifier.checkSignature(xml);
  } catch {
    return false;
  }
}

/** The octets of the record are what libxml2 finds at the same places of the message. */
function expectCanonical(message: SoapMessage, record: SignatureRecord, form: CanonicalForm): void {
  const within = record.part === "assertion" ? "*[local-name() = 'Assertion']" : "wsse:Security";
  const signedInfo = { xpath: `//${within}/ds:Signature/ds:SignedInfo`, namespaces };
  expect(libxml2Canonical(message.text, form, signedInfo)).toBe(record.signedInfo.toString());
  const text =
    record.part === "assertion" ? message.text.replace(/<ds:Signature .*?<\/ds:Signature>/, "") : message.text;
  for (const { uri, octets } of record.references) {
    const id = uri.slice(1);
    const at = { xpath: `//*[@wsu:Id="${id}" or @ID="${id}" or @AssertionID="${id}"]`, namespaces };
    expect(libxml2Canonical(text, form, at)).toBe(octets.toString());
  }
}
