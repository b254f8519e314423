import { trust13, wstNamespace, wsuNamespace } from "@countersign/core/sts";
import { expect, it } from "vitest";
import { type Question, questionMessage } from "../trust/ask.js";
import { ordersUrl } from "../trust/estate.js";
import { post, scenario } from "./stage.js";
import { expectRefusal, expectTrustFault, textOf } from "./views.js";

/*
 * The WS-Trust endpoint. The row's other endpoint, for credentials in plain XML, comes with the XML authentication schemes.
 */

const rst = (content: string) =>
  `<wst:RequestSecurityToken xmlns:wst="${wstNamespace}">${content}</wst:RequestSecurityToken>`;
const issue = `<wst:RequestType>${trust13.requestTypes.issue}</wst:RequestType>`;

const lifetime = `<wst:Lifetime><wsu:Created xmlns:wsu="${wsuNamespace}">tomorrow</wsu:Created></wst:Lifetime>`;

const malformed: readonly (readonly [string, string])[] = [
  ["without a RequestType", rst("")],
  ["with two RequestTypes", rst(issue + issue)],
  ["with an empty AppliesTo", rst(`${issue}<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"/>`)],
  ["with a Lifetime that is no time", rst(`${issue}${lifetime}`)],
];

scenario("R4.5 step 1: the requestor asks the broker by WS-Trust", (newStage) => {
  it("accepts a RequestSecurityToken, and answers with the token", async () => {
    const stage = newStage();
    const broker = await stage.mountedBroker();
    const { client, wire } = stage.requestor(broker);
    const token = await client.obtainToken({ appliesTo: ordersUrl });
    expect(broker.events.at(-1)).toMatchObject({
      operation: "issue",
      outcome: "issued",
      principal: "alice@example",
      appliesTo: ordersUrl,
      token: { kind: "saml2", id: token.id },
    });
    const answer = wire.received.at(-1);
    expect(answer?.status).toBe(200);
    expect(textOf(answer)).toContain("RequestSecurityTokenResponseCollection");
    expect(answer?.headers["x-correlation-id"]).toBe(broker.events.at(-1)?.id);
  });

  it.each(malformed)("rejects a request %s with wst:InvalidRequest", async (_, content) => {
    const stage = newStage();
    const broker = await stage.mountedBroker();
    const answer = await post(broker, questionMessage(stage.clock, { content }).body);
    expectTrustFault(broker.events, answer, { code: "ERR_TRUST_INVALID_REQUEST", fault: "InvalidRequest" });
  });

  it.each<[string, Question]>([
    ["a wrong password", { password: "looking-glass" }],
    ["an unknown name", { name: "nobody" }],
  ])("rejects a malformed request with %s like any other: the request is not looked at", async (_, question) => {
    const stage = newStage();
    const broker = await stage.mountedBroker();
    for (const content of [rst(""), undefined]) {
      const message = questionMessage(stage.clock, { ...question, ...(content && { content }) });
      const answer = await post(broker, message.body);
      const failed = { code: "ERR_WSS_FAILED_AUTHENTICATION", verdict: "FailedAuthentication" } as const;
      expectRefusal(broker.events, answer, failed);
    }
    expect(broker.events.some((event) => "operation" in event)).toBe(false);
  });
});
