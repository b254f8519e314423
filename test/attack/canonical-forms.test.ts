import { describe } from "vitest";
import { hashOf } from "../support/algorithms.js";
import { credentials } from "../support/credentials.js";
import { hostilePayload } from "../support/hostile.js";
import { libxml2Canonical } from "../support/libxml2.js";
import { type SoapMessage, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { resigned, withSignatureValue } from "./support/resign.js";
import { direct } from "./support/scenes.js";

/*
 * Canonical forms: which are taken, and that what a form makes equal is accepted however it is written.
 */

const { signer } = credentials();
const { route } = direct;
const c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const c14n11 = "http://www.w3.org/2006/12/xml-c14n11";
const exclusive = namespaces.ec ?? "";

describe("line ends", () => {
  const payload = (text: string) => `<o:Order xmlns:o="${namespaces.o}" o:note="a&#xA;b&#xD;c">${text}</o:Order>`;
  for (const [title, asSent, canonical] of [
    ["CR LF", "one\r\ntwo\r\n", "one\ntwo\n"],
    ["CR", "one\rtwo\r", "one\ntwo\n"],
    ["CR as a reference", "one&#xD;two&#13;", "one&#xD;two&#xD;"],
    ["CR LF in a CDATA section", "<![CDATA[one\r\n]]>", "one\n"],
    ["CR LF and a reference to LF", "one&#xD;\r\n&#10;", "one&#xD;\n\n"],
  ] as const) {
    attack("B19", title, async (expect) => {
      const message = x509Message({ signer, payload: payload(canonical), payloadAsSent: payload(asSent) });
      await route.admits(message);
      const evil = replaced(message.text, "one", "two");
      expect(await route.refuses({ soap: "1.1", body: evil })).toBe("FC");
      return (await route.send({ soap: "1.1", body: message.bytes })).verdict;
    });
  }
  attack("B19", "CR LF throughout, base64 in lines included", async (expect) => {
    const { text, signatures } = direct.genuine();
    const lines = (signatures[0]?.value.toString("base64") ?? "").replace(/.{60}/g, "$&\r\n");
    const spread = withSignatureValue(text, lines).replace(/(<ds:(?:Signature|KeyInfo|SignatureValue)[ >])/g, "\r\n$1");
    const security = await route.admits({ ...direct.genuine(), bytes: Buffer.from(spread), signatures });
    expect(security.principal.name).toBe("CN=alice,O=Example");
    return (await route.send({ soap: "1.1", body: spread })).verdict;
  });
});

describe("forms on the list", () => {
  const reference = /(URI="#Body-1"><ds:Transforms>[\s\S]*?<ds:Transform Algorithm=")[^"]*/;
  const referenced = (uri: string) => (text: string) =>
    replaced(text, reference, (found) => found.replace(/[^"]*$/, uri));
  const overall = (uri: string) => (text: string) =>
    replaced(text, /(<ds:CanonicalizationMethod Algorithm=")[^"]*/, (found) => found.replace(/[^"]*$/, uri));
  const inclusive = () => x509Message({ signer, form: { method: "inclusive" } }).text;
  const honest: Readonly<Record<string, readonly [uri: string, text: () => string]>> = {
    "Canonical XML 1.0": [c14n10, inclusive],
    "Canonical XML 1.1": [c14n11, () => resigned(inclusive().replaceAll(c14n10, c14n11), { signer })],
    "exclusive with comments, of a Reference": [
      `${exclusive}WithComments`,
      () => resigned(referenced(`${exclusive}WithComments`)(direct.genuine().text), { signer }),
    ],
    "exclusive with comments, of SignedInfo": [
      `${exclusive}WithComments`,
      () => resigned(overall(`${exclusive}WithComments`)(direct.genuine().text), { signer }),
    ],
  };
  for (const [title, [uri, text]] of Object.entries(honest)) {
    attack("B20", `${title}, made honestly`, async (expect) => {
      const lenient = route.with({ algorithms: { canonicalization: [uri] } });
      const { verdict, record } = await lenient.send({ soap: "1.1", body: text() });
      expect(record?.error).toBeUndefined();
      expect(verdict).toBe("accepted");
      return route.refuses({ soap: "1.1", body: text() });
    });
  }
  attack("B20", "no form at all, which means Canonical XML 1.0", async (expect) => {
    const bare = (message: SoapMessage) =>
      resigned(replaced(message.text, /(URI="#Body-1">)<ds:Transforms>[\s\S]*?<\/ds:Transforms>/, 'URI="#Body-1">'), {
        signer,
      });
    const text = bare(x509Message({ signer, form: { method: "inclusive" } }));
    const lenient = route.with({ algorithms: { canonicalization: [c14n10] } });
    expect((await lenient.send({ soap: "1.1", body: text })).verdict).toBe("accepted");
    return route.refuses({ soap: "1.1", body: bare(direct.genuine()) });
  });
  attack("B20", "a form that there is none of", async () => {
    await route.admits(direct.genuine());
    return route.refuses({
      soap: "1.1",
      body: resigned(overall("urn:example:c14n")(direct.genuine().text), { signer }),
    });
  });
});

describe("PrefixList", () => {
  const written = (list: string) => (text: string) =>
    resigned(text.replace(/PrefixList="soap wsu"/g, `PrefixList="${list}"`), { signer });
  for (const list of [
    "wsu soap",
    "  wsu\tsoap ",
    "soap&#10;wsu",
    "soap wsu soap",
    "soap wsu nobody",
    "soap wsu #default",
  ]) {
    attack("B21", JSON.stringify(list), async (expect) => {
      const message = x509Message({ signer, form: { method: "exclusive", inclusivePrefixes: ["soap", "wsu"] } });
      await route.admits({ ...message, bytes: Buffer.from(written(list)(message.text)) });
      const evil = written(list)(message.text).replace(namespaces.wsu ?? "", "urn:evil");
      expect(await route.refuses({ soap: "1.1", body: evil })).not.toBe("accepted");
      return (await route.send({ soap: "1.1", body: written(list)(message.text) })).verdict;
    });
  }
  attack("B21", "#default, which binds the default namespace around the Body", async (expect) => {
    const list = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="#default"/>';
    const declared = replaced(direct.genuine().text, "<soap:Envelope ", '<soap:Envelope xmlns="urn:one" ');
    const listed = replaced(declared, /URI="#Body-1"><ds:Transforms><ds:Transform [^>]*>/, (found) => found + list);
    const body = { xpath: "//soap:Body", namespaces };
    const octets = libxml2Canonical(listed, { method: "exclusive", inclusivePrefixes: ["#default"] }, body);
    const digest = hashOf("sha256", Buffer.from(octets)).toString("base64");
    const text = resigned(
      replaced(listed, /URI="#Body-1">[\s\S]*?<ds:DigestValue>[^<]*/, (found) => found.replace(/[^>]*$/, digest)),
      { signer },
    );
    expect(octets).toContain('xmlns="urn:one"');
    expect(await route.refuses({ soap: "1.1", body: replaced(text, 'xmlns="urn:one"', 'xmlns="urn:two"') })).toBe("FC");
    return (await route.send({ soap: "1.1", body: text })).verdict;
  });
});

describe("every way to write a message", () => {
  for (const seed of [1, 2, 3]) {
    attack("B19", `a payload that is odd in every legal way, ${seed}`, async (expect) => {
      const { asSent, canonical } = hostilePayload(30_000, "everything", seed);
      const message = x509Message({ signer, payload: canonical, payloadAsSent: asSent });
      await route.admits(message);
      const evil = replaced(message.text, asSent, asSent.replace(">42<", ">43<"));
      expect(await route.refuses({ soap: "1.1", body: evil })).toBe("FC");
      return (await route.send({ soap: "1.1", body: message.bytes })).verdict;
    });
  }
});
