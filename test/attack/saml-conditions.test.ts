import { InMemoryReplayCache } from "@countersign/core";
import { describe } from "vitest";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { says } from "./support/reissue.js";
import { against, assertionScenes, bearer, bearer11, holderOfKey, type Scene } from "./support/scenes.js";

/*
 * What a genuine issuer says of an assertion's use: every assertion here has a right signature.
 */

const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const conditions = (name: string, value: string) => (text: string) =>
  replaced(text, /<saml2?:Conditions [^>]*>/, (tag) => replaced(tag, new RegExp(`(?<= ${name}=")[^"]*`), value));
const without = (name: string) => (text: string) =>
  replaced(text, /<saml2?:Conditions [^>]*>/, (tag) => replaced(tag, new RegExp(` ${name}="[^"]*"`), ""));
const confirmationData = (name: string, value: string) => (text: string) =>
  replaced(text, /<saml2:SubjectConfirmationData[^>]*>/, (tag) =>
    replaced(tag.replace(new RegExp(` ${name}="[^"]*"`), ""), ">", ` ${name}="${value}">`),
  );
const issueInstant = (value: string) => (text: string) => replaced(text, /(?<= IssueInstant=")[^"]*/, value);
const both =
  (...changes: ((text: string) => string)[]) =>
  (text: string) =>
    changes.reduce((said, change) => change(said), text);
const condition = (xml: string) => (text: string) => replaced(text, /<\/saml2?:Conditions>/, (end) => xml + end);

/** What no reader of xs:dateTime in UTC may take for a time. */
const noTimes = [
  "never",
  "",
  "1 Jan 2026",
  "2026-02-30T00:00:00Z",
  "2026-11-22T24:00:01Z",
  "2026-11-22T10:00:00",
  "2026-11-22T10:00:00+01:00",
  "2026-11-22T10:00:00-00:30",
  "2026-11-22",
  "2026-11-22 10:00:00Z",
  "1763805600",
  "2026-11-22T10:00:00.1234567890Z",
  "+12026-11-22T10:00:00Z",
  "๒๕๖๙-11-22T10:00:00Z",
  "2026-11-22T10:00:60Z",
];

