import { describe, expect, it } from "vitest";
import { Certificate, type CertificateTrust, createCertificateTrust, publicKeyInfo } from "../crypto/index.js";
import { CountersignError } from "../errors/index.js";
import { createTestAuthority, createTestCertificate, testKeyPair } from "../testing/index.js";
import type { VerifiedAssertion } from "../tokens/saml/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { scan } from "../xml/index.js";
import {
  parseKeyInfo,
  writeAssertionReference,
  writeDerKeyValue,
  writeDirectReference,
  writeEmbeddedToken,
  writeIssuerSerialReference,
  writeKeyInfo,
  writeKeyName,
  writeSubjectKeyIdentifier,
  writeThumbprint,
  writeX509Data,
} from "../xmlsec/index.js";
import { wsseNamespace, wsuNamespace } from "./names.js";
import { findSigner, type SignerSources } from "./signer.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const authority = createTestAuthority({ subject: "CN=CA", ...validity });
const issued = authority.issue({ subject: "CN=issued", ...validity });
const pinned = createTestCertificate({ subject: "CN=pinned", ...validity });
const strange = createTestCertificate({ subject: "CN=strange", ...validity });
const [certificate, stranger, fromAuthority] = [pinned, strange, issued].map((one) =>
  Certificate.load(one.certificate, "certificate"),
) as [Certificate, Certificate, Certificate];
const { publicKey } = testKeyPair("ec", "holder");
const trust = createCertificateTrust({ certificates: [certificate], authorities: [authority.certificate] });

const assertion = (holderOfKey: VerifiedAssertion["holderOfKey"], version: VerifiedAssertion["version"] = "2.0") =>
  ({ id: "_1", version, element: 1, holderOfKey, holderOfSecret: [] }) as unknown as VerifiedAssertion;

/** Finds the signer of a KeyInfo with this content, in a header with these tokens. */
async function find(keyInfo: string, more: Partial<SignerSources> = {}, tokens = "") {
  const document = scan(
    Buffer.from(
      `<w:Security xmlns:w="${wsseNamespace}" xmlns:u="${wsuNamespace}">${tokens}${writeKeyInfo(keyInfo)}</w:Security>`,
    ),
  );
  let last = document.firstChild(0);
  for (let next = document.nextSibling(last); next !== -1; next = document.nextSibling(last)) last = next;
  const elementById = (id: string) => [...document.ids].find(({ value }) => value === id)?.element ?? -1;
  const sources = {
    document,
    header: 0,
    elementById,
    assertions: [],
    trusts: [trust],
    possession: false,
    now,
    ...more,
  };
  return findSigner(parseKeyInfo(document, last), last, sources);
}

const bst = (of: Certificate) => {
  const { xml, id } = issueBinarySecurityToken([of]);
  return { tokens: xml, reference: writeDirectReference(id) };
};
const refusal = (code: string) => expect.objectContaining({ code });

