import { describe, expect, it } from "vitest";
import { Certificate, defaultSuite, type KeyObject } from "../../crypto/index.js";
import { isCountersignError } from "../../errors/index.js";
import { createTestCertificate, testKeyPair } from "../../testing/index.js";
import { scan } from "../../xml/index.js";
import { signEnveloped } from "../../xmlsec/index.js";
import type { AssertionContent } from "./content.js";
import { issueAssertion } from "./issue.js";
import { createAssertionIssuers } from "./issuers.js";
import { parseAssertion } from "./parse.js";
import { names } from "./saml2-names.js";
import { type AssertionRules, type ValidatedAssertion, validateAssertion } from "./validate.js";
import { verifyAssertion } from "./verify.js";

const now = Math.floor(Date.now() / 1000) * 1000;
const skew = 60_000;
const sts = createTestCertificate({ subject: "CN=sts", notBefore: now - 86_400_000, notAfter: now + 86_400_000 });
const issuers = createAssertionIssuers(
  [{ name: "https://sts.example", certificates: [sts.certificate] }],
  "trust.issuers",
);
const signer = { key: sts.keyPair.privateKey };
const content: AssertionContent = {
  issuer: "https://sts.example",
  subject: { name: "alice", format: "urn:f" },
  audience: "urn:orders",
  lifetime: { created: now, expires: now + 1_800_000 },
  confirmation: { method: "bearer" },
};
const rules: AssertionRules = { audiences: new Set(["urn:orders"]), confirm: "bearer", skew, now };

type Change = Partial<AssertionContent> & { readonly edit?: (xml: string) => string };

/** Issues an assertion, changes its text, and signs the result as the issuer would. */
function verified({ edit = (xml) => xml, ...change }: Change = {}) {
  const { xml, id } = issueAssertion({ ...content, ...change }, signer);
  const edited = edit(xml.replace(/<ds:Signature .*?<\/ds:Signature>/, ""));
  const signed = signEnveloped(edited, {
    ...signer,
    elementId: id,
    behind: names.issuer,
    algorithm: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
  });
  return verifyAssertion(parseAssertion(scan(Buffer.from(signed)), 0), issuers, defaultSuite);
}

const validate = (change: Change = {}, more: Partial<AssertionRules> = {}): ValidatedAssertion =>
  validateAssertion(verified(change), { ...rules, ...more });

