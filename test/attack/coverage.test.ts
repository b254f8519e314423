import { type MessagePart, x509 } from "@countersign/core";
import { describe } from "vitest";
import { hashOf } from "../support/algorithms.js";
import { credentials } from "../support/credentials.js";
import { libxml2Canonical } from "../support/libxml2.js";
import { element } from "../support/markup.js";
import { addressing, type MessageOptions, type SigningOptions, x509Message } from "../support/messages.js";
import { namespaces, profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { messageSignature, resigned } from "./support/resign.js";
import { against, direct, type Scene, signedScenes } from "./support/scenes.js";

/*
 * Coverage: the signature is genuine, and does not cover what the route demands. Several of these messages are signed anew
 * with the requestor's own key: even a careless requestor must not be read for more than was signed.
 */

const { signer } = credentials();
const headers = addressing("https://orders.example", "urn:orders:place");

/** A route that demands `required`, and messages that sign `signed`. */
function scene(required: readonly MessagePart[], signed: readonly string[], more?: MessageOptions): Scene {
  const options: Partial<SigningOptions> = { signed };
  return {
    title: "X.509",
    route: direct.route.with({ accept: [x509({ signed: required })] }),
    genuine: (again) => x509Message({ signer, ...options, ...more, ...again }),
  };
}

const addressed = scene(["body", "timestamp", "addressing"], ["to", "action", "messageId", "timestamp", "body"], {
  headers,
});
const tagName = { namespace: namespaces.o ?? "", name: "Tag" };
const tag = { tag: element("o:Tag", { "wsu:Id": "Tag-1" }, ["genuine"]) };
const tagged = scene(["body", "timestamp", tagName], ["tag", "timestamp", "body"], { headers: tag });
const taggedOverTls: Scene = {
  title: "X.509 over TLS",
  route: direct.route.with({ accept: [x509({ signed: ["timestamp", tagName], over: "transport" })] }),
  genuine: (more) => x509Message({ signer, signed: ["tag", "timestamp"], headers: tag, ...more }),
};

/** The Reference to an id, taken out of the SignedInfo. */
const unreferenced = (text: string, id: string) =>
  replaced(text, new RegExp(`<ds:Reference URI="#${id}">[\\s\\S]*?</ds:Reference>`), "");

for (const each of signedScenes.filter(({ title }) => title.startsWith("X.509, "))) {
  attack(
    "A10",
    "signature over the Timestamp alone",
    against(each, ({ text, soap }) => ({
      soap,
      body: resigned(unreferenced(text, "Body-1"), { signer }),
    })),
  );
  attack(
    "A10",
    "signature over the Body alone",
    against(each, ({ text, soap }) => ({
      soap,
      body: resigned(unreferenced(text, "TS-1"), { signer }),
    })),
  );
  attack(
    "A22",
    "no signature",
    against(each, (message) => rebuilt(message, { security: message.security.filter((name) => name !== "signature") })),
  );
}
attack(
  "A10",
  "signature over the child of the Body, not the Body",
  against(direct, ({ text, soap }) => {
    const inside = replaced(replaced(text, "<o:Order", '<o:Order wsu:Id="Order-1"'), 'URI="#Body-1"', 'URI="#Order-1"');
    return { soap, body: resigned(inside, { signer, digests: "sha256" }) };
  }),
);

describe("addressing", () => {
  attack(
    "A11",
    "unsigned wsa:ReplyTo beside signed headers",
    against(addressed, (message) =>
      rebuilt(message, {
        parts: {
          reply: `<wsa:ReplyTo xmlns:wsa="${namespaces.wsa}"><wsa:Address>https://evil.example</wsa:Address></wsa:ReplyTo>`,
        },
        header: [...message.header, "reply"],
      }),
    ),
  );
  attack(
    "A11",
    "unsigned second wsa:To",
    against(addressed, (message) =>
      rebuilt(message, {
        parts: { second: replaced(part(message, "to"), ' wsu:Id="To-1"', "") },
        header: ["second", ...message.header],
      }),
    ),
  );
  attack(
    "A11",
    "signature over all but wsa:Action",
    against(addressed, ({ text, soap }) => ({
      soap,
      body: resigned(unreferenced(text, "Action-1"), { signer }),
    })),
  );
  attack("A11", "unsigned wsa:Action is not handed out where the route does not demand it", async (expect) => {
    const { route, genuine } = direct;
    const message = genuine({ headers });
    const security = await route.admits(message);
    expect(security.message?.headers).toEqual([]);
    const { text } = genuine({ headers });
    return addressed.route.refuses({ soap: "1.1", body: text });
  });
  attack(
    "A12",
    "signed wsa:To inside another header block",
    against(addressed, (message) =>
      rebuilt(message, {
        parts: { to: wrapped(part(message, "to")) },
      }),
    ),
  );
});

describe("a named header", () => {
  attack(
    "A12",
    "moved into a Body that TLS alone protects",
    against(
      taggedOverTls,
      (message) =>
        rebuilt(message, {
          header: message.header.filter((name) => name !== "tag"),
          parts: { body: replaced(part(message, "body"), "</o:Order>", `</o:Order>${part(message, "tag")}`) },
        }),
      "ERR_POLICY_PART_UNPROTECTED",
    ),
  );
  attack(
    "A12",
    "moved into the Body",
    against(tagged, (message) =>
      rebuilt(message, {
        header: message.header.filter((name) => name !== "tag"),
        parts: { body: replaced(part(message, "body"), "</o:Order>", `</o:Order>${part(message, "tag")}`) },
      }),
    ),
  );
  attack(
    "A12",
    "moved into another header block",
    against(tagged, (message) => rebuilt(message, { parts: { tag: wrapped(part(message, "tag")) } })),
  );
  attack(
    "A12",
    "made of an element of the Body",
    against(tagged, (message) => {
      const order = /<o:Order[\s\S]*<\/o:Order>/;
      const taken = order.exec(part(message, "body"))?.[0] ?? "";
      return rebuilt(message, {
        parts: { body: replaced(part(message, "body"), order, ""), order: taken },
        header: [...message.header, "order"],
      });
    }),
  );
  attack("A24", "not there", async () => {
    await tagged.route.admits(tagged.genuine());
    return tagged.route.refuses({ soap: "1.1", body: direct.genuine().bytes });
  });
  attack(
    "A24",
    "there in another namespace only",
    against(tagged, (message) =>
      rebuilt(message, {
        parts: { tag: replaced(part(message, "tag"), namespaces.o ?? "", "urn:other") },
      }),
    ),
  );
  attack(
    "A24",
    "there twice, the second one unsigned",
    against(tagged, (message) =>
      rebuilt(message, {
        parts: { second: replaced(part(message, "tag"), ' wsu:Id="Tag-1"', "") },
        header: [...message.header, "second"],
      }),
    ),
  );
});

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
