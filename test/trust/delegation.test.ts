import type { BrokerOptions, DelegationRule } from "@countersign/broker";
import { testKeyPair } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { ask, possession, type Question } from "./ask.js";
import { noon, ordersUrl, strangerKey, TestIdentityProvider, testBroker } from "./estate.js";
import { about, assertionIn, claimsIn, tokenIn } from "./exchange.js";

const actor = "http://schemas.xmlsoap.org/ws/2009/09/identity/claims/actor";
const stock = "https://stock.example/stock";
const depot = "https://depot.example";
const bob = { name: "bob", password: "builder" };
const keys = testKeyPair("ec", "delegation");
const day = 86_400_000;

/** Bob runs the orders service: whoever orders there lets him ask at the stock service, and the stock service at the depot. */
const rule: DelegationRule = {
  delegates: ["bob@example"],
  kinds: ["act-as", "on-behalf-of"],
  audiences: [ordersUrl, stock],
  appliesTo: [stock, depot],
};
const relyingParties: BrokerOptions["relyingParties"] = [
  { appliesTo: ordersUrl, claims: ["role"] },
  { appliesTo: stock, claims: ["role", "mail"] },
  { appliesTo: depot, claims: ["role"] },
];

/** A broker with one rule, and the token that alice sent to the orders service. */
async function scene(
  changes: Partial<DelegationRule> = {},
  question: Question = {},
  options: Partial<BrokerOptions> = {},
) {
  const estate = testBroker({ relyingParties, delegation: [{ ...rule, ...changes }], ...options });
  const token = tokenIn(await ask(estate.broker, estate.clock, question));
  return { ...estate, token };
}

const actAs = (token: string, request: Question["request"] = {}): Question => ({
  ...bob,
  request: { appliesTo: stock, actAs: token, ...request },
});
const onBehalfOf = (token: string, request: Question["request"] = {}): Question => ({
  ...bob,
  request: { appliesTo: stock, onBehalfOf: token, ...request },
});

