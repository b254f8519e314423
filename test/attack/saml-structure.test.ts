import { ConfigurationError, createGuard, type GuardOptions, saml2, saml11 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { bearerMessage } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { changed, replaced } from "./support/edit.js";
import { says } from "./support/reissue.js";
import { Route } from "./support/route.js";
import { named, words11, words20 } from "./support/saml-words.js";
import { against, assertionScenes } from "./support/scenes.js";
import { libxml2Texts } from "./support/second-opinion.js";

/*
 * Who issued an assertion, what kind of document it is, and what stands in it.
 */

const { issuer, other, stranger } = credentials();
const bearerOptions = { audience: "urn:orders", confirm: "bearer", over: "transport" } as const;
const ours = { name: "https://sts.example", certificates: [issuer.certificate] };
const partner = { name: "https://partner.example", certificates: [other.certificate] };
describe.each([words20, words11])("issuers of SAML $version", ({ version, alternative }) => {
  const route = new Route({ trust: { issuers: [ours, partner] }, accept: [alternative(bearerOptions)] });
  const by = (key: typeof issuer, name: string) => {
    const { soap, bytes } = bearerMessage({ assertion: { version, issuedBy: key, issuer: name } });
    return { soap, body: bytes };
  };
  for (const [title, attacked] of [
    ["ours, by the partner's key", by(other, ours.name)],
    ["the partner's, by our issuer's key", by(issuer, partner.name)],
    ["unknown, by our issuer's key", by(issuer, "https://unknown.example")],
    ["ours with a slash behind it", by(issuer, `${ours.name}/`)],
    ["ours in capitals", by(issuer, ours.name.toUpperCase())],
    ["ours with a space before it", by(issuer, ` ${ours.name}`)],
    ["ours with a path", by(issuer, `${ours.name}/../partner.example`)],
    ["empty", by(issuer, "")],
    ["__proto__", by(issuer, "__proto__")],
    ["ours, by a stranger's key", by(stranger, ours.name)],
  ] as const) {
    attack("G14", `Issuer ${title}`, async (expect) => {
      for (const genuine of [by(issuer, ours.name), by(other, partner.name)])
        expect((await route.send(genuine)).verdict).toBe("accepted");
      return route.refuses(attacked);
    });
  }
  attack("G14", "an issuer that the route does not take", async (expect) => {
    const narrow = new Route({
      trust: { issuers: [ours, partner] },
      accept: [alternative({ ...bearerOptions, issuers: [ours.name] })],
    });
    expect((await narrow.send(by(issuer, ours.name))).verdict).toBe("accepted");
    return narrow.refuses(by(other, partner.name));
  });
});

describe("issuers", () => {
  const accept = [saml2(bearerOptions)];
  attack("G24", "issuers without a certificate, or with something else in its place", (expect) => {
    const guarded = (one: object) =>
      createGuard({ origin: "https://orders.example", trust: { issuers: [one] }, accept } as unknown as GuardOptions);
    expect(() => guarded(ours)).not.toThrow();
    const key = issuer.publicKey.export({ type: "spki", format: "pem" });
    for (const wrong of [
      { ...ours, certificates: [] },
      { name: ours.name },
      { ...ours, certificates: [key] },
      { ...ours, certificates: [undefined] },
      { ...ours, certificates: [Buffer.alloc(0)] },
      { ...ours, use: "encryption" },
      { ...ours, validate: false },
      { ...ours, name: "" },
    ]) {
      expect(() => guarded(wrong), JSON.stringify(Object.keys(wrong))).toThrow(ConfigurationError);
    }
    expect(() => createGuard({ origin: "https://orders.example", trust: { issuers: [] }, accept })).toThrow(
      ConfigurationError,
    );
    for (const alternative of [saml2, saml11]) {
      const untrusting = { origin: "https://orders.example", accept: [alternative(bearerOptions)] };
      expect(() => createGuard(untrusting)).toThrow(ConfigurationError);
    }
    return "start refused";
  });
});

for (const scene of assertionScenes) {
  const issues = (change: (text: string) => string) => against(scene, (message) => says(message, change));
  const { saml } = scene;
  const attribute = (xml: string) => (text: string) =>
    replaced(text, /<\/saml2?:AttributeStatement>/, (end) => xml + end);
  const role = (content: string, attributes = "") => saml.attribute("rank", content, attributes);
  const called = (content: string) => named(saml, content);
  describe(scene.title, () => {
    attack("G16", "an attribute twice, in two statements", async (expect) => {
      const message = scene.genuine();
      const sent = says(message, (text) =>
        replaced(
          text,
          /<\/saml2?:AttributeStatement>/,
          (end) => end + saml.attributeStatement(text, saml.attribute("role", "b")),
        ),
      );
      const { decision } = await scene.route.send(sent);
      const values = decision.kind === "admitted" ? decision.security.claims.values(saml.claim("role")) : undefined;
      // As another reader has it: every value, in the order of the document.
      expect(values).toEqual(libxml2Texts(sent.body, saml.values("role")));
      expect(values).toEqual(["clerk", "b"]);
      return "accepted" as const;
    });
    attack("G16", "elements in an attribute's value", issues(attribute(role("admin<x>y</x>"))));
    attack("G16", "xsi:nil", issues(attribute(role("", ` xmlns:xsi="${namespaces.xsi}" xsi:nil="true"`))));
    attack(
      "G16",
      "an assertion in an attribute's value",
      issues(
        attribute(
          role(
            `<${saml.prefix}:Assertion ${saml.id}="_2" IssueInstant="2026-01-01T00:00:00Z"></${saml.prefix}:Assertion>`,
          ),
        ),
      ),
    );
    attack(
      "G16",
      "an attribute in an attribute",
      issues(
        attribute(
          saml.attribute("a", "").replace(/<[^<]*AttributeValue>.*AttributeValue>/, saml.attribute("role", "admin")),
        ),
      ),
    );
    attack("G16", "an attribute without a name", issues(attribute(role("x").replace(/ \w+="rank"/, ""))));
    attack("G17", "an empty NameID", issues(called("")));
    attack("G17", "a NameID of white space", issues(called(" \n ")));
    attack("G17", "a NameID with an element in it", issues(called("admin<x>.evil</x>")));
    attack(
      "G17",
      "two NameIDs",
      issues((text) =>
        text.replaceAll(`<${saml.nameElement} `, (tag) => `<${saml.nameElement}>admin</${saml.nameElement}>${tag}`),
      ),
    );
    attack("G17", "a processing instruction in a NameID", async () => {
      const message = scene.genuine();
      await scene.route.admits(message);
      return scene.route.refuses(changed(message, "assertion", (text) => text.replace(">alice<", "><?p not-?>alice<")));
    });
    for (const [title, spelt] of [
      ["a comment", "admin<!---->.alice"],
      ["a section", "<![CDATA[admin]]>.alice"],
      ["a character reference", "admi&#110;.alice"],
    ] as const) {
      attack("G17", `${title} in a NameID is read as all readers do`, async (expect) => {
        // The comment can be put in by anybody: the signature covers the text without it.
        const message = scene.genuine();
        const sent = says(message, called(spelt));
        const { decision } = await scene.route.send(sent);
        const name = decision.kind === "admitted" ? decision.security.principal.name : undefined;
        expect(new Set([name])).toEqual(new Set(libxml2Texts(sent.body, `//${saml.nameElement}`)));
        expect(name).toBe("admin.alice");
        return scene.route.refuses(says(message, called("")));
      });
    }
    for (const [title, change] of [
      ["2.1", saml.numbered("2", "1")],
      ["1.0", saml.numbered("1", "0")],
      ["of the other standard", saml.version === "2.0" ? saml.numbered("1", "1") : saml.numbered("2", "0")],
      ["not given", saml.numbered(undefined, undefined)],
      ["without its second part", saml.numbered(saml.version === "2.0" ? undefined : "1", undefined)],
    ] as const) {
      attack("G18", `the version ${title}`, issues(change));
    }
    attack(
      "G18",
      "the number of the other version besides",
      issues((text) =>
        replaced(text, ` ${saml.id}="`, (name) =>
          saml.version === "2.0" ? ` MajorVersion="1" MinorVersion="1"${name}` : ` Version="2.0"${name}`,
        ),
      ),
    );
    attack("G18", "a name of the subject in the namespace of the other version", async (expect) => {
      const message = scene.genuine();
      await scene.route.admits(message);
      const [element, namespace] =
        saml.version === "2.0" ? ["NameIdentifier", namespaces.saml] : ["NameID", namespaces.saml2];
      const sent = says(message, (text) =>
        text.replaceAll(
          new RegExp(`<${saml.nameElement} [^>]*>alice</${saml.nameElement}>`, "g"),
          `<s:${element} xmlns:s="${namespace}">admin</s:${element}>`,
        ),
      );
      // Whatever stands there is no name of the subject: a fault of the token, not of its version.
      expect(await scene.route.refuses(sent)).toBe("IT");
      return scene.route.refuses(says(message, saml.numbered("3", "0")));
    });
    attack(
      "G18",
      "the element of the other version",
      against(scene, (message) =>
        changed(message, "assertion", (text) =>
          text.replaceAll(saml.namespace, (saml.version === "2.0" ? namespaces.saml : namespaces.saml2) ?? ""),
        ),
      ),
    );
    attack("G18", "a genuine message, on a route for the other version", async () => {
      const message = scene.genuine();
      await scene.route.admits(message);
      const { alternative } = saml.version === "2.0" ? words11 : words20;
      return scene.route
        .with({ accept: [alternative(bearerOptions)] })
        .refuses({ soap: message.soap, body: message.bytes });
    });
  });
}
