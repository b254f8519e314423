import { generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { defaultSuite, digestUri, secretKey, signatureUri, suites } from "../crypto/index.js";
import { exclusive, scan, type XmlDocument } from "../xml/index.js";
import { checkAlgorithms } from "./algorithms.js";
import { DocumentDigester } from "./digester.js";
import { IdIndex } from "./id-index.js";
import {
  writeAssertionReference,
  writeDirectReference,
  writeEmbeddedToken,
  writeKeyInfo,
  writeThumbprint,
} from "./key-info-writer.js";
import * as names from "./names.js";
import { type ReferenceTarget, type ResolveOptions, resolveReferences } from "./references.js";
import { buildSignature, type ReferenceToSign, type SignatureToBuild } from "./sign.js";
import { parseSignature } from "./signature-syntax.js";
import { saml11Namespace, saml20Namespace, valueTypes, wsseNamespace, wsuNamespace } from "./token-names.js";
import { verifySignature } from "./verify.js";

const soap = "http://schemas.xmlsoap.org/soap/envelope/";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const FAILED = "ERR_WSS_FAILED_CHECK";
const INVALID = "ERR_WSS_INVALID_SECURITY";

const body =
  '<s:Body wsu:Id="body"><o:Order xmlns:o="urn:orders" b="2" a="1">1 &amp; 2<!-- c --><![CDATA[<3>]]></o:Order></s:Body>';
const timestamp = '<wsu:Timestamp wsu:Id="ts"><wsu:Created>2026-11-22T10:00:00Z</wsu:Created></wsu:Timestamp>';

function envelope(security: string, { bodyXml = body, headers = "" } = {}): string {
  return (
    `<s:Envelope xmlns:s="${soap}" xmlns:wsu="${wsuNamespace}">\n  <s:Header>${headers}` +
    `<wsse:Security xmlns:wsse="${wsseNamespace}">${timestamp}${security}</wsse:Security></s:Header>\n  ${bodyXml}</s:Envelope>`
  );
}

const securityName = names.dsNames.signature;

function securityOf(doc: XmlDocument): number {
  for (let e = 0; e < doc.elementCount; e++) if (doc.localName(e) === "Security") return e;
  return -1;
}

function elementById(doc: XmlDocument, id: string): number {
  return doc.ids.find(({ value }) => value === id)?.element ?? -1;
}

/** Signs parts of the envelope by id and puts the signature behind what `security` holds. */
function signed(
  ids: readonly string[],
  {
    security = "",
    headers = "",
    bodyXml = body,
    ...build
  }: Partial<SignatureToBuild> & { security?: string; headers?: string; bodyXml?: string } = {},
  change: (reference: ReferenceToSign) => ReferenceToSign = (reference) => reference,
): string {
  const document = scan(Buffer.from(envelope(security, { bodyXml, headers })));
  const references = ids.map((id) => change({ id, document, element: elementById(document, id) }));
  const { xml } = buildSignature({ references, algorithm: signatureUri.rsaSha256, key: privateKey, ...build });
  return envelope(security + xml, { bodyXml, headers });
}

function resolve(text: string, options?: ResolveOptions, suite = defaultSuite) {
  const doc = scan(Buffer.from(text));
  const security = securityOf(doc);
  const syntax = parseSignature(doc, doc.child(security, securityName));
  checkAlgorithms(
    doc,
    syntax,
    suite,
    new Set([
      names.exclusiveC14n,
      names.c14n10,
      names.c14n11,
      names.exclusiveC14nWithComments,
      names.c14n10WithComments,
    ]),
  );
  return { doc, syntax, targets: resolveReferences(doc, syntax, IdIndex.of(doc, security), options) };
}

function verify(text: string, key = publicKey, options?: ResolveOptions, suite = defaultSuite) {
  const { doc, syntax, targets } = resolve(text, options, suite);
  const result = verifySignature(doc, syntax, key, targets);
  return { doc, ...result, covered: result.references.map(({ element }) => doc.localName(element)) };
}

function rejects(code: string, text: string, options?: ResolveOptions, suite = defaultSuite): void {
  expect(() => verify(text, publicKey, options, suite)).toThrow(expect.objectContaining({ code }));
}

describe("verifySignature", () => {
  const message = signed(["body", "ts"]);

  it("accepts a genuine message and says what it covers", () => {
    const { covered, references, doc } = verify(message);
    expect(covered).toEqual(["Body", "Timestamp"]);
    expect(doc.parent(references[0]?.element ?? -1)).toBe(0);
  });

  it("accepts the same message in another spelling, and rejects another content with ERR_WSS_FAILED_CHECK", () => {
    const respelled = message
      .replace('b="2" a="1"', "a='1'\n b='2'")
      .replace("1 &amp; 2<!-- c --><![CDATA[<3>]]>", "1 &#38; 2&lt;3&gt;<!-- other -->")
      .replace("</s:Body>", "</s:Body  >");
    expect(verify(respelled).covered).toEqual(["Body", "Timestamp"]);
    for (const changed of [
      message.replace("1 &amp; 2", "1 &amp; 3"),
      message.replace('b="2"', 'b="3"'),
      message.replace('b="2"', 'c="2"'),
      message.replace("urn:orders", "urn:other"),
      message.replace("</o:Order>", " </o:Order>"),
      message.replace("10:00:00Z", "10:00:01Z"),
    ]) {
      expect(changed).not.toBe(message);
      rejects(FAILED, changed);
    }
  });

  it("rejects a changed SignatureValue, SignedInfo and another key with ERR_WSS_FAILED_CHECK", () => {
    const value = /<ds:SignatureValue>(.)/.exec(message)?.[1];
    rejects(FAILED, message.replace(`<ds:SignatureValue>${value}`, `<ds:SignatureValue>${value === "A" ? "B" : "A"}`));
    rejects(FAILED, message.replace('URI="#ts"', 'URI="#body"'));
    expect(() => verify(message, other.publicKey)).toThrow(expect.objectContaining({ code: FAILED }));
  });

  it("rejects the moved Body with ERR_WSS_FAILED_CHECK or says where the signed one stands (A1, A3)", () => {
    const signature = message.slice(message.indexOf("<ds:Signature "), message.indexOf("</wsse:Security>"));
    const wrapped = (evilId: string) =>
      envelope(signature, { headers: `<x:W xmlns:x="urn:x">${body}</x:W>`, bodyXml: `<s:Body${evilId}>evil</s:Body>` });
    for (const evilId of [' wsu:Id="other"', ""]) {
      const { doc, references } = verify(wrapped(evilId));
      const element = references[0]?.element ?? -1;
      expect(doc.localName(doc.parent(element))).toBe("W");
      expect(doc.text(doc.child(0, doc.name(element)))).toBe("evil");
    }
    rejects(INVALID, wrapped(' wsu:Id="body"'));
  });

  it("rejects a Reference that resolves to nothing with ERR_WSS_FAILED_CHECK (A20, C11)", () => {
    for (const uri of ["#nobody", "", "http://example.org/", "#xpointer(/)"])
      rejects(FAILED, message.replace('URI="#body"', `URI="${uri}"`));
    rejects(FAILED, message.replace(' URI="#body"', ""));
  });

  it("checks every digest, not only the last one (A21)", () => {
    for (const id of ["body", "ts"]) {
      const forged = signed(["body", "ts"], {}, (reference) =>
        reference.id === id ? { id, octets: Buffer.from("other") } : reference,
      );
      rejects(FAILED, forged);
    }
  });

  it("compares no digest before the value holds (K1)", () => {
    let asked = 0;
    const { doc, syntax, targets } = resolve(message);
    const digester = {
      digest(...args: Parameters<DocumentDigester["digest"]>) {
        asked++;
        return new DocumentDigester(doc).digest(...args);
      },
    };
    expect(() => verifySignature(doc, syntax, other.publicKey, targets, digester)).toThrow(
      expect.objectContaining({ code: FAILED }),
    );
    expect(asked).toBe(0);
    verifySignature(doc, syntax, publicKey, targets, digester);
    expect(asked).toBe(2);
  });

  it("rejects targets of another signature, fewer of them, and none with ERR_WSS_FAILED_CHECK (A19, A20)", () => {
    const { doc, syntax, targets } = resolve(message);
    const foreign = resolve(message).targets;
    for (const wrong of [[], targets.slice(1), [...targets].reverse(), foreign] as (readonly ReferenceTarget[])[]) {
      expect(() => verifySignature(doc, syntax, publicKey, wrong)).toThrow(expect.objectContaining({ code: FAILED }));
    }
  });

  it("rejects a digest over nothing with ERR_WSS_FAILED_CHECK (B12)", () => {
    const { doc, syntax, targets } = resolve(message);
    const nothing = { digest: () => undefined };
    expect(() => verifySignature(doc, syntax, publicKey, targets, nothing)).toThrow(
      expect.objectContaining({ code: FAILED }),
    );
  });

  it("takes no key from KeyInfo (C1)", () => {
    const forged = signed(["body"], { key: other.privateKey, keyInfo: writeKeyInfo(writeThumbprint(randomBytes(20))) });
    rejects(FAILED, forged);
  });

  it("costs one digest for thirty References to one element (K3)", () => {
    const large = `<s:Body wsu:Id="body">${"<a>1</a>".repeat(30_000)}</s:Body>`;
    const many = signed(
      Array.from({ length: 30 }, () => "body"),
      { bodyXml: large },
    );
    const started = performance.now();
    expect(verify(many).covered).toHaveLength(30);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("rejects References that cover more than four times the document with ERR_WSS_INVALID_SECURITY", () => {
    const nested = (depth: number) => {
      const open = Array.from({ length: depth }, (_, i) => `<e wsu:Id="e${i}">`).join("");
      return `<s:Body wsu:Id="body">${open}${"x".repeat(10_000)}${"</e>".repeat(depth)}</s:Body>`;
    };
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `e${i}`);
    expect(verify(signed(ids(4), { bodyXml: nested(10) })).covered).toHaveLength(4);
    rejects(INVALID, signed(ids(10), { bodyXml: nested(10) }));
  });

  it("rejects SHA-1 with ERR_WSS_UNSUPPORTED_ALGORITHM, and accepts it where a legacy suite says so (C5)", () => {
    const legacy = signed(["body"], { algorithm: signatureUri.rsaSha1, digest: digestUri.sha1 });
    rejects("ERR_WSS_UNSUPPORTED_ALGORITHM", legacy);
    expect(verify(legacy, publicKey, {}, suites.legacySha1).covered).toEqual(["Body"]);
  });

  it("rejects a key whose type does not fit with ERR_WSS_UNSUPPORTED_ALGORITHM (C3, C6)", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { doc, syntax, targets } = resolve(message);
    const publicKeyAsSecret = secretKey(publicKey.export({ type: "spki", format: "pem" }) as unknown as Uint8Array);
    for (const key of [ec.publicKey, secretKey(randomBytes(32)), publicKeyAsSecret]) {
      expect(() => verifySignature(doc, syntax, key, targets)).toThrow(
        expect.objectContaining({ code: "ERR_WSS_UNSUPPORTED_ALGORITHM" }),
      );
    }
  });

  it("uses the suite's own minimum of RSA bits", () => {
    const { doc, syntax, targets } = resolve(message);
    expect(() => verifySignature(doc, syntax, publicKey, targets, undefined, { minimumRsaBits: 3072 })).toThrow(
      expect.objectContaining({ code: "ERR_WSS_INVALID_TOKEN" }),
    );
  });
});

describe("every algorithm", () => {
  const secret = secretKey(randomBytes(32));
  const pairs = {
    rsa: { privateKey, publicKey },
    p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
    p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
    p521: generateKeyPairSync("ec", { namedCurve: "P-521" }),
    ed25519: generateKeyPairSync("ed25519"),
    secret: { privateKey: secret, publicKey: secret },
  };
  const keysFor = (uri: string) => {
    if (uri.includes("hmac")) return [pairs.secret];
    if (uri.includes("ecdsa")) return [pairs.p256, pairs.p384, pairs.p521];
    return [uri.includes("eddsa") ? pairs.ed25519 : pairs.rsa];
  };

  it.each(Object.entries(signatureUri))(
    "accepts its own %s, and rejects it changed with ERR_WSS_FAILED_CHECK",
    (_, algorithm) => {
      for (const pair of keysFor(algorithm)) {
        for (const digest of Object.values(digestUri)) {
          const text = signed(["body", "ts"], { algorithm, key: pair.privateKey, digest });
          expect(verify(text, pair.publicKey, {}, suites.legacySha1).covered).toEqual(["Body", "Timestamp"]);
          expect(() => verify(text.replace("1 &amp; 2", "3"), pair.publicKey, {}, suites.legacySha1)).toThrow(
            expect.objectContaining({ code: FAILED }),
          );
        }
      }
    },
  );
});

describe("canonical forms", () => {
  it.each([
    ["exclusive", exclusive],
    ["exclusive with a PrefixList", { ...exclusive, inclusivePrefixes: ["wsu", "#default", "unbound"] }],
    ["inclusive", { method: "inclusive", comments: false }],
    ["inclusive 1.1", { method: "inclusive11", comments: false }],
  ] as const)("accepts %s, and rejects a change with ERR_WSS_FAILED_CHECK", (_, form) => {
    const text = signed(["body"], {}, (reference) => ({ ...reference, form }));
    expect(verify(text).covered).toEqual(["Body"]);
    rejects(FAILED, text.replace("1 &amp; 2", "3"));
  });

  it("leaves comments out although the form is named with comments (XML Signature 1.1 section 4.4.3.3)", () => {
    const text = signed(["body"], {}, (reference) => ({ ...reference, form: { method: "exclusive", comments: true } }));
    expect(verify(text).references[0]?.form.comments).toBe(false);
    expect(verify(text.replace("<!-- c -->", "")).covered).toEqual(["Body"]);
  });

  it("rejects a PrefixList's namespace that was re-bound with ERR_WSS_FAILED_CHECK (B14)", () => {
    const typed =
      '<s:Body wsu:Id="body" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p xsi:type="t:Read"/></s:Body>';
    const headers = "";
    const withPrefix = signed(["body"], { bodyXml: `<s:X xmlns:t="urn:t">${typed}</s:X>`, headers }, (reference) => ({
      ...reference,
      form: { ...exclusive, inclusivePrefixes: ["t"] },
    }));
    expect(verify(withPrefix).covered).toEqual(["Body"]);
    rejects(FAILED, withPrefix.replace("urn:t", "urn:evil"));
    const without = signed(["body"], { bodyXml: `<s:X xmlns:t="urn:t">${typed}</s:X>`, headers });
    rejects(INVALID, without);
    expect(verify(without, publicKey, { qnames: "ignore" }).covered).toEqual(["Body"]);
  });

  it("accepts an assertion whose values have types of an unlisted prefix, and rejects the same in any other token with ERR_WSS_INVALID_SECURITY", () => {
    const xsi = "http://www.w3.org/2001/XMLSchema-instance";
    const value = `<a:Value xmlns:xsi="${xsi}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:string">clerk</a:Value>`;
    const token = (namespace: string) => `<a:Assertion xmlns:a="${namespace}" wsu:Id="token">${value}</a:Assertion>`;
    const sign = (namespace: string) => signed(["token"], { security: token(namespace) });
    expect(verify(sign(saml20Namespace)).covered).toEqual(["Assertion"]);
    rejects(FAILED, sign(saml20Namespace).replace("clerk", "chief"));
    rejects(INVALID, sign("urn:other"));
    const around = signed(["body"], { bodyXml: `<s:Body wsu:Id="body">${token(saml20Namespace)}</s:Body>` });
    rejects(INVALID, around);
  });
});

describe("URI and enveloped-signature in a header", () => {
  it("accepts the whole document without its signature where the route allows it, and rejects it elsewhere with ERR_WSS_FAILED_CHECK", () => {
    const text = signed(
      ["body"],
      {},
      ({ id: _, ...reference }) => ({ ...reference, id: "", element: 0, enveloped: true }) as ReferenceToSign,
    );
    const { references, signature } = verify(text, publicKey, { wholeDocument: true });
    expect(references[0]).toMatchObject({ element: 0, without: signature.element });
    rejects(FAILED, text);
    rejects(FAILED, text.replace("1 &amp; 2", "3"), { wholeDocument: true });
  });

  it("rejects a second Signature copied into the document with ERR_WSS_FAILED_CHECK (A27)", () => {
    const text = signed(
      ["body"],
      {},
      ({ id: _, ...reference }) => ({ ...reference, id: "", element: 0, enveloped: true }) as ReferenceToSign,
    );
    const copy = text.slice(text.indexOf("<ds:Signature "), text.indexOf("</wsse:Security>"));
    rejects(FAILED, text.replace("</s:Body>", `${copy}</s:Body>`), { wholeDocument: true });
  });

  it("rejects enveloped-signature for an element elsewhere with ERR_WSS_INVALID_SECURITY", () => {
    rejects(
      INVALID,
      signed(["body"], {}, (reference) => ({ ...reference, enveloped: true })),
    );
  });
});

describe("STR-Transform", () => {
  const assertion = `<saml:Assertion xmlns:saml="${saml20Namespace}" ID="_a" Version="2.0"><saml:Issuer>sts</saml:Issuer></saml:Assertion>`;
  const str = writeAssertionReference("2.0", "_a", { id: "str" });
  const token = (text: string, id = "_a") => {
    const document = scan(Buffer.from(text));
    return (reference: ReferenceToSign): ReferenceToSign =>
      reference.id === "str" ? { id: "str", document, element: elementById(document, id), token: true } : reference;
  };

  it("accepts a SAML assertion by its id, and rejects a changed one with ERR_WSS_FAILED_CHECK", () => {
    const security = assertion + str;
    const text = signed(["body", "str"], { security }, token(envelope(security)));
    const { covered, references } = verify(text);
    expect(covered).toEqual(["Body", "Assertion"]);
    expect(references[1]?.tokenReference?.target).toMatchObject({ kind: "samlAssertionId", id: "_a" });
    rejects(FAILED, text.replace(">sts<", ">other<"));
    rejects("ERR_WSS_TOKEN_UNAVAILABLE", text.replace('ID="_a"', 'ID="_b"'));
  });

  it("accepts a SAML 1.1 assertion by its id, and rejects one of the other version with ERR_WSS_TOKEN_UNAVAILABLE", () => {
    const old = `<saml:Assertion xmlns:saml="${saml11Namespace}" AssertionID="_a" MajorVersion="1" MinorVersion="1"></saml:Assertion>`;
    const security = old + writeAssertionReference("1.1", "_a", { id: "str" });
    expect(verify(signed(["str"], { security }, token(envelope(security)))).covered).toEqual(["Assertion"]);
    const wrong = old + writeAssertionReference("2.0", "_a", { id: "str" });
    rejects("ERR_WSS_TOKEN_UNAVAILABLE", signed(["str"], { security: wrong }, token(envelope(wrong))));
  });

  it('digests the token with xmlns="" where no default namespace is in scope, and with the one in scope elsewhere', () => {
    const security = assertion + str;
    const document = scan(Buffer.from(envelope(security)));
    const octets = Buffer.from(assertion.replace("<saml:Assertion ", '<saml:Assertion xmlns="" '));
    expect(verify(signed(["str"], { security }, () => ({ id: "str", octets, token: true }))).covered).toEqual([
      "Assertion",
    ]);
    rejects(
      FAILED,
      signed(["str"], { security }, () => ({ id: "str", octets: Buffer.from(assertion), token: true })),
    );
    const inDefault = signed(["str"], { security }, () => ({
      id: "str",
      octets: Buffer.from(assertion.replace("<saml:Assertion ", '<saml:Assertion xmlns="urn:d" ')),
      token: true,
    }));
    expect(verify(inDefault.replace("<s:Envelope ", '<s:Envelope xmlns="urn:d" ')).covered).toEqual(["Assertion"]);
    expect(document.elementCount).toBeGreaterThan(0);
  });

  it("accepts a direct reference and an embedded token", () => {
    const bst = '<wsse:BinarySecurityToken wsu:Id="bst">AAAA</wsse:BinarySecurityToken>';
    const security = bst + writeDirectReference("bst", valueTypes.x509v3, { id: "str" });
    const text = signed(["str"], { security }, token(envelope(security), "bst"));
    expect(verify(text).covered).toEqual(["BinarySecurityToken"]);
    rejects(FAILED, text.replace(">AAAA<", ">AAAB<"));
    const embedding = writeEmbeddedToken(assertion, undefined, { id: "str" });
    const embedded = signed(["str"], { security: embedding }, token(envelope(embedding)));
    expect(verify(embedded).covered).toEqual(["Assertion"]);
  });

  it("accepts a certificate that the receiver knows, and rejects an unknown one with ERR_WSS_TOKEN_UNAVAILABLE", () => {
    const security = writeThumbprint(Buffer.alloc(20), { id: "str" });
    const der = Buffer.from("certificate");
    const octets = Buffer.from(
      `<wsse:BinarySecurityToken xmlns="" xmlns:wsse="${wsseNamespace}" ValueType="${valueTypes.x509v3}">${der.toString("base64")}</wsse:BinarySecurityToken>`,
    );
    const text = signed(["str"], { security }, () => ({ id: "str", octets, token: true }));
    const { doc, syntax, targets } = resolve(text, { externalCertificate: () => der });
    expect(verifySignature(doc, syntax, publicKey, targets).references[0]?.element).toBe(-1);
    rejects(FAILED, text, { externalCertificate: () => Buffer.from("another") });
    rejects("ERR_WSS_TOKEN_UNAVAILABLE", text);
  });

  it("rejects it for anything but a reference to a token with ERR_WSS_FAILED_CHECK", () => {
    rejects(
      FAILED,
      signed(["body"], {}, (reference) => ({ ...reference, token: true })),
    );
  });

  it("rejects a reference to a reference with ERR_WSS_INVALID_SECURITY (C13)", () => {
    const security =
      writeDirectReference("second", undefined, { id: "str" }) +
      writeDirectReference("str", undefined, { id: "second" });
    rejects(INVALID, signed(["str"], { security }, token(envelope(security), "second")));
  });
});
