import { describe } from "vitest";
import { hashOf } from "../support/algorithms.js";
import { credentials } from "../support/credentials.js";
import { libxml2Canonical } from "../support/libxml2.js";
import { holderOfKeyMessage, x509Message } from "../support/messages.js";
import { namespaces, profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { messageSignature, resigned } from "./support/resign.js";
import { against, direct, holderOfKey, holderOfKey11 } from "./support/scenes.js";

/*
 * What References do and do not cover: each message is signed with the requestor's own key, and its References lead to
 * less than the route demands, or to something else.
 */

const { signer, issuer } = credentials();

describe("references", () => {
  attack(
    "A16",
    "a Reference to a ds:Manifest",
    against(direct, ({ text, soap }) => ({
      soap,
      body: resigned(
        replaced(text, '<ds:Reference URI="#Body-1"', `<ds:Reference Type="${namespaces.ds}Manifest" URI="#Body-1"`),
        { signer },
      ),
    })),
  );
  attack(
    "A16",
    "a ds:Manifest in a ds:Object",
    against(direct, ({ text, soap }) => {
      const references = /<ds:Reference URI="#Body-1">[\s\S]*?<\/ds:Reference>/;
      const taken = references.exec(text)?.[0] ?? "";
      const manifest = `<ds:Object><ds:Manifest Id="M-1">${taken}</ds:Manifest></ds:Object>`;
      const moved = replaced(
        replaced(text, references, taken.replace("#Body-1", "#M-1")),
        "</ds:KeyInfo>",
        `</ds:KeyInfo>${manifest}`,
      );
      return { soap, body: resigned(moved, { signer }) };
    }),
  );
  attack(
    "A19",
    "one signature over junk, one that does not hold over the Body",
    against(direct, (message) => {
      const junk = wrapped('<x:Junk wsu:Id="Junk-1">junk</x:Junk>');
      const over = resigned(
        replaced(
          rebuilt(message, { parts: { junk }, header: [...message.header, "junk"] }).body.toString(),
          'URI="#Body-1"',
          'URI="#Junk-1"',
        ),
        { signer, digests: "sha256" },
      );
      const broken = messageSignature(message.text, (signature) => replaced(signature, 'Id="SIG-1"', 'Id="SIG-2"'));
      const second = /<ds:Signature [^>]*Id="SIG-2"[\s\S]*?<\/ds:Signature>/.exec(broken)?.[0] ?? "";
      const body = over.replace(
        "</wsse:Security>",
        `${second.replace(/<ds:SignatureValue>.{8}/, "<ds:SignatureValue>AAAAAAAA").replace("STR-1", "STR-2")}</wsse:Security>`,
      );
      return { soap: message.soap, body };
    }),
  );
  attack(
    "A20",
    "References that resolve to nothing",
    against(direct, ({ text, soap }) => ({
      soap,
      body: resigned(text.replace(/<ds:Reference URI="#/g, '<ds:Reference URI="#no-'), { signer }),
    })),
  );
  for (const id of ["TS-1", "Body-1"]) {
    attack(
      "A21",
      `a wrong digest of ${id}`,
      against(direct, ({ text, soap }) => ({
        soap,
        body: resigned(
          replaced(
            text,
            new RegExp(`URI="#${id}">[\\s\\S]*?<ds:DigestValue>....`),
            (found) => `${found.slice(0, -4)}AAAA`,
          ),
          { signer },
        ),
      })),
    );
  }
  attack(
    "A25",
    "STR-Transform reference in place of the Body's",
    against(direct, () => {
      const str = x509Message({ signer, signed: ["timestamp", "reference"] });
      return { soap: str.soap, body: str.bytes };
    }),
  );
  for (const scene of [holderOfKey, holderOfKey11]) {
    attack("A25", `STR-Transform of the assertion in place of the Body's; ${scene.title}`, async (expect) => {
      const { version } = scene.saml;
      const signed = (...parts: readonly string[]) => {
        const { soap, bytes } = holderOfKeyMessage({ signer, signed: parts, assertion: { version, issuedBy: issuer } });
        return { soap, body: bytes };
      };
      const whole = signed("timestamp", "body", "reference");
      expect((await scene.route.send(whole)).verdict).toBe("accepted");
      return scene.route.refuses(signed("timestamp", "reference"));
    });
  }
  attack(
    "A25",
    "STR-Transform that leads to the Body",
    against(direct, (message) => {
      const reference = `<wsse:SecurityTokenReference wsu:Id="STR-9"><wsse:Reference URI="#Body-1"/></wsse:SecurityTokenReference>`;
      const transform =
        `<ds:Transform Algorithm="${profile.strTransform}"><wsse:TransformationParameters>` +
        `<ds:CanonicalizationMethod Algorithm="${namespaces.ec}"/></wsse:TransformationParameters></ds:Transform>`;
      const text = rebuilt(message, {
        parts: { str: reference },
        security: [...message.security, "str"],
      }).body.toString();
      const dereferenced = part(message, "body").replace(
        "<soap:Body",
        `<soap:Body xmlns="" xmlns:soap="${namespaces.soap}" xmlns:wsu="${namespaces.wsu}"`,
      );
      const digest = hashOf("sha256", Buffer.from(dereferenced)).toString("base64");
      const transformed = replaced(
        text,
        /<ds:Reference URI="#Body-1">[\s\S]*?<\/ds:Transforms>([\s\S]*?<ds:DigestValue>)[^<]*/,
        (found) =>
          `<ds:Reference URI="#STR-9"><ds:Transforms>${transform}</ds:Transforms>${found.slice(found.indexOf("</ds:Transforms>") + 16, found.indexOf("<ds:DigestValue>") + 16)}${digest}`,
      );
      return { soap: message.soap, body: resigned(transformed, { signer }) };
    }),
  );
});

attack(
  "A26",
  "the signature signs the header it stands in, not the Body",
  against(
    direct,
    ({ text, soap }) => ({ soap, body: overItsHeader(replaced(text, 'URI="#Body-1"', 'URI="#SEC-1"')) }),
    "ERR_POLICY_PART_UNPROTECTED",
  ),
);

attack("A27", "a copy of the signature beside it, both over the header they stand in", async (expect) => {
  const { text } = direct.genuine();
  const reference = /<ds:Reference URI="#Body-1">[\s\S]*?<\/ds:Reference>/;
  const genuine = overItsHeader(replaced(text, reference, (found) => found + found.replace("#Body-1", "#SEC-1")));
  expect((await direct.route.send({ soap: "1.1", body: genuine })).verdict).toBe("accepted");
  const copied = (signature: string) => signature + signature.replace(/ (wsu:)?Id="[^"]*"/g, "");
  return direct.route.refuses({ soap: "1.1", body: messageSignature(genuine, copied) });
});

/** Makes the Reference to SEC-1 one to the Security header, without the signature in it, and signs again. */
function overItsHeader(text: string): string {
  const enveloped = `<ds:Transform Algorithm="${namespaces.ds}enveloped-signature"/>`;
  const named = replaced(
    replaced(text, "<wsse:Security ", '<wsse:Security wsu:Id="SEC-1" '),
    'URI="#SEC-1"><ds:Transforms>',
    (found) => found + enveloped,
  );
  const rest = messageSignature(named, () => "");
  const octets = libxml2Canonical(rest, { method: "exclusive" }, { xpath: "//wsse:Security", namespaces });
  const digest = hashOf("sha256", Buffer.from(octets)).toString("base64");
  const digested = replaced(named, /URI="#SEC-1">[\s\S]*?<ds:DigestValue>[^<]*/, (found) =>
    found.replace(/[^>]*$/, digest),
  );
  return resigned(digested, { signer });
}
