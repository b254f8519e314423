import { describe } from "vitest";
import { hashOf } from "../support/algorithms.js";
import { credentials } from "../support/credentials.js";
import { libxml2Canonical } from "../support/libxml2.js";
import type { CanonicalForm } from "../support/markup.js";
import { bearerMessage, type SoapMessage, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { messageSignature, resigned } from "./support/resign.js";
import { against, bearer, bearer11, direct } from "./support/scenes.js";
import { xmlCryptoOpinion } from "./support/second-opinion.js";

/*
 * What was signed is octets of a canonical form; what is read is values. Where the two can differ, the value read is the
 * one signed, whole, or nothing.
 */

const { signer, issuer } = credentials();
const { route } = direct;

describe("values in pieces", () => {
  for (const [row, title, piece] of [
    ["B2", "a comment", "<!---->"],
    ["B2", "a longer comment", "<!-- <x/> & ]]> -->"],
    ["B3", "a CDATA section", "<![CDATA[]]>"],
  ] as const) {
    for (const { saml, route } of [bearer, bearer11]) {
      const { version } = saml;
      const attributes = { role: ["clerk.not-admin"] };
      const subject = bearerMessage({
        assertion: { version, issuedBy: issuer, subject: "admin@x.evil", attributes },
      });
      const split = (found: string) => found.replace(/(admin@x|clerk|sts|urn:)(.*)$/, `$1${piece}$2`);
      // The Issuer of SAML 1.1 is an attribute, which nothing can split.
      const issued = version === "2.0" ? [/sts.example</] : [];
      const text = [/admin@x.evil/g, /clerk.not-admin/, ...issued, /urn:orders<\/saml2?:Audience/].reduce(
        (made, pattern) => made.replace(pattern, split),
        subject.text,
      );
      const whole = async (expect: typeof import("vitest").expect) => {
        expect(text.split(piece)).toHaveLength(5);
        const { decision, verdict } = await route.send({ soap: "1.1", body: text });
        if (decision.kind !== "admitted") return verdict;
        expect(decision.security.principal.name).toBe("admin@x.evil");
        expect(decision.security.claims.values(saml.claim("role"))).toEqual(["clerk.not-admin"]);
        expect(decision.security.issuer).toBe("https://sts.example");
        return verdict;
      };
      const where = `subject, claim, issuer and audience of SAML ${version}`;
      if (row === "B2") attack("B2", `${title} in ${where}`, whole);
      else attack("B3", `${title} in ${where}`, whole);
    }
  }

  attack("B2", "a comment in the Body is not handed on, and its text is whole", async (expect) => {
    const message = direct.genuine({
      payload: "<o:Order>ab</o:Order>".replace("<o:Order", `<o:Order xmlns:o="${namespaces.o}"`),
    });
    const security = await route.admits({
      ...message,
      bytes: Buffer.from(replaced(message.text, ">ab<", ">a<!--x-->b<")),
    });
    expect(security.message?.body.child("Order")?.text).toBe("ab");
    return (await route.send({ soap: "1.1", body: replaced(message.text, ">ab<", ">a<!--x-->b<") })).verdict;
  });
  attack("B3", "a CDATA section in the Body holds its text and nothing else", async (expect) => {
    const message = direct.genuine({ payload: `<o:Order xmlns:o="${namespaces.o}">a&lt;evil/&gt;b</o:Order>` });
    const text = replaced(message.text, "a&lt;evil/&gt;b", "a<![CDATA[<evil/>]]>b");
    const security = await route.admits({ ...message, bytes: Buffer.from(text) });
    expect(security.message?.body.child("Order")?.text).toBe("a<evil/>b");
    return (await route.send({ soap: "1.1", body: text })).verdict;
  });

  for (const [title, piece] of [
    ["a comment", "<!-- -->"],
    ["a CDATA section", "<![CDATA[]]>"],
  ] as const) {
    const inside = (name: string) =>
      against(direct, ({ text, soap }) => ({
        soap,
        body: messageSignature(text, (signature) => signature.replace(new RegExp(`(<ds:${name}>.{6})`), `$1${piece}`)),
      }));
    attack("B4", `${title} inside a DigestValue`, inside("DigestValue"));
    attack("B4", `${title} inside the SignatureValue`, inside("SignatureValue"));
  }
});

describe("twice and elsewhere", () => {
  const twice = (pattern: RegExp) =>
    against(direct, ({ text, soap }) => ({
      soap,
      body: messageSignature(text, (signature) => signature.replace(pattern, (found) => found + found)),
    }));
  for (const pattern of [
    /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/,
    /<ds:SignatureMethod [\s\S]*?<\/ds:SignatureMethod>/,
    /<ds:CanonicalizationMethod [\s\S]*?<\/ds:CanonicalizationMethod>/,
    /<ds:DigestMethod [\s\S]*?<\/ds:DigestMethod>/,
    /<ds:DigestValue>[\s\S]*?<\/ds:DigestValue>/,
    /<ds:Transforms>[\s\S]*?<\/ds:Transforms>/,
    /<ds:SignatureValue>[\s\S]*?<\/ds:SignatureValue>/,
    /<ds:KeyInfo>[\s\S]*?<\/ds:KeyInfo>/,
  ]) {
    attack("B6", pattern.source.slice(0, 24), twice(pattern));
  }

  attack(
    "B7",
    "a right digest of an evil Body in a SignedInfo outside the Signature",
    against(direct, (message) => {
      const body = replaced(part(message, "body"), ">A-100001<", ">A-666666<");
      const [record] = message.signatures;
      const signed = libxml2Canonical(
        rebuilt(message, { parts: { body } }).body.toString(),
        { method: "exclusive" },
        { xpath: "//soap:Body", namespaces },
      );
      const digest = (octets: Uint8Array) => hashOf("sha256", octets).toString("base64");
      const genuine = record?.references.find((reference) => reference.part === "body")?.octets ?? Buffer.alloc(0);
      const signedInfo = record?.signedInfo.toString().replace(digest(genuine), digest(Buffer.from(signed))) ?? "";
      return rebuilt(message, {
        parts: { body, outside: wrapped(signedInfo) },
        header: ["outside", ...message.header],
      });
    }),
  );
  attack(
    "B7",
    "a Reference beside the SignedInfo",
    against(direct, ({ text, soap }) => ({
      soap,
      body: messageSignature(text, (signature) => {
        const reference = /<ds:Reference [\s\S]*?<\/ds:Reference>/.exec(signature)?.[0] ?? "";
        return replaced(signature, "</ds:SignedInfo>", `</ds:SignedInfo>${reference}`);
      }),
    })),
  );
  attack(
    "B12",
    "the digest of nothing",
    against(direct, ({ text, soap }) => {
      const nothing = hashOf("sha256", Buffer.alloc(0)).toString("base64");
      const empty = replaced(text, /URI="#Body-1">[\s\S]*?<ds:DigestValue>[^<]*/, (found) =>
        found.replace(/[^>]*$/, nothing),
      );
      return { soap, body: resigned(empty, { signer }) };
    }),
  );
});

describe("namespaces", () => {
  for (const [title, name] of [
    ["relative", "../x"],
    ["a bare word", "x"],
    ["with U+0080", "urn:x\u0080"],
    ["with a space", "urn:x y"],
    ["relative, in a reference", "&#46;&#46;/x"],
    ["without a scheme", "//example.org/x"],
  ] as const) {
    attack(
      "B13",
      `a namespace name that is ${title}`,
      against(direct, ({ text, soap }) => ({
        soap,
        body: replaced(text, "<soap:Envelope ", `<soap:Envelope xmlns:t="${name}" `),
      })),
    );
  }

  const typed = (form: CanonicalForm): SoapMessage =>
    x509Message({
      signer,
      form,
      envelopeDeclares: ["wsu", "xs"],
      payload: `<o:Order xmlns:o="${namespaces.o}" xmlns:xsi="${namespaces.xsi}" xsi:type="xs:string">x</o:Order>`,
    });
  const rebound = (text: string) => replaced(text, `xmlns:xs="${namespaces.xs}"`, 'xmlns:xs="urn:evil"');
  attack("B14", "xsi:type whose prefix the signature does not cover", async (expect) => {
    const message = typed({ method: "exclusive" });
    // Another verifier cannot tell: nothing that it looks at was changed.
    expect(xmlCryptoOpinion(message.text, signer)).toBe("holds");
    expect(xmlCryptoOpinion(rebound(message.text), signer)).toBe("holds");
    expect(await route.refuses({ soap: "1.1", body: rebound(message.text) })).toBe("IS");
    return route.refuses({ soap: "1.1", body: message.bytes });
  });
  attack(
    "B14",
    "xsi:type whose prefix nobody declares",
    against(direct, ({ text, soap }) => {
      const order = `<o:Order xmlns:o="${namespaces.o}" xmlns:xsi="${namespaces.xsi}" xsi:type="nobody:Read">`;
      return { soap, body: resigned(replaced(text, /<o:Order [^>]*>/, order), { signer, digests: "sha256" }) };
    }),
  );
});

describe("identifiers", () => {
  for (const attribute of [
    'ID="Body-1"',
    'Id="Body-1"',
    'xml:id="Body-1"',
    'xmlns:f="urn:f" f:Id="Body-1"',
    'AssertionID="Body-2"',
    'id="Body-2"',
  ]) {
    attack(
      "B18",
      `wsu:Id and ${attribute} on the Body`,
      against(direct, ({ text, soap }) => ({
        soap,
        body: resigned(replaced(text, 'wsu:Id="Body-1"', `wsu:Id="Body-1" ${attribute}`), {
          signer,
          digests: "sha256",
        }),
      })),
    );
  }
  attack(
    "B18",
    "the Body's Id on an element of the header that has another kind of Id",
    against(direct, ({ text, soap }) => ({
      soap,
      body: replaced(text, "<wsse:SecurityTokenReference ", '<wsse:SecurityTokenReference Id="Body-1" '),
    })),
  );
});
