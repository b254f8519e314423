import { InMemoryIssuedTokenStore } from "@countersign/broker";
import {
  type TrustOperation,
  tokenTypes,
  trust13,
  trust2005,
  trustVersions,
  writeAssertionReference,
  writeRequestSecurityTokenCollection,
} from "@countersign/core/sts";
import { testKeyPair } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { type Answer, ask, possession, type Question, responseIn } from "./ask.js";
import { brokerKey, noon, ordersUrl, strangerKey, TestIdentityProvider, testBroker } from "./estate.js";
import { about, assertionIn, claimsIn, contentIn, tokenIn } from "./exchange.js";

const renewable = { renewing: { allow: true, afterExpiry: false } };
const late = { renewing: { allow: true, afterExpiry: true } };
const keys = testKeyPair("ec", "operations");
const others = testKeyPair("ec", "somebody else");
const withKey: Question = {
  request: { ...renewable, keyType: "public-key", useKey: { publicKey: keys.publicKey } },
  signatures: [possession(keys)],
};
const lasting = { relyingParties: [{ appliesTo: ordersUrl, claims: ["role"], renewAfterExpirySeconds: 600 }] };

type Options = Parameters<typeof testBroker>[0];

/** A broker, and a token that it issued to alice. */
async function issued(question: Question = { request: renewable }, options?: Options) {
  const estate = testBroker(options);
  const answer = await ask(estate.broker, estate.clock, question);
  expect(answer.status).toBe(200);
  return { ...estate, token: tokenIn(answer) };
}

const statusOf = (answer: Answer, vocabulary = trust13) => contentIn(answer, vocabulary).status;

describe("WS-Trust 1.4 section 5, Renew", () => {
  it("accepts the requestor that the token was issued to: the same token with a new life", async () => {
    const { broker, clock, token, events } = await issued();
    clock.pass(1700);
    const answer = await ask(broker, clock, about("renew", token));
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.text).toContain(`>${trust13.answers.renew}</wsa:Action>`);
    const renewed = tokenIn(answer);
    expect(assertionIn(renewed)).toMatchObject({ conditions: { notOnOrAfter: noon + 3_500_000 } });
    expect(claimsIn(renewed)).toEqual(claimsIn(token));
    expect(assertionIn(renewed).id).not.toBe(assertionIn(token).id);
    expect(events.at(-1)).toMatchObject({ operation: "renew", outcome: "renewed", target: assertionIn(token).id });
    // What was renewed can be renewed again.
    expect(await ask(broker, clock, about("renew", renewed))).toMatchObject({ status: 200 });
  });

  it("accepts a reference by the assertion's id", async () => {
    const { broker, clock, token } = await issued();
    const reference = writeAssertionReference("2.0", assertionIn(token).id);
    expect(await ask(broker, clock, about("renew", reference))).toMatchObject({ status: 200 });
  });

  it("accepts a token with a key where that key signs the request", async () => {
    const { broker, clock, token } = await issued(withKey);
    const answer = await ask(broker, clock, about("renew", token, { signatures: [possession(keys)] }));
    const [confirmation] = assertionIn(tokenIn(answer)).subject?.confirmations ?? [];
    expect(confirmation?.keys[0]?.key.equals(keys.publicKey)).toBe(true);
  });

  it("accepts a token after its end within the relying party's window", async () => {
    const { broker, clock, token } = await issued({ request: late }, lasting);
    clock.pass(1800 + 599);
    expect(await ask(broker, clock, about("renew", token))).toMatchObject({ status: 200 });
  });

  it.each<[string, Question, Options, number, (token: string) => Question]>([
    ["a token that was not asked for as renewable", {}, {}, 0, (token) => about("renew", token)],
    [
      "one whose request forbids it",
      { request: { renewing: { allow: false, afterExpiry: false } } },
      {},
      0,
      (token) => about("renew", token),
    ],
    ["a token at its end", { request: renewable }, lasting, 1800, (token) => about("renew", token)],
    ["one after the window", { request: late }, lasting, 1800 + 600, (token) => about("renew", token)],
    [
      "a token of somebody else",
      { request: renewable },
      {},
      0,
      (token) => about("renew", token, { name: "bob", password: "builder" }),
    ],
    ["a token whose key does not sign", withKey, {}, 0, (token) => about("renew", token)],
    [
      "a token whose key signs the Timestamp alone",
      withKey,
      {},
      0,
      (token) => about("renew", token, { signatures: [possession(keys, ["timestamp"])] }),
    ],
    [
      "a token with another key",
      withKey,
      {},
      0,
      (token) => about("renew", token, { signatures: [possession(others)] }),
    ],
    [
      "a token for another service",
      { request: renewable },
      {},
      0,
      (token) => about("renew", token, { request: { appliesTo: "https://bearer-only.example" } }),
    ],
  ])("rejects %s with wst:UnableToRenew", async (_, question, options, seconds, asked) => {
    const { broker, clock, token, events } = await issued(question, options);
    clock.pass(seconds);
    const answer = await ask(broker, clock, asked(token));
    expect(answer).toMatchObject({ status: 400, fault: "wst:UnableToRenew" });
    expect(answer.text).not.toContain("Assertion");
    expect(events.at(-1)).toMatchObject({ operation: "renew", outcome: "refused" });
  });

  it("rejects a token that was cancelled, or that the store does not know", async () => {
    const { broker, clock, token } = await issued();
    await ask(broker, clock, about("cancel", token));
    expect(await ask(broker, clock, about("renew", token))).toMatchObject({ fault: "wst:UnableToRenew" });
    const another = testBroker();
    expect(await ask(another.broker, another.clock, about("renew", token))).toMatchObject({
      fault: "wst:UnableToRenew",
    });
  });

  it("rejects a token that was altered, and one that somebody else signed", async () => {
    const { broker, clock, token } = await issued();
    const altered = token.replace("alice@example", "admin@example");
    const elsewhere = await issued(undefined, {
      signing: { key: strangerKey.privateKey, certificate: strangerKey.certificate },
    });
    for (const target of [altered, elsewhere.token, "<a></a>"]) {
      const answer = await ask(broker, clock, about("renew", target));
      expect(answer).toMatchObject({ status: 400, fault: "wst:InvalidSecurityToken" });
    }
  });

  it("rejects a request without target", async () => {
    const { broker, clock } = testBroker();
    const question = about("renew", "", { request: { target: undefined } });
    expect(await ask(broker, clock, question)).toMatchObject({ fault: "wst:InvalidRequest" });
  });
});

