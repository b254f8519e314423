import { type MessagePart, x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { element } from "../support/markup.js";
import { addressing, type MessageOptions, type SigningOptions, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { resigned } from "./support/resign.js";
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
