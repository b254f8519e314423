import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xml, xmlsec } from "@countersign/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { requireProgram } from "../../require/external.js";
import {
  coveredByUs,
  digests,
  envelope,
  type Keys,
  keysFor,
  layouts,
  rsaKeys,
  signatures,
  signedByUs,
} from "./message.js";

const xmlsec1 = requireProgram("xmlsec1");
const folder = mkdtempSync(join(tmpdir(), "xmlsec1-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, content);
  return path;
}

const ids = [
  "--id-attr:Id",
  "http://schemas.xmlsoap.org/soap/envelope/:Body",
  "--id-attr:Id",
  `${xmlsec.wsuNamespace}:Timestamp`,
];

function keyArguments({ signing, verifying }: Keys, sign: boolean): string[] {
  if (signing.type === "secret") return ["--hmackey", file(signing.export())];
  return sign
    ? ["--privkey-pem", file(signing.export({ type: "pkcs8", format: "pem" }))]
    : ["--pubkey-pem", file(verifying.export({ type: "spki", format: "pem" }))];
}

/** xmlsec1's verdict on a message. */
function verifies(text: string, keys: Keys, more: readonly string[] = ids): boolean {
  return spawnSync("xmlsec1", ["--verify", ...keyArguments(keys, false), ...more, file(text)]).status === 0;
}

/** A message signed by xmlsec1; the template says how. */
function signedByXmlsec1(template: string, keys: Keys, more: readonly string[] = ids): string {
  const output = join(folder, `${files++}`);
  const run = spawnSync(
    "xmlsec1",
    ["--sign", ...keyArguments(keys, true), ...more, "--output", output, file(template)],
    { encoding: "utf8" },
  );
  expect(run.status, run.stderr).toBe(0);
  return readFileSync(output, "utf8");
}

const transform = (uri: string, prefixes?: string) =>
  `<ds:Transform Algorithm="${uri}">${prefixes === undefined ? "" : `<ec:InclusiveNamespaces xmlns:ec="${xmlsec.excC14nNamespace}" PrefixList="${prefixes}"/>`}</ds:Transform>`;

function template(algorithm: string, digest: string, form: string = xmlsec.exclusiveC14n, prefixes?: string): string {
  const reference = (id: string) =>
    `<ds:Reference URI="#${id}"><ds:Transforms>${transform(form, prefixes)}</ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference>`;
  return (
    `<ds:Signature xmlns:ds="${xmlsec.dsNamespace}">\n <ds:SignedInfo>\n  <ds:CanonicalizationMethod Algorithm="${form}"/>\n` +
    `  <ds:SignatureMethod Algorithm="${algorithm}"/>${reference("body")}${reference("ts")}</ds:SignedInfo><ds:SignatureValue/></ds:Signature>`
  );
}

const spoilt = (text: string) => text.replace("10:00:00Z", "10:00:01Z");
const [plain] = layouts as [(typeof layouts)[number]];

xmlsec1.describe("xmlsec1", () => {
  const known = xmlsec1.present ? spawnSync("xmlsec1", ["--list-transforms"], { encoding: "utf8" }).stdout : "";
  const both = Object.entries(signatures).filter(([name]) => known.includes(`"${name}"`));
  const rsaSha256 = signatures["rsa-sha256"] as string;
  const sha256 = digests.sha256 as string;

  it("knows the algorithms that are compared here", () => {
    expect(both.map(([name]) => name)).toEqual(expect.arrayContaining(["rsa-sha256", "ecdsa-sha256", "hmac-sha256"]));
  });

  describe.each(both)("%s", (name, algorithm) => {
    it.each(keysFor(name).map((keys) => [keys.title, keys] as const))(
      "accepts what %s signed, and is accepted, both ways",
      (_, keys) => {
        // Digests do not depend on the signature method: all of them with one method, and SHA-256 with the others.
        for (const digest of name === "rsa-sha256" ? Object.values(digests) : [sha256]) {
          const ours = signedByUs(plain.body, { algorithm, digest, key: keys.signing });
          expect(verifies(ours, keys)).toBe(true);
          expect(verifies(spoilt(ours), keys)).toBe(false);
          const theirs = signedByXmlsec1(envelope({ body: plain.body, security: template(algorithm, digest) }), keys);
          expect(coveredByUs(theirs, keys.verifying)).toEqual(["Body", "Timestamp"]);
          expect(() => coveredByUs(spoilt(theirs), keys.verifying)).toThrow(
            expect.objectContaining({ code: "ERR_WSS_FAILED_CHECK" }),
          );
        }
      },
    );
  });

  describe.each(layouts.map(({ title, body }) => [title, body] as const))("layout: %s", (_, body) => {
    it.each([
      ["exclusive", xmlsec.exclusiveC14n, undefined],
      ["exclusive with comments", xmlsec.exclusiveC14nWithComments, undefined],
      ["exclusive with prefixes", xmlsec.exclusiveC14n, "wsu extra #default o"],
      ["inclusive", xmlsec.c14n10, undefined],
      ["inclusive with comments", xmlsec.c14n10WithComments, undefined],
      ["inclusive 1.1", xmlsec.c14n11, undefined],
    ])("accepts xmlsec1's signature in %s form", (_title, form, prefixes) => {
      const theirs = signedByXmlsec1(
        envelope({ body, security: template(rsaSha256, sha256, form, prefixes) }),
        rsaKeys,
      );
      expect(coveredByUs(theirs, rsaKeys.verifying)).toEqual(["Body", "Timestamp"]);
      expect(() => coveredByUs(spoilt(theirs), rsaKeys.verifying)).toThrow(
        expect.objectContaining({ code: "ERR_WSS_FAILED_CHECK" }),
      );
    });

    it.each<[string, xml.CanonicalForm]>([
      ["exclusive", xml.exclusive],
      ["exclusive with prefixes", { ...xml.exclusive, inclusivePrefixes: ["wsu", "extra", "#default", "o"] }],
      ["inclusive", { method: "inclusive", comments: false }],
      ["inclusive 1.1", { method: "inclusive11", comments: false }],
    ])("is accepted by xmlsec1 in %s form", (_title, form) => {
      const ours = signedByUs(body, { algorithm: rsaSha256, digest: sha256, key: rsaKeys.signing, form });
      expect(verifies(ours, rsaKeys)).toBe(true);
      expect(verifies(spoilt(ours), rsaKeys)).toBe(false);
    });
  });

  const assertion =
    `<saml:Assertion xmlns:saml="${xmlsec.saml20Namespace}" ID="_a" Version="2.0"><saml:Issuer>sts</saml:Issuer>` +
    "<saml:Subject><saml:NameID>alice</saml:NameID></saml:Subject></saml:Assertion>";
  const assertionIds = ["--id-attr:ID", `${xmlsec.saml20Namespace}:Assertion`];

  it("accepts our enveloped signature, and we accept its own", () => {
    const build = {
      elementId: "_a",
      algorithm: rsaSha256,
      key: rsaKeys.signing,
      behind: xml.registerName(xmlsec.saml20Namespace, "Issuer"),
    };
    const ours = xmlsec.signEnveloped(assertion, build);
    expect(verifies(ours, rsaKeys, assertionIds)).toBe(true);
    expect(verifies(ours.replace("alice", "admin"), rsaKeys, assertionIds)).toBe(false);

    const signature =
      `<ds:Signature xmlns:ds="${xmlsec.dsNamespace}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${xmlsec.exclusiveC14n}"/>` +
      `<ds:SignatureMethod Algorithm="${rsaSha256}"/><ds:Reference URI="#_a"><ds:Transforms>${transform(xmlsec.envelopedSignature)}` +
      `${transform(xmlsec.exclusiveC14n)}</ds:Transforms><ds:DigestMethod Algorithm="${sha256}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
    const theirs = signedByXmlsec1(
      assertion.replace("</saml:Issuer>", `</saml:Issuer>${signature}`),
      rsaKeys,
      assertionIds,
    );
    const verify = (text: string) => {
      const document = xml.scan(Buffer.from(text));
      const syntax = xmlsec.parseSignature(document, document.child(0, xmlsec.dsNames.signature));
      return xmlsec.verifyEnveloped(document, syntax, rsaKeys.verifying, 0, "_a").references.length;
    };
    expect(verify(theirs)).toBe(1);
    expect(() => verify(theirs.replace("alice", "admin"))).toThrow(
      expect.objectContaining({ code: "ERR_WSS_FAILED_CHECK" }),
    );
  });

  it("accepts our signature over the whole document", () => {
    const document = xml.scan(Buffer.from(envelope({ body: plain.body })));
    const { xml: signature } = xmlsec.buildSignature({
      references: [{ id: "", document, element: 0, enveloped: true }],
      algorithm: rsaSha256,
      key: rsaKeys.signing,
    });
    const ours = envelope({ body: plain.body, security: signature });
    expect(verifies(ours, rsaKeys, [])).toBe(true);
    expect(verifies(spoilt(ours), rsaKeys, [])).toBe(false);
    expect(coveredByUs(ours, rsaKeys.verifying)).toEqual(["Envelope"]);
  });
});