describe("WS-Trust 1.4 section 6, Cancel", () => {
  it("accepts the requestor that the token was issued to: it is valid no more", async () => {
    const { broker, clock, token, events } = await issued();
    expect(statusOf(await ask(broker, clock, about("validate", token)))).toEqual({ valid: true, reason: undefined });
    const answer = await ask(broker, clock, about("cancel", token));
    expect(answer.text).toContain(`>${trust13.answers.cancel}</wsa:Action>`);
    expect(contentIn(answer).cancelled).toBe(true);
    expect(events.at(-1)).toMatchObject({ operation: "cancel", outcome: "cancelled", target: assertionIn(token).id });
    expect(statusOf(await ask(broker, clock, about("validate", token)))).toMatchObject({ valid: false });
  });

  it("rejects another requestor, and an unknown token, in the same words; the token stays valid", async () => {
    const { broker, clock, token } = await issued();
    const bob = { name: "bob", password: "builder" };
    const foreign = await ask(broker, clock, about("cancel", token, bob));
    const unknown = await ask(broker, clock, about("cancel", writeAssertionReference("2.0", "_unknown"), bob));
    expect(foreign).toMatchObject({ status: 400, fault: "wst:RequestFailed" });
    expect(unknown.text).toBe(foreign.text);
    expect(statusOf(await ask(broker, clock, about("validate", token)))).toMatchObject({ valid: true });
  });
});

