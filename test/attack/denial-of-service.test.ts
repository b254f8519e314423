import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { element } from "../support/markup.js";
import { type SoapMessage, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";

import { replaced } from "./support/edit.js";
import { around, flood, raw, spoilt, times } from "./support/flood.js";
import { direct } from "./support/scenes.js";

/*
 * Work that a stranger asks for: refused before it is done, at a cost that grows no faster than the message. None of
 * these messages needs a key: the signatures are genuine ones with their value exchanged for garbage.
 */

const { signer } = credentials();
const { route } = direct;

describe("references", () => {
  /** A message that signs `count` header blocks of some octets each, with right digests. */
  const signing = (count: number, octets: number): SoapMessage => {
    const names = Array.from({ length: count }, (_, i) => `block${i}`);
    const block = (name: string) => element("o:Note", { "wsu:Id": name }, ["x".repeat(octets)]);
    return x509Message({
      signer,
      headers: Object.fromEntries(names.map((name) => [name, block(name)])),
      signed: [...names, "timestamp", "body"],
    });
  };
  attack(
    "K1",
    "as many right digests as are allowed",
    flood(8_000, (octets) => spoilt(signing(28, octets))),
  );
  attack(
    "K1",
    "more right digests than are allowed",
    flood(150, (count) => spoilt(signing(count, 1_000))),
  );
  attack(
    "K1",
    "right digests of elements inside one another",
    flood(10_000, (octets) => {
      const opened = times(28, (i) => `<o:N xmlns:o="${namespaces.o}" xmlns:wsu="${namespaces.wsu}" wsu:Id="n${i}">`);
      const references = times(
        28,
        (i) =>
          `<ds:Reference URI="#n${i}"><ds:Transforms><ds:Transform Algorithm="${namespaces.ec}"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>${Buffer.alloc(32).toString("base64")}</ds:DigestValue></ds:Reference>`,
      );
      return around(`${opened}${"x".repeat(octets)}${"</o:N>".repeat(28)}`, (text) =>
        replaced(text, "</ds:SignedInfo>", `${references}</ds:SignedInfo>`),
      );
    }),
  );

  const reference = /<ds:Reference URI="#Body-1">[\s\S]*?<\/ds:Reference>/;
  attack(
    "K2",
    "one Reference among many elements with identifiers",
    flood(8_000, (count) => around(times(count, (i) => `<e wsu:Id="e${i}"/>`))),
  );
  attack(
    "K2",
    "one Reference to nothing among them",
    flood(8_000, (count) =>
      around(
        times(count, (i) => `<e wsu:Id="e${i}"/>`),
        (text) => replaced(text, 'URI="#Body-1"', 'URI="#nobody"'),
      ),
    ),
  );
  attack(
    "K3",
    "many References to one big node",
    flood(100, (count) =>
      around("x".repeat(count * 2_500), (text) => text.replace(reference, (found) => found.repeat(count))),
    ),
  );
  attack(
    "K4",
    "many transforms",
    flood(500, (count) =>
      around("", (text) =>
        replaced(text, /URI="#Body-1"><ds:Transforms>[\s\S]*?<\/ds:Transforms>/, (found) =>
          found.replace(
            "</ds:Transforms>",
            `${`<ds:Transform Algorithm="${namespaces.ec}"/>`.repeat(count)}</ds:Transforms>`,
          ),
        ),
      ),
    ),
  );
});

describe("structure", () => {
  attack(
    "K5",
    "depth",
    flood(100_000, (depth) => raw("<a>".repeat(depth))),
  );
  attack(
    "K5",
    "depth, closed",
    flood(50_000, (depth) => raw("<a>".repeat(depth) + "</a>".repeat(depth))),
  );
  attack(
    "K5",
    "depth with a namespace on each level",
    flood(15_000, (depth) => raw('<a xmlns="urn:a">'.repeat(depth))),
  );
  attack(
    "K5",
    "depth in the Body",
    flood(50_000, (depth) => around("<a>".repeat(depth) + "</a>".repeat(depth))),
  );
  attack(
    "K7",
    "attributes",
    flood(25_000, (count) => around(`<a${times(count, (i) => ` a${i}="1"`)}/>`)),
  );
  attack(
    "K7",
    "attributes, the last one twice",
    flood(25_000, (count) => around(`<a${times(count, (i) => ` a${i}="1"`)} a1="2"/>`)),
  );
  attack(
    "K7",
    "many elements with as many attributes as are allowed, one twice at the end",
    flood(400, (count) => around(`${times(count, `<a${times(64, (i) => ` a${i}="1"`)}/>`)}<a a="1" a="2"/>`)),
  );
  attack(
    "K8",
    "declarations on one element",
    flood(3_000, (count) => around(`<a${times(count, (i) => ` xmlns:p${i}="urn:p${i}"`)}/>`)),
  );
  attack(
    "K8",
    "declarations inside one another",
    flood(3_000, (count) => around(times(count, (i) => `<a xmlns:p${i}="urn:p${i}">`) + "</a>".repeat(count))),
  );
  attack(
    "K8",
    "declarations of one prefix, one beside the other",
    flood(10_000, (count) => around(`${times(count, (i) => `<a xmlns:p="urn:p${i % 10}"/>`)}<`)),
  );
  attack(
    "K9",
    "elements over the limit",
    flood(50_001, (count) => around("<a/>".repeat(count + 150_000))),
  );
  attack(
    "K9",
    "comments over the limit",
    flood(1_001, (count) => around("<!---->".repeat(count))),
  );
  attack(
    "K9",
    "many elements within the limit are accepted",
    async (expect) => {
      const payload = `<o:L xmlns:o="${namespaces.o}">${"<a></a>".repeat(100_000)}</o:L>`;
      const message = direct.genuine({ payload, payloadAsSent: payload.replaceAll("<a></a>", "<a/>") });
      const security = await route.admits(message);
      expect(security.message?.body.child("L")?.children()).toHaveLength(100_000);
      return (await route.send({ soap: "1.1", body: message.bytes })).verdict;
    },
    60_000,
  );
  attack(
    "K10",
    "an element name",
    flood(100_000, (length) => around(`<${"a".repeat(length)}/>`)),
  );
  attack(
    "K10",
    "an attribute name",
    flood(100_000, (length) => around(`<a ${"a".repeat(length)}="1"/>`)),
  );
  attack(
    "K10",
    "an attribute value",
    flood(100_000, (length) => around(`<a a="${"a".repeat(length)}"/>`)),
  );
  attack(
    "K10",
    "an attribute value of references",
    flood(30_000, (count) => around(`<a a="${"&#65;".repeat(count)}"/>`)),
  );
  attack(
    "K10",
    "a namespace name",
    flood(100_000, (length) => around(`<a xmlns="urn:${"a".repeat(length)}"/>`)),
  );
  attack(
    "K10",
    "a prefix",
    flood(100_000, (length) => around(`<${"a".repeat(length)}:a/>`)),
  );
});