describe("WS-Trust 1.4 section 9.1: tokens for somebody else", () => {
  it("accepts ActAs: the token names the subject and lists who acts for it", async () => {
    const { broker, clock, token, events } = await scene();
    const delegated = tokenIn(await ask(broker, clock, actAs(token)));
    expect(assertionIn(delegated).subject?.nameId?.value).toBe("alice@example");
    expect(claimsIn(delegated)).toEqual({ role: ["clerk"], [actor]: ["bob@example"] });
    expect(events.at(-1)).toMatchObject({
      outcome: "issued",
      principal: "bob@example",
      delegation: { kind: "act-as", subject: "alice@example", actors: ["bob@example"] },
    });
  });

  it("accepts OnBehalfOf: the token names the subject alone, and the record both", async () => {
    const { broker, clock, token, events } = await scene();
    const delegated = tokenIn(await ask(broker, clock, onBehalfOf(token)));
    expect(assertionIn(delegated).subject?.nameId?.value).toBe("alice@example");
    expect(claimsIn(delegated)).toEqual({ role: ["clerk"] });
    expect(events.at(-1)).toMatchObject({
      principal: "bob@example",
      delegation: { kind: "on-behalf-of", subject: "alice@example", actors: ["bob@example"] },
    });
  });

  it("accepts no more than the token says: claims, life and authentication are not widened", async () => {
    const { broker, clock, token } = await scene({ maxLifetimeSeconds: 43_200 });
    clock.pass(1000);
    const asked = { lifetime: { created: clock.now(), expires: clock.now() + day }, claims: [{ type: "role" }] };
    const delegated = tokenIn(await ask(broker, clock, actAs(token, asked)));
    expect(assertionIn(delegated).conditions?.notOnOrAfter).toBe(assertionIn(token).conditions?.notOnOrAfter);
    const [statement] = assertionIn(delegated).authnStatements;
    expect(statement?.contextClass).not.toBe(assertionIn(token).authnStatements[0]?.contextClass);
    // The relying party may have alice's mail, and alice has one; the token that was presented does not say it.
    const wider = await ask(broker, clock, actAs(token, { claims: [{ type: "mail" }] }));
    expect(wider).toMatchObject({ fault: "wst:RequestFailed" });
  });

  it("accepts 300 s of life and the claims that the rule passes on", async () => {
    const { broker, clock, token } = await scene({ claims: [] });
    const delegated = tokenIn(await ask(broker, clock, onBehalfOf(token)));
    expect(assertionIn(delegated).conditions?.notOnOrAfter).toBe(noon + 300_000);
    expect(claimsIn(delegated)).toEqual({});
  });

  it("accepts a chain as long as the rule allows, and lists all of it; rejects a longer one", async () => {
    const { broker, clock, token } = await scene({ maxDepth: 2 });
    const first = tokenIn(await ask(broker, clock, actAs(token)));
    const second = tokenIn(await ask(broker, clock, actAs(first, { appliesTo: depot })));
    expect(claimsIn(second)[actor]).toEqual(["bob@example", "bob@example"]);
    const short = await scene();
    for (const kind of [actAs, onBehalfOf]) {
      const once = tokenIn(await ask(short.broker, short.clock, kind(short.token)));
      const twice = await ask(short.broker, short.clock, kind(once, { appliesTo: depot }));
      expect(twice).toMatchObject({ status: 400, fault: "wst:RequestFailed" });
    }
  });

  it("rejects a chain in the words of an identity provider", async () => {
    const { token } = await scene(
      {},
      {},
      {
        relyingParties: [{ appliesTo: ordersUrl, claims: ["role", actor] }],
        identityProvider: async () => ({ name: "alice@example", claims: { [actor]: "bob@example", role: "clerk" } }),
      },
    );
    expect(claimsIn(token)).toEqual({ role: ["clerk"] });
  });

  const tuesday = (moment: Date) => moment.getUTCDay() === 2;
  it.each<[string, Partial<DelegationRule>, (token: string) => Question]>([
    ["another delegate", {}, (token) => ({ ...actAs(token), name: "alice", password: "wonderland" })],
    ["a kind that the rule does not have", { kinds: ["on-behalf-of"] }, actAs],
    ["the other kind that the rule does not have", { kinds: ["act-as"] }, onBehalfOf],
    ["another service", {}, (token) => actAs(token, { appliesTo: ordersUrl })],
    ["another subject", { subjects: ["carol@example"] }, actAs],
    ["a delegate without the claim", { delegateClaims: { certified: "TrustUs456" } }, actAs],
    ["a delegate with another claim", { delegateClaims: { role: "clerk" } }, actAs],
    ["another day", { during: tuesday }, actAs],
  ])("rejects %s with wst:RequestFailed", async (_, changes, question) => {
    const { broker, clock, token, events } = await scene(changes);
    const answer = await ask(broker, clock, question(token));
    expect(answer).toMatchObject({ status: 400, fault: "wst:RequestFailed" });
    expect(answer.text).not.toContain("Assertion");
    expect(events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_TRUST_DELEGATION_DENIED" } });
  });

  it("accepts the delegate with the claim, and the right day", async () => {
    const { broker, clock, token } = await scene({ delegateClaims: { role: "guest" }, during: (at) => !tuesday(at) });
    expect(await ask(broker, clock, actAs(token))).toMatchObject({ status: 200 });
  });

  it("rejects both kinds where there is no rule, which is the default", async () => {
    const { broker, clock, token } = await scene({}, {}, { delegation: undefined });
    for (const question of [actAs(token), onBehalfOf(token)]) {
      expect(await ask(broker, clock, question)).toMatchObject({ status: 400, fault: "wst:RequestFailed" });
    }
  });

  it("rejects both kinds at once", async () => {
    const { broker, clock, token } = await scene();
    const both = actAs(token, { onBehalfOf: token });
    expect(await ask(broker, clock, both)).toMatchObject({ fault: "wst:BadRequest" });
  });
});

describe("the token that is presented", () => {
  const tied: Question = {
    request: { keyType: "public-key", useKey: { publicKey: keys.publicKey } },
    signatures: [possession(keys)],
  };

  it.each<[string, Question]>([
    ["tied to a key (J13)", tied],
    ["for another audience (J13)", { request: { appliesTo: depot } }],
    ["that must not be delegated", { request: { delegatable: false } }],
  ])("rejects one %s with wst:InvalidSecurityToken", async (_, question) => {
    const { broker, clock, token } = await scene({}, question);
    for (const asked of [actAs(token), onBehalfOf(token)]) {
      expect(await ask(broker, clock, asked)).toMatchObject({ status: 400, fault: "wst:InvalidSecurityToken" });
    }
  });

  it("rejects one of another realm, altered, over, cancelled, or of a subject that is gone", async () => {
    const people = Object.assign(new TestIdentityProvider(), {
      gone: false,
      find(name: string) {
        return people.gone ? undefined : { name, claims: { role: ["clerk"] } };
      },
    });
    const { broker, clock, token } = await scene({}, {}, { identityProvider: people });
    const verdict = async (xml: string) => (await ask(broker, clock, actAs(xml))).fault;
    expect(await verdict(token)).toBeUndefined();
    const foreign = await scene(
      {},
      {},
      {
        signing: { key: strangerKey.privateKey, certificate: strangerKey.certificate },
      },
    );
    const invalid = "wst:InvalidSecurityToken";
    expect(await verdict(foreign.token)).toBe(invalid);
    expect(await verdict(token.replace("alice@example", "admin@example"))).toBe(invalid);
    people.gone = true;
    expect(await verdict(token)).toBe(invalid);
    people.gone = false;
    await ask(broker, clock, about("cancel", token));
    expect(await verdict(token)).toBe(invalid);
    const next = tokenIn(await ask(broker, clock));
    clock.pass(1800);
    expect(await verdict(next)).toBe(invalid);
  });
});