describe("WS-Trust 1.4 section 7, Validate", () => {
  it("accepts a live token of this broker from anybody who is authenticated", async () => {
    const { broker, clock, token, events } = await issued();
    const answer = await ask(broker, clock, about("validate", token, { name: "bob", password: "builder" }));
    expect(answer.text).toContain(`>${trust13.answers.validate}</wsa:Action>`);
    expect(contentIn(answer)).toMatchObject({ tokenType: trust13.statusType, status: { valid: true } });
    expect(events.at(-1)).toMatchObject({ outcome: "validated", status: "valid", target: assertionIn(token).id });
  });

  it("rejects as invalid a token that is altered, foreign, over or revoked", async () => {
    const { broker, clock, token, events } = await issued();
    const verdict = async (xml: string) => statusOf(await ask(broker, clock, about("validate", xml)))?.valid;
    expect(await verdict(token)).toBe(true);
    expect(await verdict(token.replace("alice@example", "admin@example"))).toBe(false);
    expect(await verdict("<a></a>")).toBe(false);
    expect(events.at(-1)).toMatchObject({ outcome: "validated", status: "invalid" });
    expect(await broker.revoke(assertionIn(token).id)).toBe(true);
    expect(await verdict(token)).toBe(false);
    const next = tokenIn(await ask(broker, clock));
    clock.pass(1800 + 60);
    expect(await verdict(next)).toBe(false);
  });

  it("rejects as invalid a token whose subject is gone, or has lost what the token says", async () => {
    const identityProvider = Object.assign(new TestIdentityProvider(), {
      find: (name: string) => (name === "alice@example" ? { name, claims: { role: ["clerk"] } } : undefined),
    });
    const { broker, clock } = testBroker({ identityProvider });
    const token = tokenIn(await ask(broker, clock));
    const bobs = tokenIn(await ask(broker, clock, { name: "bob", password: "builder" }));
    const verdict = async (xml: string) => statusOf(await ask(broker, clock, about("validate", xml)))?.valid;
    expect([await verdict(token), await verdict(bobs)]).toEqual([true, false]);
    identityProvider.find = (name) => ({ name, claims: { role: ["guest"] } });
    expect([await verdict(token), await verdict(bobs)]).toEqual([false, true]);
    identityProvider.find = () => {
      throw new TypeError("the directory is out");
    };
    expect(await ask(broker, clock, about("validate", token))).toMatchObject({ status: 503 });
  });

  it("rejects a request for a token in exchange where no rule allows it", async () => {
    const { broker, clock, token } = await issued();
    const exchange = about("validate", token, { request: { tokenType: tokenTypes.saml2, appliesTo: ordersUrl } });
    expect(await ask(broker, clock, exchange)).toMatchObject({ fault: "wst:RequestFailed" });
    const rule = {
      delegates: ["bob@example"],
      kinds: ["on-behalf-of"],
      audiences: [ordersUrl],
      appliesTo: [ordersUrl],
    } as const;
    const open = testBroker({ delegation: [rule] });
    const bearer = tokenIn(await ask(open.broker, open.clock));
    const asked = about("validate", bearer, {
      name: "bob",
      password: "builder",
      request: { tokenType: tokenTypes.saml2, appliesTo: ordersUrl },
    });
    const answer = await ask(open.broker, open.clock, asked);
    expect(contentIn(answer).status).toMatchObject({ valid: true });
    expect(assertionIn(tokenIn(answer)).subject?.nameId?.value).toBe("alice@example");
  });
});

describe("WS-Trust 1.4 section 4.2, several requests in one message", () => {
  const collection = (operation: TrustOperation, requests: readonly Question["request"][]): Question => ({
    action: trust13.batchTypes[operation],
    content: writeRequestSecurityTokenCollection(
      requests.map((request) => ({ requestType: trust13.batchTypes[operation], ...request })),
    ),
  });
  const one = { context: "urn:one", appliesTo: ordersUrl };
  const two = { context: "urn:two", appliesTo: "https://bearer-only.example" };
  const texts = ({ text }: Answer) => [...text.matchAll(/Context="([^"]*)"/g)].map(([, context]) => context);

  it("accepts requests for tokens, and then to validate and cancel them", async () => {
    const { broker, clock, events } = testBroker();
    const answer = await ask(broker, clock, collection("issue", [one, two]));
    expect([answer.status, texts(answer)]).toEqual([200, ["urn:one", "urn:two"]]);
    expect(events.slice(-2).map((event) => "appliesTo" in event && event.appliesTo)).toEqual([
      one.appliesTo,
      two.appliesTo,
    ]);
    const ids = [...answer.text.matchAll(/<saml2:Assertion[^>]* ID="([^"]*)"/g)].map(([, id = ""]) => id);
    const targets = ids.map((id) => ({ target: writeAssertionReference("2.0", id) }));
    expect(
      (await ask(broker, clock, collection("cancel", targets))).text.match(/RequestedTokenCancelled>/g),
    ).toHaveLength(4);
  });

  it.each<[string, Question, string]>([
    ["one that is refused", collection("issue", [one, { appliesTo: "urn:unknown" }]), "wst:InvalidScope"],
    ["21 requests", collection("issue", Array(21).fill(one)), "wst:BadRequest"],
    [
      "different operations",
      collection("issue", [one, { requestType: trust13.batchTypes.validate, target: "<a></a>" }]),
      "wst:InvalidRequest",
    ],
    [
      "requests that are not for a collection",
      collection("issue", [one, { ...two, requestType: trust13.requestTypes.issue }]),
      "wst:BadRequest",
    ],
  ])("rejects all of them for %s", async (_, question, fault) => {
    const { broker, clock } = testBroker();
    const answer = await ask(broker, clock, question);
    expect(answer).toMatchObject({ status: 400, fault });
    expect(answer.text).not.toContain("Assertion");
  });
});

