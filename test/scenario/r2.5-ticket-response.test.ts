import { samlSessionTicket } from "@countersign/core";
import { expect, it } from "vitest";
import { agentScenario, order, send, soap } from "./agent-stage.js";

agentScenario("R2.5 a response only where the authorising policy has the attribute", (newStage) => {
  async function start(place: "envelope" | "header" | "cookie") {
    const stage = newStage();
    const response = samlSessionTicket({ in: place });
    const policies = [{ realm: "auth", rules: [{}], users: ["alice"], responses: [response] }];
    const decisions = stage.decisions({ policies });
    return { decisions, service: await stage.service({ decisionPoint: decisions, tickets: { keys: stage.ring } }) };
  }

  it.each(["envelope", "header", "cookie"] as const)("accepts, and places the assertion in the %s", async (place) => {
    const { service, decisions } = await start(place);
    const answer = await send(service, { body: soap(order()) });
    expect(answer.status).toBe(200);
    const [{ body = "", headers = {} } = {}] = service.handled;
    expect(body.includes("Assertion")).toBe(place === "envelope");
    expect("tmsamlsessionticket" in headers).toBe(place === "header");
    expect(String(answer.headers["set-cookie"]).startsWith("tmsamlsession=")).toBe(place === "cookie");
    expect(decisions.authentications).toBe(1);
  });

  it.each(["envelope", "header", "cookie"] as const)("rejects who may not, with nothing in the %s", async (place) => {
    const { service } = await start(place);
    const answer = await send(service, { body: soap(order("bob", "builder")) });
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code: "ERR_POLICY_DENIED" } }]);
    expect([service.handled, answer.headers["set-cookie"]]).toEqual([[], undefined]);
    expect(answer.text).not.toContain("Assertion");
  });

  it("rejects at start an agent without keys for tickets", async () => {
    const stage = newStage();
    const policies = [{ realm: "auth", rules: [{}], users: ["alice"], responses: [samlSessionTicket()] }];
    await expect(stage.service({ decisionPoint: stage.decisions({ policies }) })).rejects.toMatchObject({
      option: "agent.tickets",
    });
  });
});