function refusal(change: Change = {}, more: Partial<AssertionRules> = {}): string {
  try {
    validate(change, more);
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
  return "accepted";
}

const iso = (time: number) => new Date(time).toISOString();
const cm = "urn:oasis:names:tc:SAML:2.0:cm";
const confirmation = (method: string, data = "", inner = "") =>
  `<saml2:SubjectConfirmation Method="${cm}:${method}">${inner}<saml2:SubjectConfirmationData ${data}></saml2:SubjectConfirmationData></saml2:SubjectConfirmation>`;
const confirmedBy = (...confirmations: string[]): Change => ({
  edit: (xml) => xml.replace(/<saml2:SubjectConfirmation .*<\/saml2:SubjectConfirmation>/, confirmations.join("")),
});
const conditions = (...children: string[]): Change => ({
  edit: (xml) => xml.replace(/<saml2:AudienceRestriction>.*<\/saml2:AudienceRestriction>/, children.join("")),
});
const restriction = (...audiences: string[]) =>
  `<saml2:AudienceRestriction>${audiences.map((audience) => `<saml2:Audience>${audience}</saml2:Audience>`).join("")}</saml2:AudienceRestriction>`;

describe("validateAssertion", () => {
  it("accepts a fresh assertion for this service and gives its subject, claims and end", () => {
    const token = validate({
      attributes: [
        { name: "role", values: ["clerk", "boss"] },
        { name: "dept", values: [] },
      ],
      id: "_a",
    });
    expect(token).toMatchObject({
      kind: "saml2",
      proof: "bearer",
      principal: { name: "alice", kind: "saml2", format: "urn:f" },
      issuer: "https://sts.example",
      id: "_a",
      expires: now + 1_800_000,
      replay: [],
    });
    expect([...token.claims]).toEqual([
      { type: "role", values: ["clerk", "boss"], issuer: "https://sts.example" },
      { type: "dept", values: [], issuer: "https://sts.example" },
    ]);
    expect(token.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("accepts G16 an attribute that stands twice as one claim with all values, in order", () => {
    const { claims } = validate({
      attributes: [
        { name: "role", values: ["b"] },
        { name: "x", values: ["1"] },
        { name: "role", values: ["a"] },
      ],
    });
    expect(claims.values("role")).toEqual(["b", "a"]);
    expect(claims.value("role")).toBe("b");
  });

  describe("times", () => {
    it("accepts R4.7 until the skew behind NotOnOrAfter, and rejects from then on with ERR_TOKEN_EXPIRED", () => {
      const end = now + 1_800_000;
      expect(refusal({}, { now: end - 1000 })).toBe("accepted");
      expect(refusal({}, { now: end + skew - 1 })).toBe("accepted");
      expect(refusal({}, { now: end + skew })).toBe("ERR_TOKEN_EXPIRED");
      expect(refusal({}, { now: end + skew + 1000 })).toBe("ERR_TOKEN_EXPIRED");
      expect(refusal({}, { now: end, skew: 0 })).toBe("ERR_TOKEN_EXPIRED");
    });

    it("accepts G8 from the skew before NotBefore, and rejects before that with ERR_TOKEN_NOT_YET_VALID", () => {
      const change = { now: now - 300_000 };
      expect(refusal(change, { now: now - skew })).toBe("accepted");
      expect(refusal(change, { now: now - skew - 1 })).toBe("ERR_TOKEN_NOT_YET_VALID");
    });

    it("rejects G8 an assertion without NotOnOrAfter with ERR_TOKEN_EXPIRED", () => {
      expect(refusal({ edit: (xml) => xml.replace(/ NotOnOrAfter="[^"]*"/, "") })).toBe("ERR_TOKEN_EXPIRED");
      expect(refusal({ edit: (xml) => xml.replace(/ NotBefore="[^"]*"/, "") })).toBe("accepted");
    });

    it("rejects G10 an IssueInstant in the future, or too old", () => {
      const lifetime = { created: now - 86_400_000, expires: now + 86_400_000 };
      const hours12 = 12 * 3600 * 1000;
      expect(refusal({ lifetime, now: now + skew })).toBe("accepted");
      expect(refusal({ lifetime, now: now + skew + 1 })).toBe("ERR_TOKEN_NOT_YET_VALID");
      expect(refusal({ lifetime, now: now - hours12 - skew })).toBe("accepted");
      expect(refusal({ lifetime, now: now - hours12 - skew - 1 })).toBe("ERR_TOKEN_EXPIRED");
      expect(refusal({ lifetime, now: now - 70_001 }, { maxAge: 10_000 })).toBe("ERR_TOKEN_EXPIRED");
    });

    it("rejects an assertion under a certificate of its issuer that is out of date with ERR_TOKEN_SIGNATURE", () => {
      const lifetime = { created: now - 2 * 86_400_000, expires: now + 2 * 86_400_000 };
      const maxAge = 7 * 86_400_000;
      expect(refusal({ lifetime }, { maxAge, now: now + 86_400_000 })).toBe("accepted");
      expect(refusal({ lifetime }, { maxAge, now: now + 86_400_000 + skew + 1000 })).toBe("ERR_TOKEN_SIGNATURE");
    });

    it("rejects a clock that is not a number", () => {
      expect(refusal({}, { now: Number.NaN })).not.toBe("accepted");
    });
  });

  describe("audience", () => {
    it.each([
      ["one of several services", [restriction("urn:x", "urn:orders")], "accepted"],
      [
        "two restrictions that both name it",
        [restriction("urn:orders"), restriction("urn:y", "urn:orders")],
        "accepted",
      ],
      [
        "G11 two restrictions of which one does not",
        [restriction("urn:orders"), restriction("urn:other")],
        "ERR_TOKEN_AUDIENCE",
      ],
      ["G11 another service", [restriction("urn:other")], "ERR_TOKEN_AUDIENCE"],
      ["G11 a slash more", [restriction("urn:orders/")], "ERR_TOKEN_AUDIENCE"],
      ["G11 another case", [restriction("URN:orders")], "ERR_TOKEN_AUDIENCE"],
      ["white space around it", [restriction(" urn:orders")], "ERR_TOKEN_AUDIENCE"],
      ["a part of it", [restriction("urn:order")], "ERR_TOKEN_AUDIENCE"],
      ["G11 nobody", [], "ERR_TOKEN_AUDIENCE"],
    ])("is judged exactly: %s", (_name, restrictions, outcome) => {
      expect(refusal(conditions(...restrictions))).toBe(outcome);
    });

    it("rejects an assertion without Conditions with ERR_TOKEN_AUDIENCE", () => {
      expect(refusal({ edit: (xml) => xml.replace(/<saml2:Conditions .*<\/saml2:Conditions>/, "") })).toBe(
        "ERR_TOKEN_AUDIENCE",
      );
    });

    it("accepts any of the route's audiences", () => {
      expect(refusal({ audience: "urn:b" }, { audiences: new Set(["urn:a", "urn:b"]) })).toBe("accepted");
      expect(refusal({ audience: "urn:c" }, { audiences: new Set(["urn:a", "urn:b"]) })).toBe("ERR_TOKEN_AUDIENCE");
    });
  });

  it("rejects G14 an issuer that the route does not take with ERR_TOKEN_ISSUER", () => {
    expect(refusal({}, { issuers: new Set(["https://sts.example"]) })).toBe("accepted");
    expect(refusal({}, { issuers: new Set(["https://other.example"]) })).toBe("ERR_TOKEN_ISSUER");
  });

  it("rejects G21 ProxyRestriction with Count 0 with ERR_TOKEN_MALFORMED and accepts others", () => {
    const proxy = (count: string) =>
      conditions(restriction("urn:orders"), `<saml2:ProxyRestriction ${count}></saml2:ProxyRestriction>`);
    expect(refusal(proxy('Count="0"'))).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal(proxy('Count="1"'))).toBe("accepted");
    expect(refusal(proxy(""))).toBe("accepted");
  });

  it("rejects an assertion that names no subject with ERR_TOKEN_MALFORMED", () => {
    expect(refusal({ edit: (xml) => xml.replace(/<saml2:NameID.*<\/saml2:NameID>/, "") })).toBe("ERR_TOKEN_MALFORMED");
    expect(refusal({ edit: (xml) => xml.replace(/<saml2:Subject>.*<\/saml2:Subject>/, "") })).toBe(
      "ERR_TOKEN_MALFORMED",
    );
  });

  describe("session", () => {
    it("rejects G19 a missing AuthnStatement with ERR_TOKEN_MALFORMED where the route demands one, and accepts it elsewhere", () => {
      expect(refusal()).toBe("accepted");
      expect(refusal({}, { requireAuthnStatement: true })).toBe("ERR_TOKEN_MALFORMED");
      expect(refusal({ authentication: { instant: now } }, { requireAuthnStatement: true })).toBe("accepted");
    });

    it("rejects G19 a session that has ended with ERR_TOKEN_EXPIRED", () => {
      const session = (end: number) => ({
        authentication: { instant: now - 3_600_000, sessionIndex: "1", sessionNotOnOrAfter: end },
      });
      expect(refusal(session(now - skew + 1))).toBe("accepted");
      expect(refusal(session(now - skew))).toBe("ERR_TOKEN_EXPIRED");
      expect(validate(session(now + 1000)).expires).toBe(now + 1000);
    });

    it("rejects an authentication in the future with ERR_TOKEN_NOT_YET_VALID", () => {
      expect(refusal({ authentication: { instant: now + skew } })).toBe("accepted");
      expect(refusal({ authentication: { instant: now + skew + 1 } })).toBe("ERR_TOKEN_NOT_YET_VALID");
    });
  });

  describe("replay", () => {
    const once = conditions(restriction("urn:orders"), "<saml2:OneTimeUse></saml2:OneTimeUse>");

    it("accepts G12 a reusable assertion without a reservation, and asks for one with OneTimeUse or by option", () => {
      const until = now + 1_800_000 + skew;
      const entry = { kind: "saml-one-time", parts: ["https://sts.example", "_a"], until, since: now };
      expect(validate({ id: "_a" }).replay).toEqual([]);
      expect(validate({ ...once, id: "_a" }).replay).toEqual([entry]);
      expect(validate({ oneTimeUse: true, id: "_a" }).replay).toEqual([entry]);
      expect(validate({ id: "_a" }, { oneTime: true }).replay).toEqual([entry]);
    });

    it("remembers I11 for as long as the assertion could be accepted, not less", () => {
      for (const maxAge of [60_000, 86_400_000]) {
        const [entry] = validate({ oneTimeUse: true }, { maxAge }).replay;
        expect(refusal({ oneTimeUse: true }, { maxAge, now: (entry?.until ?? 0) + 1 })).toBe("ERR_TOKEN_EXPIRED");
      }
      expect(refusal({ oneTimeUse: true }, { maxAge: 60_000, now: now + 60_000 + skew })).toBe("accepted");
    });
  });

  describe("confirmation", () => {
    it("rejects another method than the route demands with ERR_WSS_INVALID_TOKEN", () => {
      const methods = ["bearer", "sender-vouches"] as const;
      for (const has of methods) {
        for (const confirm of methods) {
          const outcome = has === confirm ? "accepted" : "ERR_WSS_INVALID_TOKEN";
          expect(refusal({ confirmation: { method: has } }, { confirm })).toBe(outcome);
        }
      }
      expect(refusal({}, { confirm: "holder-of-key" })).toBe("ERR_WSS_INVALID_TOKEN");
    });

    it("rejects G7 no confirmation at all, and G6 an unknown method, with ERR_WSS_INVALID_TOKEN", () => {
      expect(refusal(confirmedBy())).toBe("ERR_WSS_INVALID_TOKEN");
      expect(refusal(confirmedBy(confirmation("artifact")))).toBe("ERR_WSS_INVALID_TOKEN");
      expect(refusal(confirmedBy(confirmation("BEARER")))).toBe("ERR_WSS_INVALID_TOKEN");
    });

    it("accepts G6 one valid confirmation among others", () => {
      const late = confirmation("bearer", `NotOnOrAfter="${iso(now - skew)}"`);
      expect(refusal(confirmedBy(late, confirmation("artifact")))).toBe("ERR_TOKEN_EXPIRED");
      const { confirmation: chosen } = validate(
        confirmedBy(late, confirmation("artifact"), confirmation("bearer", 'Recipient="urn:orders"')),
      );
      expect(chosen.recipient).toBe("urn:orders");
    });

    it("judges the confirmation's own times", () => {
      expect(refusal(confirmedBy(confirmation("bearer", `NotOnOrAfter="${iso(now - skew + 1)}"`)))).toBe("accepted");
      expect(refusal(confirmedBy(confirmation("bearer", `NotOnOrAfter="${iso(now - skew)}"`)))).toBe(
        "ERR_TOKEN_EXPIRED",
      );
      expect(refusal(confirmedBy(confirmation("bearer", `NotBefore="${iso(now + skew)}"`)))).toBe("accepted");
      expect(refusal(confirmedBy(confirmation("bearer", `NotBefore="${iso(now + skew + 1)}"`)))).toBe(
        "ERR_TOKEN_NOT_YET_VALID",
      );
    });

    it.each([
      ["none, none demanded", "", undefined, "accepted"],
      ["none, one demanded", "", "https://a/", "ERR_TOKEN_AUDIENCE"],
      ["the one demanded", 'Recipient="https://a/"', "https://a/", "accepted"],
      ["G13 another than demanded", 'Recipient="https://a"', "https://a/", "ERR_TOKEN_AUDIENCE"],
      ["the audience, none demanded", 'Recipient="urn:orders"', undefined, "accepted"],
      ["G13 a stranger's, none demanded", 'Recipient="https://evil/"', undefined, "ERR_TOKEN_AUDIENCE"],
      ["an empty one, none demanded", 'Recipient=""', undefined, "ERR_TOKEN_AUDIENCE"],
    ])("judges the Recipient: %s", (_name, data, recipient, outcome) => {
      expect(refusal(confirmedBy(confirmation("bearer", data)), { recipient })).toBe(outcome);
    });

    it("rejects G13 another Address or InResponseTo, and one that cannot be compared, with ERR_WSS_INVALID_TOKEN", () => {
      const at = confirmedBy(confirmation("bearer", 'Address="192.0.2.1"'));
      expect(refusal(at, { address: "192.0.2.1" })).toBe("accepted");
      expect(refusal(at, { address: "::ffff:192.0.2.1" })).toBe("accepted");
      expect(refusal(at, { address: "192.0.2.2" })).toBe("ERR_WSS_INVALID_TOKEN");
      expect(refusal(at)).toBe("ERR_WSS_INVALID_TOKEN");
      const answer = confirmedBy(confirmation("bearer", 'InResponseTo="_r"'));
      expect(refusal(answer, { inResponseTo: "_r" })).toBe("accepted");
      expect(refusal(answer, { inResponseTo: "_s" })).toBe("ERR_WSS_INVALID_TOKEN");
      expect(refusal(answer)).toBe("ERR_WSS_INVALID_TOKEN");
    });

    it("rejects a confirmation by somebody else than the subject with ERR_WSS_INVALID_TOKEN", () => {
      const by = (name: string) =>
        confirmedBy(confirmation("bearer", "", `<saml2:NameID Format="urn:f">${name}</saml2:NameID>`));
      expect(refusal(by("alice"))).toBe("accepted");
      expect(refusal(by("proxy"))).toBe("ERR_WSS_INVALID_TOKEN");
    });

    it("never reads a key for another method (mistake 16)", () => {
      const alice = createTestCertificate({ subject: "CN=alice" });
      const change: Change = {
        confirmation: { method: "holder-of-key", certificate: Certificate.parse(alice.der) },
        edit: (xml) => xml.replace(":holder-of-key", ":sender-vouches"),
      };
      expect(verified(change).holderOfKey).toEqual([]);
      expect(validate(change, { confirm: "sender-vouches" }).confirmation.keys).toEqual([]);
    });

    describe("by holder-of-key", () => {
      const one = testKeyPair("ec", "one").publicKey;
      const two = testKeyPair("ec", "two").publicKey;
      const named = (publicKey: KeyObject): Change => ({ confirmation: { method: "holder-of-key", publicKey } });
      const held = (publicKey: KeyObject, data: string) => {
        const { xml } = issueAssertion({ ...content, ...named(publicKey) }, signer);
        const found = /<saml2:SubjectConfirmation .*<\/saml2:SubjectConfirmation>/.exec(xml)?.[0] ?? "";
        return found.replace("<saml2:SubjectConfirmationData", `<saml2:SubjectConfirmationData ${data}`);
      };
      const confirm = "holder-of-key";

      it("accepts the key that signed the message and rejects another with ERR_TOKEN_PROOF", () => {
        expect(refusal(named(one), { confirm })).toBe("accepted");
        expect(refusal(named(one), { confirm, key: one })).toBe("accepted");
        expect(refusal(named(one), { confirm, key: two })).toBe("ERR_TOKEN_PROOF");
      });

      it("rejects a key whose own confirmation has ended, although another key's has not", () => {
        const change = confirmedBy(held(one, `NotOnOrAfter="${iso(now - skew)}"`), held(two, ""));
        expect(refusal(change, { confirm, key: two })).toBe("accepted");
        expect(refusal(change, { confirm, key: one })).toBe("ERR_TOKEN_EXPIRED");
        // Which key signed is not known: then every confirmation must hold.
        expect(refusal(change, { confirm })).toBe("ERR_TOKEN_EXPIRED");
      });

      it("accepts the name of whoever holds the key", () => {
        const change = confirmedBy(
          held(one, "").replace(
            "<saml2:SubjectConfirmationData",
            "<saml2:NameID>proxy</saml2:NameID><saml2:SubjectConfirmationData",
          ),
        );
        expect(refusal(change, { confirm, key: one })).toBe("accepted");
      });
    });
  });
});