describe("findSigner by certificate", () => {
  const kind = { kind: "certificate", certificate: { subject: "CN=pinned" } };

  it("accepts a trusted certificate however it is named", async () => {
    const { tokens, reference } = bst(certificate);
    expect(await find(reference, {}, tokens)).toMatchObject(kind);
    expect(await find(writeEmbeddedToken(tokens))).toMatchObject(kind);
    expect(await find(writeThumbprint(certificate.thumbprintSha1))).toMatchObject(kind);
    expect(await find(writeSubjectKeyIdentifier(certificate.subjectKeyIdentifier ?? Buffer.of()))).toMatchObject(kind);
    const { issuer, serialNumber } = certificate;
    expect(await find(writeIssuerSerialReference({ issuer, serialNumber }))).toMatchObject(kind);
    const issuedToken = bst(fromAuthority);
    expect(await find(issuedToken.reference, {}, issuedToken.tokens)).toMatchObject({ kind: "certificate" });
  });

  it("accepts a bare X509Data, which BSP R5402 does not want: it is a hint like any other", async () => {
    expect(await find(writeX509Data({ certificates: [certificate.der] }))).toMatchObject(kind);
    const { issuer, serialNumber, subjectKeyIdentifier } = certificate;
    expect(await find(writeX509Data({ issuerSerial: { issuer, serialNumber } }))).toMatchObject(kind);
    expect(await find(writeX509Data({ subjectKeyIdentifier }))).toMatchObject(kind);
  });

  it("rejects a stranger's certificate with ERR_WSS_FAILED_CHECK, also where nothing is trusted (C1)", async () => {
    const { tokens, reference } = bst(stranger);
    for (const trusts of [[trust], [trust, trust], []]) {
      await expect(find(reference, { trusts }, tokens)).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
      await expect(find(writeX509Data({ certificates: [stranger.der] }), { trusts })).rejects.toThrow(
        refusal("ERR_WSS_FAILED_CHECK"),
      );
    }
  });

  it("rejects an expired certificate with ERR_WSS_INVALID_TOKEN (C19)", async () => {
    const { tokens, reference } = bst(certificate);
    const later = { now: certificate.notAfter + 1 };
    await expect(find(reference, later, tokens)).rejects.toThrow(refusal("ERR_WSS_INVALID_TOKEN"));
  });

  it("rejects identifiers of certificates that are not configured with ERR_WSS_FAILED_CHECK (C15)", async () => {
    const { issuer, serialNumber, thumbprintSha1, subjectKeyIdentifier = Buffer.of() } = stranger;
    for (const reference of [
      writeThumbprint(thumbprintSha1),
      writeSubjectKeyIdentifier(subjectKeyIdentifier),
      writeIssuerSerialReference({ issuer, serialNumber }),
      writeX509Data({ issuerSerial: { issuer, serialNumber } }),
    ]) {
      await expect(find(reference)).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
    }
  });

  it("accepts a certificate of the second trust, and rejects an outage or a defect of the first at once", async () => {
    const { tokens, reference } = bst(certificate);
    const failing = (error: Error): CertificateTrust => ({
      certificates: [],
      find: () => undefined,
      validate: () => Promise.reject(error),
    });
    const elsewhere = createCertificateTrust({ certificates: [stranger] });
    expect(await find(reference, { trusts: [elsewhere, trust] }, tokens)).toMatchObject(kind);
    for (const error of [new CountersignError("ERR_UNAVAILABLE", { reason: "down" }), new RangeError("defect")]) {
      for (const possession of [false, true]) {
        await expect(find(reference, { trusts: [failing(error), trust], possession }, tokens)).rejects.toBe(error);
      }
    }
  });
});