describe.each(trustVersions)("WS-Trust $version", (vocabulary) => {
  const issueRequest = { vocabulary, requestType: vocabulary.requestTypes.issue, ...renewable };
  const question: Question = { action: vocabulary.actions.issue, request: issueRequest };

  it.each(["1.1", "1.2"] as const)(
    "accepts every operation in SOAP %s, and answers in its own words",
    async (version) => {
      const { broker, clock } = testBroker();
      const answer = await ask(broker, clock, { ...question, version });
      expect(answer.text).toContain(`>${vocabulary.answers.issue}</wsa:Action>`);
      const token = /<saml2:Assertion.*<\/saml2:Assertion>/s.exec(answer.text)?.[0] ?? "";
      const asked = (operation: TrustOperation) =>
        ask(broker, clock, about(operation, token, { version, request: { vocabulary } }));
      expect(statusOf(await asked("validate"), vocabulary)).toMatchObject({ valid: true });
      expect(contentIn(await asked("renew"), vocabulary).requestedSecurityToken).toContain("Assertion");
      expect(contentIn(await asked("cancel"), vocabulary).cancelled).toBe(true);
      expect(statusOf(await asked("validate"), vocabulary)).toMatchObject({ valid: false });
    },
  );

  it("rejects a request with a fault in the same version, and one with the action of the other", async () => {
    const { broker, clock } = testBroker();
    const refused = await ask(broker, clock, { ...question, request: { ...issueRequest, appliesTo: "urn:x" } });
    expect(refused).toMatchObject({ fault: "wst:InvalidScope" });
    expect(refused.text).toContain(`xmlns:wst="${vocabulary.namespace}"`);
    const other = vocabulary === trust13 ? trust2005 : trust13;
    const mixed = await ask(broker, clock, { ...question, action: other.actions.issue });
    expect(mixed).toMatchObject({ fault: "wsse:InvalidSecurity" });
  });
});

describe("the store of issued tokens", () => {
  it("accepts nothing that it cannot remember, and decides nothing without it", async () => {
    const tokens = new InMemoryIssuedTokenStore({ capacity: 1, clock: { now: () => noon } });
    const { broker, clock, token, events } = await issued(undefined, { tokens });
    const full = await ask(broker, clock);
    expect(full).toMatchObject({ status: 503 });
    expect(full.text).not.toContain("Assertion");
    expect(events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_UNAVAILABLE" } });
    tokens.close();
    for (const operation of ["renew", "validate", "cancel"] as const) {
      expect(await ask(broker, clock, about(operation, token))).toMatchObject({ status: 503 });
    }
  });
});

describe("a new signing key", () => {
  const next = { key: strangerKey.privateKey, certificate: strangerKey.certificate };

  it("accepts tokens under the former one until they end, and signs with the new one", async () => {
    const { broker, clock, token } = await issued();
    broker.rollOver(next);
    expect(statusOf(await ask(broker, clock, about("validate", token)))).toMatchObject({ valid: true });
    const { requestedSecurityToken } = responseIn(await ask(broker, clock));
    expect(requestedSecurityToken).toContain(strangerKey.der.toString("base64").slice(0, 64));
    expect(statusOf(await ask(broker, clock, about("validate", requestedSecurityToken)))).toMatchObject({
      valid: true,
    });
  });

  it("accepts tokens of before a restart by the certificates listed as previous, and rejects them without", async () => {
    const tokens = new InMemoryIssuedTokenStore({ clock: { now: () => noon } });
    const { token } = await issued(undefined, { tokens });
    for (const previous of [[brokerKey.certificate], []]) {
      const { broker, clock } = testBroker({ tokens, signing: { ...next, previous } });
      const valid = previous.length > 0;
      expect(statusOf(await ask(broker, clock, about("validate", token)))).toMatchObject({ valid });
    }
  });

  it("rejects a key that is not the certificate's, and goes on with the old one", async () => {
    const { broker, clock } = testBroker();
    expect(() => broker.rollOver({ ...next, certificate: brokerKey.certificate })).toThrow("signing.certificate");
    expect(await ask(broker, clock)).toMatchObject({ status: 200 });
  });
});
