import { describe, expect, it } from "vitest";
import { Certificate, createCertificateTrust, defaultSuite } from "../crypto/index.js";
import { parseEnvelope, soap11Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { createAssertionIssuers, issueAssertion } from "../tokens/saml/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { scan } from "../xml/index.js";
import { defaultCanonicalForms } from "../xmlsec/index.js";
import { openSecurity, type SecurityRules } from "./open.js";
import { type SecureMessageOptions, secureMessage } from "./secure-message.js";
import { findSecurityHeader } from "./security-header.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const alice = createTestCertificate({ subject: "CN=alice", ...validity });
const sts = createTestCertificate({ subject: "CN=sts", ...validity });
const certificate = Certificate.load(alice.certificate, "certificate");
const token = issueBinarySecurityToken([certificate]);
const issuers = createAssertionIssuers([{ name: "urn:sts", certificates: [sts.certificate] }], "issuers");

const rules: SecurityRules = {
  suite: defaultSuite,
  canonicalForms: defaultCanonicalForms,
  timestamp: { maxAge: 300_000, future: 60_000, skew: 0, requireExpires: false },
  assertions: { issuers, versions: new Set(["2.0"]) },
  trusts: [createCertificateTrust({ certificates: [certificate] })],
  possession: false,
};

const content = {
  issuer: "urn:sts",
  subject: { name: "alice" },
  audience: "urn:orders",
  lifetime: { created: now, expires: now + 60_000 },
  confirmation: { method: "bearer" },
} as const;
const signer = { key: sts.keyPair.privateKey };
const assertion = issueAssertion(content, signer);

const signature = {
  key: alice.keyPair.privateKey,
  reference: { by: "token", id: token.id },
  parts: ["body", "timestamp"],
} as const;
const plain = `<s:Envelope xmlns:s="${soap11Namespace}"><s:Body><a>1</a></s:Body></s:Envelope>`;
const message = (options: SecureMessageOptions = {}) =>
  Buffer.from(
    secureMessage(plain, { clock, tokens: [token.xml, assertion.xml], signatures: [signature], ...options }).envelope,
  ).toString();

function open(text: string, more: Partial<SecurityRules> = {}) {
  const envelope = parseEnvelope(scan(Buffer.from(text)));
  return openSecurity(envelope, findSecurityHeader(envelope, undefined), { ...rules, ...more }, now);
}

const refusal = (code: string) => expect.objectContaining({ code });

describe("openSecurity", () => {
  it("accepts a header whose every signature verifies: who signed, and what is covered", async () => {
    const opened = await open(message());
    expect(opened.timestamp).toMatchObject({ created: now });
    expect(opened.assertions.map(({ id }) => id)).toEqual([assertion.id]);
    const [found, second] = opened.signatures;
    expect(second).toBeUndefined();
    expect(found).toMatchObject({
      signer: { kind: "certificate" },
      protection: { by: "signature", signer: "CN=alice" },
    });
    expect(found?.targets.map(({ element }) => opened.envelope.document.localName(element)).sort()).toEqual([
      "Body",
      "Timestamp",
    ]);
    expect(found?.tokens).toEqual([]);
    expect(found?.signedInfoDigest).toHaveLength(32);
  });

  it.each<[string, (text: string) => string, string]>([
    ["a changed Body", (text) => text.replace("<a>1</a>", "<a>2</a>"), "ERR_WSS_FAILED_CHECK"],
    [
      "a changed Timestamp",
      (text) => text.replace(/(<wsu:Expires>.*)00\.000Z(?=<\/wsu:Expires>)/, "$101.000Z"),
      "ERR_WSS_FAILED_CHECK",
    ],
    ["a changed assertion", (text) => text.replace(">alice<", ">admin<"), "ERR_TOKEN_SIGNATURE"],
    ["an assertion of another issuer", (text) => text.replace(">urn:sts<", ">urn:other<"), "ERR_TOKEN_ISSUER"],
    ["a second Signature that is broken (A19)", secondSignature, "ERR_WSS_FAILED_CHECK"],
    [
      "a signature with another method (C5)",
      (text) => replaceLast(text, /#ecdsa-sha256/g, "#rsa-sha1"),
      "ERR_WSS_UNSUPPORTED_ALGORITHM",
    ],
    [
      "two equal Ids (A2)",
      (text) => text.replace("<a>1</a>", `<a ${idOf(text, "Body")}>1</a>`),
      "ERR_WSS_INVALID_SECURITY",
    ],
  ])("rejects %s with its code", async (_, change, code) => {
    const genuine = message();
    await open(genuine);
    const changed = change(genuine);
    expect(changed).not.toBe(genuine);
    await expect(open(changed)).rejects.toThrow(refusal(code));
  });

  it("checks the algorithms of every signature, assertions included, before any is computed", async () => {
    // The message signature is broken and its method forbidden: had anything been computed, the code would be another.
    const broken = message().replace("<a>1</a>", "<a>2</a>").replace(">alice<", ">admin<");
    await expect(open(replaceLast(broken, /#ecdsa-sha256/g, "#rsa-sha1"))).rejects.toThrow(
      refusal("ERR_WSS_UNSUPPORTED_ALGORITHM"),
    );
    const second = broken.replace(
      assertion.xml.replace(">alice<", ">admin<"),
      (first) => first + first.replaceAll(assertion.id, "_second").replace("#ecdsa-sha256", "#rsa-sha1"),
    );
    expect(second).toContain(`"_second"`);
    await expect(open(second)).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_ALGORITHM"));
    await expect(open(broken)).rejects.toThrow(refusal("ERR_TOKEN_SIGNATURE"));
  });

  it("takes a canonical form that the route names, in assertions too, and rejects it elsewhere", async () => {
    const inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    const text = message().replace(
      /(<ds:CanonicalizationMethod Algorithm=")[^"]*/,
      (_, start: string) => `${start}${inclusive}`,
    );
    await expect(open(text)).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_ALGORITHM"));
    // Allowed now, so that it is computed: and what was signed in another form does not verify.
    const canonicalForms = new Set([...defaultCanonicalForms, inclusive]);
    await expect(open(text, { canonicalForms })).rejects.toThrow(refusal("ERR_TOKEN_SIGNATURE"));
  });

  it("rejects an assertion where the route takes none with ERR_WSS_UNSUPPORTED_TOKEN, before anything is computed", async () => {
    const broken = message().replace("<a>1</a>", "<a>2</a>");
    await expect(open(broken, { assertions: undefined })).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_TOKEN"));
    await open(message({ tokens: [token.xml] }), { assertions: undefined });
  });

  it("rejects G18 an assertion of a version that the route does not take with ERR_WSS_UNSUPPORTED_TOKEN", async () => {
    const { xml } = issueAssertion({ ...content, version: "1.1", authentication: { instant: now } }, signer);
    const of11 = message({ tokens: [token.xml, xml] });
    const taking = (...versions: ("1.1" | "2.0")[]) => ({ assertions: { issuers, versions: new Set(versions) } });
    await expect(open(of11, taking("2.0"))).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_TOKEN"));
    await expect(open(message(), taking("1.1"))).rejects.toThrow(refusal("ERR_WSS_UNSUPPORTED_TOKEN"));
    expect((await open(of11, taking("1.1"))).assertions).toMatchObject([{ version: "1.1", id: expect.any(String) }]);
    expect((await open(message(), taking("1.1", "2.0"))).assertions).toMatchObject([{ version: "2.0" }]);
  });

  it("rejects an old message with ERR_WSS_MESSAGE_EXPIRED, before anything is computed", async () => {
    const broken = message({ clock: { now: () => now - 301_000 } }).replace("<a>1</a>", "<a>2</a>");
    await expect(open(broken)).rejects.toThrow(refusal("ERR_WSS_MESSAGE_EXPIRED"));
  });

  it("accepts a header without Timestamp or signature, for the alternatives to judge", async () => {
    const opened = await open(message({ timestamp: false, tokens: [], signatures: [] }));
    expect(opened).toMatchObject({ timestamp: undefined, assertions: [], signatures: [] });
  });

  it("rejects a changed element and an unknown certificate where they stand", async () => {
    const placeOf = async (opening: Promise<unknown>) => {
      const thrown = await opening.catch((error: unknown) => error);
      return (thrown as { detail: { place?: () => { path: string } } }).detail.place?.().path;
    };
    expect(await placeOf(open(message().replace("<a>1", "<a>2")))).toBe("/s:Envelope/s:Body");
    const unknown = { trusts: [createCertificateTrust({ certificates: [sts.certificate] })] };
    expect(await placeOf(open(message(), unknown))).toBe("/s:Envelope/s:Header/wsse:Security/ds:Signature");
  });

  it("keeps every answer of a digester elsewhere as strict as its own", async () => {
    const envelope = parseEnvelope(scan(Buffer.from(message())));
    const header = findSecurityHeader(envelope, undefined);
    for (const answer of [undefined, Buffer.alloc(32)]) {
      await expect(openSecurity(envelope, header, rules, now, { digest: async () => answer })).rejects.toThrow(
        refusal("ERR_WSS_FAILED_CHECK"),
      );
    }
    const digest = async () => Promise.reject(new RangeError("the worker is gone"));
    await expect(openSecurity(envelope, header, rules, now, { digest })).rejects.toThrow(RangeError);
  });
});

/** The text with the last match replaced: the message signature stands behind those of tokens. */
function replaceLast(text: string, pattern: RegExp, replacement: string): string {
  const last = [...text.matchAll(pattern)].at(-1);
  if (last === undefined) throw new TypeError("nothing matches");
  return text.slice(0, last.index) + replacement + text.slice(last.index + last[0].length);
}

function secondSignature(text: string): string {
  const start = text.lastIndexOf("<ds:Signature ");
  const signed = text.slice(start, text.indexOf("</ds:Signature>", start) + "</ds:Signature>".length);
  const broken = signed.replace(/(?<=<ds:SignatureValue>)./, (first) => (first === "A" ? "B" : "A"));
  return text.replace(signed, () => signed + broken.replace(/ (?:wsu:)?Id="[^"]*"/g, ""));
}

function idOf(text: string, name: string): string {
  const found = new RegExp(`<s:${name}[^>]*?( xmlns:wsu="[^"]*" wsu:Id="[^"]*")`).exec(text)?.[1];
  if (found === undefined) throw new TypeError(`the ${name} has no Id`);
  return found;
}