describe("findSigner by assertion", () => {
  const reference = writeAssertionReference("2.0", "_1");

  it("accepts the key that an assertion confirms, and rejects with ERR_WSS_INVALID_TOKEN one that confirms none", async () => {
    expect(await find(reference, { assertions: [assertion([publicKey])] })).toMatchObject({ kind: "assertion" });
    await expect(find(reference, { assertions: [assertion([])] })).rejects.toThrow(refusal("ERR_WSS_INVALID_TOKEN"));
  });

  it("accepts a certificate or bare key that an assertion confirms, before it asks any trust", async () => {
    const { tokens, reference: direct } = bst(stranger);
    const confirmed = { assertions: [assertion([publicKey, stranger.publicKey])], trusts: [] };
    expect(await find(direct, confirmed, tokens)).toMatchObject({ kind: "assertion" });
    expect(await find(writeDerKeyValue(publicKeyInfo(publicKey)), confirmed)).toMatchObject({ kind: "assertion" });
  });

  it("accepts an assertion named as its own version, and rejects it as another with ERR_WSS_TOKEN_UNAVAILABLE", async () => {
    const element = (namespace: string) => `<s:Assertion xmlns:s="urn:oasis:names:tc:SAML:${namespace}:assertion" `;
    const tokens = { "1.1": `${element("1.0")}AssertionID="_1"/>`, "2.0": `${element("2.0")}ID="_1"/>` };
    for (const [version, other] of [
      ["1.1", "2.0"],
      ["2.0", "1.1"],
    ] as const) {
      const assertions = [assertion([publicKey], version)];
      expect(await find(writeAssertionReference(version, "_1"), { assertions })).toMatchObject({ kind: "assertion" });
      const [right, wrong] = [version, other].map((one) => ({
        tokenType: `http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV${one}`,
      }));
      const direct = writeDirectReference("_1", undefined, right);
      expect(await find(direct, { assertions }, tokens[version])).toMatchObject({ kind: "assertion" });
      for (const reference of [
        writeAssertionReference(other, "_1"),
        writeAssertionReference(version, "_1", wrong),
        writeDirectReference("_1", undefined, wrong),
      ]) {
        await expect(find(reference, { assertions }, tokens[version])).rejects.toThrow(
          refusal("ERR_WSS_TOKEN_UNAVAILABLE"),
        );
      }
    }
  });

  it("rejects a reference to an assertion that is not there with ERR_WSS_TOKEN_UNAVAILABLE", async () => {
    const assertions = [assertion([publicKey])];
    await expect(find(writeAssertionReference("2.0", "_2"), { assertions })).rejects.toThrow(
      refusal("ERR_WSS_TOKEN_UNAVAILABLE"),
    );
  });
});

describe("findSigner by possession", () => {
  const keyValue = writeDerKeyValue(publicKeyInfo(publicKey));

  it("accepts keys that nobody vouches for where they are asked for, and rejects them elsewhere", async () => {
    const { tokens, reference } = bst(stranger);
    expect(await find(keyValue, { possession: true })).toMatchObject({ kind: "possession", certificate: undefined });
    expect(await find(reference, { possession: true }, tokens)).toMatchObject({
      kind: "possession",
      certificate: { subject: "CN=strange" },
    });
    await expect(find(keyValue)).rejects.toThrow(refusal("ERR_WSS_TOKEN_UNAVAILABLE"));
  });
});

describe("findSigner", () => {
  it("rejects a reference beside other hints with ERR_WSS_INVALID_SECURITY (BSP R5402)", async () => {
    const { tokens, reference } = bst(certificate);
    for (const hint of [
      writeX509Data({ certificates: [certificate.der] }),
      writeKeyName("alice"),
      writeDerKeyValue(publicKeyInfo(publicKey)),
    ]) {
      await expect(find(reference + hint, {}, tokens)).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
      await expect(find(hint + reference, {}, tokens)).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    }
  });

  it("rejects a reference to a reference with ERR_WSS_INVALID_SECURITY (C13)", async () => {
    const tokens = '<w:SecurityTokenReference u:Id="STR"/>';
    await expect(find(writeDirectReference("STR"), {}, tokens)).rejects.toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
  });

  it.each([
    ["a token that is not there", writeDirectReference("none")],
    ["a token elsewhere", writeDirectReference("x").replace("#x", "https://sts.example/token")],
    ["something that is no token", writeDirectReference("ts")],
    ["a name alone", writeKeyName("alice")],
  ])("rejects %s with ERR_WSS_TOKEN_UNAVAILABLE", async (_, reference) => {
    const tokens = '<u:Timestamp u:Id="ts"/>';
    await expect(find(reference, {}, tokens)).rejects.toThrow(refusal("ERR_WSS_TOKEN_UNAVAILABLE"));
  });

  it("rejects a signature without KeyInfo with ERR_WSS_TOKEN_UNAVAILABLE", () => {
    const document = scan(Buffer.from("<a/>"));
    const sources = { document, header: 0, elementById: () => -1, assertions: [], trusts: [], possession: true, now };
    expect(() => findSigner(undefined, 0, sources)).toThrow(refusal("ERR_WSS_TOKEN_UNAVAILABLE"));
  });
});
