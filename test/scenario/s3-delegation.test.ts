import { saml2 } from "@countersign/core";
import { secureMessage, trust13 } from "@countersign/core/sts";
import { expect, it } from "vitest";
import { type Question, questionMessage } from "../trust/ask.js";
import { order, ordersUrl } from "../trust/estate.js";
import { about, claimsIn, tokenIn } from "../trust/exchange.js";
import { post, type Stage, scenario } from "./stage.js";
import { expectAdmitted, textOf } from "./views.js";

const stock = "https://stock.example/stock";
const actor = "http://schemas.xmlsoap.org/ws/2009/09/identity/claims/actor";
const bob = { name: "bob", password: "builder" };
const relyingParties = [
  { appliesTo: ordersUrl, claims: ["role"] },
  { appliesTo: stock, claims: ["role"] },
];
const delegation = [
  { delegates: ["bob@example"], kinds: ["act-as", "on-behalf-of"], audiences: [ordersUrl], appliesTo: [stock] },
] as const;

/** A broker in an application of the framework, the stock service, and how they are asked. */
async function start(stage: Stage, options: Parameters<Stage["mountedBroker"]>[0] = {}) {
  const [broker, service] = await Promise.all([
    stage.mountedBroker({ relyingParties, ...options }),
    stage.service({ accept: [saml2({ audience: stock, confirm: "bearer", over: "transport" })] }),
  ]);
  const ask = async (question: Question) => {
    const { body } = questionMessage(stage.clock, question);
    const answer = await post(broker, body);
    const text = textOf(answer);
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      fault: /<s:Subcode><s:Value[^>]*>([^<]*)</.exec(text)?.[1],
    };
  };
  const use = (token: string) =>
    post(service, secureMessage(order(), { tokens: [token], clock: stage.clock }).envelope);
  return { ...broker, service, ask, use };
}

scenario("S3 WS-Trust: issue, validate, renew, cancel, delegation and impersonation", (newStage) => {
  it("accepts Issue, Validate, Renew and Cancel of the requestor's own token", async () => {
    const { ask } = await start(newStage());
    const token = tokenIn(await ask({ request: { renewing: { allow: true, afterExpiry: false } } }));
    for (const operation of ["validate", "renew", "cancel"] as const) {
      const answer = await ask(about(operation, token));
      expect([operation, answer.status, answer.fault]).toEqual([operation, 200, undefined]);
      expect(answer.text).toContain(trust13.answers[operation]);
    }
    expect((await ask(about("validate", token))).text).toContain(trust13.status.invalid);
  });

  it("rejects to renew or cancel somebody else's token, and to validate nothing", async () => {
    const { ask } = await start(newStage());
    const token = tokenIn(await ask({ request: { renewing: { allow: true, afterExpiry: false } } }));
    expect(await ask(about("renew", token, bob))).toMatchObject({ fault: "wst:UnableToRenew" });
    expect(await ask(about("cancel", token, bob))).toMatchObject({ fault: "wst:RequestFailed" });
    const nothing = about("validate", "", { request: { target: undefined } });
    expect(await ask(nothing)).toMatchObject({ fault: "wst:InvalidRequest" });
    expect((await ask(about("validate", token))).text).toContain(trust13.status.valid);
  });

  it("accepts delegation and impersonation by rule: the chain stands in one token only, and both in the audit", async () => {
    const { ask, use, events, service } = await start(newStage(), { delegation });
    const token = tokenIn(await ask({}));
    const delegated = tokenIn(await ask({ ...bob, request: { appliesTo: stock, actAs: token } }));
    expect(claimsIn(delegated)[actor]).toEqual(["bob@example"]);
    expectAdmitted(service, await use(delegated), { principal: "alice@example" });
    expect(service.handled.at(-1)?.claims.values(actor)).toEqual(["bob@example"]);
    const impersonating = tokenIn(await ask({ ...bob, request: { appliesTo: stock, onBehalfOf: token } }));
    expect(claimsIn(impersonating)[actor]).toBeUndefined();
    expectAdmitted(service, await use(impersonating), { principal: "alice@example" });
    expect(service.handled.at(-1)?.claims.values(actor)).toEqual([]);
    const chains = events.flatMap((event) => ("delegation" in event && event.delegation ? [event.delegation] : []));
    expect(chains).toEqual([
      { kind: "act-as", subject: "alice@example", actors: ["bob@example"] },
      { kind: "on-behalf-of", subject: "alice@example", actors: ["bob@example"] },
    ]);
  });

  it("rejects OnBehalfOf and ActAs while they are off, which is the default", async () => {
    const { ask, events } = await start(newStage());
    const token = tokenIn(await ask({}));
    for (const request of [{ onBehalfOf: token }, { actAs: token }]) {
      const answer = await ask({ ...bob, request: { appliesTo: stock, ...request } });
      expect(answer).toMatchObject({ status: 400, fault: "wst:RequestFailed" });
      expect(answer.text).not.toContain("Assertion");
      expect(events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_TRUST_DELEGATION_DENIED" } });
    }
  });
});
