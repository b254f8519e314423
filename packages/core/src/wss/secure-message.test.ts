import { describe, expect, it } from "vitest";
import { Certificate } from "../crypto/index.js";
import { parseEnvelope, soap11Namespace, soap12Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { scan } from "../xml/index.js";
import type { ReplyPart } from "./message-part.js";
import { wsuNamespace } from "./names.js";
import { type SecureMessageOptions, secureMessage } from "./secure-message.js";
import { verifyReply } from "./verify-reply.js";

const clock = { now: () => Date.parse("2026-03-01T12:00:00Z") };
const signer = createTestCertificate({
  subject: "CN=signer",
  notBefore: clock.now() - 1_000,
  notAfter: clock.now() + 86_400_000,
});
const certificate = Certificate.load(signer.certificate, "certificate");
const token = issueBinarySecurityToken([certificate]);
const refusal = (code: string) => expect.objectContaining({ code });

const signed = (parts: readonly ReplyPart[] = ["body", "timestamp"]): SecureMessageOptions => ({
  clock,
  tokens: [token.xml],
  signatures: [{ key: signer.keyPair.privateKey, reference: { by: "token", id: token.id }, parts }],
});

const envelope11 = (content: string, more = "") =>
  `<s:Envelope xmlns:s="${soap11Namespace}"${more}>${content}</s:Envelope>`;
const plain = envelope11("<s:Body><a>1</a></s:Body>");

const secured = (envelope: string | Uint8Array, options: SecureMessageOptions = {}) =>
  Buffer.from(secureMessage(envelope, { clock, ...options }).envelope).toString();

/** Reads it as the receiver does. */
const verified = (envelope: Uint8Array) =>
  verifyReply(envelope, { certificates: [certificate], required: ["body", "timestamp"], clock });

describe("secureMessage", () => {
  it.each([
    ["no Header", plain],
    ["an empty Header", envelope11("<s:Header/><s:Body><a>1</a></s:Body>")],
    ["an empty Header with attributes and white space", envelope11('<s:Header xmlns:q="urn:q" q:k="v" /><s:Body/>')],
    ["a Header without content", envelope11("<s:Header></s:Header><s:Body/>")],
    ["a Header with blocks", envelope11('<s:Header> <b xmlns="urn:b">2</b> </s:Header><s:Body/>')],
    ["a Header behind the Body", envelope11("<s:Body><a>1</a></s:Body><s:Header/>")],
    ["the default namespace", `<Envelope xmlns="${soap11Namespace}"><Body><a xmlns="">1</a></Body></Envelope>`],
    ["SOAP 1.2", `<e:Envelope xmlns:e="${soap12Namespace}"><e:Body/></e:Envelope>`],
    ["an XML declaration", `<?xml version="1.0" encoding="utf-8"?>\n${plain}\n`],
    ["a byte order mark", `\ufeff${plain}`],
    ["a byte order mark and a declaration", `\ufeff<?xml version="1.0"?>${plain}`],
    ["comments around", `<!-- a -->${plain}<!-- b -->`],
    ["the prefix wsu bound to something else", envelope11("<s:Body><wsu:a/></s:Body>", ' xmlns:wsu="urn:else"')],
    ["the prefix wsu bound as usual", envelope11("<s:Body/>", ` xmlns:wsu="${wsuNamespace}"`)],
    ["the prefix wsu bound to something else on the Body", envelope11('<s:Body xmlns:wsu="urn:else" wsu:k="x"/>')],
    ["prefixes soap and wsse of something else", envelope11("<s:Body/>", ' xmlns:soap="urn:1" xmlns:wsse="urn:2"')],
    ["an Id already", envelope11(`<s:Body xmlns:u="${wsuNamespace}" u:Id="mine"/>`)],
    ["characters of several octets", envelope11("<s:Header/><s:Body><é>ü🙂</é></s:Body>")],
  ])("accepts an envelope with %s: the receiver verifies it, and a changed one is refused", async (_, envelope) => {
    const { envelope: octets, signatureValues } = secureMessage(envelope, signed());
    expect(signatureValues).toHaveLength(1);
    const message = await verified(octets);
    expect(message.body.protection).toMatchObject({ by: "signature", signer: "CN=signer" });
    const changed = Buffer.from(octets)
      .toString()
      .replace(/<(s:|e:|)Body/, '<$1Body new="1"');
    await expect(verified(Buffer.from(changed))).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
  });

  it("keeps what it does not add byte for byte", () => {
    const parts = ["<?xml version='1.0'?>\n<s:Envelope xmlns:s='", soap11Namespace, "' ><s:Header q='1'"];
    const rest =
      "><b xmlns='urn:b'  c = \"'\"/></s:Header >\r\n<s:Body\n><a>&#65;<![CDATA[<]]></a></s:Body></s:Envelope >";
    const text = secured(parts.join("") + rest);
    expect(text.replace(/<wsse:Security.*<\/wsse:Security>/s, "")).toBe(parts.join("") + rest);
  });

  it("keeps the attributes of an empty Header", () => {
    const text = secured(envelope11('<s:Header xmlns:q="urn:q" q:k="v" /><s:Body/>'), { timestamp: false });
    expect(text).toContain('<s:Header xmlns:q="urn:q" q:k="v" ><wsse:Security');
    expect(text).toContain("</wsse:Security></s:Header><s:Body/>");
  });

  it("sends what comes in UTF-16 as UTF-8, without the declaration that would be wrong", async () => {
    const text = `<?xml version="1.0" encoding="UTF-16"?>${envelope11("<s:Body><a>é</a></s:Body>")}`;
    const octets = Buffer.from(`\ufeff${text}`, "utf16le");
    const message = await verified(secureMessage(octets, signed()).envelope);
    expect(message.body.children()[0]?.text).toBe("é");
  });

  it("marks the header mandatory, for an actor or role, in the words of each version", () => {
    const envelope12 = `<s:Envelope xmlns:s="${soap12Namespace}"><s:Body/></s:Envelope>`;
    const tag = (envelope: string, options: SecureMessageOptions) =>
      /<wsse:Security[^>]*>/.exec(secured(envelope, options))?.[0];
    expect(tag(plain, {})).toContain(' soap:mustUnderstand="1"');
    expect(tag(envelope12, {})).toContain(' soap:mustUnderstand="true"');
    expect(tag(plain, { actor: 'urn:"g"' })).toContain(' soap:actor="urn:&quot;g&quot;"');
    expect(tag(envelope12, { actor: "urn:g", mustUnderstand: false })).toContain(' soap:role="urn:g"');
    expect(tag(plain, { mustUnderstand: false })).not.toContain("soap:");
  });

  it("writes Timestamp, tokens, confirmations and signatures, in this order", () => {
    const options = { ...signed(["body", "timestamp", "confirmations"]), confirm: [Buffer.from("value")] };
    const document = scan(Buffer.from(secureMessage(plain, options).envelope));
    const { header } = parseEnvelope(document);
    const security = document.firstChild(header);
    const children: string[] = [];
    for (let child = document.firstChild(security); child !== -1; child = document.nextSibling(child)) {
      children.push(document.localName(child));
    }
    expect(children).toEqual(["Timestamp", "BinarySecurityToken", "SignatureConfirmation", "Signature"]);
    expect(
      Buffer.from(secureMessage(plain, options).envelope)
        .toString()
        .match(/<ds:Reference /g),
    ).toHaveLength(3);
  });

  it("writes one confirmation without Value where nothing was signed, and no Timestamp where none is wanted", () => {
    const text = secured(plain, { timestamp: false, confirm: [] });
    expect(text).toMatch(/<wsse11:SignatureConfirmation [^>]*wsu:Id="[^"]+"><\/wsse11:SignatureConfirmation>/);
    expect(text).not.toMatch(/Value=|Timestamp/);
  });

  it("puts further blocks first, and signs them and addressing headers by an Id of their own", async () => {
    const action = '<wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing">urn:do</wsa:Action>';
    const { envelope } = secureMessage(plain, {
      ...signed(["body", "timestamp", "addressing", { namespace: "urn:x", name: "b" }]),
      blocks: [action, '<x:b xmlns:x="urn:x"/>'],
    });
    const message = await verified(envelope);
    expect(message.headers.map(({ localName, protection }) => [localName, protection.by])).toEqual([
      ["Action", "signature"],
      ["b", "signature"],
    ]);
    const moved = Buffer.from(envelope).toString().replace("urn:do", "urn:no");
    await expect(verified(Buffer.from(moved))).rejects.toThrow(refusal("ERR_WSS_FAILED_CHECK"));
  });

  it.each<[string, string, SecureMessageOptions, string]>([
    ["text that is no XML", "{}", {}, "ERR_XML_MALFORMED"],
    ["a document type declaration", `<!DOCTYPE a>${plain}`, {}, "ERR_XML_FORBIDDEN"],
    ["no envelope", "<a/>", {}, "ERR_SOAP_INVALID"],
    ["a Security header that is there", secured(plain), {}, "ERR_WSS_INVALID_SECURITY"],
    ["one for the same actor", secured(plain, { actor: "urn:g" }), { actor: "urn:g" }, "ERR_WSS_INVALID_SECURITY"],
    ["a part that is not there", plain, signed([{ namespace: "urn:x", name: "b" }]), "ERR_POLICY_PART_UNPROTECTED"],
    ["no Timestamp to sign", plain, { ...signed(), timestamp: false }, "ERR_WSS_INVALID_SECURITY"],
  ])("rejects %s with its code", (_, envelope, options, code) => {
    expect(() => secureMessage(envelope, options)).toThrow(refusal(code));
  });

  it("accepts a second Security header for another actor", () => {
    expect(secured(secured(plain), { actor: "urn:g" }).match(/<wsse:Security /g)).toHaveLength(2);
  });
});