for (const scene of assertionScenes) {
  const { saml } = scene;
  const { restriction } = saml;
  const issues = (change: (text: string) => string) => against(scene, (message) => says(message, change));
  const audiences = (xml: string) => (text: string) => replaced(text, saml.restrictions, xml);
  describe(scene.title, () => {
    attack("G8", "NotBefore in the future", issues(conditions("NotBefore", minutes(20))));
    attack(
      "G8",
      "NotOnOrAfter in the past",
      issues(both(conditions("NotBefore", minutes(-20)), conditions("NotOnOrAfter", minutes(-2)))),
    );
    attack("G8", "no NotOnOrAfter", issues(without("NotOnOrAfter")));
    attack(
      "G8",
      "an end before the beginning",
      issues(both(conditions("NotBefore", minutes(-1)), conditions("NotOnOrAfter", minutes(-2)))),
    );
    attack("G8", "an end that is no time", issues(conditions("NotOnOrAfter", "never")));
    attack("G8", "a beginning that is no time", issues(conditions("NotBefore", "NaN")));
    attack("G10", "issued in the future", issues(issueInstant(minutes(20))));
    attack("G10", "issued too long ago", issues(issueInstant(minutes(-12 * 60 - 2))));
    attack("G10", "issued at no time", async (expect) => {
      const message = scene.genuine();
      await scene.route.admits(message);
      expect(await scene.route.refuses(says(message, issueInstant("")))).toBe("IT");
      return scene.route.refuses(says(message, (text) => replaced(text, / IssueInstant="[^"]*"/, "")));
    });
    attack("G11", "no AudienceRestriction", issues(audiences("")));
    attack("G11", "an empty AudienceRestriction", issues(audiences(restriction())));
    attack("G11", "an empty Audience", issues(audiences(restriction(""))));
    for (const other of [
      "urn:other",
      "urn:orders/",
      "URN:orders",
      "urn:Orders",
      " urn:orders",
      "urn:orders2",
      "urn:order",
      "*",
    ]) {
      attack("G11", `the audience ${JSON.stringify(other)}`, issues(audiences(restriction(other))));
    }
    attack("G11", "another audience in a second restriction", async (expect) => {
      const message = scene.genuine();
      // Two audiences of one restriction are alternatives; two restrictions must both be met.
      const either = says(message, audiences(restriction("urn:other", "urn:orders")));
      expect((await scene.route.send(either)).verdict).toBe("accepted");
      const again = says(message, audiences(restriction("urn:orders") + restriction("urn:orders")));
      expect((await scene.route.send(again)).verdict).toBe("accepted");
      expect(
        await scene.route.refuses(says(message, audiences(restriction("urn:other") + restriction("urn:orders")))),
      ).toBe("IT");
      return scene.route.refuses(says(message, audiences(restriction("urn:orders") + restriction("urn:other"))));
    });
    attack(
      "G19",
      "a login in the future",
      issues((text) => replaced(text, new RegExp(`(?<= ${saml.authenticated}=")[^"]*`), minutes(20))),
    );
    attack(
      "G21",
      "a delegation that is not understood",
      issues(
        condition(
          `<${saml.prefix}:Condition xmlns:del="urn:oasis:names:tc:SAML:2.0:conditions:delegation" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="del:DelegationRestrictionType"><del:Delegate>proxy</del:Delegate></${saml.prefix}:Condition>`,
        ),
      ),
    );
    if (saml.version === "1.1") return;
    // SAML 1.1 has neither sessions nor proxies.
    attack(
      "G19",
      "a session that is over",
      issues((text) =>
        replaced(text, /<saml2:AuthnStatement /, (tag) => `${tag}SessionNotOnOrAfter="${minutes(-2)}" `),
      ),
    );
    attack(
      "G19",
      "a session without an end that is a time",
      issues((text) => replaced(text, /<saml2:AuthnStatement /, (tag) => `${tag}SessionNotOnOrAfter="later" `)),
    );
    attack("G21", "no use but the first", async (expect) => {
      const proxies = (count: string) =>
        condition(`<saml2:ProxyRestriction Count="${count}"></saml2:ProxyRestriction>`);
      const message = scene.genuine();
      expect((await scene.route.send(says(message, proxies("1")))).verdict).toBe("accepted");
      expect(await scene.route.refuses(says(message, proxies("-1")))).toBe("IT");
      return scene.route.refuses(says(message, proxies("0")));
    });
  });
}

describe("times of the confirmation", () => {
  for (const scene of [bearer, holderOfKey]) {
    const issues = (change: (text: string) => string) => against(scene, (message) => says(message, change));
    attack("G8", `its end passed; ${scene.title}`, issues(confirmationData("NotOnOrAfter", minutes(-2))));
    attack("G8", `its beginning is to come; ${scene.title}`, issues(confirmationData("NotBefore", minutes(20))));
    attack("G8", `its end is no time; ${scene.title}`, issues(confirmationData("NotOnOrAfter", "NaN")));
  }
});

describe("times that are none", () => {
  for (const scene of [bearer, bearer11]) {
    const authenticated = new RegExp(`(?<= ${scene.saml.authenticated}=")[^"]*`);
    for (const text of noTimes) {
      for (const [place, change] of [
        ["NotOnOrAfter", conditions("NotOnOrAfter", text)],
        ["NotBefore", conditions("NotBefore", text)],
        ["IssueInstant", issueInstant(text)],
        ["the authentication's", (said: string) => replaced(said, authenticated, text)],
      ] as const) {
        attack(
          "G9",
          `${place} "${text}"; ${scene.title}`,
          against(scene, (message) => says(message, change)),
        );
      }
    }
    attack("G9", `a zone other than UTC, where +00:00 and nine digits are good; ${scene.title}`, async (expect) => {
      const message = scene.genuine();
      const ends = (end: string) => says(message, conditions("NotOnOrAfter", minutes(10).replace(/\.\d+Z$/, end)));
      for (const end of ["Z", "+00:00", "-00:00", ".5Z", ".123456789Z"]) {
        expect([end, (await scene.route.send(ends(end))).verdict]).toEqual([end, "accepted"]);
      }
      return scene.route.refuses(ends("+00:01"));
    });
  }
  for (const text of noTimes) {
    attack(
      "G9",
      `the confirmation's NotOnOrAfter "${text}"`,
      against(bearer, (message) => says(message, confirmationData("NotOnOrAfter", text))),
    );
  }
});

describe("one use", () => {
  for (const scene of assertionScenes) {
    const once = condition(scene.saml.once);
    const remembering = (more: Parameters<Scene["route"]["with"]>[0] = {}) =>
      scene.route.with({ replay: new InMemoryReplayCache(), ...more });
    attack("G12", `an assertion for one use, in a second message; ${scene.title}`, async (expect) => {
      const route = remembering();
      const first = says(scene.genuine(), once);
      expect((await route.send(first)).verdict).toBe("accepted");
      // A fresh Timestamp and signature do not help: it is the assertion that was used.
      return route.refuses(says(scene.genuine({ lifetimeSeconds: 200 }), once));
    });
  }
  attack("G12", "in fifty messages at once", async (expect) => {
    const route = bearer.route.with({ replay: new InMemoryReplayCache() });
    const sent = says(bearer.genuine(), condition(bearer.saml.once));
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => route.send(sent)));
    const refused = outcomes.filter(({ verdict }) => verdict !== "accepted");
    expect(refused.length).toBe(49);
    return refused[0]?.verdict ?? "accepted";
  });
  for (const scene of [bearer, bearer11]) {
    attack("G12", `a reusable assertion on a route that takes each once; ${scene.title}`, async (expect) => {
      const options = { audience: "urn:orders", confirm: "bearer", over: "transport" } as const;
      const reusable = scene.route.with({ replay: new InMemoryReplayCache() });
      const message = scene.genuine();
      await reusable.admits(message);
      await reusable.admits(message);
      const strict = scene.route.with({
        replay: new InMemoryReplayCache(),
        accept: [scene.saml.alternative({ ...options, oneTime: true })],
      });
      await strict.admits(message);
      expect(await strict.refuses(says(message, (text) => replaced(text, "clerk", "admin")))).toBe("IS");
      return strict.refuses({ soap: message.soap, body: message.bytes });
    });
  }
});

describe("what the route demands besides", () => {
  for (const scene of [bearer, bearer11]) {
    attack("G19", `no statement of an authentication where the route demands one; ${scene.title}`, async (expect) => {
      const options = {
        audience: "urn:orders",
        confirm: "bearer",
        over: "transport",
        requireAuthnStatement: true,
      } as const;
      const route = scene.route.with({ accept: [scene.saml.alternative(options)] });
      const message = scene.genuine();
      await route.admits(message);
      const bare = says(message, (text) => replaced(text, /<(saml2?:Auth\w*Statement) [\s\S]*<\/\1>/, ""));
      expect((await scene.route.send(bare)).verdict).toBe("accepted");
      return route.refuses(bare);
    });
  }
});
