import { ConfigurationError, createGuard, type GuardOptions, saml2 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { bearerMessage } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { changed, replaced } from "./support/edit.js";
import { says } from "./support/reissue.js";
import { Route } from "./support/route.js";
import { against, assertionScenes } from "./support/scenes.js";
import { libxml2Texts } from "./support/second-opinion.js";

/*
 * Who issued an assertion, what kind of document it is, and what stands in it.
 */

const { issuer, other, stranger } = credentials();
const accept = [saml2({ audience: "urn:orders", confirm: "bearer", over: "transport" })];
const attribute = (xml: string) => (text: string) =>
  replaced(text, "</saml2:AttributeStatement>", `${xml}</saml2:AttributeStatement>`);
const role = (content: string, attributes = "") =>
  `<saml2:Attribute Name="rank"><saml2:AttributeValue${attributes}>${content}</saml2:AttributeValue></saml2:Attribute>`;
const named = (content: string) => (text: string) =>
  replaced(text, ">alice</saml2:NameID>", `>${content}</saml2:NameID>`);

describe("issuers", () => {
  const ours = { name: "https://sts.example", certificates: [issuer.certificate] };
  const partner = { name: "https://partner.example", certificates: [other.certificate] };
  const route = new Route({ trust: { issuers: [ours, partner] }, accept });
  const by = (key: typeof issuer, name: string) => {
    const { soap, bytes } = bearerMessage({ assertion: { issuedBy: key, issuer: name } });
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
      accept: [saml2({ audience: "urn:orders", confirm: "bearer", over: "transport", issuers: [ours.name] })],
    });
    expect((await narrow.send(by(issuer, ours.name))).verdict).toBe("accepted");
    return narrow.refuses(by(other, partner.name));
  });
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
    expect(() => createGuard({ origin: "https://orders.example", accept })).toThrow(ConfigurationError);
    return "start refused";
  });
});

for (const scene of assertionScenes) {
  const issues = (change: (text: string) => string) => against(scene, (message) => says(message, change));
  describe(scene.title, () => {
    attack("G16", "an attribute twice, in two statements", async (expect) => {
      const message = scene.genuine();
      const sent = says(message, (text) =>
        replaced(
          text,
          "</saml2:AttributeStatement>",
          `</saml2:AttributeStatement><saml2:AttributeStatement>${role("b").replace("rank", "role")}</saml2:AttributeStatement>`,
        ),
      );
      const { decision } = await scene.route.send(sent);
      const values = decision.kind === "admitted" ? decision.security.claims.values("role") : undefined;
      // As another reader has it: every value, in the order of the document.
      expect(values).toEqual(libxml2Texts(sent.body, '//saml2:Attribute[@Name="role"]/saml2:AttributeValue'));
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
            '<saml2:Assertion ID="_2" IssueInstant="2026-01-01T00:00:00Z" Version="2.0"><saml2:Issuer>x</saml2:Issuer></saml2:Assertion>',
          ),
        ),
      ),
    );
    attack(
      "G16",
      "an attribute in an attribute",
      issues(
        attribute(
          '<saml2:Attribute Name="a"><saml2:Attribute Name="role"><saml2:AttributeValue>admin</saml2:AttributeValue></saml2:Attribute></saml2:Attribute>',
        ),
      ),
    );
    attack("G16", "an attribute without a name", issues(attribute(role("x").replace(' Name="rank"', ""))));
    attack("G17", "an empty NameID", issues(named("")));
    attack("G17", "a NameID of white space", issues(named(" \n ")));
    attack("G17", "a NameID with an element in it", issues(named("admin<x>.evil</x>")));
    attack(
      "G17",
      "two NameIDs",
      issues((text) => replaced(text, "<saml2:NameID ", "<saml2:NameID>admin</saml2:NameID><saml2:NameID ")),
    );
    attack("G17", "a processing instruction in a NameID", async () => {
      const message = scene.genuine();
      await scene.route.admits(message);
      return scene.route.refuses(
        changed(message, "assertion", (text) => replaced(text, ">alice<", "><?p not-?>alice<")),
      );
    });
    for (const [title, spelt] of [
      ["a comment", "admin<!---->.alice"],
      ["a section", "<![CDATA[admin]]>.alice"],
      ["a character reference", "admi&#110;.alice"],
    ] as const) {
      attack("G17", `${title} in a NameID is read as all readers do`, async (expect) => {
        // The comment can be put in by anybody: the signature covers the text without it.
        const message = scene.genuine();
        const sent = says(message, named(spelt));
        const { decision } = await scene.route.send(sent);
        const name = decision.kind === "admitted" ? decision.security.principal.name : undefined;
        expect([name]).toEqual(libxml2Texts(sent.body, "//saml2:NameID"));
        expect(name).toBe("admin.alice");
        return scene.route.refuses(says(message, named("")));
      });
    }
    attack(
      "G18",
      "Version 2.1",
      issues((text) => replaced(text, 'Version="2.0"', 'Version="2.1"')),
    );
    attack(
      "G18",
      "Version 1.1",
      issues((text) => replaced(text, 'Version="2.0"', 'Version="1.1"')),
    );
    attack(
      "G18",
      "no Version",
      issues((text) => replaced(text, ' Version="2.0"', "")),
    );
    attack(
      "G18",
      "the versions of SAML 1.1 besides",
      issues((text) => replaced(text, ' Version="2.0"', ' MajorVersion="1" MinorVersion="1" Version="2.0"')),
    );
    attack("G18", "a name of the subject in the namespace of SAML 1.1", async (expect) => {
      const message = scene.genuine();
      await scene.route.admits(message);
      const sent = says(message, (text) =>
        replaced(
          text,
          /<saml2:NameID [\s\S]*<\/saml2:NameID>/,
          '<s:NameIdentifier xmlns:s="urn:oasis:names:tc:SAML:1.0:assertion">admin</s:NameIdentifier>',
        ),
      );
      // Whatever stands there is no name of the subject: a fault of the token, not of its version.
      expect(await scene.route.refuses(sent)).toBe("IT");
      return scene.route.refuses(says(message, (text) => replaced(text, 'Version="2.0"', 'Version="3.0"')));
    });
    attack(
      "G18",
      "the element of SAML 1.1",
      against(scene, (message) =>
        changed(message, "assertion", (text) =>
          text.replaceAll("urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:1.0:assertion"),
        ),
      ),
    );
  });
}
